# SPDX-License-Identifier: Apache-2.0
# isa_add_fsm_tests(NAME machine.fsm [INCLUDES dir...] [BACK_ENDS table|handlers|switch ...])
#
# The tests that fsm-gen writes for a machine (every cell, random streams, a tour), as a program
# NAME_<back end> for each way to dispatch. All of them are compared with one model, so they agree.
function(isa_add_fsm_tests name spec)
    cmake_parse_arguments(PARSE_ARGV 2 arg "" "" "INCLUDES;BACK_ENDS")
    if(NOT arg_BACK_ENDS)
        set(arg_BACK_ENDS table handlers switch)
    endif()
    cmake_path(GET spec STEM LAST_ONLY machine)
    foreach(back_end ${arg_BACK_ENDS})
        set(program ${name}_${back_end})
        set(dir "${CMAKE_CURRENT_BINARY_DIR}/${program}.dir")
        add_executable(${program})
        target_include_directories(${program} PRIVATE ${arg_INCLUDES})
        target_link_libraries(${program} PRIVATE PkgConfig::CRITERION)
        isa_add_fsm(${program} ${spec} OUTPUT_DIR "${dir}" DISPATCH ${back_end}
                    TESTS "${dir}/${machine}_tests.c")
        if(ISA_SANITIZE STREQUAL "thread")
            target_sources(${program} PRIVATE $<TARGET_OBJECTS:isa_fork_runner>)
        endif()
        add_test(NAME ${program} COMMAND ${program} --verbose)
        isa_set_test_properties(${program} TIMEOUT 120)
    endforeach()
endfunction()
