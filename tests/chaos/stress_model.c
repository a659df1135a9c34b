/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the book of what happened, and the promises it is held against.
 * Used by: stress_act.c (which makes the entries), stress.c (which asks for the verdict).
 * Must not know: what happens next.
 */
#include "stress.h"
#include "verdict.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
    pthread_mutex_t lock; /* the lists */
    struct life *lives;
    struct seat *seats;
    struct op *ops;
    unsigned seat_count;
    uint64_t op_count;
    atomic_uint ends; /* shutdowns begun */
    atomic_uint gone; /* shutdowns done */
    atomic_uint_fast64_t changes;
    atomic_uint_fast64_t skipped;
    atomic_uint_fast64_t ok;
} model = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void *make(size_t size_bytes)
{
    void *memory = calloc(1, size_bytes);
    if (!memory)
        abort();
    return memory;
}

struct life *model_new_life(pthread_t thread)
{
    struct life *life = make(sizeof *life);
    life->thread = thread;
    pthread_mutex_lock(&model.lock);
    life->next = model.lives;
    model.lives = life;
    pthread_mutex_unlock(&model.lock);
    return life;
}

struct seat *model_new_seat(struct life *life)
{
    struct seat *seat = make(sizeof *seat);
    seat->life = life;
    atomic_init(&seat->epoch, UINT_MAX);
    pthread_mutex_lock(&model.lock);
    seat->number = ++model.seat_count;
    seat->next = model.seats;
    model.seats = seat;
    pthread_mutex_unlock(&model.lock);
    return seat;
}

struct op *model_new_op_of(struct seat *seat, size_t size_bytes)
{
    struct op *op = make(size_bytes);
    op->seat = seat;
    pthread_mutex_lock(&model.lock);
    op->number = ++model.op_count;
    op->next = model.ops;
    model.ops = op;
    pthread_mutex_unlock(&model.lock);
    return op;
}

struct op *model_new_op(struct seat *seat)
{
    return model_new_op_of(seat, sizeof(struct op));
}

/* What was open before a shutdown began belongs to the pool that ends. */
void model_seat_is_open(struct seat *seat)
{
    atomic_store(&seat->epoch, atomic_load(&model.ends));
    atomic_store(&seat->is_open, true);
}

void model_pool_ends(void)
{
    atomic_fetch_add(&model.ends, 1);
}

void model_pool_is_gone(void)
{
    atomic_store(&model.gone, atomic_load(&model.ends));
}

void model_check_place(const struct seat *seat, const char *what)
{
    must_hold(pthread_equal(seat->life->thread, pthread_self()),
              "seat %u: %s on another thread than its loop's", seat->number, what);
    must_hold(!atomic_load(&seat->life->is_gone), "seat %u: %s after its loop was destroyed",
              seat->number, what);
    must_hold(atomic_load(&seat->epoch) >= atomic_load(&model.gone),
              "seat %u: %s after the pool was gone", seat->number, what);
    must_hold(seat->shutdowns == 0, "seat %u: %s after SHUTDOWN", seat->number, what);
}

static void check_change(struct seat *seat, const struct isa_change *change)
{
    must_hold(change->from != change->to, "seat %u: told a change from %s to itself", seat->number,
              isa_state_name(change->from));
    must_hold(!seat->was_told || change->from == seat->told,
              "seat %u: told a change from %s, knows of %s", seat->number,
              isa_state_name(change->from), isa_state_name(seat->told));
    must_hold(change->generation >= seat->generation, "seat %u: the generation went back",
              seat->number);
    must_hold(change->reconnects >= seat->reconnects, "seat %u: the reconnections went back",
              seat->number);
    must_hold(!says_closed_channel(change->text), "seat %u: told \"%s\"", seat->number,
              change->text);
}

void model_on_state(struct isa_conn *conn, const struct isa_change *change, void *user)
{
    struct seat *seat = user;
    model_check_place(seat, "a change");
    check_change(seat, change);
    seat->was_told = true;
    seat->told = change->to;
    seat->generation = change->generation;
    seat->reconnects = change->reconnects;
    seat->shutdowns += change->to == ISA_STATE_SHUTDOWN;
    atomic_fetch_add(&model.changes, 1);
    atomic_fetch_add(&model.skipped, change->skipped);
    act_inside(conn, seat);
}

