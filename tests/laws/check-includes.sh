#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Enforces the rooms' arrows (docs/STYLE.md section 8). Usage: check-includes.sh SOURCE_DIR
# bench/ is left out: it measures grpc-core itself beside us. So is what a generator wrote.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "$1"
directories=
for directory in include src tools examples demo tests; do
    [ ! -d "$directory" ] || directories="$directories $directory"
done
# shellcheck disable=SC2086 # a list of words
find $directories -type f ! -path '*/golden/*' ! -path '*/exports/*' \( -name '*.[chly]' -o -name '*.cc' -o -name '*.cpp' -o -name '*.hpp' \) \
    -exec awk -f "$here/includes.awk" {} +
