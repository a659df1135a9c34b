#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Over TLS a case passes with the right authority and name, and fails with a wrong one of either, or when only
# one side speaks TLS.  Usage: check-tls.sh KIND DIR CLIENT
set -u
. "$(dirname "$0")/with-server.sh"
client=$3
start_server "$1" "$2" tls
"$here/make-certificates.sh" "$work/strangers" || exit
failed=0

expect() { # STATUS TEXT FLAG...
    local status=$1 text=$2 said got
    shift 2
    said=$(timeout 60 "$client" --server_port="$port" --test_case=empty_unary "$@" 2>&1)
    got=$?
    if [ $got -ne "$status" ] || [[ "$said" != *"$text"* ]]; then
        echo "$*: exit status $got, not $status, or without \"$text\": $said"
        failed=1
    fi
}

expect 0 'passed' --use_tls --use_test_ca --ca_file="$ca"
expect 0 'passed' --use_tls --ca_file="$ca" --server_host_override=bar.test.google.fr
expect 1 'UNAVAILABLE' --use_tls --ca_file="$ca" --server_host_override=test.example.org
expect 1 'UNAVAILABLE' --use_tls --ca_file="$ca" # the name is then 127.0.0.1
expect 1 'UNAVAILABLE' --use_tls --use_test_ca --ca_file="$work/strangers/ca.pem"
expect 1 'UNAVAILABLE' --use_tls --use_test_ca --ca_file="$work/not-there.pem"
expect 1 'UNAVAILABLE' --use_tls=false
exit $failed
