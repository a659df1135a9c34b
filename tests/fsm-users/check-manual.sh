#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The manual keeps to today's tool: the tests it names exist, its machines pass without a word, its
# C is in the generated header, and its options and warnings are those of --help, both ways.
# Usage: check-manual.sh FSM_GEN SOURCE_DIR
set -u
fsm_gen=$1
root=$2
manual=$root/docs/FSM_GEN.md
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

complain() {
    echo "docs/FSM_GEN.md: $*"
    failed=1
}

# block WORD NUMBER: the NUMBERth block that begins with ```WORD.
block() {
    awk -v word="$1" -v wanted="$2" '
        /^```/ && inside { inside = 0; next }
        $0 == "```" word { inside = 1; number++; next }
        /^```/ { inside = 1; if ($0 != "```" word) skipped = 1; next }
        inside && number == wanted && !skipped { print }
        !inside { skipped = 0 }' "$manual"
}

cited=$(grep -oE 'fsm_gen_[a-z]+/[a-z_0-9]+' "$manual" | sort -u)
[ "$(echo "$cited" | wc -l)" -ge 20 ] || complain "it names too few tests"
for test in $cited; do
    suite=${test%%/*}
    grep -qE "\($suite, ${test#*/}[,)]|, $suite, ${test#*/}\)" "$root"/tests/fsm-gen/test_*.c ||
        complain "no test $test"
done
for spec in $(grep -oE 'faulty/[a-z0-9_]+' "$manual" | sort -u); do
    [ -f "$root/tests/fsm-gen/$spec.expected" ] || complain "no specification $spec"
done

# The figure of rule 3 shows what its test records, in that order.
record=$(sed -n 's/.*"\(out_a2@A2 .*where:1>2\)".*/\1/p' "$root/tests/fsm-gen/test_order.c")
shown=$(awk '/recorded by the test as/ { inside = 1; next } /^```/ { inside = 0 }
    inside && match($0, /   (out_|-t|move@|\+t|in_|where:)/) { print substr($0, RSTART + 3) }' "$manual" |
    tr '\n' ' ' | sed 's/ $//')
[ -n "$record" ] && [ "$record" = "$shown" ] || complain "rule 3 shows '$shown', not '$record'"

block fsm 1 >"$work/door.fsm"
(cd "$work" && "$fsm_gen" -Werror --header door_fsm.h --source door_fsm.c door.fsm) ||
    complain "its first machine is refused"
for number in 1 2 3; do
    block c $number >"$work/block"
    [ -s "$work/block" ] || complain "C block $number is missing"
    while read -r line; do
        grep -qF -- "$line" "$work/door_fsm.h" || complain "not generated: $line"
    done <"$work/block"
done

"$fsm_gen" --help >"$work/help"
for option in $(grep -oE '(^|[ ,])--?[a-zA-Z][a-z-]+' "$work/help" | tr -d ' ,' | sort -u); do
    grep -qF -- "$option" "$manual" || complain "$option of --help is missing"
done
for option in $(grep -oE '`--[a-z0-9-]+' "$manual" | tr -d '`' | sort -u); do
    grep -qE -- "$option([^a-z0-9-]|$)" "$work/help" || complain "$option is not in --help"
done
exit $failed
