# SPDX-License-Identifier: Apache-2.0
# isa_add_proto(TARGET FILE.proto... [IMPORT_DIRS dir...])
#
# Generates for each FILE.proto, with protoc and protoc-gen-isa, FILE.pb-c.[ch], its messages, and
# FILE.isa.[ch], a typed function for each method of its services; adds the sources to TARGET and the
# folder of the headers to its include directories (PUBLIC, as of a system). Whoever calls links
# isa::common, or isa::common_static, as well.
#
# A file below one of the IMPORT_DIRS is called by its path from there, as its importers and #include
# lines must call it; any other by its name alone. The files of one call may import each other; what
# another target generates is had by linking that target. The messages of google/protobuf/*.proto
# are a library of their own, isa_well_known_protos, which is linked when a file imports one of them.
#
# Installed with the package isa_common, so that find_package(isa_common) brings it to users.

# protoc and what it needs, once; and isa::protobuf_c, which only users of the static library have.
function(isa_find_protoc)
    find_program(ISA_PROTOC protoc)
    find_program(ISA_PROTOC_GEN_C protoc-gen-c)
    find_path(ISA_PROTOBUF_PROTOS google/protobuf/timestamp.proto)
    find_library(ISA_PROTOBUF_C_LIBRARY protobuf-c)
    find_path(ISA_PROTOBUF_C_INCLUDE_DIR protobuf-c/protobuf-c.h)
    mark_as_advanced(ISA_PROTOC ISA_PROTOC_GEN_C ISA_PROTOBUF_PROTOS ISA_PROTOBUF_C_LIBRARY
                     ISA_PROTOBUF_C_INCLUDE_DIR)
    foreach(what ISA_PROTOC ISA_PROTOC_GEN_C ISA_PROTOBUF_PROTOS ISA_PROTOBUF_C_LIBRARY
            ISA_PROTOBUF_C_INCLUDE_DIR)
        if(NOT ${what})
            message(FATAL_ERROR "isa_add_proto: ${what} not found; on Debian the packages "
                    "protobuf-compiler, protobuf-c-compiler, libprotobuf-dev and libprotobuf-c-dev "
                    "have what is needed")
        endif()
    endforeach()
    if(NOT TARGET isa::protobuf_c)
        add_library(isa::protobuf_c UNKNOWN IMPORTED GLOBAL)
        set_target_properties(isa::protobuf_c PROPERTIES IMPORTED_LOCATION "${ISA_PROTOBUF_C_LIBRARY}"
                              INTERFACE_INCLUDE_DIRECTORIES "${ISA_PROTOBUF_C_INCLUDE_DIR}")
    endif()
endfunction()

# protoc installs their .proto files, but libprotobuf-c no C of them.
function(isa_add_well_known_protos target)
    if(NOT TARGET isa_well_known_protos)
        add_library(isa_well_known_protos STATIC EXCLUDE_FROM_ALL)
        set_target_properties(isa_well_known_protos PROPERTIES POSITION_INDEPENDENT_CODE ON
                              LINKER_LANGUAGE C)
        set(files any api descriptor duration empty field_mask source_context struct timestamp type
            wrappers)
        list(TRANSFORM files REPLACE "(.+)" "${ISA_PROTOBUF_PROTOS}/google/protobuf/\\1.proto")
        isa_add_proto(isa_well_known_protos ${files} IMPORT_DIRS "${ISA_PROTOBUF_PROTOS}")
    endif()
    if(NOT target STREQUAL "isa_well_known_protos")
        target_link_libraries(${target} PUBLIC isa_well_known_protos)
    endif()
endfunction()

function(isa_add_proto target)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "IMPORT_DIRS")
    isa_find_protoc()
    set(dir "${CMAKE_CURRENT_BINARY_DIR}/${target}.proto")
    set(dirs "")
    foreach(import_dir ${arg_IMPORT_DIRS})
        cmake_path(ABSOLUTE_PATH import_dir BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}" NORMALIZE)
        list(APPEND dirs "${import_dir}")
    endforeach()

    set(imports_well_known FALSE)
    foreach(file ${arg_UNPARSED_ARGUMENTS})
        cmake_path(ABSOLUTE_PATH file BASE_DIRECTORY "${CMAKE_CURRENT_SOURCE_DIR}" NORMALIZE)
        cmake_path(GET file PARENT_PATH root)
        foreach(candidate ${dirs})
            cmake_path(IS_PREFIX candidate "${file}" NORMALIZE is_below)
            if(is_below)
                set(root "${candidate}")
                break()
            endif()
        endforeach()
        cmake_path(RELATIVE_PATH file BASE_DIRECTORY "${root}" OUTPUT_VARIABLE stem)
        string(REGEX REPLACE "\\.proto(devel)?$" "" stem "${stem}")
        # The folder of this file goes first, so that it is called as said above.
        set(paths "${root}" ${dirs} "${ISA_PROTOBUF_PROTOS}")
        list(REMOVE_DUPLICATES paths)
        list(TRANSFORM paths PREPEND "--proto_path=")

        cmake_path(APPEND dir "${stem}" OUTPUT_VARIABLE out)
        cmake_path(GET out PARENT_PATH out_dir)
        set(headers "${dir}/${stem}.pb-c.h" "${dir}/${stem}.isa.h")
        set(sources "${dir}/${stem}.pb-c.c" "${dir}/${stem}.isa.c")
        add_custom_command(
            OUTPUT ${sources} ${headers}
            COMMAND "${CMAKE_COMMAND}" -E make_directory "${out_dir}"
            COMMAND "${ISA_PROTOC}" "--plugin=protoc-gen-isa=$<TARGET_FILE:isa::protoc-gen-isa>"
                    "--isa_out=${dir}" "--isa_opt=protoc_gen_c=${ISA_PROTOC_GEN_C}"
                    "--dependency_out=${dir}/${stem}.d" ${paths} "${file}"
            DEPENDS "${file}" isa::protoc-gen-isa $<TARGET_FILE:isa::protoc-gen-isa>
            DEPFILE "${dir}/${stem}.d"
            COMMENT "Generating messages and calls of ${stem}.proto"
            VERBATIM)
        # How protobuf-c writes C is not for the user's warnings to judge.
        set_source_files_properties("${dir}/${stem}.pb-c.c" PROPERTIES COMPILE_OPTIONS -w)
        target_sources(${target} PRIVATE ${sources} ${headers})
        if(EXISTS "${file}")
            set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${file}")
            file(STRINGS "${file}" imports REGEX "^ *import .*\"google/protobuf/")
            if(imports)
                set(imports_well_known TRUE)
            endif()
        endif()
    endforeach()
    file(MAKE_DIRECTORY "${dir}")

    target_include_directories(${target} SYSTEM PUBLIC "$<BUILD_INTERFACE:${dir}>")
    target_include_directories(${target} PUBLIC
        $<BUILD_INTERFACE:$<TARGET_PROPERTY:isa::common,INTERFACE_INCLUDE_DIRECTORIES>>)
    target_link_libraries(${target} PUBLIC $<BUILD_INTERFACE:isa::protobuf_c>)
    if(imports_well_known)
        isa_add_well_known_protos(${target})
    endif()
endfunction()
