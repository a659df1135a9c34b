/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the handles of the chaos run, what they are told, and whether it was true.
 * Used by: chaos.c.
 * Must not know: what harms the services.
 */
#include "chaos.h"
#include "clock.h"
#include "loop_thread.h"
#include "verdict.h"

#include <ev.h>
#include <inttypes.h>
#include <stdlib.h>

enum { DRAIN_MS = 3000, KEEPALIVE_MS = 1000, ANSWER_MS = 500, ANSWER_MS_MAX = 5000, TRIES = 100 };

struct target targets[TARGETS];
static struct loop_thread *loops[LOOPS];
static uint32_t answer_ms;
static unsigned drained_per_seen; /* at most so many drains to one that was told as such */
static bool is_judging_mildly;    /* a flaw may be that something is on its way: it is only noted */
static bool has_flaw;

/* must_hold() for what holds when nothing is on its way. */
#define must_settle(claim, ...)                                                                    \
    do {                                                                                           \
        has_flaw = has_flaw || !(claim);                                                           \
        must_hold((claim) || is_judging_mildly, __VA_ARGS__);                                      \
    } while (0)

struct loop_thread *clients_loop(unsigned loop)
{
    return loops[loop];
}

static void check_change(const struct seat *seat, const struct isa_change *change)
{
    unsigned told = atomic_load(&seat->told);
    must_hold(pthread_equal(pthread_self(), loop_thread_id(loops[seat->loop])),
              "%s: told on another thread than its loop's", seat->target->address);
    must_hold(seat->shutdowns == 0, "%s: told after SHUTDOWN", seat->target->address);
    must_hold(change->from == told && change->to != told, "%s: told %s -> %s, knows of %s",
              seat->target->address, isa_state_name(change->from), isa_state_name(change->to),
              isa_state_name(told));
    must_hold(change->generation >= seat->generation && change->reconnects >= seat->reconnects,
              "%s: a count went back", seat->target->address);
    must_hold(!says_closed_channel(change->text), "%s: told \"%s\"", seat->target->address,
              change->text);
}

static void count_change(struct seat *seat, const struct isa_change *change)
{
    seat->changes++;
    seat->skipped += change->skipped;
    seat->dials += change->to == ISA_STATE_CONNECTING;
    seat->failures +=
        change->from == ISA_STATE_CONNECTING && change->to == ISA_STATE_TRANSIENT_FAILURE;
    seat->ends += change->from == ISA_STATE_READY;
    seat->shutdowns += change->to == ISA_STATE_SHUTDOWN;
    seat->generation = change->generation;
    seat->reconnects = change->reconnects;
}

static void on_state(struct isa_conn *conn, const struct isa_change *change, void *user)
{
    struct seat *seat = user;
    (void)conn;
    check_change(seat, change);
    count_change(seat, change);
    atomic_store(&seat->told, change->to);
}

/* The reconnection policy is the default one; what is silent for a while is found out soon. */
static void open_seat(void *arg)
{
    struct seat *seat = arg;
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.keepalive_time_ms = KEEPALIVE_MS;
    options.keepalive_timeout_ms = answer_ms;
    options.on_state = on_state;
    options.user = seat;
    int error = isa_conn_open(loop_thread_loop(loops[seat->loop]), seat->target->address, &options,
                              &seat->conn);
    if (error)
        abort();
}

/* On a machine that is busy otherwise an answer to a ping may be late, too. */
static uint32_t answer_time_ms(const struct chaos_settings *settings)
{
    uint32_t ms = ANSWER_MS * settings->patience;
    return ms < ANSWER_MS_MAX ? ms : ANSWER_MS_MAX;
}

unsigned clients_silence_ms(const struct chaos_settings *settings)
{
    return KEEPALIVE_MS + answer_time_ms(settings);
}

