#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs tests under valgrind: memory that was never written, or given back, or is lost for good. All unit
# tests of the library's rooms, and a selection against real servers; fsm-gen is AddressSanitizer's.
# Ends with `N passed, N failed, N skipped`, counting programs. Output of a failure is shown.
# Usage: valgrind.sh BUILD_DIR [PROGRAM...]     (a folder of its own; it is configured and built)
set -u
[ $# -ge 1 ] || { echo "usage: $0 BUILD_DIR [PROGRAM...]" >&2; exit 2; }
cd "$(dirname "$0")/../.." || exit 2
build=$1
shift
command -v valgrind >/dev/null || { echo "SKIPPED: there is no valgrind"; exit 77; }
jobs=${JOBS:-$(nproc)}
launcher=$(command -v ccache) && launcher=-DCMAKE_C_COMPILER_LAUNCHER=$launcher
# shellcheck disable=SC2086 # an option or nothing
cmake -S . -B "$build" -DCMAKE_BUILD_TYPE=RelWithDebInfo -DISA_BUILD_TESTS=ON -DISA_FORK_RUNNER=ON \
    $launcher --log-level=NOTICE >/dev/null || exit 1
# What has bounds of time, or counts all memory of the process, is left out.
programs=${*:-$(ls tests/base/test_*.c tests/fsm/test_*.c tests/transport/test_*.c tests/pool/test_*.c \
    tests/live/test_cancel.c tests/live/test_close.c tests/live/test_connect.c tests/live/test_drain.c \
    tests/live/test_loop.c tests/live/test_reconnect.c tests/live/test_shutdown.c \
    tests/live/test_unary.c tests/live/test_unsent.c |
    sed 's,^tests/\([^/]*\)/test_\(.*\)\.c$,test_\1_\2,')}
# shellcheck disable=SC2086 # a list of words
cmake --build "$build" --parallel "$jobs" --target $programs >/dev/null || exit 1

logs=$build/valgrind
rm -rf "$logs" && mkdir -p "$logs"
# Core keeps a few things for the life of a process; what is lost for good is a finding.
echo "$programs" | tr ' ' '\n' | xargs -P "$jobs" -I NAME sh -c '
    timeout 600 valgrind --quiet --error-exitcode=9 --leak-check=full --errors-for-leak-kinds=definite \
        --show-leak-kinds=definite --log-file="$2/NAME.%p.valgrind" "$1/bin/NAME" >"$2/NAME.out" 2>&1
    echo $? >"$2/NAME.status"' sh "$build" "$logs"

passed=0 failed=0
for program in $programs; do
    status=$(cat "$logs/$program.status")
    findings=$(cat "$logs/$program".*.valgrind)
    if [ -z "$findings" ] && [ "$status" -le 1 ]; then
        passed=$((passed + 1))
        [ "$status" = 0 ] || echo "$program: no finding; but some tests missed bounds of time, as valgrind is slow"
    else
        failed=$((failed + 1))
        echo "=== $program: exit status $status"
        grep -vE '^\[(PASS|RUN )' "$logs/$program.out"
        echo "$findings" | head -n 60
    fi
done
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]
