#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every header compiles alone: a public one as C11 and C++17, a private one as C11. Calls that
# protoc-gen-isa has written need messages beside them: its own tests compile them.
# Usage: check-headers.sh SOURCE_DIR CC CXX [compiler options for private headers]
set -u
top=$1 cc=$2 cxx=$3
shift 3
strict='-fsyntax-only -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror'
failed=0

compiles() { # HEADER LANGUAGE COMPILER OPTIONS...
    header=$1 language=$2
    shift 2
    # The declaration is for headers of macros only: a C file may not be empty.
    if ! printf '#include "%s"\nextern int compiled_alone;\n' "$header" | "$@" -x "$language" -; then
        echo "$header does not compile alone as $language" >&2
        failed=1
    fi
}

count=0
for header in $(find "$top/include" -name '*.h' | sort); do
    # shellcheck disable=SC2086
    compiles "$header" c "$cc" -std=c11 $strict -I "$top/include"
    # shellcheck disable=SC2086
    compiles "$header" c++ "$cxx" -std=c++17 $strict -I "$top/include"
    count=$((count + 1))
done
for header in $(find "$top/src" "$top/tools" "$top/tests" -name '*.h' ! -path '*/protoc-gen-isa/golden/*' 2>/dev/null | sort); do
    # shellcheck disable=SC2086
    compiles "$header" c "$cc" -std=c11 $strict -D_POSIX_C_SOURCE=200809L -I "$top/include" \
        -I "$top/src" -I "$top/src/base" -I "$top/src/fsm" -I "$top/src/message" -I "$top/src/transport" \
        -I "$top/src/transport/core" \
        -I "$top/src/pool" -I "$top/tests/support" "$@"
    count=$((count + 1))
done
echo "$count headers"
[ "$count" -gt 0 ] && [ "$failed" -eq 0 ]
