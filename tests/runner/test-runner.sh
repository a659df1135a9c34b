#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The fork runner gives the verdicts of verdicts.txt, and the counter of run-tests.sh sums them.
# Usage: test-runner.sh PROGRAM
set -u
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if "$1" >"$work/output" 2>&1; then
    echo "a run with failing tests ended with status 0"
    exit 1
fi
# In which order the linker lays the tests out is the compiler's business.
sort "$here/verdicts.txt" >"$work/expected"
grep -E '^\[(PASS|FAIL|SKIP|====)\]' "$work/output" | sort | diff "$work/expected" - || exit 1

{
    echo '<testcase name="verdicts" classname="verdicts" time="1" status="fail">'
    cat "$work/output"
    echo '</testcase>'
    echo '<testcase name="plain" classname="plain" time="1" status="run">'
} >"$work/report"
if awk -v ctest_status=0 -f "$here/../../tools/check/count-tests.awk" "$work/report" \
    >"$work/counted"; then
    echo "a report with failures was counted as good"
    exit 1
fi
echo '7 passed, 7 failed, 2 skipped' >"$work/expected"
tail -n 1 "$work/counted" | diff "$work/expected" -
