#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Compares every C file with what clang-format would write; --fix writes it.
# Usage: format.sh [--fix]
set -eu
cd "$(dirname "$0")/../.."
mode='--dry-run --Werror'
[ "${1:-}" != --fix ] || mode=-i
directories=
for directory in include src tools examples demo tests bench; do
    [ ! -d "$directory" ] || directories="$directories $directory"
done
# Golden files are what a generator wrote, byte for byte.
# shellcheck disable=SC2086 # lists of words
find $directories -type f -name '*.[ch]' ! -path '*/golden/*' ! -path '*/exports/*' -print0 |
    xargs -0 -r clang-format --style=file $mode
