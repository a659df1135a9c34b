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
install(TARGETS fsm-gen protoc-gen-isa EXPORT isa_common_tools)
install(FILES docs/fsm-gen.1 docs/protoc-gen-isa.1
        DESTINATION "${CMAKE_INSTALL_MANDIR}/man1")
foreach(kind shared static tools)
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
