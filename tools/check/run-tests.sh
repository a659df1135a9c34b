#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs every test of a build directory, shows the output of those that fail, and ends with
# `N passed, N failed, N skipped`, counting single tests: a Criterion program counts as many as it
# ran, any other test as one. Exit status 1 if one failed, or if there was none to run.
# Usage: run-tests.sh BUILD_DIR [ctest options]
set -u
[ $# -ge 1 ] || { echo "usage: $0 BUILD_DIR [ctest options]" >&2; exit 2; }
build=$1
shift
report=$(mktemp)
trap 'rm -f "$report"' EXIT

ctest --test-dir "$build" --output-on-failure --no-tests=error --parallel "${JOBS:-$(nproc)}" \
    --test-output-size-passed 1000000 --test-output-size-failed 1000000 \
    --output-junit "$report" "$@" </dev/null
ctest_status=$?

awk -v ctest_status=$ctest_status -f "$(dirname "$0")/count-tests.awk" "$report"