/* The seat's own callback hears first; SHUTDOWN is the last for both. */
void model_on_subscribed(struct isa_conn *conn, const struct isa_change *change, void *user)
{
    struct subscriber *subscriber = user;
    struct seat *seat = subscriber->seat;
    must_hold(pthread_equal(seat->life->thread, pthread_self()),
              "seat %u: a subscriber called on another thread", seat->number);
    must_hold(subscriber->is_active, "seat %u: a callback that was taken away is called",
              seat->number);
    if (change->to == ISA_STATE_SHUTDOWN)
        subscriber->is_active = false;
    act_inside(conn, seat);
}

static void check_reply(const struct op *op, const struct isa_reply *reply)
{
    char expected[24];
    int length = snprintf(expected, sizeof expected, "%llu", (unsigned long long)op->number);
    must_hold(!says_closed_channel(reply->status.message), "op %llu: \"%s\"",
              (unsigned long long)op->number, reply->status.message);
    if (reply->status.code == ISA_STATUS_OK && op->is_echo)
        must_hold(reply->bytes.size_bytes == (size_t)length &&
                      memcmp(reply->bytes.data, expected, (size_t)length) == 0,
                  "op %s: answered with \"%.*s\" (%zu bytes)", expected,
                  (int)reply->bytes.size_bytes, (const char *)reply->bytes.data,
                  reply->bytes.size_bytes);
}

void model_on_reply(struct isa_call *call, const struct isa_reply *reply, void *user)
{
    struct op *op = user;
    struct isa_conn *conn = isa_call_conn(call);
    model_check_place(op->seat, "a reply");
    must_hold(atomic_fetch_add(&op->completions, 1) == 0, "op %llu completes again",
              (unsigned long long)op->number);
    check_reply(op, reply);
    if (reply->status.code == ISA_STATUS_OK)
        atomic_fetch_add(&model.ok, 1);
    act_inside(conn, op->seat);
}

static void judge_op(const struct op *op)
{
    unsigned expected = atomic_load(&op->fate) == OP_ACCEPTED ? 1 : 0;
    unsigned completions = atomic_load(&op->completions);
    must_hold(completions == expected, "op %llu on seat %u: %s, completed %u times",
              (unsigned long long)op->number, op->seat->number, expected ? "accepted" : "refused",
              completions);
}

static void judge_seat(const struct seat *seat)
{
    if (!atomic_load(&seat->is_open))
        return;
    bool must_hear = atomic_load(&seat->is_closed) || !atomic_load(&seat->is_abandoned);
    must_hold(seat->shutdowns <= 1, "seat %u: heard SHUTDOWN %u times", seat->number,
              seat->shutdowns);
    must_hold(!must_hear || seat->shutdowns == 1, "seat %u: never heard SHUTDOWN", seat->number);
}

void model_judge(void)
{
    for (const struct op *op = model.ops; op; op = op->next)
        judge_op(op);
    for (const struct seat *seat = model.seats; seat; seat = seat->next)
        judge_seat(seat);
}

struct model_counts model_counts(void)
{
    struct model_counts counts = { .seats = model.seat_count,
                                   .ok = atomic_load(&model.ok),
                                   .changes = atomic_load(&model.changes),
                                   .skipped = atomic_load(&model.skipped) };
    for (const struct life *life = model.lives; life; life = life->next)
        counts.lives++;
    for (const struct op *op = model.ops; op; op = op->next) {
        counts.accepted += atomic_load(&op->fate) == OP_ACCEPTED;
        counts.refused += atomic_load(&op->fate) == OP_REFUSED;
    }
    return counts;
}

void model_free(void)
{
    for (struct op *op; (op = model.ops); free(op))
        model.ops = op->next;
    for (struct seat *seat; (seat = model.seats); free(seat))
        model.seats = seat->next;
    for (struct life *life; (life = model.lives); free(life))
        model.lives = life->next;
}
