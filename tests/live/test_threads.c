/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests with handles on several loops, and operations from many threads at once.
 * Used by: ctest.
 * Must not know: the rooms behind the public headers.
 */
#include "client.h"
#include "grpc_server.h"
#include "loop_thread.h"

#include <criterion/criterion.h>
#include <ev.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LOOPS = 4, THREADS = 50, OPS_EACH = 10, OPS = THREADS * OPS_EACH, LIMIT_S = 15 };

/* One operation and its end; written on its loop's thread only. */
struct op {
    struct seat *seat;
    atomic_uint completions;
    atomic_int code;
    pthread_t thread;
    char text[256];
};

/* A loop and its handle. */
struct seat {
    struct loop_thread *thread;
    struct isa_conn *conn;
    const char *target;
    const struct isa_conn_options *options;
    atomic_uint ready;     /* changes to READY told */
    atomic_uint failures;  /* changes to TRANSIENT_FAILURE told */
    atomic_uint shutdowns; /* changes to SHUTDOWN told */
    atomic_uint strays;    /* callbacks on another thread than the loop's */
};

static struct seat seats[LOOPS];
static struct op ops[OPS];
static atomic_uint completed;

/* Callbacks ring it when they have counted. */
static pthread_mutex_t bell_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t bell = PTHREAD_COND_INITIALIZER;

static void ring(void)
{
    pthread_mutex_lock(&bell_lock);
    pthread_cond_broadcast(&bell);
    pthread_mutex_unlock(&bell_lock);
}

/* Wait for callbacks on other threads to have counted so far; false when that takes seconds. */
static bool reaches(atomic_uint *value, unsigned count)
{
    struct timespec limit;
    clock_gettime(CLOCK_REALTIME, &limit);
    limit.tv_sec += LIMIT_S;
    int error = 0;
    pthread_mutex_lock(&bell_lock);
    while (atomic_load(value) < count && !error)
        error = pthread_cond_timedwait(&bell, &bell_lock, &limit);
    pthread_mutex_unlock(&bell_lock);
    return atomic_load(value) >= count;
}

static void on_state(struct isa_conn *conn, const struct isa_change *change, void *user)
{
    struct seat *seat = user;
    (void)conn;
    if (!pthread_equal(pthread_self(), loop_thread_id(seat->thread)))
        atomic_fetch_add(&seat->strays, 1);
    if (change->to == ISA_STATE_READY)
        atomic_fetch_add(&seat->ready, 1);
    else if (change->to == ISA_STATE_TRANSIENT_FAILURE)
        atomic_fetch_add(&seat->failures, 1);
    else if (change->to == ISA_STATE_SHUTDOWN)
        atomic_fetch_add(&seat->shutdowns, 1);
    ring();
}

static void on_reply(struct isa_call *call, const struct isa_reply *reply, void *user)
{
    struct op *op = user;
    (void)call;
    op->thread = pthread_self();
    snprintf(op->text, sizeof op->text, "%s", reply->status.message);
    atomic_store(&op->code, (int)reply->status.code);
    atomic_fetch_add(&op->completions, 1);
    atomic_fetch_add(&completed, 1);
    ring();
}

static void open_here(void *arg)
{
    struct seat *seat = arg;
    struct isa_conn_options options = *seat->options;
    options.on_state = on_state;
    options.user = seat;
    if (isa_conn_open(loop_thread_loop(seat->thread), seat->target, &options, &seat->conn) != 0)
        abort();
}

static void take_seats(const char *target, const struct isa_conn_options *options)
{
    for (unsigned i = 0; i < LOOPS; i++) {
        seats[i].thread = loop_thread_new();
        seats[i].target = target;
        seats[i].options = options;
        loop_thread_do(seats[i].thread, open_here, &seats[i]);
    }
}

static void leave_seats(void)
{
    for (unsigned i = 0; i < LOOPS; i++) {
        isa_conn_close(seats[i].conn, 0);
        isa_conn_unref(seats[i].conn);
    }
    for (unsigned i = 0; i < LOOPS; i++)
        cr_assert(reaches(&seats[i].shutdowns, 1));
    for (unsigned i = 0; i < LOOPS; i++) {
        loop_thread_free(seats[i].thread);
        cr_assert_eq(atomic_load(&seats[i].shutdowns), 1);
        cr_assert_eq(atomic_load(&seats[i].strays), 0);
    }
}

