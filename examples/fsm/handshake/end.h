/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: one end of a connection: its machine, its timers, and the segments that come to it.
 * Used by: main.c and the generated machine.
 * Must not know: the other end, beyond where its segments go.
 */
#ifndef HANDSHAKE_END_H
#define HANDSHAKE_END_H

#include "handshake_fsm.h"

enum { LINE_LENGTH = 16 };

struct end {
    const char *name;
    struct end *peer;
    enum handshake_event arriving[LINE_LENGTH];
    int arriving_count;
    int losses;                     /* how many segments that this end sends are lost from now on */
    int due[HANDSHAKE_TIMER_COUNT]; /* in ticks from now; 0: does not run */
    struct handshake_fsm fsm;
};

#endif
