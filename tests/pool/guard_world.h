/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: calls on a guarded link, made as the pool makes them: admitted, reported, tried again.
 * Used by: the tests of guards.
 * Must not know: which story is told.
 */
#ifndef GUARD_WORLD_H
#define GUARD_WORLD_H

#include "link_world.h"

/* As struct world_call, with a guard. */
struct guarded_call {
    struct isa__link_call link_call;
    struct fake_call core;
    struct isa__link *link;
    struct isa__retry retry;
    struct isa__tr_msg refused_msg; /* as in the pool: a refusal is heard later */
    struct isa_status refusal;
    char refusal_text[256];
    unsigned completions;
    char outcome[512]; /* "pending", or as in "UNAVAILABLE refused: text" */
};

/* A world whose link has this guard; breaker changes are written to guard_history(). */
void guard_begin(struct world *world, const struct isa_breaker_options *breaker,
                 const struct isa_retry_budget_options *budget);
/* Every change, as in "CLOSED>OPEN; OPEN>HALF_OPEN". */
const char *guard_history(void);
const struct isa_breaker_change *guard_last_change(void);

/* Make a call, and hear what was posted. retry may be NULL. */
void guard_call(struct world *world, struct guarded_call *call,
                const struct isa_retry_options *retry, uint32_t deadline_ms);
/* It runs on a channel, and ends like this. */
void guard_end_call(struct guarded_call *call, enum isa_status_code code);
/* A call from its beginning to its end; the link is READY. */
void guard_do(struct world *world, enum isa_status_code code);
void guard_cancel(struct world *world, struct guarded_call *call);

#endif