static int issue(struct op *op, struct seat *seat, const char *method)
{
    struct isa_unary unary = client_unary(method, "x");
    op->seat = seat;
    unary.on_reply = on_reply;
    unary.user = op;
    return isa_call_unary(seat->conn, &unary, NULL);
}

static pthread_barrier_t start_line;

/* One of the threads: its operations go to the loops in turn. */
static void *issue_some(void *arg)
{
    size_t first = (size_t)((struct op *)arg - ops);
    pthread_barrier_wait(&start_line);
    for (size_t i = first; i < first + OPS_EACH; i++) {
        if (issue(&ops[i], &seats[i % LOOPS], "/test.Test/Echo") != 0)
            abort();
    }
    return NULL;
}

static void issue_all(void)
{
    pthread_t threads[THREADS];
    memset(ops, 0, sizeof ops);
    atomic_store(&completed, 0);
    pthread_barrier_init(&start_line, NULL, THREADS);
    for (size_t i = 0; i < THREADS; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, issue_some, &ops[i * OPS_EACH]), 0);
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    pthread_barrier_destroy(&start_line);
    cr_assert(reaches(&completed, OPS), "%u of %u", atomic_load(&completed), (unsigned)OPS);
}

static void expect_each_once(int code)
{
    for (unsigned i = 0; i < OPS; i++) {
        cr_assert_eq(atomic_load(&ops[i].completions), 1);
        cr_assert_eq(atomic_load(&ops[i].code), code, "%s", ops[i].text);
        cr_assert(pthread_equal(ops[i].thread, loop_thread_id(ops[i].seat->thread)));
    }
}

static struct isa_conn_stats stats_of(const struct seat *seat)
{
    struct isa_conn_stats stats = ISA_CONN_STATS_INIT;
    cr_assert_eq(isa_conn_get_stats(seat->conn, &stats), 0);
    return stats;
}

Test(live_threads, share_one_connection_among_loops_from_the_first_operation)
{
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    struct server *server = server_new(NULL);
    take_seats(server_target(server), &options);

    issue_all();

    expect_each_once(ISA_STATUS_OK);
    cr_assert_eq(server_counts(server).connections, 1);
    cr_assert_eq(server_counts(server).calls, OPS);
    cr_assert_eq(stats_of(&seats[0]).attempts, 1);
    cr_assert_eq(stats_of(&seats[0]).handles, LOOPS);
    for (unsigned i = 0; i < LOOPS; i++)
        cr_assert_eq(atomic_load(&seats[i].ready), 1);
    leave_seats();
    server_free(server);
}

Test(live_threads, that_meet_a_dead_channel_cause_exactly_one_reconnection)
{
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.backoff_min_ms = options.backoff_max_ms = 60000;
    options.backoff_jitter = ISA_JITTER_NONE; /* only operations dial */
    struct server *server = server_new(NULL);
    take_seats(server_target(server), &options);
    cr_assert_eq(isa_conn_connect(seats[0].conn), 0);
    cr_assert(reaches(&seats[LOOPS - 1].ready, 1));
    server_down(server);
    for (unsigned i = 0; i < LOOPS; i++)
        cr_assert(reaches(&seats[i].failures, 1));
    for (unsigned i = 0; i < LOOPS; i++)
        cr_assert_not(isa_conn_is_healthy(seats[i].conn));
    server_up(server);

    issue_all();

    expect_each_once(ISA_STATUS_OK);
    struct isa_conn_stats stats = stats_of(&seats[0]);
    cr_assert_eq(stats.reconnects, 1);
    cr_assert_eq(stats.attempts, 2);
    cr_assert_eq(stats.failures, 0);
    cr_assert_eq(stats.operations_started, OPS);
    cr_assert_eq(stats.operations_ok, OPS);
    cr_assert_eq(server_counts(server).connections, 2);
    leave_seats();
    server_free(server);
}

