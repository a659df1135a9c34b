/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the workers, each with one call in flight, and the book of calls.
 * Used by: chaos.c, chaos_fate.c for its probes.
 * Must not know: what harms the services.
 */
#include "chaos.h"
#include "clock.h"
#include "loop_thread.h"
#include "verdict.h"

#include <ev.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    TEXT_BYTES = 32,
    LATE_MS = 1500,
    PROBE_MS = 1000,
    WAIT_MS = 12000, /* more than the longest deadline */
    ENDED_KEPT = 16,
    THREAD_OF_WORKERS = 50
};
enum kind { KIND_ECHO, KIND_SLOW, KIND_FAIL };

/* Most calls take their time, so that nearly all workers have one in flight. Everything on the loop's
 * thread. */
struct worker {
    struct ev_loop *loop;
    unsigned number;
    struct dice dice;
    struct target *target;
    struct isa_call *call;              /* a reference while it is in flight */
    struct isa_call *ended[ENDED_KEPT]; /* references, so that their addresses cannot come again */
    unsigned next_ended;
    enum kind kind;
    char text[TEXT_BYTES];
    int expected_code;
    uint32_t deadline_ms;
    uint64_t began_us;
    unsigned peace; /* the target's when the call began */
    bool is_cancelled;
    ev_timer timer; /* a pause, or a cancel */
};

static struct worker workers[LOOPS][WORKERS];
static const struct chaos_settings *settings;
static atomic_bool is_over;
static atomic_uint_fast64_t accepted, completed, ok, failed, cancelled, duplicates, at_peace;
static atomic_uint in_flight;

static const char *const methods[] = {
    [KIND_ECHO] = "/test.Test/Echo",
    [KIND_SLOW] = "/test.Test/Slow",
    [KIND_FAIL] = "/test.Test/Fail",
};

static void draw_call(struct worker *worker)
{
    struct dice *dice = &worker->dice;
    unsigned pick = dice_below(dice, 20);
    do
        worker->target = &targets[dice_below(dice, TARGETS)];
    while (!worker->target->has_traffic);
    worker->kind = pick < 12 ? KIND_SLOW : pick < 19 ? KIND_ECHO : KIND_FAIL;
    worker->deadline_ms = (2000 + dice_below(dice, 4000)) * settings->patience;
    worker->expected_code = 0;
    if (worker->kind == KIND_FAIL) /* one that core gives by itself for no cause of ours */
        worker->expected_code = dice_one_in(dice, 2) ? ISA_STATUS_NOT_FOUND : ISA_STATUS_ABORTED;
    if (worker->kind == KIND_ECHO)
        snprintf(worker->text, TEXT_BYTES, "%u:%" PRIu64, worker->number, dice_roll(dice));
    else if (worker->kind == KIND_SLOW)
        snprintf(worker->text, TEXT_BYTES, "%u", 1 + dice_below(dice, 300));
    else
        snprintf(worker->text, TEXT_BYTES, "%d on demand", worker->expected_code);
}

static void wait_ms(struct worker *worker, unsigned ms)
{
    ev_now_update(worker->loop);
    ev_timer_set(&worker->timer, ms / 1e3, 0.);
    ev_timer_start(worker->loop, &worker->timer);
}

static void on_reply(struct isa_call *call, const struct isa_reply *reply, void *user);

static void start_call(struct worker *worker)
{
    struct isa_unary unary = ISA_UNARY_INIT;
    draw_call(worker);
    unary.method = methods[worker->kind];
    unary.request_bytes = (struct isa_bytes){ worker->text, strlen(worker->text) };
    unary.on_reply = on_reply;
    unary.user = worker;
    struct isa_call_options call_options = ISA_CALL_OPTIONS_INIT;
    unary.options = &call_options;
    call_options.deadline_ms = worker->deadline_ms;
    call_options.wait_for_ready = dice_one_in(&worker->dice, 4);
    worker->is_cancelled = false;
    worker->peace = atomic_load(&worker->target->peace);
    worker->began_us = clock_us();
    atomic_fetch_add(&in_flight, 1);
    struct isa_conn *conn = worker->target->seats[worker->number % LOOPS].conn;
    int error = isa_call_unary(conn, &unary, &worker->call);
    must_hold(error == 0, "%s: a call is refused: %s", worker->target->address,
              isa_error_name(error));
    if (error) {
        atomic_fetch_sub(&in_flight, 1);
        return;
    }
    atomic_fetch_add(&accepted, 1);
    atomic_fetch_add(&worker->target->accepted, 1);
    if (dice_one_in(&worker->dice, 30))
        wait_ms(worker, dice_below(&worker->dice, 50));
}

