/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: what a contender is: a way to feed a stream of events to an array of machines.
 * Used by: main.c (runs them), each contender (is one).
 * Must not know: any contender.
 */
#ifndef BENCH_FSM_CONTENDER_H
#define BENCH_FSM_CONTENDER_H

#include <stddef.h>
#include <stdint.h>

#include "link.h"

struct item {
    uint16_t machine;
    uint16_t event;
};

struct contender {
    const char *name;
    void (*init)(struct link *link);
    void (*feed)(struct link *links, const struct item *items, size_t count);
};

extern const struct contender contender_switch;
extern const struct contender contender_ragel;

/* The loop is the same for all; dispatch is a function of another translation unit. */
#define DEFINE_FEED(dispatch)                                                                      \
    static void feed(struct link *links, const struct item *items, size_t count)                   \
    {                                                                                              \
        for (size_t i = 0; i < count; i++)                                                         \
            (void)dispatch(&links[items[i].machine], (enum link_event)items[i].event);             \
    }

#endif
