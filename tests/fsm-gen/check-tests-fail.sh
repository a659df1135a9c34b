#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The generated tests fail when the machine is not what its specification says: each change of the
# generated source is found. Usage: check-tests-fail.sh FSM_GEN CC FLAGS_OF_CRITERION...
set -u
fsm_gen=$1 cc=$2
shift 2
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 2
failed=0

cp "$here/gconn.h.in" gconn_with_fsm.h
echo '#include "gconn_with_fsm.h"' >gconn_int.h
"$fsm_gen" --dispatch table --header gconn_fsm.h --source gconn_fsm.c --tests tests.c "$here/good/gconn.fsm" || exit 2
"$cc" -std=c11 -I. -c tests.c "$@" -o tests.o || exit 2

change() { # WHAT SED-PROGRAM
    what=$1 program=$2
    shift 2
    sed "$program" gconn_fsm.c >changed.c
    if cmp -s gconn_fsm.c changed.c; then
        echo "this changes nothing: $what" && failed=1 && return
    fi
    "$cc" -std=c11 -I. changed.c tests.o "$@" -o changed || exit 2
    if ./changed >out 2>&1; then
        echo "not found: $what" && failed=1
    fi
}

"$cc" -std=c11 -I. gconn_fsm.c tests.o "$@" -o unchanged || exit 2
./unchanged >out 2>&1 || { cat out && exit 1; }
grep -q '^fsm grpc_conn: 68 of 68 reachable branches covered$' out || { cat out && failed=1; }

change "another next state" '0,/fsm_become(ctx, GCONN_ST_RESOLVING)/s//fsm_become(ctx, GCONN_ST_CONNECTING)/' "$@"
change "an action left out" '0,/gconn_act_abort_io(ctx);/s///' "$@"
change "a timer not stopped" '0,/gconn_disarm(ctx, GCONN_TIMER_KEEPALIVE);/s///' "$@"
change "a timer not started" '0,/gconn_arm(ctx, GCONN_TIMER_IDLE);/s///' "$@"
change "a guard turned round" '0,/if (gconn_grd_has_queued/s//if (!gconn_grd_has_queued/' "$@"
change "another result" '0,/return GCONN_FINAL/s//return GCONN_OK/' "$@"
change "a cell ignored" '0,/\[GCONN_ST_QUIET\] = 1,/s//[GCONN_ST_QUIET] = 2,/' "$@"
change "a change not told" '0,/gconn_on_connectivity(ctx.*;/s///' "$@"
change "a queue that turns round" 's/queue_head + fsm->queue_count) %/queue_head) %/' "$@"
change "what is kept is lost" 's/fsm->kept_count++;//' "$@"
change "the state set too early" 's/gconn_act_start_connect(ctx);/ctx->fsm.state = 0; &/' "$@"
exit $failed
