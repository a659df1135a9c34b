#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The laws judged in their turn: each must accept a lawful tree and refuse each way of breaking it.
# Usage: test-laws.sh CC CXX
set -u
here=$(cd "$(dirname "$0")" && pwd)
cc=$1 cxx=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
cases=0

lawful_tree() {
    rm -rf "$work/tree"
    for room in include/isa src/base src/fsm src/transport src/pool tools/t examples tests/pool \
        tests/support; do
        mkdir -p "$work/tree/$room"
    done
    cd "$work/tree" || exit 1
    put include/isa/a.h '#include <stddef.h>'
    put src/base/base.h '#include <isa/a.h>'
    put src/base/list.h '#include "base.h"'
    put src/fsm/fsm.h '#include "base/base.h"'
    put src/fsm/machine.c '#include "connection_fsm.h"'
    put src/transport/transport.h '#include <stdint.h>'
    put src/transport/core.c '#include <grpc/grpc.h>'
    put src/pool/conn.c '#include "fsm.h"'
    put examples/e.c '#include <ev.h>'
    put tools/t/t.h '#include <stdio.h>'
    mkdir tests/tools
    put tests/tools/test_t.c '#include "../../tools/t/t.h"'
    put tests/support/fake.h '#include "transport/transport.h"'
    put tests/pool/test_conn.c '#include "fake.h"'
}

put() { # FILE TEXT
    printf '/* SPDX-License-Identifier: Apache-2.0 */\n%s\n' "$2" >"$1"
}

expect() { # accepts|refuses WHAT COMMAND...
    verdict=$1 what=$2
    shift 2
    cases=$((cases + 1))
    if "$@" >"$work/output" 2>&1; then got=accepts; else got=refuses; fi
    if [ "$got" != "$verdict" ]; then
        echo "$got, but should not: $what"
        sed 's/^/    /' "$work/output"
        failed=1
    fi
}

refuses_include() { # FILE INCLUDE
    lawful_tree
    put "$1" "#include $2"
    expect refuses "$1 with $2" "$here/check-includes.sh" .
    grep -q "^$1:2:" "$work/output" || { echo "the refusal does not name $1:2"; failed=1; }
}

lawful_tree
expect accepts "a lawful tree" "$here/check-includes.sh" .
refuses_include include/isa/b.h '<ev.h>'
refuses_include include/isa/b.h '<protobuf-c/protobuf-c.h>'
refuses_include include/isa/b.h '"base/base.h"'
refuses_include src/base/b.c '<ev.h>'
refuses_include src/base/b.c '"fsm/fsm.h"'
refuses_include src/base/b.c '"no_such_header.h"'
refuses_include src/fsm/b.c '<grpc/grpc.h>'
refuses_include src/fsm/b.c '  <ev.h>'
refuses_include src/fsm/b.c '"transport/transport.h"'
refuses_include src/fsm/b.c '"../transport/transport.h"'
refuses_include src/fsm/b.c '"transport.h"'
refuses_include src/fsm/b.c '"base/list.h"'
refuses_include src/fsm/b.c '"list.h"'
refuses_include src/fsm/b.c 'HIDDEN_HEADER'
refuses_include src/transport/b.c '"fsm/fsm.h"'
refuses_include src/transport/b.c '"connection_fsm.h"'
refuses_include src/pool/b.c '<grpc/support/log.h>'
refuses_include src/pool/b.c '<ev.h>'
refuses_include src/pool/b.c '"base/list.h"'
refuses_include src/pool/b.c '"connection_fsm.h"'
refuses_include tools/t/b.c '<grpc/grpc.h>'
refuses_include tools/t/b.c '"base/base.h"'
refuses_include examples/b.c '"../src/pool/pool.h"'
refuses_include examples/b.c '"isa/a.h"'
refuses_include tests/pool/b.c '"transport/private.h"'
refuses_include tests/pool/b.c '"../../tools/t/t.h"'
refuses_include src/extra.c '<stddef.h>'

lawful_tree
expect accepts "headers that compile alone" "$here/check-headers.sh" . "$cc" "$cxx"
put include/isa/b.h 'size_t b(void);'
expect refuses "a public header that needs another first" "$here/check-headers.sh" . "$cc" "$cxx"
put include/isa/b.h 'int b(int class);'
expect refuses "a public header that is not C++" "$here/check-headers.sh" . "$cc" "$cxx"
rm include/isa/b.h
put src/pool/b.h 'uint32_t b(void);'
expect refuses "a private header that needs another first" "$here/check-headers.sh" . "$cc" "$cxx"

lawful_tree
expect accepts "short files with a head" "$here/check-text.sh" .
yes '/* line */' | head -n 599 >>src/base/base.h
expect refuses "a file of 601 lines" "$here/check-text.sh" .
lawful_tree
put src/base/b.c "/* TO""DO: the rest */"
expect refuses "something left for later" "$here/check-text.sh" .
lawful_tree
echo 'int x;' >src/base/b.c
expect refuses "a file without a licence line" "$here/check-text.sh" .

lawful_tree
put lib.c 'int isa_a(void); int isa_a(void) { return 1; } int isa_b(void); int isa_b(void) { return 2; }'
"$cc" -shared -fPIC -o lib.so lib.c || failed=1
printf 'isa_a\nisa_b\n' >exports.txt
expect accepts "a list that is exact" "$here/check-exports.sh" exports.txt lib.so
printf 'isa_a\n' >exports.txt
expect refuses "a symbol that is not listed" "$here/check-exports.sh" exports.txt lib.so
printf 'isa_a\nisa_b\nisa_c\n' >exports.txt
expect refuses "a listed symbol that is not there" "$here/check-exports.sh" exports.txt lib.so
printf 'isa_b\nisa_a\n' >exports.txt
expect refuses "a list out of order" "$here/check-exports.sh" exports.txt lib.so

echo "$cases cases"
exit $failed
