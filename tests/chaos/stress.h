/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the words of the stress test: lanes, lives, seats, operations, subscribers.
 * Used by: stress_*.c.
 * Must not know: the rooms behind the public headers.
 *
 * A lane is a thread that makes a loop, runs it, destroys it at any moment with whatever is on it,
 * and makes the next; a life is one such loop. A seat is what the model knows of one handle, and
 * lives to the end of the run, so that whatever comes too late finds it. Handles are shared by all
 * threads through slots: who works on one holds a reference of its own meanwhile.
 */
#ifndef STRESS_H
#define STRESS_H

#include <isa/isa.h>

#include "dice.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    LANES = 4,
    ACTORS = 3,
    SLOTS = 16,
    CALL_SLOTS = 32,
    SUBSCRIBERS = 4,
    TARGETS = 3,
    NOBODY = TARGETS - 1
};

struct ev_loop;

struct life {
    struct life *next;   /* in the model, to the end of the run */
    pthread_t thread;    /* the lane's */
    atomic_bool is_gone; /* ev_loop_destroy() has returned */
};

struct subscriber {
    struct seat *seat;
    uint64_t id;
    bool is_active;
};

struct seat {
    struct seat *next; /* in the model, to the end of the run */
    unsigned number;
    struct life *life;
    atomic_bool is_abandoned; /* the slot's reference was given back before the handle's end */
    atomic_bool is_closed;    /* isa_conn_close() said 0 */
    atomic_bool is_open;      /* isa_conn_open() said 0 */
    atomic_uint epoch;        /* shutdowns that had begun when it was open */
    /* loop's thread only */
    bool was_told;
    enum isa_state told;
    uint64_t generation;
    uint64_t reconnects;
    unsigned shutdowns;
    struct subscriber subscribers[SUBSCRIBERS];
};

enum op_fate { OP_STARTING, OP_ACCEPTED, OP_REFUSED };

struct op {
    struct op *next; /* in the model, to the end of the run */
    struct seat *seat;
    uint64_t number;
    atomic_uint fate; /* enum op_fate */
    atomic_uint completions;
    bool is_echo;
};

/* What a thread works on: a handle with a reference of its own. */
struct grip {
    struct isa_conn *conn; /* NULL: the slot was empty */
    struct seat *seat;
};

/* stress_model.c: what must hold. */
struct life *model_new_life(pthread_t thread);
struct seat *model_new_seat(struct life *life);
struct op *model_new_op(struct seat *seat);
/* One that is the beginning of something larger. */
struct op *model_new_op_of(struct seat *seat, size_t size_bytes);
/* What holds for every callback. */
void model_check_place(const struct seat *seat, const char *what);
/* The callbacks of seats, operations and subscribers. */
void model_on_state(struct isa_conn *conn, const struct isa_change *change, void *seat);
void model_on_reply(struct isa_call *call, const struct isa_reply *reply, void *op);
void model_on_subscribed(struct isa_conn *conn, const struct isa_change *change, void *subscriber);
/* The handle is open. */
void model_seat_is_open(struct seat *seat);
/* The pool is about to be shut down; and it is gone: no callback for whom it held may come. */
void model_pool_ends(void);
void model_pool_is_gone(void);
/* After all threads have ended: what must have happened to every seat and operation. */
void model_judge(void);
void model_free(void);
struct model_counts {
    uint64_t lives, seats, accepted, refused, ok, changes, skipped;
} model_counts(void);

/* stress_act.c: what threads do. */
void act_begin(uint64_t seed, const char *const targets[TARGETS]);
/* Give this thread a dice of its own. */
void act_as(uint64_t thread);
struct dice *act_dice(void);
/* Do something, anywhere. */
void act(void);
/* The same from within a callback, also to the handle that it is about. */
void act_inside(struct isa_conn *conn, struct seat *seat);
/* From now on no thread does anything more. */
void act_no_more(void);
/* Give back whatever slots hold. */
void act_end(void);
/* Open a handle with random settings on a loop that is there meanwhile. */
int act_open(struct ev_loop *loop, struct life *life, struct grip *ret_grip);

/* stress_stream.c: a stream of any kind; what isa_call_stream() gives. */
int stress_stream(struct isa_conn *conn, struct seat *seat, struct isa_call **ret_call);

/* stress_lane.c: loops. */
void lanes_start(void);
void lanes_end(void);
/* Borrow a lane's loop to open a handle on it; NULL: it has none at this moment. Give it back. */
struct ev_loop *lane_borrow(unsigned lane, struct life **ret_life);
void lane_give_back(unsigned lane);
/* On a lane's thread: end its loop's life soon; run the loop from within a callback. */
void lane_end_life(void);
void lane_run_nested(void);

#endif
