#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Generated code is free of warnings with every compiler at hand: the source as C11, the headers,
# each alone, as C11 and as C++17. Usage: check-compiles.sh FSM_GEN CC [more compilers]
set -u
fsm_gen=$1
shift
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 2
strict='-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wmissing-prototypes -Werror -fsyntax-only'
strict_cxx='-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -fsyntax-only'
failed=0
count=0

run() {
    "$@" && count=$((count + 1)) || { echo "failed: $*" && failed=1; }
}

for spec in "$here"/good/*.fsm "$here"/machines/*.fsm; do
    name=$(basename "$spec" .fsm)
    "$fsm_gen" --header "${name}_fsm.h" --source "${name}_fsm.c" "$spec" || failed=1
    for way in handlers table; do
        "$fsm_gen" --dispatch $way --header "${name}_fsm.h" --source "${name}_fsm_$way.c" "$spec" ||
            failed=1
    done
    for way in switch handlers table; do
        "$fsm_gen" --trace --dispatch $way --header "${name}_fsm_t.h" \
            --source "${name}_fsm_traced_$way.c" --trace-decoder "${name}_fsm_decoder.c" "$spec" ||
            failed=1
    done
    "$fsm_gen" --events-header "${name}_events.h" --header "${name}_split_fsm.h" "$spec" || failed=1
    context=$(sed -n 's/.*context *"\(.*\)".*include.*/\1/p; s/.*context *"\([^"]*\)";$/\1/p' "$spec" |
        head -n 1)
    prefix=$(sed -n 's/^ *prefix *\([a-z0-9_]*\);.*/\1/p' "$spec" | head -n 1)
    include=$(sed -n 's/.*include *"\([^"]*\)".*/\1/p' "$spec" | head -n 1)
    printf '#include "%s_fsm.h"\n%s { struct %s_fsm fsm; };\n' "$name" "$context" "$prefix" \
        >"$include"
    for cc in "$@"; do
        for source in "${name}"_fsm*.c; do
            # shellcheck disable=SC2086
            run "$cc" -std=c11 $strict -I "$here/machines" "$source"
        done
        cxx=$(echo "$cc" | sed 's/gcc$/g++/; s/clang$/clang++/; s/\/cc$/\/c++/')
        for header in fsm.h events.h split_fsm.h fsm_t.h; do
            printf '#include "%s_%s"\n' "$name" "$header" | tee alone.c >alone.cc
            # shellcheck disable=SC2086
            run "$cc" -std=c11 $strict -I "$here/machines" alone.c
            command -v "$cxx" >/dev/null || continue
            # shellcheck disable=SC2086
            run "$cxx" -std=c++17 $strict_cxx -I "$here/machines" alone.cc
        done
    done
done
echo "$count compilations"
[ $count -gt 0 ] && [ $failed -eq 0 ]
