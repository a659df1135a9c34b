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
  - disarm backoff, -> IDLE, tell connectivity
  + disarm backoff, -> RESOLVING, arm connect_deadline, start_resolve, tell connectivity
backoff in BACKOFF when has_queued
  - disarm backoff, -> RESOLVING, arm connect_deadline, start_resolve, tell connectivity
  + disarm backoff, -> IDLE, tell connectivity
END
expect 1 "quite another machine" diff "$here/machines/begin.fsm" "$here/machines/unqueued.fsm"
says out "- state TWO"
says out "+ event GO"
expect 2 "one machine" diff "$here/good/gconn.fsm"
expect 2 "three machines" diff "$here/good/gconn.fsm" same.fsm other.fsm
exit $failed
