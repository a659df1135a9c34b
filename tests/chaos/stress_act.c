/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: what the threads of the stress test do, drawn at random; the handles and calls they share.
 * Used by: stress.c, stress_lane.c, and the callbacks in stress_model.c.
 * Must not know: what must come of it.
 */
#include "stress.h"
#include "verdict.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>

enum { TEXT_BYTES = 24, DEEPEST = 2, QUEUED_MAX_BYTES = 4096 };

static struct {
    uint64_t seed;
    atomic_bool is_over;
    const char *const *targets;
    struct slot {
        pthread_mutex_t lock;
        struct grip grip; /* a reference */
    } slots[SLOTS];
    struct call_slot {
        pthread_mutex_t lock;
        struct isa_call *call; /* a reference, or NULL */
    } calls[CALL_SLOTS];
} shared;

static _Thread_local struct dice dice;
static _Thread_local unsigned depth; /* callbacks that run the loop and come here again */

void act_begin(uint64_t seed, const char *const targets[TARGETS])
{
    shared.seed = seed;
    shared.targets = targets;
    for (unsigned i = 0; i < SLOTS; i++)
        pthread_mutex_init(&shared.slots[i].lock, NULL);
    for (unsigned i = 0; i < CALL_SLOTS; i++)
        pthread_mutex_init(&shared.calls[i].lock, NULL);
}

void act_as(uint64_t thread)
{
    dice = dice_of(shared.seed, thread);
}

struct dice *act_dice(void)
{
    return &dice;
}

/* What can go wrong by rule, and nothing else. */
static int expect(int error, const char *what)
{
    must_hold(error == 0 || error == ISA_ECLOSED || error == ISA_ESHUTDOWN, "%s gives %s", what,
              isa_error_name(error));
    return error;
}

static struct grip take(struct slot *slot)
{
    pthread_mutex_lock(&slot->lock);
    struct grip grip = slot->grip;
    isa_conn_ref(grip.conn);
    pthread_mutex_unlock(&slot->lock);
    return grip;
}

/* Put another handle, or none, into a slot; the one before loses the program's last reference. */
static void put(struct slot *slot, struct grip grip)
{
    pthread_mutex_lock(&slot->lock);
    struct grip before = slot->grip;
    slot->grip = grip;
    pthread_mutex_unlock(&slot->lock);
    if (!before.conn)
        return;
    atomic_store(&before.seat->is_abandoned, true);
    isa_conn_unref(before.conn);
}

static struct slot *any_slot(void)
{
    return &shared.slots[dice_below(&dice, SLOTS)];
}

/* Four keys for each target. */
static struct isa_conn_options settings(void)
{
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.backoff_min_ms = 2;
    options.backoff_max_ms = dice_one_in(&dice, 2) ? 5 : 20;
    options.dial_floor_ms = 1;
    options.connect_timeout_ms = 100;
    options.attempt_timeout_ms = 300;
    options.idle_timeout_ms = dice_one_in(&dice, 2) ? 100 : 5000;
    return options;
}

int act_open(struct ev_loop *loop, struct life *life, struct grip *ret_grip)
{
    if (atomic_load(&shared.is_over))
        return ISA_ESHUTDOWN;
    struct seat *seat = model_new_seat(life);
    struct isa_conn_options options = settings();
    struct isa_conn *conn = NULL;
    options.on_state = model_on_state;
    options.user = seat;
    unsigned target = dice_one_in(&dice, 8) ? NOBODY : dice_below(&dice, NOBODY);
    int error = expect(isa_conn_open(loop, shared.targets[target], &options, &conn), "open");
    if (error)
        return error;
    model_seat_is_open(seat);
    *ret_grip = (struct grip){ conn, seat };
    return 0;
}

static void open_into(struct slot *slot)
{
    unsigned lane = dice_below(&dice, LANES);
    struct grip grip = { 0 };
    struct life *life;
    struct ev_loop *loop = lane_borrow(lane, &life);
    int error = loop ? act_open(loop, life, &grip) : ISA_ECLOSED;
    lane_give_back(lane);
    if (!error)
        put(slot, grip);
}

static void keep_call(struct isa_call *call)
{
    struct call_slot *slot = &shared.calls[dice_below(&dice, CALL_SLOTS)];
    pthread_mutex_lock(&slot->lock);
    struct isa_call *before = slot->call;
    slot->call = call;
    pthread_mutex_unlock(&slot->lock);
    isa_call_unref(before);
}

static void cancel_some_call(void)
{
    struct call_slot *slot = &shared.calls[dice_below(&dice, CALL_SLOTS)];
    pthread_mutex_lock(&slot->lock);
    struct isa_call *call = isa_call_ref(slot->call);
    pthread_mutex_unlock(&slot->lock);
    must_hold(isa_call_queued_bytes(call) <= QUEUED_MAX_BYTES, "more is queued than was written");
    isa_call_cancel(call);
    isa_call_unref(call);
}

static const char *pick_method(struct op *op, char text[TEXT_BYTES])
{
    static const char *const methods[] = { "/test.Test/Slow", "/test.Test/Size", "/test.Test/Hold",
                                           "/test.Test/Fail", "/test.Test/None" };
    unsigned pick = dice_below(&dice, 12);
    op->is_echo = pick >= 5;
    if (op->is_echo)
        snprintf(text, TEXT_BYTES, "%llu", (unsigned long long)op->number);
    else
        snprintf(text, TEXT_BYTES, "%u", 1 + dice_below(&dice, 15));
    return op->is_echo ? "/test.Test/Echo" : methods[pick];
}

