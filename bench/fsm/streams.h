/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the streams of events that are measured.
 * Used by: main.c.
 * Must not know: the contenders; a switch by hand says where an event leads.
 */
#ifndef BENCH_FSM_STREAMS_H
#define BENCH_FSM_STREAMS_H

#include "contender.h"

enum { STREAM_LENGTH = 1 << 19, MACHINES = 1024 };

enum stream {
    STREAM_UNIFORM,   /* any event at any time: most are ignored */
    STREAM_VALID,     /* only events that the state handles, each as likely */
    STREAM_REAL,      /* a connection's life: dials, many calls, now and then a loss */
    STREAM_REAL_1024, /* the same for 1,024 machines, whose turn comes at random */
    STREAM_COUNT
};

extern const char *const stream_names[STREAM_COUNT];

/* Fill items with STREAM_LENGTH events; links are MACHINES machines to play with. */
void make_stream(enum stream stream, struct link *links, struct item *items);

#endif
