/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: one link on the fake transport, with a watcher and calls that keep a book of what they hear.
 * Used by: the tests of links.
 * Must not know: which story is told.
 */
#ifndef LINK_WORLD_H
#define LINK_WORLD_H

#include "fake_transport.h"
#include "link.h"

struct world {
    struct isa__link_config config;
    struct isa__link *link;
    struct isa__link_watcher watcher;
    enum isa_state told;    /* what the watcher heard last */
    struct isa_change last; /* the last change, its text in `last_text` */
    char last_text[256];
    unsigned changes;
    char history[4096]; /* every change, as in "IDLE>CONNECTING operation; CONNECTING>READY ..." */
};

/* A call as the pool would make it. */
struct world_call {
    struct isa__link_call link_call;
    struct fake_call core;
    struct isa__link *link;
    unsigned completions;
    char outcome[512]; /* "pending", or as in "UNAVAILABLE refused: text" */
};

/**
 * A link that lives and has done nothing. Windows of 400 ms doubling to 3200 without jitter, floor
 * 10, attempt timeout 20000, idle timeout 300000; fields of `config` may be changed before.
 */
void world_begin(struct world *world);
/* The same with an adapter of the test's own. */
void world_begin_on(struct world *world, const struct isa__tr_ops *ops);
/* End the link and see that nothing is left: no channel, timer, message, memory. */
void world_end(struct world *world);

/* Submit a call, and assert that it is taken. */
void world_submit(struct world *world, struct world_call *call, uint32_t deadline_ms,
                  bool wait_for_ready);
/* The same with a deadline of 30 s that does not wait for READY; then hear what was posted. */
void world_call(struct world *world, struct world_call *call);
/* Prepare a call without submitting it. */
void world_call_init(struct world *world, struct world_call *call, uint32_t deadline_ms,
                     bool wait_for_ready);
/* Signal, and hear it. */
void world_signal(struct world *world, enum isa__link_signal signal);
/* Cancel as the pool does it, and hear what comes of it. */
void world_cancel(struct world *world, struct world_call *call);
/* The call is answered. */
void world_answer(struct world_call *call);

/* Roads into a state. */
void world_connect(struct world *world);
void world_break(void); /* of the newest channel: its calls fail, then it is lost */
void world_fail(void);  /* the attempt under way */

struct isa_conn_stats world_stats(struct world *world);

#endif
