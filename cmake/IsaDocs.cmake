# SPDX-License-Identifier: Apache-2.0
# `docs` brings the generated documents in docs/ up to date: the machine's table and its picture.

find_program(ISA_DOT dot)
mark_as_advanced(ISA_DOT)
set(isa_docs_picture "")
if(ISA_DOT)
    set(isa_docs_picture COMMAND "${ISA_DOT}" -Tsvg -o "${PROJECT_SOURCE_DIR}/docs/connection.svg"
                         "${ISA_FSM_DIR}/connection.dot")
endif()
add_custom_target(docs
    COMMAND "${CMAKE_COMMAND}" -E copy_if_different "${ISA_FSM_DIR}/connection.md"
            "${ISA_FSM_DIR}/connection.dot" "${PROJECT_SOURCE_DIR}/docs"
    ${isa_docs_picture} VERBATIM)
add_dependencies(docs isa_objects_connection_fsm)
