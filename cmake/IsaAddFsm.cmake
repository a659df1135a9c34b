# SPDX-License-Identifier: Apache-2.0
# isa_add_fsm(TARGET NAME.fsm [OUTPUT_DIR dir] [DISPATCH table|handlers|switch]
#             [TABLE file.md] [DOT file.dot] [TESTS file.c] [LIBEV file.c]
#             [EVENTS_HEADER file.h] [TRACE] [TRACE_DECODER file.c])
#
# Generates NAME_fsm.h and NAME_fsm.c from NAME.fsm with fsm-gen, adds the source to TARGET and
# the folder to its include directories (PUBLIC for a header that others of the build include).
# TESTS are a source of TARGET too: Criterion tests, which stand in for the actions and guards;
# so is LIBEV, the timers on libev. EVENTS_HEADER is what others may include: the numbers, names and
# payloads without the machine; NAME_fsm.h includes it by its name, so it belongs into a folder of
# include directories, as the folder of the outputs is.
# TRACE: the machine tells each event that it takes up. TRACE_DECODER is a program of its own, so its
# source is written and left to another target.
#
# fsm-gen leaves a file alone when it would not change, so a change of a comment in the
# specification compiles nothing; a stamp file tells the build that the step is up to date.
# Installed with the package isa_common, so that find_package(isa_common) brings it to users.
function(isa_add_fsm target spec)
  cmake_parse_arguments(PARSE_ARGV 2 ARG "TRACE"
                        "OUTPUT_DIR;DISPATCH;TABLE;DOT;TESTS;LIBEV;EVENTS_HEADER;TRACE_DECODER" "")
  if(ARG_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "isa_add_fsm: unknown argument: ${ARG_UNPARSED_ARGUMENTS}")
  endif()
  cmake_path(ABSOLUTE_PATH spec BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR} NORMALIZE)
  cmake_path(GET spec STEM LAST_ONLY name)
  set(dir ${CMAKE_CURRENT_BINARY_DIR}/fsm)
  if(ARG_OUTPUT_DIR)
    cmake_path(ABSOLUTE_PATH ARG_OUTPUT_DIR BASE_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}
               OUTPUT_VARIABLE dir)
  endif()

  set(outputs ${dir}/${name}_fsm.h ${dir}/${name}_fsm.c)
  set(options --header ${dir}/${name}_fsm.h --source ${dir}/${name}_fsm.c)
  if(ARG_DISPATCH)
    list(APPEND options --dispatch ${ARG_DISPATCH})
  endif()
  if(ARG_TRACE)
    list(APPEND options --trace)
  endif()
  foreach(kind TABLE DOT TESTS LIBEV EVENTS_HEADER TRACE_DECODER)
    if(ARG_${kind})
      cmake_path(ABSOLUTE_PATH ARG_${kind} BASE_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}
                 OUTPUT_VARIABLE path)
      set_source_files_properties(${path} PROPERTIES GENERATED TRUE)
      string(TOLOWER ${kind} option)
      string(REPLACE "_" "-" option ${option})
      list(APPEND options --${option} ${path})
      list(APPEND outputs ${path})
      if(kind MATCHES "TESTS|LIBEV")
        target_sources(${target} PRIVATE ${path})
      endif()
    endif()
  endforeach()

  file(MAKE_DIRECTORY ${dir})
  set(stamp ${dir}/${name}_fsm.stamp)
  add_custom_command(
    OUTPUT ${stamp}
    BYPRODUCTS ${outputs}
    COMMAND isa::fsm-gen ${options} --depfile ${stamp}.d --deptarget ${stamp} ${spec}
    COMMAND ${CMAKE_COMMAND} -E touch ${stamp}
    DEPENDS ${spec} isa::fsm-gen $<TARGET_FILE:isa::fsm-gen>
    DEPFILE ${stamp}.d
    COMMENT "Generating the machine ${name}"
    VERBATIM)
  add_custom_target(${target}_${name}_fsm DEPENDS ${stamp})

  set_source_files_properties(${dir}/${name}_fsm.h ${dir}/${name}_fsm.c PROPERTIES GENERATED TRUE)
  target_sources(${target} PRIVATE ${dir}/${name}_fsm.c)
  target_include_directories(${target} PUBLIC $<BUILD_INTERFACE:${dir}>)
  add_dependencies(${target} ${target}_${name}_fsm)
endfunction()
