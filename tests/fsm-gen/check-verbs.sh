#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# run and diff: what they print, and their exit status. Usage: check-verbs.sh FSM_GEN
set -u
fsm_gen=$1
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 2
failed=0

expect() { # STATUS WHAT ARGUMENTS...
    wanted=$1 what=$2
    shift 2
    "$fsm_gen" "$@" >out 2>err <script
    got=$?
    [ $got -eq "$wanted" ] || { echo "exit status $got, not $wanted: $what" && cat out err && failed=1; }
}

prints() { # the whole of the output, on standard input
    diff -u - out || failed=1
}

says() { # FILE TEXT
    grep -qF -- "$2" "$1" || { echo "$1 does not say: $2" && cat "$1" && failed=1; }
}

cat >script <<'END'
CALL_START   # a comment
guard has_queued=1
RESOLVED
TCP_UP
  SETTINGS_RX

GOAWAY
CONNECT
CALLS_ZERO
state
END
expect 0 "a conversation" run "$here/good/gconn.fsm"
prints <<'END'
state IDLE
CALL_START in IDLE
  queue_call
  -> RESOLVING
  arm connect_deadline
  start_resolve
  tell connectivity
state RESOLVING, armed connect_deadline
RESOLVED in RESOLVING
  save_addr
  -> CONNECTING
  start_connect
state CONNECTING, armed connect_deadline
TCP_UP in CONNECTING
  -> HANDSHAKE
  send_preface
state HANDSHAKE, armed connect_deadline
SETTINGS_RX in HANDSHAKE
  disarm connect_deadline
  reset_attempts
  flush_queue
  -> ACTIVE
  arm keepalive
  tell connectivity
state ACTIVE, armed keepalive
GOAWAY in ACTIVE
  disarm keepalive
  note_goaway
  -> PEER_DRAIN
  arm drain_deadline
  tell connectivity
state PEER_DRAIN, armed drain_deadline
CONNECT in PEER_DRAIN
  deferred
state PEER_DRAIN, armed drain_deadline, kept CONNECT
CALLS_ZERO in PEER_DRAIN
  disarm drain_deadline
  abort_io
  -> RESOLVING
  arm connect_deadline
  start_resolve
  tell connectivity
CONNECT in RESOLVING
  ignored
state RESOLVING, armed connect_deadline
state RESOLVING, armed connect_deadline
END
cp script talk
expect 0 "the same from a file" run "$here/good/gconn.fsm" talk
echo TCP_UP >script
expect 1 "an unexpected event" run "$here/good/gconn.fsm"
says out "  unexpected"
echo keepalive >script
expect 1 "a timer that does not run" run "$here/good/gconn.fsm"
echo CONECT >script
expect 2 "no event" run "$here/good/gconn.fsm"
says err "line 1: no event 'CONECT'; did you mean 'CONNECT'?"
echo 'guard has_queue=1' >script
expect 2 "no guard" run "$here/good/gconn.fsm"
says err "did you mean 'has_queued'?"
echo 'guard has_queued' >script
expect 2 "no value" run "$here/good/gconn.fsm"
: >script
expect 0 "nothing" run "$here/machines/begin.fsm"
says out "arm outer"
expect 2 "no such script" run "$here/good/gconn.fsm" missing.txt
says err "missing.txt"
expect 2 "no machine" run
expect 1 "a wrong machine" run "$here/faulty/e03_one.fsm"

# A typo ends nothing, and help says what there is.
printf 'CONECT\nhelp\nCONNECT\n' >script
expect 2 "a typo, and on" run "$here/good/gconn.fsm"
says out "events: CONNECT CLOSE"
says out "timers: connect_deadline"
says out "guards: has_queued"
says out "CONNECT in IDLE"

# Posted events, choices, restarted timers; a timer that has fired runs no longer.
printf 'guard a=1\nOPEN\nDATA\nhold\n' >script
expect 0 "what a transition does" run "$here/machines/flow.fsm"
says out "  post CHECKED"
says out "AGAIN in BUSY"
says out "state BUSY, armed hold tick"
says out "  -> OFF"
printf 'machine m {\n prefix m; context "struct m"; include "m.h";\n event user { GO; }\n timer t, u;\n initial A;\n resting state A { on GO -> B; }\n state B { arm t, u; on t / a; on u, GO -> A; }\n action a;\n}\n' >once.fsm
printf 'GO\nt\n' >script
expect 0 "a timer that fires once" run once.fsm
says out "state B, armed u"

# Bounds of what is kept, and turns that are kept.
printf 'JOB\nNOTE\nJOB\nJOB\nJOB\n' >script
expect 1 "more than can be kept" run "$here/machines/keep.fsm"
says out "kept JOB NOTE JOB JOB"
says out "  lost: no room to keep it"

expect 0 "a machine and itself" diff "$here/good/gconn.fsm" "$here/good/gconn.fsm"
prints </dev/null
sed 's/^ *\/\/.*//; s/  */ /g' "$here/good/gconn.fsm" >same.fsm
expect 0 "another text of the same machine" diff "$here/good/gconn.fsm" same.fsm
sed 's|on TCP_UP  *-> HANDSHAKE|on TCP_UP / count_attempt -> HANDSHAKE|; s|\[has_queued\]  *-> ESTABLISHING|[!has_queued] -> ESTABLISHING|' \
    "$here/good/gconn.fsm" >other.fsm
expect 1 "another machine" diff "$here/good/gconn.fsm" other.fsm
prints <<'END'
TCP_UP in CONNECTING
  - -> HANDSHAKE, send_preface
  + count_attempt, -> HANDSHAKE, send_preface
