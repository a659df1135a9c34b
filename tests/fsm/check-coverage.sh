#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The tests by hand take every branch of the connection machine, and meet every other cell. Prints what
# they reach. Usage: check-coverage.sh FSM_GEN SOURCE_DIR PROGRAM
set -u
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# One process after the other: they all append to one file.
FSM_COVERAGE=$work/hits "$3" --jobs 1 >"$work/log" 2>&1 || { cat "$work/log" && exit 1; }
"$1" --coverage "$work/hits" --report "$work/report" "$2/src/fsm/connection.fsm" || exit 1
grep -E '^(coverage|never taken)' "$work/report"
! grep -q '^never taken' "$work/report" && grep -qE '^coverage, other cells.* ([0-9]+) of \1$' "$work/report"
