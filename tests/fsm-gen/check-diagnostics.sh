#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# One specification must give exactly the diagnostics and the exit status in NAME.expected beside
# it; one without such a file must give none. UPDATE=1 records instead.
# Options may be given in the first line: // fsm-gen: -Wequivalent
# Usage: check-diagnostics.sh FSM_GEN NAME.fsm
set -u
fsm_gen=$1 spec=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$(dirname "$spec")" || exit 2
name=$(basename "$spec" .fsm)

flags=$(sed -n '1s,^// fsm-gen: ,,p' "$name.fsm")
# shellcheck disable=SC2086 # several options
"$fsm_gen" $flags --header "$work/h" --source "$work/c" --table "$work/md" --dot "$work/dot" "$name.fsm" \
    >"$work/out" 2>"$work/err"
status=$?
echo "exit $status" >>"$work/err"
if [ -s "$work/out" ]; then
    echo "fsm-gen wrote to its standard output"
    exit 1
fi
for kind in h c md dot; do
    if [ $status -ne 0 ] && [ -e "$work/$kind" ]; then
        echo "a file was written in spite of an error: $kind"
        exit 1
    fi
    if [ $status -eq 0 ] && [ ! -s "$work/$kind" ]; then
        echo "a file was not written: $kind"
        exit 1
    fi
done
case $spec in
*/faulty/*)
    [ "${UPDATE:-0}" = 0 ] || cp "$work/err" "$name.expected"
    diff -u "$name.expected" "$work/err" && [ "$(wc -l <"$name.expected")" -gt 1 ]
    ;;
*)
    echo 'exit 0' | diff -u - "$work/err"
    ;;
esac
