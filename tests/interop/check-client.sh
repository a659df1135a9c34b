#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# isa-interop-client says what is wrong with its command line, and what is wrong with a server that is
# not there.  Usage: check-client.sh CLIENT
set -u
client=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

expect() { # STATUS TEXT FLAG...
    status=$1 text=$2
    shift 2
    timeout 60 "$client" "$@" >"$work/said" 2>&1
    got=$?
    if [ $got -ne "$status" ] || ! grep -qF -e "$text" "$work/said"; then
        echo "isa-interop-client $*: exit status $got, not $status, or without \"$text\":"
        cat "$work/said"
        failed=1
    fi
}

expect 0 'Usage: isa-interop-client' --help
expect 0 'concurrent_large_unary' --list_test_cases
expect 2 'no case "pong"' --server_port=1 --test_case=pong
expect 2 '  ping_pong' --server_port=1 --test_case=pong
expect 2 '--test_case is missing' --server_port=1
expect 2 '--server_port is missing' --test_case=ping_pong
expect 2 'not a number from 1 to 65535: 65536' --server_port=65536 --test_case=ping_pong
expect 2 'not a number from 1 to 65535: -1' --server_port=-1 --test_case=ping_pong
expect 2 'not a number from 1 to 65535: 80x' --server_port=80x --test_case=ping_pong
expect 2 "'--frobnicate'" --frobnicate
expect 2 'not a flag: ping_pong' --server_port=1 ping_pong
expect 2 'neither true nor false: maybe' --use_tls=maybe
expect 2 '--use_test_ca needs --ca_file' --server_port=1 --test_case=ping_pong --use_tls --use_test_ca
expect 2 'need --use_tls' --server_port=1 --test_case=ping_pong --ca_file=ca.pem
# Nothing listens on port 1 of a machine that runs tests.
expect 1 'empty_unary: FAILED: the call ended with UNAVAILABLE' --server_port=1 --test_case=empty_unary
expect 3 'cacheable_unary: cannot be run' --server_port=1 --test_case=cacheable_unary
expect 1 'FAILED' --server_host=::1 --server_port=1 --test_case=server_streaming
exit $failed
