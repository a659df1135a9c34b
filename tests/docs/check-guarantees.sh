#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every promise of GUARANTEES.md has its number and names at least one test, and each test that is named
# exists.  Usage: check-guarantees.sh SOURCE_DIR BUILD_DIR CTEST
set -u
document=$1/docs/GUARANTEES.md
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat "$1"/tests/*/test_*.c | tr '\n' ' ' | grep -oE '(Test|Theory|ParameterizedTest)\([^)]*\)' |
    sed -E 's/^[A-Za-z]*\((\([^)]*\), *|struct [a-z_]* \*[a-z]*, *)?//; s/ *, */ /g; s/[)].*//' |
    awk '{ print $1 "/" $2 }' >"$work/tests"
"$3" --test-dir "$2" -N | sed -n 's/^ *Test *#[0-9]*: *//p' >>"$work/tests"
awk -v list="$work/tests" '
    BEGIN { while ((getline name <list) > 0) is_there[name] = 1 }
    function end() {
        if (number && !named) { print "G" number " names no test"; wrong = 1 }
    }
    /^\*\*G[0-9]+\./ {
        end()
        given = $1
        gsub(/[^0-9]/, "", given)
        if (given + 0 != ++number) { print "G" given " should be G" number; wrong = 1 }
        named = 0
    }
    number {
        parts = split($0, part, "`")
        for (i = 2; i <= parts; i += 2) {
            name = part[i]
            if (name !~ /^[a-z0-9_]+\/[A-Za-z0-9_]+$|^(faultlab|stress|chaos|fsm)_[a-z0-9_-]*$|^herd$/)
                continue
            named++
            if (!(name in is_there)) { print "there is no test " name; wrong = 1 }
        }
    }
    END {
        end()
        if (!number) { print "no promise is found"; wrong = 1 }
        print number " promises"
        exit wrong
    }' "$document"