void clients_open(const struct chaos_settings *settings)
{
    answer_ms = answer_time_ms(settings);
    drained_per_seen = 2 * settings->patience;
    for (unsigned i = 0; i < LOOPS; i++) {
        loops[i] = loop_thread_new();
        for (unsigned t = 0; t < TARGETS; t++) {
            struct seat *seat = &targets[t].seats[i];
            seat->target = &targets[t];
            seat->loop = i;
            loop_thread_do(loops[i], open_seat, seat);
        }
    }
    for (unsigned t = 0; t < TARGETS; t++)
        isa_conn_connect(targets[t].seats[0].conn);
}

static void expect_equal(const struct target *target, const char *what, uint64_t counted,
                         uint64_t seen)
{
    must_settle(counted == seen, "%s: %s: the library counts %" PRIu64 ", %" PRIu64 " were seen",
                target->address, what, counted, seen);
}

static void judge_stats(const struct target *target, const struct isa_conn_stats *stats)
{
    expect_equal(target, "calls started", stats->operations_started,
                 atomic_load(&target->accepted));
    expect_equal(target, "calls ok", stats->operations_ok, atomic_load(&target->ok));
    expect_equal(target, "calls failed", stats->operations_failed, atomic_load(&target->failed));
    expect_equal(target, "handles", stats->handles, LOOPS);
    /* On a busy machine one or the other ends with the calls that had just begun. */
    must_settle(stats->drains >= target->drained / drained_per_seen,
                "%s: of %u drains %" PRIu64 " were seen", target->address, target->drained,
                stats->drains);
}

/* On its loop's thread, when nothing changes any more. */
static void judge_seat(void *arg)
{
    const struct seat *seat = arg;
    const struct target *target = seat->target;
    struct isa_conn_stats stats = ISA_CONN_STATS_INIT;
    uint64_t by_reason = 0;
    must_hold(isa_conn_get_stats(seat->conn, &stats) == 0, "no statistics");
    for (unsigned i = 0; i < ISA_REASON_COUNT; i++)
        by_reason += stats.failures_by_reason[i];
    expect_equal(target, "failures, by reason", by_reason, stats.failures);
    must_settle(atomic_load(&seat->told) == isa_conn_state(seat->conn), "%s: told %s, it is %s",
                target->address, isa_state_name(atomic_load(&seat->told)),
                isa_state_name(isa_conn_state(seat->conn)));
    if (seat->loop == 0)
        judge_stats(target, &stats);
    if (seat->skipped) /* told in one, not one by one */
        return;
    expect_equal(target, "attempts", stats.attempts, seat->dials);
    expect_equal(target, "failures", stats.failures, seat->failures);
    expect_equal(target, "losses and drains", stats.losses + stats.drains, seat->ends);
    expect_equal(target, "reconnects", stats.reconnects, seat->reconnects);
}

static void for_each_seat(void (*fn)(void *seat))
{
    for (unsigned t = 0; t < TARGETS; t++) {
        for (unsigned i = 0; i < LOOPS; i++)
            loop_thread_do(loops[i], fn, &targets[t].seats[i]);
    }
}

/* Connections that grow old go on changing. */
void clients_judge(void)
{
    for (unsigned i = 0; i < TRIES; i++) {
        is_judging_mildly = i < TRIES - 1;
        has_flaw = false;
        for_each_seat(judge_seat);
        if (!has_flaw)
            return;
        pause_us(20000);
    }
}

static void on_done(void *user)
{
    *(bool *)user = true;
}

void clients_close(void)
{
    struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO);
    bool is_done = false;
    int error = isa_pool_shutdown(loop, DRAIN_MS, on_done, &is_done);
    must_hold(error == 0, "shutdown gives %s", isa_error_name(error));
    ev_run(loop, 0);
    must_hold(is_done, "the loop ended before the pool was gone");
    ev_loop_destroy(loop);
    for (unsigned i = 0; i < LOOPS; i++)
        loop_thread_free(loops[i]);
    for (unsigned t = 0; t < TARGETS; t++) {
        for (unsigned i = 0; i < LOOPS; i++) {
            struct seat *seat = &targets[t].seats[i];
            must_hold(seat->shutdowns == 1, "%s: heard SHUTDOWN %u times", targets[t].address,
                      seat->shutdowns);
            seat->conn = isa_conn_unref(seat->conn);
        }
    }
}
