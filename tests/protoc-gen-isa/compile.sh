#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# All C below DIR compiles without a warning: sources as C11, each header alone as C11 and as C++17, and a
# message of every type as programs begin one.
# Usage: compile.sh DIR CC INCLUDE_DIR...
set -eu
cd "$1"
cc=$2
shift 2
options='-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror -fsyntax-only -I .'
for dir in "$@"; do
    options="$options -I $dir"
done
cxx=$(echo "$cc" | sed 's/gcc$/g++/; s/clang$/clang++/; s/\/cc$/\/c++/')
command -v "$cxx" >/dev/null || cxx=
failed=0 count=0

run() {
    "$@" && count=$((count + 1)) || { echo "failed: $*" && failed=1; }
}

# shellcheck disable=SC2086 # lists of options
for source in $(find . -name '*.c'); do
    run "$cc" -std=c11 $options -Wmissing-prototypes "$source"
    header=${source%.c}.h
    printf '#include "%s"\n' "$header" | tee ./alone.h_ >alone.cc_
    run "$cc" -std=c11 $options -x c alone.h_
    [ -z "$cxx" ] || run "$cxx" -std=c++17 $options -x c++ alone.cc_
done
{
    find . -name '*.pb-c.h' ! -name descriptors.pb-c.h | sed 's/.*/#include "&"/'
    echo 'int use(void); int use(void) {'
    find . -name '*.pb-c.h' -exec awk '/^struct  / { type = $2 }
        /^#define [A-Z0-9_a-z]*__INIT / { print "{ " type " m = " $2 "; (void)m; }" }' {} +
    echo 'return 0; }'
} | tee inits.c_ >inits.cc_
run "$cc" -std=c11 $options -x c inits.c_
[ -z "$cxx" ] || run "$cxx" -std=c++17 $options -x c++ inits.cc_
[ "$(grep -c '(void)m' inits.c_)" -gt 0 ] || failed=1
rm -f inits.c_ inits.cc_ alone.h_ alone.cc_
echo "$count compilations with $cc"
[ $failed -eq 0 ] && [ $count -gt 0 ]
