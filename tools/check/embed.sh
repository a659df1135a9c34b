#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The library as a part of a stranger's project, below a path with a space: by add_subdirectory, by
# FetchContent, and cross compiled with generators that were built here.
# Usage: embed.sh SOURCE_DIR BUILD_DIR     (BUILD_DIR: has bin/fsm-gen and bin/protoc-gen-isa)
set -eu
root=$1 build=$(cd "$2" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
jobs=${JOBS:-$(nproc)}

mkdir -p "$work/a stranger"
ln -s "$root" "$work/a stranger/isa"
cd "$work/a stranger"
cat >main.c <<'C'
#include <isa/isa.h>
#include <stdio.h>

int main(void)
{
    return puts(isa_version()) < 0;
}
C
# Targets of his own with names that a library might take; no build type, another place for programs.
cat >CMakeLists.txt <<'C'
cmake_minimum_required(VERSION 3.25)
project(stranger C)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/programs")
foreach(name docs demo bench test_all format lint base pool transport)
    add_custom_target(${name})
endforeach()
if(BY_FETCH)
    include(FetchContent)
    FetchContent_Declare(isa_common SOURCE_DIR "${CMAKE_CURRENT_SOURCE_DIR}/isa")
    FetchContent_MakeAvailable(isa_common)
else()
    add_subdirectory(isa)
endif()
add_executable(stranger main.c)
target_link_libraries(stranger PRIVATE isa::common)
add_executable(stranger_static main.c)
target_link_libraries(stranger_static PRIVATE isa::common_static)
file(WRITE "${CMAKE_BINARY_DIR}/note.proto" "syntax = \"proto3\"; package s; message Note { optional int32 a = 1; }")
isa_add_proto(stranger "${CMAKE_BINARY_DIR}/note.proto")
foreach(option BUILD_TESTS BUILD_EXAMPLES BUILD_BENCH INSTALL WERROR)
    if(ISA_${option})
        message(FATAL_ERROR "ISA_${option} is on in a stranger's project")
    endif()
endforeach()
if(CMAKE_BUILD_TYPE)
    message(FATAL_ERROR "his build type was set")
endif()
C
for way in OFF ON; do
    cmake -B "build $way" -DBY_FETCH=$way >"$work/log" 2>&1 && cmake --build "build $way" -j "$jobs" >>"$work/log" 2>&1 || {
        tail -n 20 "$work/log"
        echo "BY_FETCH=$way failed"
        exit 1
    }
    "build $way/programs/stranger"
    "build $way/programs/stranger_static"
    # His `install` installs what is his.
    cmake --install "build $way" --prefix "$work/installed" >/dev/null
    [ ! -e "$work/installed" ] || { echo "installed without being asked: $(ls "$work/installed")" && exit 1; }
done

# A machine of another kind, as far as CMake knows: its programs cannot run here.
cat >"$work/other.cmake" <<'C'
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR other)
C
cross() { cmake -S "$root" -B "$work/cross" -DCMAKE_TOOLCHAIN_FILE="$work/other.cmake" -DISA_BUILD_TESTS=OFF "$@" >"$work/log" 2>&1; }
if cross; then echo "cross compiling without generators was not refused" && exit 1; fi
grep -q 'ISA_FSM_GEN=PATH' "$work/log" || { cat "$work/log" && echo "no remedy was named" && exit 1; }
cross -DISA_FSM_GEN="$build/bin/fsm-gen" -DISA_PROTOC_GEN_ISA="$build/bin/protoc-gen-isa" &&
    cmake --build "$work/cross" -j "$jobs" >>"$work/log" 2>&1 || { tail -n 20 "$work/log" && exit 1; }
[ ! -e "$work/cross/bin/fsm-gen" ] || { echo "a generator was built for the other machine" && exit 1; }
cmake --install "$work/cross" --prefix "$work/target" >/dev/null
[ -e "$work/target/include/isa/isa.h" ] && [ ! -e "$work/target/bin/fsm-gen" ]
