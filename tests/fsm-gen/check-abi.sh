#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# --abi: names keep their numbers, new ones may follow, and --abi-break begins anew.
# Usage: check-abi.sh FSM_GEN
set -u
fsm_gen=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 2
failed=0

complain() {
    echo "$*"
    cat err
    failed=1
}

machine() { # EVENTS STATES TIMERS VALUES: the names, in their order
    {
        echo 'machine m { prefix m; context "struct m"; include "m.h";'
        echo "event user {"
        for event in $1; do echo "  $event;"; done
        echo "}"
        for timer in $3; do echo "timer $timer;"; done
        echo "initial ${2%% *};"
        for state in $2; do
            next=$(echo "$2 $2" | sed "s/.*$state \([A-Z]*\).*/\1/")
            echo "state $state { arm $(echo "$3" | tr ' ' ','); on $(echo "$3" | tr ' ' ',') -> $next;"
            echo "ignore $(echo "$1" | tr ' ' ','); }"
        done
        echo 'project p "enum p" {'
        for value in $4; do
            case $value in
            REST) echo "REST = $(echo "${2#* }" | tr ' ' ',');" ;;
            *) echo "$value = ${2%% *};" ;;
            esac
        done
        echo '} }'
    } >m.fsm
}

expect() { # STATUS WHAT [options]
    wanted=$1 what=$2
    shift 2
    cp abi before 2>/dev/null
    "$fsm_gen" --abi abi --header m.h "$@" m.fsm >out 2>err
    got=$?
    [ $got -eq "$wanted" ] || complain "exit status $got instead of $wanted: $what"
    if [ "$wanted" -ne 0 ] && [ -e before ]; then
        cmp -s abi before || complain "the file was changed in spite of an error: $what"
    fi
}

says() {
    grep -qF -- "$1" err || complain "not said: $1"
}

machine "GO STOP" "A B" "t" "IDLE REST"
expect 0 "the first time"
cat >wanted <<'END'
# Numbers of the machine m, kept by fsm-gen --abi.
0 state A
1 state B
0 event GO
1 event STOP
0 timer t
0 value of p IDLE
1 value of p REST
END
diff wanted abi || complain "the file is another one"
touch -d '2001-01-01' abi
expect 0 "the same again"
[ -z "$(find abi -newermt '2002-01-01')" ] || complain "an unchanged file was touched"

machine "GO STOP MORE" "A B C" "t u" "IDLE REST"
expect 0 "names behind the others"
grep -qx '2 event MORE' abi && grep -qx '2 state C' abi && grep -qx '1 timer u' abi ||
    complain "the new names are not kept"

machine "GO MORE STOP" "A B C" "t u" "IDLE REST"
expect 1 "events in another order"
says "m.fsm:4:3: error: event 'MORE' has number 2 in abi, and would become 1 [E21]"
says "m.fsm:5:3: error: event 'STOP' has number 1 in abi, and would become 2 [E21]"
machine "GO STOP MORE" "A C" "t u" "IDLE REST"
expect 1 "a state less"
says "error: state 'B', number 1 in abi, is gone [E21]"
says "error: state 'C' has number 2 in abi, and would become 1 [E21]"
machine "GO STOP MORE" "A B C" "u t" "IDLE REST"
expect 1 "timers in another order"
says "error: timer 'u' has number 1 in abi, and would become 0 [E21]"
machine "GO STOP MORE" "A B C" "t u" "REST IDLE"
expect 1 "public values in another order"
says "error: value of p 'REST' has number 1 in abi, and would become 0 [E21]"
expect 0 "on purpose" --abi-break
expect 0 "and from then on"
machine "GO STOP MORE" "A B C" "t u" "IDLE REST"
expect 1 "not back again" --diagnostics=json
says '"code":"E21","flag":null'

for line in 'rubbish' '1' '1 state' 'x state A' '-1 state A' '1  '; do
    echo "$line" >abi
    expect 2 "a file that is none: $line"
    says "this is not a file of --abi"
done
echo 'machine m { x' >m.fsm
expect 1 "a specification that cannot be read"
machine "GO STOP MORE" "A B C" "t u" "IDLE REST"
: >abi
expect 0 "an empty file"
"$fsm_gen" --abi-break m.fsm 2>err && complain "--abi-break without --abi"
"$fsm_gen" --abi no/such/dir/abi m.fsm 2>err
[ $? -eq 2 ] || complain "a file that cannot be written"
exit $failed
