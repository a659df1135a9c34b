#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The manual's machine and its make rules, as they stand there, build a program that runs; nothing is
# built twice, and a changed specification is built anew.
# Usage: check-make.sh FSM_GEN SOURCE_DIR
set -eu
PATH=$(dirname "$1"):$PATH
export PATH
manual=$2/docs/FSM_GEN.md
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
unset MAKEFLAGS MFLAGS MAKELEVEL

fail() {
    echo "$*" && exit 1
}

block() { # WORD: the first block that begins with it
    awk -v word="$1" '/^```/ && inside { exit } inside { print } $0 == "```" word { inside = 1 }' "$manual"
}

block fsm >door.fsm
{ echo 'all: porter' && block make; } >Makefile
cat >door.h <<'C'
#include "door_fsm.h"
struct door {
    struct door_fsm fsm;
    int rung, knocks;
};
C
cat >door.c <<'C'
#include "door.h"
void door_act_ring(struct door *ctx) { ctx->rung++; }
void door_act_count(struct door *ctx, int payload) { ctx->knocks += payload; }
void door_arm(struct door *ctx, enum door_timer timer) { (void)ctx, (void)timer; }
void door_disarm(struct door *ctx, enum door_timer timer) { (void)ctx, (void)timer; }
void door_on_unexpected(struct door *ctx, enum door_state state, enum door_event ev)
{
    (void)ctx, (void)state, (void)ev;
}
C
cat >main.c <<'C'
#include "door.h"
int main(void)
{
    struct door door = { .rung = 0 };
    door_init(&door);
    door_knock(&door, 3);
    door_open(&door);
    door_tm_left_open(&door);
    return door.rung != 2 || door.knocks != 3 || door_current(&door) != DOOR_ST_AJAR;
}
C
make CC=cc >log 2>&1 || { cat log && fail "make failed"; }
./porter || fail "the program does not do what the specification says"
make CC=cc >log 2>&1
! grep -qE 'fsm-gen|cc' log || { cat log && fail "make builds again what is built"; }

touch -d '2001-01-01' ./*.h ./*.c ./*.fsm
touch -d '2001-01-02' ./*.o
touch -d '2001-01-03' porter
sed -i '1i // a comment' door.fsm
make CC=cc >log 2>&1
grep -q 'fsm-gen' log || fail "a changed specification was not compiled"
! grep -q 'main\.c' log || fail "main.c was compiled although the header did not change"
sed -i 's/  timer left_open;/  timer left_open, fire;/; s/arm left_open;/arm left_open, fire;/; s/ignore OPEN, KNOCK;/ignore OPEN, KNOCK, fire;/' door.fsm
touch -d '2001-01-04' ./*.o
make CC=cc >log 2>&1
grep -q 'main\.c' log || { cat log && fail "main.c was not compiled although the header changed"; }
./porter
