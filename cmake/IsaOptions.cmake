# SPDX-License-Identifier: Apache-2.0
# What a builder may choose, and the flags every target of the tree is compiled with.

option(ISA_BUILD_TESTS "Build the tests (needs Criterion)" ${PROJECT_IS_TOP_LEVEL})
option(ISA_BUILD_EXAMPLES "Build the examples and the demo" ${PROJECT_IS_TOP_LEVEL})
option(ISA_BUILD_TOOLS "Build isa-watch" ${PROJECT_IS_TOP_LEVEL})
option(ISA_BUILD_BENCH "Build the benchmarks" OFF)
option(ISA_BUILD_FUZZ "Build the fuzzers (needs clang)" OFF)
option(ISA_INSTALL "Install the library and its tools" ${PROJECT_IS_TOP_LEVEL})
# For those who work on the library: a newer compiler than theirs warns of more, and must not fail a
# user's build. The presets of the sanitizers, and CI, switch it on.
option(ISA_WERROR "Treat warnings as errors" OFF)
set(ISA_FSM_GEN "" CACHE FILEPATH "A fsm-gen that runs on this machine, when cross compiling")
set(ISA_PROTOC_GEN_ISA "" CACHE FILEPATH "A protoc-gen-isa that runs on this machine, when cross compiling")
set(ISA_SANITIZE "" CACHE STRING "Sanitizer: empty, address (with undefined) or thread")
set_property(CACHE ISA_SANITIZE PROPERTY STRINGS "" address thread)
mark_as_advanced(ISA_FSM_GEN ISA_PROTOC_GEN_ISA)

option(ISA_FORK_RUNNER "Fork for each test, not exec: for tools/check/valgrind.sh" OFF)

if(NOT CMAKE_BUILD_TYPE AND PROJECT_IS_TOP_LEVEL)
    set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "Build type" FORCE)
endif()

set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_COMPILE_WARNING_AS_ERROR ${ISA_WERROR})
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib")
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib")

add_compile_options(-Wall -Wextra -Wpedantic -Wconversion -Wshadow
                    $<$<COMPILE_LANGUAGE:C>:-Wstrict-prototypes> $<$<COMPILE_LANGUAGE:C>:-Wmissing-prototypes>)
# -std=c11 hides POSIX; clocks, threads and sockets need the 2008 edition.
add_compile_definitions(_POSIX_C_SOURCE=200809L)

if(ISA_SANITIZE STREQUAL "address")
    set(isa_sanitize_flags -fsanitize=address,undefined -fno-sanitize-recover=undefined)
elseif(ISA_SANITIZE STREQUAL "thread")
    set(isa_sanitize_flags -fsanitize=thread)
elseif(NOT ISA_SANITIZE STREQUAL "")
    message(FATAL_ERROR "ISA_SANITIZE is '${ISA_SANITIZE}'; known are: address, thread, or empty")
endif()
if(ISA_SANITIZE)
    add_compile_options(${isa_sanitize_flags} -fno-omit-frame-pointer)
    add_link_options(${isa_sanitize_flags})
endif()
