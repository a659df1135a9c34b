#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs BUILD_DIR into an empty prefix and has three strangers build and run against it: one
# through CMake with the shared library, one with the static, one through pkg-config.
# Usage: use-installed.sh BUILD_DIR
set -eu
build=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cmake --install "$build" --prefix "$work/prefix" >/dev/null

mkdir "$work/stranger"
cat >"$work/stranger/main.c" <<'C'
#include <isa/isa.h>
#include <stdio.h>
#include <string.h>

int main(void)
{
    puts(isa_version());
    return strcmp(isa_version(), ISA_VERSION_STRING) != 0;
}
C
cat >"$work/stranger/CMakeLists.txt" <<'C'
cmake_minimum_required(VERSION 3.25)
project(stranger C)
find_package(isa_common REQUIRED COMPONENTS static)
add_executable(with_shared main.c)
target_link_libraries(with_shared PRIVATE isa::common)
add_executable(with_static main.c)
target_link_libraries(with_static PRIVATE isa::common_static)
C
cmake -S "$work/stranger" -B "$work/build" -DCMAKE_PREFIX_PATH="$work/prefix" >/dev/null
cmake --build "$work/build" >/dev/null
"$work/build/with_shared"
"$work/build/with_static"

pc_dir=$(dirname "$(find "$work/prefix" -name isa-common.pc)")
PKG_CONFIG_PATH=$pc_dir
export PKG_CONFIG_PATH
# shellcheck disable=SC2046 # a list of options
cc -o "$work/with_pc" "$work/stranger/main.c" $(pkg-config --cflags --libs isa-common)
LD_LIBRARY_PATH=$(pkg-config --variable=libdir isa-common) "$work/with_pc"
pkg-config --validate isa-common