static bool is_as_expected(const struct worker *worker, const struct isa_reply *reply)
{
    if ((int)reply->status.code != worker->expected_code)
        return worker->is_cancelled && reply->status.code == ISA_STATUS_CANCELLED;
    return reply->status.code != ISA_STATUS_OK ||
           (reply->bytes.size_bytes == strlen(worker->text) &&
            memcmp(reply->bytes.data, worker->text, reply->bytes.size_bytes) == 0);
}

static void check_reply(const struct worker *worker, const struct isa_reply *reply)
{
    const struct target *target = worker->target;
    const struct isa_status *status = &reply->status;
    uint64_t took_ms = (clock_us() - worker->began_us) / 1000;
    bool was_at_peace = worker->peace % 2 && atomic_load(&target->peace) == worker->peace;
    atomic_fetch_add(&at_peace, was_at_peace);
    must_hold(!was_at_peace || is_as_expected(worker, reply),
              "%s: a call fails at peace: %s after %" PRIu64 " us, %s: %s", target->address,
              isa_status_name((int)status->code), reply->duration_us,
              isa_reason_name(status->reason), status->message);
    must_hold(status->code != ISA_STATUS_OK || is_as_expected(worker, reply),
              "%s: answered with another's reply", target->address);
    must_hold(!says_closed_channel(status->message), "%s: \"%s\"", target->address,
              status->message);
    must_hold(took_ms < worker->deadline_ms + LATE_MS * settings->patience,
              "%s: a call with a deadline of %u ms ends after %" PRIu64 " ms", target->address,
              worker->deadline_ms, took_ms);
}

static void count_reply(struct worker *worker, enum isa_status_code code)
{
    bool is_ok = code == ISA_STATUS_OK;
    atomic_fetch_add(&completed, 1);
    atomic_fetch_add(is_ok ? &ok : code == ISA_STATUS_CANCELLED ? &cancelled : &failed, 1);
    atomic_fetch_add(is_ok ? &worker->target->ok : &worker->target->failed, 1);
    atomic_fetch_sub(&in_flight, 1);
}

static void on_reply(struct isa_call *call, const struct isa_reply *reply, void *user)
{
    struct worker *worker = user;
    must_hold(pthread_equal(pthread_self(), loop_thread_id(clients_loop(worker->number % LOOPS))),
              "a reply on another thread than its loop's");
    if (call != worker->call) {
        atomic_fetch_add(&duplicates, 1);
        violation("a call completes again");
        return;
    }
    isa_call_unref(worker->ended[worker->next_ended]);
    worker->ended[worker->next_ended] = worker->call;
    worker->next_ended = (worker->next_ended + 1) % ENDED_KEPT;
    worker->call = NULL;
    ev_timer_stop(worker->loop, &worker->timer);
    check_reply(worker, reply);
    count_reply(worker, reply->status.code);
    /* A service that refuses does so in less than a millisecond; a program would not insist. */
    bool is_refused = reply->status.code == ISA_STATUS_UNAVAILABLE;
    wait_ms(worker, is_refused ? 5 + dice_below(&worker->dice, 50) : dice_below(&worker->dice, 4));
}

static void on_timer(struct ev_loop *loop, ev_timer *timer, int revents)
{
    struct worker *worker = timer->data;
    (void)loop, (void)revents;
    if (worker->call) {
        worker->is_cancelled = true;
        isa_call_cancel(worker->call);
    } else if (!atomic_load(&is_over)) {
        start_call(worker);
    }
}

