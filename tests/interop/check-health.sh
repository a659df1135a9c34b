#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# isa-watch --service and the example of a watch, against the health service of @grpc/grpc-js.
# Usage: check-health.sh DIR ISA_WATCH EXAMPLE
set -eu
. "$(dirname "$0")/with-server.sh"
start_server health "$1"

expect() { # STATUS SERVICE TIMEOUT
    status=0
    timeout 60 "$watch" --until-ready --timeout "$3" --service "$2" "127.0.0.1:$port" >"$work/said" 2>&1 || status=$?
    [ "$status" -eq "$1" ] || { echo "service '$2': exit status $status, not $1" && cat "$work/said" && exit 1; }
}

watch=$2
expect 0 "" 20s
expect 4 test 1s
expect 3 other 1s

timeout 60 "$3" "127.0.0.1:$port" test >"$work/said" 2>&1 &
example=$!
for _ in $(seq 400); do
    ! grep -q 'UNKNOWN -> NOT_SERVING' "$work/said" || break
    sleep 0.05
done
echo 'test SERVING' >&8
wait "$example" || { echo "the example: exit status $?" && cat "$work/said" && exit 1; }
grep -q 'NOT_SERVING -> SERVING' "$work/said" || { cat "$work/said" && exit 1; }
expect 0 test 20s
