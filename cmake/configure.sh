#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Configures BUILD_DIR for `make`, whatever an earlier run left in it: a configuration that failed or
# was interrupted, another compiler, another generator, a tree that was moved. Does nothing when
# BUILD_DIR is configured already, for the same compilers and with the settings asked for.
# Usage: configure.sh BUILD_DIR [--default -Dx=y | -Dx=y]...
# A setting after --default counts only when nothing was configured before.
set -u
[ $# -ge 1 ] || { echo "usage: $0 BUILD_DIR [-Dx=y]..." >&2; exit 2; }
cmake=${CMAKE:-cmake}
here=$(cd "$(dirname "$0")" && pwd)
source_dir=$(dirname "$here")
build=$1
shift
case $build in /*) ;; *) build=$source_dir/$build ;; esac

command -v "$cmake" >/dev/null || { "$here/install-deps.sh" --missing build; exit 1; }
if [ -e "$build" ] && { [ ! -d "$build" ] || [ ! -w "$build" ]; }; then
    echo "$build is no folder that $(id -un) can write to: remove it, or name another one with BUILD=DIR" >&2
    exit 1
fi

# Written when a configuration has succeeded, and removed before the next one: what it says is true.
stamp=$build/configured-for
wanted="$source_dir -> $build: $(command -v "$cmake") CC=${CC:-} CXX=${CXX:-} generator=${CMAKE_GENERATOR:-}"
is_current=false
[ -f "$stamp" ] && [ "$(head -n 1 "$stamp")" = "$wanted" ] && grep -qs "^CMAKE_GENERATOR:" "$build/CMakeCache.txt" &&
    { [ -f "$build/Makefile" ] || [ -f "$build/build.ninja" ]; } && is_current=true

settings= has_new=false
while [ $# -gt 0 ]; do
    case $1 in
    --default)
        shift
        $is_current || settings="$settings $1"
        ;;
    *)
        settings="$settings $1"
        name=${1%%=*} value=${1#*=}
        grep -q "^${name#-D}:[A-Z]*=$value\$" "$build/CMakeCache.txt" 2>/dev/null || has_new=true
        ;;
    esac
    shift
done
if $is_current && ! $has_new; then exit 0; fi

run() { # [--fresh]
    # shellcheck disable=SC2086 # settings are words
    (cd "$source_dir" && "$cmake" "$@" --preset release -B "$build" --log-level=NOTICE $settings)
}

rm -f "$stamp"
log=$build/configure.log
mkdir -p "$build" || exit 1
# What is there was made for something else, or never finished: begin anew.
fresh=
$is_current || [ ! -e "$build/CMakeCache.txt" ] || fresh=--fresh
if ! run $fresh >"$log" 2>&1; then
    cat "$log" >&2
    "$here/install-deps.sh" --missing build
    echo "The configuration failed; once that is mended, run make again." >&2
    exit 1
fi
grep -q '^CMake Warning' "$log" && cat "$log" >&2
printf '%s\n' "$wanted" >"$stamp"
