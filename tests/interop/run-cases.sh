#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs every case of isa-interop-client against one server and says how each ended, in the words that
# count-tests.awk counts. A case that cannot be run is skipped where known.txt says so, and fails elsewhere.
# Usage: run-cases.sh KIND DIR plain|tls CLIENT [CASE...]
set -u
. "$(dirname "$0")/with-server.sh"
kind=$1 mode=$3 client=$4
start_server "$kind" "$2" "$mode"
shift 4

flags=(--server_host=127.0.0.1 --server_port="$port" --soak_per_iteration_max_acceptable_latency_ms=10000)
[ "$mode" = plain ] || flags+=(--use_tls --use_test_ca --ca_file="$ca" --server_host_override=foo.test.google.fr)
[ -z "$retry_port" ] || flags+=(--server_retry_port="$retry_port")
[ $# -gt 0 ] || set -- $("$client" --list_test_cases)

is_known() { # CASE: it cannot be run against this server
    grep -qE "^$kind:.* $1( |$)" "$here/known.txt"
}

passed=0 failed=0
for name in "$@"; do
    said=$(timeout 170 "$client" "${flags[@]}" --test_case="$name" 2>&1)
    status=$?
    if [ $status -eq 0 ] && ! is_known "$name"; then
        passed=$((passed + 1))
        echo "[PASS] $kind $mode $said"
    elif [ $status -eq 3 ] && is_known "$name"; then
        echo "[SKIP] $kind $mode $said"
    else
        failed=$((failed + 1))
        echo "[FAIL] $kind $mode $name: exit status $status: $said"
    fi
done
[ $failed -eq 0 ] || { echo "the server said:" && cat "$work/log"; }
echo "Synthesis: Tested: $((passed + failed)) | Passing: $passed | Failing: $failed | Crashing: 0"
[ $failed -eq 0 ]
