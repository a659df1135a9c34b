#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The outputs for the example are those in golden/, to the byte. UPDATE=1 records instead.
# Usage: check-golden.sh FSM_GEN
set -eu
fsm_gen=$1
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$here/good"

"$fsm_gen" --header "$work/gconn_fsm.h" --source "$work/gconn_fsm.c" --table "$work/gconn.md" \
    --dot "$work/gconn.dot" --tests "$work/gconn_tests.c" --promela "$work/gconn.pml" gconn.fsm
for way in handlers table; do
    "$fsm_gen" --dispatch $way --header "$work/h" --source "$work/gconn_fsm.$way.c" gconn.fsm
    sed -i "s|\"h\"|\"gconn_fsm.h\"|; s|gconn_fsm.$way.c|gconn_fsm.c|" "$work/gconn_fsm.$way.c"
done
rm "$work/h"
"$fsm_gen" --events-header "$work/gconn_events.h" gconn.fsm
if [ "${UPDATE:-0}" != 0 ]; then
    mkdir -p "$here/golden"
    cp "$work"/gconn* "$here/golden/"
fi
diff -u -r "$here/golden" "$work"

# The facts behind the example, which no golden file may change.
grep -q '^11 states, 18 events (6 of them timers), 198 cells: 62 handled, 1 deferred, 22 ignored, 56 unexpected, 57 unarmed.$' \
    "$work/gconn.md"
