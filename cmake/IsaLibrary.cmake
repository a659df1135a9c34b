# SPDX-License-Identifier: Apache-2.0
# libisa_common, shared and static from one set of objects: isa::common and isa::common_static.

include(IsaCore)

file(GLOB isa_sources CONFIGURE_DEPENDS
     "${PROJECT_SOURCE_DIR}/src/base/*.c" "${PROJECT_SOURCE_DIR}/src/fsm/*.c"
     "${PROJECT_SOURCE_DIR}/src/message/*.c" "${PROJECT_SOURCE_DIR}/src/transport/*.c"
     "${PROJECT_SOURCE_DIR}/src/pool/*.c")
add_library(isa_objects OBJECT ${isa_sources} ${ISA_CORE_SOURCES})
set_target_properties(isa_objects PROPERTIES POSITION_INDEPENDENT_CODE ON)
# A room's door is included by its bare name; tests/laws sees to it that only doors are.
set(ISA_ROOM_DIRS "")
foreach(room base fsm message transport transport/core pool)
    list(APPEND ISA_ROOM_DIRS "${PROJECT_SOURCE_DIR}/src/${room}")
endforeach()
target_include_directories(isa_objects PRIVATE "${PROJECT_SOURCE_DIR}/include" ${ISA_ROOM_DIRS})
target_link_libraries(isa_objects PRIVATE isa::grpc isa::crypto isa::protobuf_c isa::ev Threads::Threads)
set(ISA_FSM_DIR "${PROJECT_BINARY_DIR}/generated/fsm")
set(ISA_MACHINES connection breaker retry)
foreach(machine ${ISA_MACHINES})
    isa_add_fsm(isa_objects "${PROJECT_SOURCE_DIR}/src/fsm/${machine}.fsm"
                OUTPUT_DIR "${ISA_FSM_DIR}"
                TABLE "${ISA_FSM_DIR}/${machine}.md" DOT "${ISA_FSM_DIR}/${machine}.dot")
endforeach()

# src/exports.txt is the one list of what leaves the library; the linker is given it as a script,
# and the test laws_exports compares it with what the built library offers.
set(isa_exports_file "${PROJECT_SOURCE_DIR}/src/exports.txt")
set(isa_map_file "${PROJECT_BINARY_DIR}/generated/isa_common.map")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${isa_exports_file}")
file(STRINGS "${isa_exports_file}" isa_exports REGEX "^[A-Za-z_]")
list(JOIN isa_exports ";\n        " isa_exports)
file(CONFIGURE OUTPUT "${isa_map_file}" @ONLY CONTENT "ISA_COMMON_0 {
    global:
        ${isa_exports};
    local:
        *;
};
")

add_library(isa_common SHARED $<TARGET_OBJECTS:isa_objects>)
set_target_properties(isa_common PROPERTIES VERSION ${PROJECT_VERSION} SOVERSION 0
                      EXPORT_NAME common LINK_DEPENDS "${isa_map_file}")
target_link_options(isa_common PRIVATE "LINKER:--version-script=${isa_map_file}"
                    "LINKER:--as-needed" "LINKER:-z,nodelete") # core's threads may outlive a dlclose()
if(NOT ISA_SANITIZE)
    target_link_options(isa_common PRIVATE "LINKER:--no-undefined")
endif()

add_library(isa_common_static STATIC $<TARGET_OBJECTS:isa_objects>)
set_target_properties(isa_common_static PROPERTIES OUTPUT_NAME isa_common
                      EXPORT_NAME common_static)

foreach(isa_target isa_common isa_common_static)
    target_include_directories(${isa_target} PUBLIC
                               "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>"
                               "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
    target_link_libraries(${isa_target} PRIVATE isa::grpc isa::crypto isa::protobuf_c isa::ev Threads::Threads)
    set_target_properties(${isa_target} PROPERTIES LINKER_LANGUAGE C)
endforeach()
if(ISA_SANITIZE STREQUAL "thread")
    # The reason is in handover.c. A program on the shared library must not wrap again.
    set(isa_wrap "LINKER:--wrap=grpc_completion_queue_next" "LINKER:--wrap=grpc_call_start_batch"
        "LINKER:--wrap=grpc_channel_watch_connectivity_state")
    target_sources(isa_objects PRIVATE "${PROJECT_SOURCE_DIR}/tests/runner/handover.c")
    target_link_options(isa_common PRIVATE ${isa_wrap})
    target_link_options(isa_common_static INTERFACE ${isa_wrap})
endif()
add_library(isa::common ALIAS isa_common)
add_library(isa::common_static ALIAS isa_common_static)
