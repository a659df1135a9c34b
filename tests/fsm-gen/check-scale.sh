#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A machine of 256 states by 256 events is checked and written within 100 MB of address space and 5
# seconds of processor time (both limits are the kernel's, so that a busy computer does not matter).
# Usage: check-scale.sh FSM_GEN
set -u
fsm_gen=$1
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 2
failed=0

# A sanitizer reserves more addresses than that.
memory=102400
(ulimit -v $memory && "$fsm_gen" --version) >/dev/null 2>&1 || memory=unlimited

limited() {
    (ulimit -v $memory && ulimit -t 5 && "$fsm_gen" "$@" 2>err)
    status=$?
    if [ $status -ne 0 ] || [ -s err ]; then
        echo "exit status $status: $*"
        head -n 5 err
        failed=1
    fi
}

awk -v states=256 -v events=256 -f "$here/large.awk" >large.fsm
limited large.fsm
(ulimit -v $memory && ulimit -t 5 && "$fsm_gen" -Wequivalent large.fsm 2>err) &&
    grep -q "state 'S2' behaves like 'S0'" err || { echo "twins are not found" && failed=1; }
limited --header large_fsm.h --source large_fsm.c --table large.md --dot large.dot \
    --depfile large.d large.fsm
grep -q '^256 states, 256 events (2 of them timers), 65536 cells' large.md ||
    { echo "the machine is another one" && failed=1; }
[ "$(wc -c <large_fsm.c)" -lt 30000000 ] || { echo "the C is too long" && failed=1; }
echo "address space: $memory KB, $(wc -c <large_fsm.c) bytes of C"
exit $failed
