/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the demo's live output: what happens, and when, counted from the start.
 * Used by: main.c.
 * Must not know: what the demo does next.
 */
#ifndef DEMO_SHOW_H
#define DEMO_SHOW_H

#include "book.h"

#include <isa/conn.h>

#include <stdbool.h>
#include <stdint.h>

/* Of an outage with traffic there is an attempt per operation: after the first ones, count. */
struct show {
    bool every_change;
    uint64_t hidden; /* changes counted instead of printed, since the last progress line */
};

/* Milliseconds since the first call. */
double show_clock_ms(void);

/* One line about what the demo itself does. */
void show_step(const char *format, ...) __attribute__((format(printf, 1, 2)));

void show_change(struct show *show, const struct isa_change *change);

void show_progress(struct show *show, const struct book *book, enum isa_state state);

#endif
