#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# PROGRAM succeeds and prints what is recorded in FILE.expected. UPDATE=1 records instead.
# Usage: check-story.sh FILE.expected PROGRAM [ARGUMENT...]
set -u
expected=$1
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$@" >"$work/out" 2>&1
status=$?
[ "${UPDATE:-0}" = 0 ] || cp "$work/out" "$expected"
[ -s "$work/out" ] && diff -u "$expected" "$work/out" || exit 1
[ $status -eq 0 ] || { echo "exit status $status" && exit 1; }
