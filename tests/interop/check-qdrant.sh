#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The stand-in for Qdrant does what another client expects of it, and the example finds in it what there is
# to be found.  Usage: check-qdrant.sh DIR PROGRAM
set -eu
. "$(dirname "$0")/with-server.sh"
start_server qdrant "$1"
timeout 30 node "$here/check_qdrant.js" "$port" || { cat "$work/log" && exit 1; }

cat >"$work/expected" <<'TEXT'
created songs
stored 4 points; the loud and fast ones are
  0.979  4  Ten Thousand Sockets
  0.970  1  Engine at Dawn
dropped songs
TEXT
for _ in 1 2; do # the second time shows that the collection is gone
    timeout 60 "$2" "127.0.0.1:$port" >"$work/said" 2>&1 || { cat "$work/said" "$work/log" && exit 1; }
    diff "$work/expected" "$work/said"
done
