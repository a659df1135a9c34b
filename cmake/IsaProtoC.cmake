# SPDX-License-Identifier: Apache-2.0
# Messages in C from .proto files, with protobuf-c's compiler.
#
#   isa_proto_c(TARGET FILE...)
#       a static library of the generated code; whoever links it sees the generated headers as
#       <file.pb-c.h>. The files of one call may import each other, by name alone.
#
# The target is built only when something links it.

set(ISA_PROTO_DIR "${CMAKE_BINARY_DIR}/generated/proto")

function(isa_proto_c target)
    find_program(ISA_PROTOC_C protoc-c)
    mark_as_advanced(ISA_PROTOC_C)
    if(NOT ISA_PROTOC_C)
        message(FATAL_ERROR "protoc-c not found; on Debian, `make deps` installs what is missing")
    endif()
    set(sources "")
    foreach(file ${ARGN})
        cmake_path(ABSOLUTE_PATH file NORMALIZE)
        cmake_path(GET file PARENT_PATH folder)
        cmake_path(GET file STEM LAST_ONLY stem)
        set(generated "${ISA_PROTO_DIR}/${stem}.pb-c.c" "${ISA_PROTO_DIR}/${stem}.pb-c.h")
        add_custom_command(OUTPUT ${generated}
            COMMAND "${CMAKE_COMMAND}" -E make_directory "${ISA_PROTO_DIR}"
            COMMAND "${ISA_PROTOC_C}" "--c_out=${ISA_PROTO_DIR}" "--proto_path=${folder}" "${file}"
            DEPENDS "${file}" COMMENT "Generating ${stem}.pb-c.[ch]" VERBATIM)
        list(APPEND sources ${generated})
    endforeach()
    add_library(${target} STATIC EXCLUDE_FROM_ALL ${sources})
    # Generated code is judged by its generator, not by our warnings.
    target_compile_options(${target} PRIVATE -w)
    target_include_directories(${target} SYSTEM PUBLIC "${ISA_PROTO_DIR}")
    target_link_libraries(${target} PUBLIC isa::protobuf_c)
endfunction()
