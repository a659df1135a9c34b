#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The examples of streams, against a server on @grpc/grpc-js.
# Usage: check-streams.sh DIR STREAM_SERVER STREAM_CLIENT STREAM_BOTH
set -eu
. "$(dirname "$0")/with-server.sh"
start_server logbook "$1"

expect() { # PROGRAM, and what it has to say on standard input
    cat >"$work/expected"
    timeout 60 "$1" "127.0.0.1:$port" >"$work/said" 2>&1 ||
        { echo "$1: exit status $?" && cat "$work/said" "$work/log" && exit 1; }
    diff "$work/expected" "$work/said"
}

expect "$2" <<'TEXT'
net: address acquired
disk: half full
net: first packet
TEXT
expect "$3" <<'TEXT'
100000 lines kept, 1200000 bytes; the queue was full at times
TEXT
expect "$4" <<'TEXT'
net: link up
net: address acquired
disk: mounted
disk: half full
TEXT
