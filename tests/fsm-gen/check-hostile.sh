#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Whatever the input, fsm-gen ends soon with status 0, 1 or 2: no crash, hang or flood.
# Usage: check-hostile.sh FSM_GEN
set -u
fsm_gen=$1
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 2
failed=0
runs=0

try() { # WHAT FILE [STATUS]
    timeout 20 "$fsm_gen" --header h --source c --table md --dot dot "$2" >out 2>err
    status=$?
    runs=$((runs + 1))
    case "${3:-any}:$status" in
    any:[012] | "$status:$status") ;;
    *)
        echo "exit status $status: $1"
        head -n 20 err
        failed=1
        ;;
    esac
    if [ "$(wc -c <err)" -gt 1000000 ]; then
        echo "too much is said: $1"
        failed=1
    fi
}

repeat() { # TEXT TIMES
    awk -v text="$1" -v times="$2" 'BEGIN { for (i = 0; i < times; i++) printf "%s", text }'
}

begin='machine m { prefix m; context "struct m"; include "m.h"; '

# Every truncation of the example at a step that is no divisor of its lines' lengths.
size=$(wc -c <"$here/good/gconn.fsm")
at=0
while [ $at -lt "$size" ]; do
    head -c $at "$here/good/gconn.fsm" >cut.fsm
    try "cut at $at" cut.fsm 1
    at=$((at + 41))
done

# The example with one character replaced.
at=1
while [ $at -lt "$size" ]; do
    for character in '}' '"' '[' 'x'; do
        head -c $at "$here/good/gconn.fsm" >changed.fsm
        printf '%s' "$character" >>changed.fsm
        tail -c +$((at + 2)) "$here/good/gconn.fsm" >>changed.fsm
        try "'$character' at $at" changed.fsm
    done
    at=$((at + 97))
done

head -c 200000 "$fsm_gen" >binary.fsm
try "a binary" binary.fsm 2
head -c 200000 "$fsm_gen" | tr -d '\000' >nonul.fsm
try "a binary without NUL" nonul.fsm 1
head -c 3000000 /dev/zero | tr '\000' 'x' >huge.fsm
try "a huge file" huge.fsm 2
{ printf '%s event user { ' "$begin"; repeat x 100000; printf '; } }'; } >name.fsm
try "a huge name" name.fsm 1
{ printf '%s include "' "$begin"; repeat y 100000; printf '"; }'; } >text.fsm
try "a huge text" text.fsm 1
{ printf '%s event user { GO; } initial S; ' "$begin"; repeat 'state S { ' 5000; } >deep.fsm
try "deep nesting" deep.fsm 1
{ printf '%s ' "$begin"; repeat '{ ' 200000; } >braces.fsm
try "open braces" braces.fsm 1
for mark in '(' '!' 'g && ' 'g || !' '(g && g) || '; do
    { printf '%s guard g; event user { GO; } initial S; state S { on GO [ ' "$begin"
      repeat "$mark" 60000; printf 'g ] -> S; } }'; } >guard.fsm
    try "a guard of many '$mark'" guard.fsm 1
done
{ printf '%s event user { GO; } initial S; state S { on GO' "$begin"; repeat ', GO' 100000
  printf ' -> S; } }'; } >list.fsm
try "a long list" list.fsm 1
awk -v begin="$begin" 'BEGIN { print begin " event user {"; for (i = 0; i < 60000; i++)
    printf "/// d\nE%d;\n", i; print "} }" }' >events.fsm
try "too many events" events.fsm 1
awk -v begin="$begin" 'BEGIN { print begin " event user { GO; } initial S0;"
    for (i = 0; i < 2000; i++) printf "resting state S%d { on GO -> S%d; }\n", i, i + 1
    print "}" }' >states.fsm
try "too many states" states.fsm 1
{ repeat '/// a description of nothing
' 40000; printf '%s }' "$begin"; } >docs.fsm
try "many descriptions" docs.fsm
{ printf '%s' "$begin"; repeat 'x;' 200000; } >mistakes.fsm
try "many mistakes" mistakes.fsm 1
awk -v begin="$begin" 'BEGIN { print begin " event user { GO; } set a0 = { GO };"
    for (i = 1; i < 5000; i++) printf "set a%d = { a%d, a%d };\n", i, i - 1, i - 1
    print "initial S; state S { on a4999 -> S; } }" }' >sets.fsm
try "sets of sets" sets.fsm 1

# Near the limits all is well, and a promise is refuted or kept.
large() { # CHECK
    awk -v begin="$begin" -v check="$1" 'BEGIN { print begin " timer t; event user {"
        for (i = 0; i < 500; i++) printf "E%d; ", i
        print "} initial S0; resting state ALL { initial S0; otherwise ignore;"
        for (i = 0; i < 500; i++)
            printf "state S%d { arm t; on t -> S%d; on E%d -> LAST; }\n", i, (i + 1) % 500, i
        print "} final state LAST { otherwise ignore; }"
        print check "}" }'
}
large 'check E1 leads_to LAST;' >refuted.fsm
try "a large machine without progress" refuted.fsm 1
large 'check always_reachable LAST;' >large.fsm
try "a large machine" large.fsm 0

echo "$runs runs"
exit $failed
