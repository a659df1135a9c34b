#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The examples that --explain shows are true: the wrong one gives its code and no other, the right
# one gives nothing. Every code that the tests have seen can be explained.
# Usage: check-explain.sh FSM_GEN
set -u
fsm_gen=$1
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 2
failed=0
count=0

complain() {
    echo "$*"
    failed=1
}

# Codes that were reported: of errors, and of warnings by their names.
codes=$(sed -n -e 's/.*error: .* \[\([EWI][0-9a-z]*\)\]$/\1/p' -e 's/.* \[-W\([a-z-]*\)\]$/\1/p' \
    "$here"/faulty/*.expected | sort -u)
warnings=$("$fsm_gen" --help | sed -n 's/^  -W\([a-z][a-z-]*\)  *[a-z].*/\1/p')

for code in $codes $warnings E21; do
    "$fsm_gen" --explain "$code" >text 2>err || { complain "$code is not explained"; continue; }
    name=$(sed -n '1s/^\([EWI][0-9a-z]*\)[ :].*/\1/p' text)
    flag=$(sed -n '1s/^[^ ]* -W\([a-z-]*\):.*/\1/p' text)
    awk '/^Wrong:$/ { file = "wrong.fsm" } /^Right:$/ { file = "right.fsm" }
        /^    / && file { print substr($0, 5) > file }' text
    on=-Wdoc
    [ "$name" != I22 ] || on=-Wequivalent
    "$fsm_gen" $on right.fsm 2>err || complain "$code: the right example is refused"
    [ ! -s err ] || { complain "$code: the right example is not silent"; cat err; }
    count=$((count + 1))
    if [ "$name" = E21 ]; then continue; fi # needs a file of numbers: check-abi.sh
    "$fsm_gen" --diagnostics=json $on wrong.fsm 2>err
    seen=$(sed -n 's/.*"code":"\([^"]*\)".*/\1/p' err | sort -u)
    [ "$seen" = "$name" ] || { complain "$code: the wrong example gives: $seen"; cat err; }
    if [ -n "$flag" ] && [ "$flag" != incomplete ]; then
        "$fsm_gen" $on -Werror="$flag" wrong.fsm 2>err && complain "$code: no error"
        grep -q "\[-Werror=$flag\]" err || complain "$code: -Werror=$flag does not show"
        "$fsm_gen" -Wno-"$flag" wrong.fsm 2>err || complain "$code: -Wno-$flag fails"
        [ ! -s err ] || complain "$code: -Wno-$flag does not silence"
    fi
    rm -f wrong.fsm right.fsm
done

"$fsm_gen" --explain e03 >lower && "$fsm_gen" --explain E03 | cmp - lower || complain "e03"
"$fsm_gen" --explain E99 >out 2>err
[ $? -eq 2 ] || complain "an unknown code is explained"
echo "$count explanations"
[ $count -gt 20 ] && [ $failed -eq 0 ]
