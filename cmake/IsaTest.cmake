# SPDX-License-Identifier: Apache-2.0
# How tests are declared.
#
#   isa_add_test(NAME test_pool_conn SOURCES test_conn.c [LIBRARIES lib...] [TIMEOUT seconds])
#       a Criterion program; sees the rooms' doors, include/ and tests/support/
#   isa_set_test_properties(NAME [TIMEOUT seconds])
#       what every test shares, for tests declared with add_test()
#
# A test that cannot run on this machine exits with 77 and is counted as skipped.

pkg_check_modules(CRITERION QUIET IMPORTED_TARGET criterion)
if(NOT CRITERION_FOUND)
    message(FATAL_ERROR "Criterion not found; `make deps` installs it, "
                        "-DISA_BUILD_TESTS=OFF builds without tests")
endif()

# Replaces libc's prctl(), also for the libraries; a sanitizer has one of its own.
add_library(isa_keep_errno STATIC "${PROJECT_SOURCE_DIR}/tests/runner/keep_errno.c")
target_compile_definitions(isa_keep_errno PRIVATE _GNU_SOURCE)
if(NOT ISA_SANITIZE)
    target_link_options(isa_keep_errno INTERFACE "LINKER:--undefined=prctl" "LINKER:--export-dynamic-symbol=prctl")
endif()

file(GLOB isa_support_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/support/*.c")
if(isa_support_sources)
    add_library(isa_test_support STATIC ${isa_support_sources})
    target_include_directories(isa_test_support PUBLIC "${PROJECT_SOURCE_DIR}/tests/support"
                               ${ISA_ROOM_DIRS} "${ISA_FSM_DIR}")
    target_link_libraries(isa_test_support PRIVATE isa::crypto isa::grpc)
    target_link_libraries(isa_test_support PUBLIC isa_keep_errno isa::common_static PkgConfig::CRITERION
                          isa::ev isa::protobuf_c Threads::Threads)
endif()

# Replaces Criterion's own runner where that cannot work.
add_library(isa_fork_runner OBJECT "${PROJECT_SOURCE_DIR}/tests/runner/fork.c")
target_link_libraries(isa_fork_runner PRIVATE PkgConfig::CRITERION)

# The distribution's libraries are not instrumented: their memory accesses are left out of the
# judgement, while their locks still tell in which order our own code ran.
string(JOIN ":" isa_tsan_options "suppressions=${PROJECT_SOURCE_DIR}/tests/tsan.supp"
       ignore_noninstrumented_modules=1 die_after_fork=0 history_size=4)
set(isa_sanitizer_environment
    "ASAN_OPTIONS=detect_stack_use_after_return=1"
    "UBSAN_OPTIONS=print_stacktrace=1"
    "LSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/tests/lsan.supp:print_suppressions=0"
    "TSAN_OPTIONS=${isa_tsan_options}")

function(isa_set_test_properties name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "TIMEOUT" "")
    if(NOT arg_TIMEOUT)
        set(arg_TIMEOUT 60)
    endif()
    set_tests_properties(${name} PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT ${arg_TIMEOUT})
    if(ISA_SANITIZE)
        # Criterion does not look at a child's exit status once the test body has returned, so a
        # leak found at exit would pass unseen.
        set_tests_properties(${name} PROPERTIES ENVIRONMENT "${isa_sanitizer_environment}"
            FAIL_REGULAR_EXPRESSION
            "ERROR: LeakSanitizer;WARNING: ThreadSanitizer;ERROR: AddressSanitizer;runtime error:")
    endif()
endfunction()

function(isa_add_test)
    cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME;TIMEOUT" "SOURCES;LIBRARIES")
    add_executable(${arg_NAME} ${arg_SOURCES})
    target_include_directories(${arg_NAME} PRIVATE "${PROJECT_SOURCE_DIR}/include" ${ISA_ROOM_DIRS}
                               "${ISA_FSM_DIR}")
    target_link_libraries(${arg_NAME} PRIVATE ${arg_LIBRARIES} PkgConfig::CRITERION)
    if(TARGET isa_test_support)
        target_link_libraries(${arg_NAME} PRIVATE isa_test_support)
    else()
        target_link_libraries(${arg_NAME} PRIVATE isa::common_static)
    endif()
    # Without --verbose Criterion does not say which tests were skipped.
    add_test(NAME ${arg_NAME} COMMAND ${arg_NAME} --verbose)
    if(ISA_SANITIZE STREQUAL "thread" OR ISA_FORK_RUNNER)
        target_sources(${arg_NAME} PRIVATE $<TARGET_OBJECTS:isa_fork_runner>)
    endif()
    isa_set_test_properties(${arg_NAME} TIMEOUT "${arg_TIMEOUT}")
endfunction()
