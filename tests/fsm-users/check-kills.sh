#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# docs/FSM_KILLS.md is what kill-table.sh writes today; Ragel's column only where Ragel is installed.
# Usage: check-kills.sh FSM_GEN SOURCE_DIR
set -u
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$2/tools/check/kill-table.sh" "$1" >"$work/today" || exit 1
columns=1-
command -v ragel >/dev/null || columns=1-3
sed 's/\\|/%/g' "$2/docs/FSM_KILLS.md" | cut -d '|' -f "$columns" >"$work/committed"
sed 's/\\|/%/g' "$work/today" | cut -d '|' -f "$columns" | diff -u "$work/committed" - ||
    { echo "write it anew: tools/check/kill-table.sh FSM_GEN >docs/FSM_KILLS.md" && exit 1; }
