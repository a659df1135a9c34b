#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every code that --explain knows is shown by three faulty specifications at least, and stands in the
# table of docs/FSM_GEN.md. Prints how many there are. Usage: check-codes.sh FSM_GEN
set -u
fsm_gen=$1
here=$(cd "$(dirname "$0")" && pwd)
manual=$here/../../docs/FSM_GEN.md
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
count=0

# Asking for every number there may be needs no list that could be forgotten.
number=0
while [ $number -lt 100 ]; do
    for letter in E W I; do
        for suffix in '' b; do
            code=$(printf '%s%02d%s' $letter $number "$suffix")
            "$fsm_gen" --explain "$code" >/dev/null 2>&1 && echo "$code"
        done
    done
    number=$((number + 1))
done >"$work/codes"

cd "$here/faulty" || exit 2
for spec in *.fsm; do
    flags=$(sed -n '1s,^// fsm-gen: ,,p' "$spec")
    # shellcheck disable=SC2086 # several options
    "$fsm_gen" --diagnostics=json $flags "$spec" 2>&1 |
        sed -n 's/.*"code":"\([^"]*\)".*/\1/p' | sort -u
done >"$work/seen"

while read -r code; do
    specs=$(grep -cx "$code" "$work/seen")
    echo "$code $specs"
    count=$((count + 1))
    [ "$specs" -ge 3 ] || { echo "$code has fewer than three faulty specifications" && failed=1; }
    grep -q "^| ${code}[ |]" "$manual" || { echo "$code is not in the manual" && failed=1; }
done <"$work/codes"
sort -u "$work/seen" | while read -r code; do
    grep -qx "$code" "$work/codes" || echo "$code is not explained"
done >"$work/strange"
cat "$work/strange"
[ ! -s "$work/strange" ] && [ $count -gt 25 ] && [ $failed -eq 0 ]
