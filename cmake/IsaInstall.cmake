# SPDX-License-Identifier: Apache-2.0
# What `install` puts where: headers, both libraries, fsm-gen and protoc-gen-isa with their
# manual pages, the CMake package isa_common (with isa_add_fsm and isa_add_proto) and isa-common.pc.
# isa::common needs nothing else; isa::common_static (COMPONENTS static) has grpc-core, protobuf-c
# and libev looked for on the user's machine.
include(CMakePackageConfigHelpers)

set(isa_package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/isa_common")
install(DIRECTORY include/isa DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(TARGETS isa_common EXPORT isa_common_shared)
install(TARGETS isa_common_static EXPORT isa_common_static)
# Generators that were given run on the machine that builds, not on the one that is installed for.
foreach(generator fsm-gen protoc-gen-isa)
    if(TARGET ${generator})
        install(TARGETS ${generator} EXPORT isa_common_tools)
    endif()
endforeach()
install(FILES docs/fsm-gen.1 docs/protoc-gen-isa.1 DESTINATION "${CMAKE_INSTALL_MANDIR}/man1")
if(ISA_BUILD_TOOLS)
    install(FILES docs/isa-watch.1 DESTINATION "${CMAKE_INSTALL_MANDIR}/man1")
endif()
# A page for each function, from the headers.
set(isa_man3_dir "${PROJECT_BINARY_DIR}/generated/man3")
set(isa_man3_script "${PROJECT_SOURCE_DIR}/tools/docs/man3.awk")
file(GLOB isa_headers CONFIGURE_DEPENDS RELATIVE "${PROJECT_SOURCE_DIR}/include" "${PROJECT_SOURCE_DIR}/include/isa/*.h")
set(isa_man3_commands COMMAND "${CMAKE_COMMAND}" -E rm -rf "${isa_man3_dir}"
                      COMMAND "${CMAKE_COMMAND}" -E make_directory "${isa_man3_dir}")
foreach(header ${isa_headers})
    list(APPEND isa_man3_commands COMMAND awk -v header=${header} -v version=${PROJECT_VERSION} -v optional=1
         -v "out=${isa_man3_dir}" -f "${isa_man3_script}" "${PROJECT_SOURCE_DIR}/include/${header}")
endforeach()
list(TRANSFORM isa_headers PREPEND "${PROJECT_SOURCE_DIR}/include/" OUTPUT_VARIABLE isa_header_paths)
add_custom_command(OUTPUT "${isa_man3_dir}.stamp" ${isa_man3_commands}
                   COMMAND "${CMAKE_COMMAND}" -E touch "${isa_man3_dir}.stamp"
                   DEPENDS ${isa_header_paths} "${isa_man3_script}" COMMENT "Writing manual pages" VERBATIM)
add_custom_target(isa_man3 ALL DEPENDS "${isa_man3_dir}.stamp")
install(DIRECTORY "${isa_man3_dir}/" DESTINATION "${CMAKE_INSTALL_MANDIR}/man3")
set(isa_exports shared static)
if(TARGET fsm-gen AND TARGET protoc-gen-isa)
    list(APPEND isa_exports tools)
endif()
foreach(kind ${isa_exports})
    install(EXPORT isa_common_${kind} NAMESPACE isa:: DESTINATION "${isa_package_dir}"
            FILE isa_common-${kind}.cmake)
endforeach()

configure_package_config_file(cmake/isa_common-config.cmake.in isa_common-config.cmake
                              INSTALL_DESTINATION "${isa_package_dir}")
# Before 1.0 a new minor version may change the interface.
write_basic_package_version_file(isa_common-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/isa_common-config.cmake"
              "${CMAKE_CURRENT_BINARY_DIR}/isa_common-config-version.cmake"
              cmake/IsaAddFsm.cmake cmake/IsaAddProto.cmake cmake/IsaDependencies.cmake
        DESTINATION "${isa_package_dir}")

set(isa_pc_dir "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
cmake_path(RELATIVE_PATH CMAKE_INSTALL_PREFIX BASE_DIRECTORY "${CMAKE_INSTALL_PREFIX}/${isa_pc_dir}"
           OUTPUT_VARIABLE isa_pc_prefix)
configure_file(cmake/isa-common.pc.in isa-common.pc @ONLY)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/isa-common.pc" DESTINATION "${isa_pc_dir}")
