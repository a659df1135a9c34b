#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A server answers a client of @grpc/grpc-js as the cases expect.
# Usage: check-servers.sh KIND DIR plain|tls
set -eu
. "$(dirname "$0")/with-server.sh"
"$here/install-packages.sh" "$2" || exit
start_server "$1" "$2" "$3"
extra=()
[ "$3" = plain ] || extra+=(--ca "$ca")
[ "$1" != grpc-js-compression ] || extra+=(--compression)
timeout 30 node "$here/check_servers.js" --proto "$proto" --port "$port" "${extra[@]}" ||
    { echo "the server said:" && cat "$work/log" && exit 1; }
