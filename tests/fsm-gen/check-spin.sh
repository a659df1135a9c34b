#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Spin and the built-in check come to the same verdict on every `leads_to` of the specifications
# in good/ and faulty/e16_*. Usage: check-spin.sh FSM_GEN
set -u
fsm_gen=$1
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 2
. "$here/spin.sh"
failed=0
held=0
refuted=0

# The claims are written here: fsm-gen writes nothing for a promise that it has refuted.
judge() { # SPEC: for each promise alone, both verdicts
    grep -n '^ *check .* leads_to .*;' "$1" >promises
    while IFS=: read -r line promise; do
        # shellcheck disable=SC2086
        set -- "$1" $(echo "$promise" | sed 's/^ *check//; s/leads_to//; s/;.*//; s/,/ /g')
        spec=$1
        shift
        sed "/^ *check /{${line}!d;}" "$spec" >one.fsm
        "$fsm_gen" -Wno-unused -Wno-unreachable one.fsm 2>one.err
        built_in=$?
        grep -q 'error:' one.err && ! grep -q 'check failed' one.err && cat one.err && exit 2
        condition=$(expand "$spec" "$@")
        for target in "$@"; do :; done
        sed '/^ *check /d' "$spec" >none.fsm
        "$fsm_gen" -Wno-unused --promela machine.pml none.fsm 2>none.err || { cat none.err && exit 2; }
        { cat machine.pml && echo "ltl promise { [] (($condition) -> <> in_$target) }"; } >model.pml
        prepare_model
        ask promise
        spin=$?
        if [ $built_in -ne $spin ]; then
            echo "$(basename "$spec"):$line: built in: $built_in, Spin: $spin"
            failed=1
        fi
        held=$((held + (spin == 0)))
        refuted=$((refuted + (spin == 1)))
        set -- "$spec"
    done <promises
}

# expand SPEC EVENT... STATE: "last == EV_A || ...", a set by its members; the state is last.
expand() {
    spec_of=$1
    shift
    while [ $# -gt 1 ]; do
        members=$(sed -n "s/^ *set $1 *= *{ *\(.*\) *};.*/\1/p" "$spec_of" | tr -d ' ' | tr ',' ' ')
        for event in ${members:-$1}; do
            printf '%slast == EV_%s' "${joint:-}" "$event"
            joint=' || '
        done
        shift
    done
}

for spec in "$here"/good/*.fsm "$here"/faulty/e16_*.fsm; do
    judge "$spec"
done
echo "$held promises hold, $refuted do not"
[ $held -ge 2 ] && [ $refuted -ge 5 ] && [ $failed -eq 0 ]
