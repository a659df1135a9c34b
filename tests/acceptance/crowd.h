/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: many threads that issue operations on one handle at the same moment.
 * Used by: acceptance tests.
 * Must not know: servers; how a connection is made.
 */
#ifndef CROWD_H
#define CROWD_H

#include "client.h"

enum { CROWD_THREADS = 50, CROWD_OPS_EACH = 4, CROWD_OPS = CROWD_THREADS * CROWD_OPS_EACH };

/* How often each operation completed, and with what. */
struct crowd {
    struct client *client;
    unsigned completed;
    unsigned completions[CROWD_OPS];
    int codes[CROWD_OPS];
    unsigned strays; /* completions on another thread than the loop's */
};

/* Let all of them issue "/test.Test/Echo" at once, and run the loop until all have completed.
 * Asserts that each was accepted, and completed exactly once, on the loop's thread. */
void crowd_rush(struct crowd *crowd, struct client *client);

/* Operations that ended so. */
unsigned crowd_count(const struct crowd *crowd, enum isa_status_code code);

#endif