backoff in BACKOFF when not has_queued
  - disarm backoff, -> IDLE, tell connectivity IDLE
  + disarm backoff, -> RESOLVING, arm connect_deadline, start_resolve, tell connectivity CONNECTING
backoff in BACKOFF when has_queued
  - disarm backoff, -> RESOLVING, arm connect_deadline, start_resolve, tell connectivity CONNECTING
  + disarm backoff, -> IDLE, tell connectivity IDLE
END
# Not in the table, and yet another machine in C.
differs() { # SCRIPT TEXT
    sed "$1" "$here/machines/keep.fsm" >other.fsm
    cmp -s other.fsm "$here/machines/keep.fsm" && echo "no change: $1" && failed=1
    expect 1 "$2" -Wno-unused diff "$here/machines/keep.fsm" other.fsm
    says out "$2"
}
differs 's/max 3/max 2/' "most deferred of JOB"
differs 's/"int"/"long"/g' "payload of JOB"
differs 's/^  event/  queue 9;\n  event/' "queue"
differs 's/prefix keep/prefix kept/' "prefix"
sed 's/event user { OPEN; DATA "int"; ASK "int"; CLOSE; }/event user { DATA "int"; OPEN; ASK "int"; CLOSE; }/' \
    "$here/machines/flow.fsm" >other.fsm
expect 1 "another order" diff "$here/machines/flow.fsm" other.fsm
says out "number of OPEN"
expect 1 "quite another machine" diff "$here/machines/begin.fsm" "$here/machines/unqueued.fsm"
says out "- state TWO"
says out "+ event GO"

# What else two machines may differ in: the start, the public value, guards that are too many.
sed 's/entry . enter_inner;//' "$here/machines/begin.fsm" >other.fsm
expect 1 "another start" -Wno-unused diff "$here/machines/begin.fsm" other.fsm
says out "  + ONE, arm outer, arm inner, enter_outer"
sed 's/^    READY  .*/    READY = READY, BACKOFF;/; s/^    TRANSIENT_FAILURE = .*/    TRANSIENT_FAILURE = CONNECTING;/
    s/^    CONNECTING  .*/    CONNECTING = RESOLVING, HANDSHAKE;/; /^    allow/d' \
    "$here/good/gconn.fsm" |
    sed 's/^    SHUTDOWN .*/&allow IDLE -> CONNECTING, READY, TRANSIENT_FAILURE, SHUTDOWN;\
        allow CONNECTING -> IDLE, READY, TRANSIENT_FAILURE, SHUTDOWN;\
        allow READY -> IDLE, CONNECTING, TRANSIENT_FAILURE, SHUTDOWN;\
        allow TRANSIENT_FAILURE -> IDLE, CONNECTING, READY, SHUTDOWN;/' >other.fsm
expect 1 "other public values" -Wno-unused diff "$here/good/gconn.fsm" other.fsm
says out "  + -> HANDSHAKE, send_preface, tell connectivity CONNECTING"

# Many guards in many cells are compared soon, and a flood of differences is cut short.
many() { # GUARDS TWO ACTIONS
    awk -v prefix="$1" -v yes="$2" -v no="$3" 'BEGIN {
        print "machine m { prefix m; context \"struct m\"; include \"m.h\"; action a, b; event user {"
        for (e = 0; e < 1000; e++) print "E" e ";"
        for (g = 0; g < 12; g++) { list = list ", " prefix g; all = all " && " prefix g }
        sub(/, /, "", list); sub(/ && /, "", all)
        print "} guard " list "; initial S0; resting state P { initial S0; on E1"
        for (e = 2; e < 1000; e++) print ", E" e
        print " { [" all "] / " yes "; [else] / " no "; }"
        for (s = 0; s < 29; s++) print "resting state S" s " { on E0 -> S" (s + 1) % 29 "; }"
        print "} }" }'
}
many g a b >many.fsm
many g b a >turned.fsm
many h a b >renamed.fsm
(ulimit -t 20 && "$fsm_gen" diff many.fsm many.fsm) || { echo "not the same: many.fsm" && failed=1; }
(ulimit -t 40 && "$fsm_gen" diff many.fsm turned.fsm >out)
says out "E1 in S0: more outcomes of its guards differ"
[ "$(wc -c <out)" -lt 100000000 ] || { echo "a flood" && failed=1; }
expect 1 "24 guards" diff many.fsm renamed.fsm
says out "E1 in S0: other guards; 24 together are too many to compare"

# A long script needs no more memory than a short one; a long line is refused, not cut in two.
awk 'BEGIN { for (i = 0; i < 300000; i++) print i % 2 ? "GO" : "BACK" }' >script
echo 'machine m { prefix m; context "struct m"; include "m.h"; event user { GO; BACK; } action a;
    initial A; resting state A { on GO / a -> B; on BACK -> B; }
    resting state B { on GO -> A; on BACK / a -> A; } }' >short.fsm
memory=102400
(ulimit -v $memory && "$fsm_gen" --version) >/dev/null 2>&1 || memory=unlimited # a sanitizer
(ulimit -v $memory && "$fsm_gen" run short.fsm script >out) || { echo "a long script" && failed=1; }
[ "$(wc -l <out)" -eq 900001 ] || { echo "not all of a long script" && failed=1; }
awk 'BEGIN { printf "GO # "; for (i = 0; i < 600; i++) printf "x"; print "" }' >script
expect 2 "a long line" run short.fsm
says err "fsm-gen: line 1 is longer than 510 characters"

expect 2 "one machine" diff "$here/good/gconn.fsm"
expect 2 "three machines" diff "$here/good/gconn.fsm" same.fsm other.fsm
exit $failed