static void start_workers(void *arg)
{
    unsigned loop = *(unsigned *)arg;
    for (unsigned i = 0; i < WORKERS; i++) {
        struct worker *worker = &workers[loop][i];
        worker->loop = loop_thread_loop(clients_loop(loop));
        worker->number = i * LOOPS + loop;
        worker->dice = dice_of(settings->seed, THREAD_OF_WORKERS + worker->number);
        ev_timer_init(&worker->timer, on_timer, 0., 0.);
        worker->timer.data = worker;
        wait_ms(worker, dice_below(&worker->dice, 20));
    }
}

void workers_start(const struct chaos_settings *all)
{
    settings = all;
    for (unsigned i = 0; i < LOOPS; i++)
        loop_thread_do(clients_loop(i), start_workers, &i);
}

static void stop_workers(void *arg)
{
    unsigned loop = *(unsigned *)arg;
    for (unsigned i = 0; i < WORKERS; i++) {
        struct worker *worker = &workers[loop][i];
        ev_timer_stop(worker->loop, &worker->timer);
        for (unsigned k = 0; k < ENDED_KEPT; k++)
            worker->ended[k] = isa_call_unref(worker->ended[k]);
    }
}

void workers_stop(void)
{
    uint64_t until_us = clock_us() + WAIT_MS * (uint64_t)1000 * settings->patience;
    atomic_store(&is_over, true);
    while (atomic_load(&in_flight) && clock_us() < until_us)
        pause_us(1000);
    for (unsigned i = 0; i < LOOPS; i++)
        loop_thread_do(clients_loop(i), stop_workers, &i);
    must_hold(atomic_load(&in_flight) == 0, "%u calls are stuck", atomic_load(&in_flight));
}

struct worker_counts workers_counts(void)
{
    return (struct worker_counts){ .accepted = atomic_load(&accepted),
                                   .completed = atomic_load(&completed),
                                   .ok = atomic_load(&ok),
                                   .failed = atomic_load(&failed),
                                   .cancelled = atomic_load(&cancelled),
                                   .duplicates = atomic_load(&duplicates),
                                   .at_peace = atomic_load(&at_peace),
                                   .stuck = atomic_load(&in_flight) };
}

unsigned workers_in_flight(void)
{
    return atomic_load(&in_flight);
}

static void on_probed(struct isa_call *call, const struct isa_reply *reply, void *user)
{
    struct target *target = user;
    bool is_ok = reply->status.code == ISA_STATUS_OK;
    (void)call;
    must_hold(!says_closed_channel(reply->status.message), "%s: \"%s\"", target->address,
              reply->status.message);
    atomic_fetch_add(&completed, 1);
    atomic_fetch_add(is_ok ? &ok : &failed, 1);
    atomic_fetch_add(is_ok ? &target->ok : &target->failed, 1);
    atomic_fetch_sub(&in_flight, 1);
    atomic_store(&target->probe, is_ok ? PROBE_OK : PROBE_FAILED);
}

void workers_probe(struct target *target, unsigned loop)
{
    struct isa_unary unary = ISA_UNARY_INIT;
    unary.method = methods[KIND_ECHO];
    unary.request_bytes = (struct isa_bytes){ "probe", 5 };
    unary.on_reply = on_probed;
    unary.user = target;
    struct isa_call_options call_options = ISA_CALL_OPTIONS_INIT;
    unary.options = &call_options;
    call_options.deadline_ms = PROBE_MS * settings->patience;
    atomic_store(&target->probe, PROBE_RUNNING);
    atomic_fetch_add(&in_flight, 1);
    atomic_fetch_add(&accepted, 1);
    atomic_fetch_add(&target->accepted, 1);
    int error = isa_call_unary(target->seats[loop].conn, &unary, NULL);
    must_hold(error == 0, "%s: a probe is refused: %s", target->address, isa_error_name(error));
}