static void call(struct grip grip)
{
    char text[TEXT_BYTES];
    struct op *op = model_new_op(grip.seat);
    struct isa_unary unary = ISA_UNARY_INIT;
    struct isa_call *started = NULL;
    unary.method = pick_method(op, text);
    unary.request_bytes = (struct isa_bytes){ text, strlen(text) };
    unary.on_reply = model_on_reply;
    unary.user = op;
    struct isa_call_options call_options = ISA_CALL_OPTIONS_INIT;
    unary.options = &call_options;
    call_options.deadline_ms = 1 + dice_below(&dice, dice_one_in(&dice, 8) ? 10 : 1500);
    call_options.wait_for_ready = dice_one_in(&dice, 4);
    bool is_kept = dice_one_in(&dice, 2);
    int error = expect(isa_call_unary(grip.conn, &unary, is_kept ? &started : NULL), "call");
    atomic_store(&op->fate, error ? OP_REFUSED : OP_ACCEPTED);
    if (started)
        keep_call(started);
}

static void stream(struct grip grip)
{
    struct isa_call *started = NULL;
    bool is_kept = dice_one_in(&dice, 2);
    expect(stress_stream(grip.conn, grip.seat, is_kept ? &started : NULL), "stream");
    if (started)
        keep_call(started);
}

static void close_it(struct grip grip)
{
    uint32_t drain_ms = dice_one_in(&dice, 2) ? 0 : 1 + dice_below(&dice, 30);
    if (expect(isa_conn_close(grip.conn, drain_ms), "close") == 0)
        atomic_store(&grip.seat->is_closed, true);
}

static void look_at(struct grip grip)
{
    struct isa_conn_stats stats = ISA_CONN_STATS_INIT;
    struct isa_pool_stats pool = ISA_POOL_STATS_INIT;
    expect(isa_conn_get_stats(grip.conn, &stats), "get_stats");
    expect(isa_pool_get_stats(&pool), "pool_get_stats");
    must_hold(stats.operations_ok + stats.operations_failed <= stats.operations_started + SLOTS,
              "more operations ended than began");
    isa_conn_is_healthy(grip.conn);
    isa_conn_state(grip.conn);
}

/* Out of 200; the rest are calls. */
static void act_on(struct grip grip)
{
    unsigned pick = dice_below(&dice, 200);
    if (pick < 6)
        expect(isa_conn_connect(grip.conn), "connect");
    else if (pick < 8)
        expect(isa_conn_reconnect(grip.conn), "reconnect");
    else if (pick < 10)
        close_it(grip);
    else if (pick < 11)
        expect(isa_conn_force_close(grip.conn), "force_close");
    else if (pick < 30)
        look_at(grip);
    else if (pick < 50)
        cancel_some_call();
    else if (pick < 80)
        stream(grip);
    else
        call(grip);
}

void act(void)
{
    unsigned pick = dice_below(&dice, 600);
    if (atomic_load(&shared.is_over))
        return;
    if (pick < 1)
        lane_end_life();
    else if (pick < 8)
        put(any_slot(), (struct grip){ 0 });
    else if (pick < 14)
        sched_yield();
    struct slot *slot = any_slot();
    struct grip grip = take(slot);
    if (grip.conn)
        act_on(grip);
    if (isa_conn_state(grip.conn) == ISA_STATE_SHUTDOWN || dice_one_in(&dice, 60))
        open_into(slot);
    isa_conn_unref(grip.conn);
}

static void subscribe(struct isa_conn *conn, struct seat *seat)
{
    struct subscriber *subscriber = &seat->subscribers[dice_below(&dice, SUBSCRIBERS)];
    if (subscriber->is_active) {
        must_hold(isa_conn_unsubscribe(conn, subscriber->id) == 0, "unsubscribe fails");
        subscriber->is_active = false;
        return;
    }
    subscriber->seat = seat;
    int error = expect(isa_conn_subscribe(conn, model_on_subscribed, subscriber, &subscriber->id),
                       "subscribe");
    subscriber->is_active = !error;
}

void act_inside(struct isa_conn *conn, struct seat *seat)
{
    unsigned pick = dice_below(&dice, 100);
    if (depth >= DEEPEST || pick < 50 || atomic_load(&shared.is_over))
        return;
    depth++;
    if (pick < 60)
        act_on((struct grip){ conn, seat });
    else if (pick < 70)
        subscribe(conn, seat);
    else if (pick < 72)
        lane_run_nested();
    else if (pick < 73 && dice_one_in(&dice, 3))
        lane_end_life();
    else if (pick < 80)
        act();
    depth--;
}

void act_no_more(void)
{
    atomic_store(&shared.is_over, true);
}

void act_end(void)
{
    for (unsigned i = 0; i < SLOTS; i++) {
        isa_conn_unref(shared.slots[i].grip.conn);
        pthread_mutex_destroy(&shared.slots[i].lock);
    }
    for (unsigned i = 0; i < CALL_SLOTS; i++) {
        isa_call_unref(shared.calls[i].call);
        pthread_mutex_destroy(&shared.calls[i].lock);
    }
}
