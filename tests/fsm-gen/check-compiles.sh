#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Generated code is free of warnings with every compiler at hand: what is written for each good
# specification of the project as C11, each header alone as C11 and as C++17. Of the examples only what
# their builds could ask for, without the trace and the header in two parts.
# Usage: check-compiles.sh FSM_GEN CC [more compilers]
set -u
fsm_gen=$1
shift
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 2
. "$here/generate.sh"
warnings='-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -fsyntax-only'
failed=0
specs=0
count=0

run() {
    "$@" && count=$((count + 1)) || { echo "failed: $*" && failed=1; }
}

# shellcheck disable=SC2086,SC2046 # lists of options
compile() { # CC SPEC FOLDER
    for source in "$3"/*.c; do
        run "$1" -std=c11 $warnings -Wmissing-prototypes $(includes "$2" "$3") "$source"
    done
    cxx=$(echo "$1" | sed 's/gcc$/g++/; s/clang$/clang++/; s/\/cc$/\/c++/')
    for header in "$3/$(basename "$2" .fsm)"_*.h; do
        printf '#include "%s"\n' "$(basename "$header")" | tee alone.c >alone.cc
        run "$1" -std=c11 $warnings $(includes "$2" "$3") alone.c
        command -v "$cxx" >/dev/null || continue
        run "$cxx" -std=c++17 $warnings $(includes "$2" "$3") alone.cc
    done
}

for spec in $(good_specs); do
    specs=$((specs + 1))
    generate "$spec" "$work/$specs" || { echo "failed: $spec" && failed=1; }
    for cc in "$@"; do
        case $spec in */examples/*) kinds='plain libev' ;; *) kinds='plain traced split libev' ;; esac
        for kind in $kinds; do
            compile "$cc" "$spec" "$work/$specs/$kind"
        done
    done
done
echo "$specs specifications, $count compilations"
[ $specs -gt 20 ] && [ $failed -eq 0 ]
