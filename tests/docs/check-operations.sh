#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# OPERATIONS.md has a line for each reason, and for no other.  Usage: check-operations.sh SOURCE_DIR
set -u
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
sed -n 's/^ *X([A-Z_]*, "\([a-z_]*\)", .*/\1/p' "$1/include/isa/state.h" | sort >"$work/reasons"
sed -n 's/^| \([a-z_]*\) | .*/\1/p' "$1/docs/OPERATIONS.md" | grep -vx reason | sort >"$work/lines"
[ -s "$work/reasons" ] && diff -u "$work/reasons" "$work/lines"
