#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# docs/FAULTLAB.md lists the scenarios that the program has, and ctest has a test for each.
# Usage: check-docs.sh ISA_FAULTLAB FAULTLAB_MD SCENARIOS_OF_CTEST
set -eu
program=$1 page=$2 tests=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$program" --list >"$work/program"
awk '/^```text$/ { on = 1; next } /^```$/ { on = 0 } on' "$page" >"$work/page"
diff -u "$work/page" "$work/program" || {
    echo "$page: the list of scenarios is not what $program --list prints"
    exit 1
}
sed -n 's/^  \([a-z0-9-]*\) .*/\1/p' "$work/program" | sort >"$work/names"
echo "$tests" | tr ';' '\n' | sort >"$work/tests"
diff -u "$work/names" "$work/tests" || {
    echo "the scenarios are not those that ctest runs"
    exit 1
}
[ -s "$work/names" ]