Test(live_threads, that_meet_a_server_still_down_all_hear_the_cause)
{
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.backoff_min_ms = options.backoff_max_ms = 60000;
    options.backoff_jitter = ISA_JITTER_NONE;
    struct server *server = server_new(NULL);
    server_down(server);
    take_seats(server_target(server), &options);

    issue_all();

    expect_each_once(ISA_STATUS_UNAVAILABLE);
    for (unsigned i = 0; i < OPS; i++)
        cr_assert_not_null(strstr(ops[i].text, "onnection refused"), "%s", ops[i].text);
    struct isa_conn_stats stats = stats_of(&seats[0]);
    cr_assert_eq(stats.failures, stats.attempts);
    cr_assert_lt(stats.attempts, OPS / 4, "operations share attempts: %d", (int)stats.attempts);
    leave_seats();
    server_free(server);
}

static atomic_bool is_storm_over;

/* Reads and asks for everything that any thread may, all the time. */
static void *storm(void *arg)
{
    unsigned *states = arg;
    while (!atomic_load(&is_storm_over)) {
        for (unsigned i = 0; i < LOOPS; i++) {
            struct isa_conn_stats stats = ISA_CONN_STATS_INIT;
            struct isa_pool_stats pool = ISA_POOL_STATS_INIT;
            if (isa_conn_get_stats(seats[i].conn, &stats) != 0 || isa_pool_get_stats(&pool) != 0)
                abort();
            states[isa_conn_state(seats[i].conn)]++;
            isa_conn_is_healthy(seats[i].conn);
            isa_conn_connect(seats[i].conn);
            isa_conn_unref(isa_conn_ref(seats[i].conn));
        }
        sched_yield();
    }
    return NULL;
}

Test(live_threads, may_look_and_ask_while_connections_break)
{
    enum { ROUNDS = 5 };
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.backoff_min_ms = options.backoff_max_ms = 5;
    struct server *server = server_new(NULL);
    take_seats(server_target(server), &options);
    unsigned states[2][5] = { 0 };
    pthread_t storms[2];
    for (unsigned i = 0; i < 2; i++)
        cr_assert_eq(pthread_create(&storms[i], NULL, storm, states[i]), 0);

    for (unsigned round = 0; round < ROUNDS; round++) {
        cr_assert(reaches(&seats[0].ready, round + 1));
        server_cut(server);
    }
    cr_assert(reaches(&seats[LOOPS - 1].ready, ROUNDS + 1));
    issue_all();
    atomic_store(&is_storm_over, true);
    for (unsigned i = 0; i < 2; i++)
        pthread_join(storms[i], NULL);

    expect_each_once(ISA_STATUS_OK);
    cr_assert_eq(stats_of(&seats[0]).reconnects, ROUNDS);
    cr_assert_gt(states[0][ISA_STATE_READY] + states[1][ISA_STATE_READY], 0);
    cr_assert_eq(states[0][ISA_STATE_SHUTDOWN] + states[1][ISA_STATE_SHUTDOWN], 0);
    leave_seats();
    server_free(server);
}

Test(live_threads, survive_the_end_of_one_of_their_loops)
{
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    struct server *server = server_new(NULL);
    take_seats(server_target(server), &options);
    memset(ops, 0, sizeof ops);
    for (unsigned i = 0; i < LOOPS; i++)
        cr_assert_eq(issue(&ops[i], &seats[i], "/test.Test/Hold"), 0);
    cr_assert(server_await_held(server, LOOPS));

    loop_thread_free(seats[0].thread); /* destroys the loop with its call in flight */
    server_release(server);

    cr_assert(reaches(&completed, LOOPS));
    cr_assert_eq(atomic_load(&ops[0].code), ISA_STATUS_CANCELLED);
    for (unsigned i = 1; i < LOOPS; i++)
        cr_assert_eq(atomic_load(&ops[i].code), ISA_STATUS_OK, "%s", ops[i].text);
    cr_assert_eq(atomic_load(&seats[0].shutdowns), 1);
    cr_assert_eq(stats_of(&seats[1]).handles, LOOPS - 1);
    cr_assert_eq(isa_conn_connect(seats[0].conn), ISA_ECLOSED);
    isa_conn_unref(seats[0].conn);
    for (unsigned i = 1; i < LOOPS; i++) {
        isa_conn_close(seats[i].conn, 0);
        isa_conn_unref(seats[i].conn);
        cr_assert(reaches(&seats[i].shutdowns, 1));
        loop_thread_free(seats[i].thread);
    }
    server_free(server);
}
