#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The header of events is all that a stranger needs to speak of a machine, and has nothing of its
# inside; the whole header includes it, so nothing is declared twice. Usage: check-events.sh FSM_GEN
# CC [more compilers]
set -u
fsm_gen=$1
shift
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 2
strict='-std=c11 -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror'
failed=0

mkdir public private
"$fsm_gen" --events-header public/begin_events.h --header private/begin_fsm.h \
    --source private/begin_fsm.c --stubs private/begin_stubs.c "$here/machines/begin.fsm" || exit 1
grep -q '^#include "begin_events.h"$' private/begin_fsm.h || { echo "not included" && failed=1; }
for kind in 'enum begin_state {' 'enum begin_event {' 'enum begin_timer {' 'union begin_payload {'; do
    [ "$(cat public/begin_events.h private/begin_fsm.h | grep -cF "$kind")" -eq 1 ] ||
        { echo "not declared once: $kind" && failed=1; }
done
cat >private/begin_with_fsm.h <<'C'
#include "begin_fsm.h"
#include "begin_events.h"
#include "begin_fsm.h"
struct begin {
    struct begin_fsm fsm;
};
C

# Its own types of the same names would clash with the inside of the machine.
cat >stranger.c <<'C'
#include "begin_events.h"
struct begin { int mine; };
struct begin_fsm { int mine; };
struct begin_tinfo { int mine; };
enum begin_result { BEGIN_OK, BEGIN_FINAL };
const char *describe(enum begin_event ev, const union begin_payload *payload);
const char *describe(enum begin_event ev, const union begin_payload *payload)
{
    _Static_assert(BEGIN_ST_ONE == 0, "the first state");
    if (ev == BEGIN_EV_MOVE && payload->point_value.x == 7)
        return begin_state_name(BEGIN_ST_TWO);
    return begin_event_name(ev);
}
C
cat >main.c <<'C'
#include "begin_with_fsm.h"
#include <string.h>
const char *describe(enum begin_event ev, const union begin_payload *payload);
int main(void)
{
    const union begin_payload seven = { .point_value = { 7, 0 } };
    struct begin begin;

    begin_init(&begin);
    return strcmp(describe(BEGIN_EV_MOVE, &seven), "TWO") != 0 ||
           strcmp(describe(BEGIN_TM_OUTER, NULL), "outer") != 0 ||
           begin_current(&begin) != BEGIN_ST_ONE;
}
C
for cc in "$@"; do
    # shellcheck disable=SC2086 # a list of options
    "$cc" $strict -I public -I "$here/machines" -c stranger.c -o stranger.o &&
        "$cc" $strict -I public -I private -I "$here/machines" main.c stranger.o \
            private/begin_fsm.c private/begin_stubs.c -o program && ./program ||
        { echo "failed with $cc" && failed=1; }
done
exit $failed
