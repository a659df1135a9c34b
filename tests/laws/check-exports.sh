#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The library offers what src/exports.txt lists: no more, no less.
# Usage: check-exports.sh EXPORTS_FILE SHARED_LIBRARY
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LC_ALL=C

grep '^[A-Za-z_]' "$1" >"$work/listed"
if ! sort -u -c "$work/listed"; then
    echo "$1 is not sorted, or names a symbol twice"
    exit 1
fi
# Absolute symbols are version names.
nm -D --defined-only "$2" | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' | sort >"$work/offered"
comm -23 "$work/listed" "$work/offered" | sed 's/^/listed, but not exported: /' >"$work/report"
comm -13 "$work/listed" "$work/offered" | sed 's/^/exported, but not listed: /' >>"$work/report"
cat "$work/report"
[ -s "$work/offered" ] && [ ! -s "$work/report" ]
