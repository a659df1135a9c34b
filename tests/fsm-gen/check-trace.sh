#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A machine that is traced, in each way to dispatch, writes the same trace, and the decoder prints what
# happened; a trace that is cut, changed or of another machine is refused.
# Usage: check-trace.sh FSM_GEN CC [more compilers]
set -u
fsm_gen=$1
shift
cc=$1
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 2
strict='-std=c11 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror'
failed=0

cat >gconn_int.h <<'C'
#include "gconn_fsm.h"
struct gconn {
    unsigned number;
    struct gconn_fsm fsm;
};
C
cat >main.c <<'C'
#include "gconn_int.h"
#include <stdio.h>
static uint32_t now_ms;
void gconn_on_trace(struct gconn *ctx, const struct gconn_trace_step *step)
{
    uint8_t record[GCONN_TRACE_BYTES];

    gconn_trace_pack(record, step, ctx->number, now_ms);
    (void)fwrite(record, 1, sizeof(record), stdout);
}
int main(void)
{
    struct gconn one = { .number = 1 }, other = { .number = 65535 };
    uint8_t head[GCONN_TRACE_BYTES];

    gconn_trace_head(head);
    (void)fwrite(head, 1, sizeof(head), stdout);
    gconn_init(&one);
    gconn_init(&other);
    now_ms = 16777000; /* the lower 24 bits turn round between two records */
    gconn_call_start(&one, NULL);
    gconn_connect(&one);
    gconn_tm_idle(&other);
    now_ms += 216;
    gconn_resolved(&one, NULL);
    gconn_tcp_up(&one);
    gconn_settings_rx(&one);
    now_ms -= 1;
    gconn_call_start(&one, NULL);
    gconn_goaway(&one, 0);
    for (int i = 0; i < 5; i++)
        gconn_connect(&one);
    gconn_calls_zero(&one);
    gconn_tcp_up(&other);
    gconn_close(&one);
    return 0;
}
C
cat >expected <<'TEXT'
16777000 1 IDLE CALL_START -> RESOLVING gconn.fsm:27
16777000 1 RESOLVING CONNECT ignored gconn.fsm:35
16777000 65535 IDLE idle not armed
16777216 1 RESOLVING RESOLVED -> CONNECTING gconn.fsm:44
16777216 1 CONNECTING TCP_UP -> HANDSHAKE gconn.fsm:49
16777216 1 HANDSHAKE SETTINGS_RX [else] -> QUIET gconn.fsm:55
16777215 1 QUIET CALL_START -> ACTIVE gconn.fsm:83
16777215 1 ACTIVE GOAWAY -> PEER_DRAIN gconn.fsm:64
16777215 1 PEER_DRAIN CONNECT deferred gconn.fsm:96
16777215 1 PEER_DRAIN CONNECT deferred gconn.fsm:96
16777215 1 PEER_DRAIN CONNECT deferred gconn.fsm:96
16777215 1 PEER_DRAIN CONNECT deferred gconn.fsm:96
16777215 1 PEER_DRAIN CONNECT deferred gconn.fsm:96
16777215 1 PEER_DRAIN CONNECT lost, no room
16777215 1 PEER_DRAIN CALLS_ZERO [else] -> IDLE gconn.fsm:101
16777215 1 IDLE CONNECT -> RESOLVING gconn.fsm:26
16777215 1 RESOLVING CONNECT ignored gconn.fsm:35
16777215 1 RESOLVING CONNECT ignored gconn.fsm:35
16777215 1 RESOLVING CONNECT ignored gconn.fsm:35
16777215 65535 IDLE TCP_UP unexpected gconn.fsm:29
16777215 1 RESOLVING CLOSE -> CLOSED gconn.fsm:37
TEXT
for way in switch handlers table; do
    mkdir $way
    "$fsm_gen" --trace --dispatch $way --header gconn_fsm.h --source $way/gconn_fsm.c \
        --stubs $way/stubs.c --trace-decoder decoder.c "$here/good/gconn.fsm" || exit 1
    sed '/^void gconn_on_trace/,/^}/d' $way/stubs.c >$way/actions.c
    for each in "$@"; do
        # shellcheck disable=SC2086 # a list of options
        "$each" $strict -I . main.c $way/gconn_fsm.c $way/actions.c -o $way/program &&
            "$each" $strict decoder.c -o decoder || { failed=1 && continue; }
        $way/program >$way/trace
        cmp switch/trace $way/trace || failed=1
        ./decoder $way/trace >text || failed=1
        diff -u expected text || failed=1
    done
done
./decoder <switch/trace | cmp - text || failed=1

refuse() { # STATUS WHAT MESSAGE
    ./decoder trace >out 2>err
    got=$?
    [ $got -eq "$1" ] && grep -qF "$3" err || { echo "not refused: $2 ($got)" && cat err && failed=1; }
}

change() { # BYTE OCTAL
    cp switch/trace trace
    printf "\\$2" | dd of=trace bs=1 seek="$1" conv=notrunc 2>/dev/null
}

rm -f trace
refuse 2 "no file" "trace: No such file"
: >trace
refuse 1 "nothing" "trace: byte 0: this is no trace of a machine"
head -c 21 switch/trace >trace
refuse 1 "a record cut off" "trace: byte 16: the trace ends in the middle of a record"
[ "$(wc -l <out)" -eq 1 ] || { echo "what is whole is not printed" && failed=1; }
change 0 130
refuse 1 "another file" "trace: byte 0: this is no trace of a machine"
change 4 000
refuse 1 "another version" "trace: byte 4: this is a trace of another machine, or of another version of grpc_conn"
change 15 377
refuse 1 "bits that mean nothing" "trace: byte 8: this is no record"
change 14 377
refuse 1 "a branch that is none" "trace: byte 8: there is no such branch"
what() { # OCTAL OCTAL OCTAL: the last three bytes of the first record
    cp switch/trace trace
    printf "\\$1\\$2\\$3" | dd of=trace bs=1 seek=13 conv=notrunc 2>/dev/null
}
what 000 010 000 # state 0, event 2
refuse 1 "a branch that is not named" "trace: byte 8: this event has branches here, and none is named"
what 013 000 000 # state 11
refuse 1 "a state that is none" "trace: byte 8: there is no such state"
what 000 110 000 # event 18
refuse 1 "an event that is none" "trace: byte 8: there is no such event"
what 000 000 060
refuse 1 "a branch that was lost" "trace: byte 8: this is no record"

# The fingerprint follows what numbers mean, not the text.
sed 's|//.*||; s/  */ /g' "$here/good/gconn.fsm" >same.fsm
"$fsm_gen" --trace --header same.h same.fsm || failed=1
sed 's/RESOLVE_FAIL/RESOLVE_LOST/g' "$here/good/gconn.fsm" >other.fsm
"$fsm_gen" --trace --header other.h other.fsm || failed=1
head_of() {
    sed -n "s/.*head\[GCONN_TRACE_BYTES\] = //p" "$1"
}
[ -n "$(head_of same.h)" ] && [ "$(head_of same.h)" = "$(head_of gconn_fsm.h)" ] || failed=1
[ "$(head_of other.h)" != "$(head_of gconn_fsm.h)" ] || { echo "another machine, the same head" && failed=1; }

# What is not asked for is not there.
"$fsm_gen" --header plain.h --source plain.c "$here/good/gconn.fsm" || failed=1
! grep -q trace_ plain.h plain.c || { echo "a trace that was not asked for" && failed=1; }
exit $failed
