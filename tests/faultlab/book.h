/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: what a subject is made of.
 * Used by: subject.c, judge.c.
 * Must not know: peers.
 */
#ifndef BOOK_H
#define BOOK_H

#include "subject.h"

#include <ev.h>

enum { STORY_BYTES = 64 * 1024, STATES = 5 };

/* How many changes of each kind were told: what the counters of the library must say as well. */
struct tally {
    uint64_t attempts;
    uint64_t failures;
    uint64_t failures_by_reason[ISA_REASON_COUNT];
    uint64_t losses;
    uint64_t drains;
    uint64_t reconnects;
    uint64_t doubtful; /* not told apart: a loss with GOAWAY as its cause, a drain too soon */
};

struct subject {
    struct ev_loop *loop;
    struct subject *beside; /* whose loop it is; NULL: its own */
    unsigned handles;       /* on the loop; of the owner */
    struct isa_conn *conn;
    struct subject_call *calls;
    unsigned started;
    unsigned ended;
    enum isa_state state; /* told last */
    unsigned told[STATES];
    unsigned changes;
    unsigned late; /* changes and ends after SHUTDOWN */
    struct tally tally;
    uint64_t losses_awaited;
    bool is_broken;   /* it was READY, was lost, and is not READY yet */
    const char *flaw; /* what was wrong with a change; NULL: nothing yet */
    ev_timer traffic;
    unsigned in_flight_max;
    const char *method;
    const char *text;
    const char *probe_method;
    const char *probe_text;
    size_t story_used;
    char story[STORY_BYTES];
};

/* Run the loop until it is so; false: not within this time. */
bool book_run_until(struct subject *subject,
                    bool (*is_so)(const struct subject *subject, const void *arg), const void *arg,
                    uint32_t ms);

/* Write a change down, and judge it. */
void book_change(struct subject *subject, const struct isa_change *change);

#endif
