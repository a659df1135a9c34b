#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# clang-tidy and cppcheck over our own C files, as BUILD_DIR/compile_commands.json compiles them.
# Runs both to the end; exit status 1 if either found anything.
# Usage: lint.sh BUILD_DIR
set -u
[ $# -eq 1 ] || { echo "usage: $0 BUILD_DIR" >&2; exit 2; }
build=$(cd "$1" && pwd) || exit 2
top=$(cd "$(dirname "$0")/../.." && pwd)
jobs=${JOBS:-$(nproc)}
failed=0

# Files below the build directory are generated, not ours.
files=$(sed -n 's/^ *"file": "\(.*\)",\{0,1\}$/\1/p' "$build/compile_commands.json" |
    grep '\.c$' | grep -v "^$build/" | sort -u)
[ -n "$files" ] || { echo "no C files in $build/compile_commands.json" >&2; exit 1; }

echo "clang-tidy: $(echo "$files" | wc -l) files"
# -Werror belongs to the build; here gcc-only options would become errors of clang.
# One file for each run: given several, clang-tidy 14 takes every va_list after the first file for
# one that was never started.
echo "$files" | xargs -P "$jobs" -n 1 clang-tidy --quiet -p "$build" \
    --extra-arg=-Wno-unknown-warning-option --extra-arg=-Wno-error 2>"$build/clang-tidy.log" ||
    failed=1
grep -E '(error|fatal):' "$build/clang-tidy.log" && failed=1

echo "cppcheck"
# shellcheck disable=SC2086 # a list of files
cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr \
    --suppressions-list="$top/tools/check/cppcheck.supp" --error-exitcode=1 -j "$jobs" \
    -I "$top/include" -I "$top/src/base" -I "$top/src/fsm" -I "$top/src/transport" \
    -I "$top/src/pool" -I "$top/tests/support" -D_POSIX_C_SOURCE=200809L --library=posix $files || failed=1
exit $failed
