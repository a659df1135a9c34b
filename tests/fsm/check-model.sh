#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Spin's judgement of connection.fsm: CLOSE and FORCE_CLOSE lead to CLOSED, there are never two
# channels, calls start on one, the end leaves none, and no state waits for ever. Then the same of
# machines with a mistake, which Spin must find. Usage: check-model.sh FSM_GEN SOURCE_DIR
set -u
fsm_gen=$1 root=$2
here=$root/tests/fsm
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 2
. "$root/tests/fsm-gen/spin.sh"
failed=0

# The claim that a state is left, or its timer fires, unless the specification lets it rest.
waits() { # SPEC
    "$fsm_gen" -Wno-deadline -Wno-dead-transition -Wno-unused --json machine.json "$1" || exit 2
    sed -n 's/.*"name": "\([A-Z_]*\)".*"final": false, "resting": false.*/\1/p' machine.json |
        awk '{ printf "%s[] ((st == ST_%s && !fired) -> <> (st != ST_%s || fired))",
               NR == 1 ? "ltl no_state_waits { " : " && ", $1, $1 }
             END { print NR ? " }" : "" }'
}

build_model "$root/src/fsm/connection.fsm" "$here/channel.pml"
waits "$root/src/fsm/connection.fsm" >>model.pml
prepare_model
for claim in assertions leads_to_1 leads_to_2 no_state_waits; do
    if ask $claim; then
        echo "$claim: $(sed -n 's/^ *\([0-9]*\) states, stored.*/\1/p' pan.out) states"
    else
        echo "does not hold: $claim"
        failed=1
    fi
done

# A mistake that fsm-gen's own checks would refuse is let through by leaving the checks out.
mistake() { # WHAT CLAIM SED-PROGRAM
    sed "$3; /^ *check /d" "$root/src/fsm/connection.fsm" >wrong.fsm
    if [ "$(diff "$root/src/fsm/connection.fsm" wrong.fsm | grep -c '^<')" -lt 4 ]; then
        echo "no mistake was made: $1"
        failed=1
    fi
    sed -n '/^ltl leads/p' machine.pml >claims
    "$fsm_gen" -Wno-deadline -Wno-dead-transition -Wno-unused --promela wrong.pml wrong.fsm || exit 2
    { cat "$here/channel.pml" wrong.pml claims && waits wrong.fsm; } >model.pml
    prepare_model
    if ask "$2"; then
        echo "not found: $1"
        failed=1
    fi
}

mistake "a deadline that is ignored" leads_to_1 \
    's|on drain_deadline, FORCE_CLOSE / abort .*|ignore drain_deadline; on FORCE_CLOSE / abort -> CLOSED;|'
mistake "a channel forgotten when its peer drains it" assertions \
    's|/ count_drain, retire|/ count_drain|'
mistake "calls started without a channel" assertions \
    's|on DIAL_FAILED / retire, fail_tried_waiters|on DIAL_FAILED / retire, release_waiters|'
mistake "a dial without a watchdog" no_state_waits '/arm watchdog;/d; /on watchdog/d'
exit $failed
