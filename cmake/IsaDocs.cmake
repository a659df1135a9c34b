# SPDX-License-Identifier: Apache-2.0
# `docs` brings the generated documents in docs/ up to date: the machines' tables and pictures.

find_program(ISA_DOT dot)
mark_as_advanced(ISA_DOT)
set(isa_docs_commands "")
foreach(machine ${ISA_MACHINES})
    list(APPEND isa_docs_commands COMMAND "${CMAKE_COMMAND}" -E copy_if_different
         "${ISA_FSM_DIR}/${machine}.md" "${ISA_FSM_DIR}/${machine}.dot"
         "${PROJECT_SOURCE_DIR}/docs")
    if(ISA_DOT)
        list(APPEND isa_docs_commands COMMAND "${ISA_DOT}" -Tsvg
             -o "${PROJECT_SOURCE_DIR}/docs/${machine}.svg" "${ISA_FSM_DIR}/${machine}.dot")
    endif()
endforeach()
add_custom_target(docs ${isa_docs_commands} VERBATIM)
foreach(machine ${ISA_MACHINES})
    add_dependencies(docs isa_objects_${machine}_fsm)
endforeach()
