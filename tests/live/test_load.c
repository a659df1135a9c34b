/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests with a loop so busy that it takes its completions from grpc-core itself.
 * Used by: ctest.
 * Must not know: the rooms behind the public headers.
 */
#include "client.h"
#include "grpc_server.h"
#include "loop_thread.h"

#include <criterion/criterion.h>
#include <ev.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

enum { IN_FLIGHT = 64, MANY = 5000, LIMIT_S = 15 };

/* A loop that makes calls of its handle, each completion the next, until it is told to stop. */
struct load {
    struct ev_loop *loop;
    struct isa_conn *conn;
    unsigned running;
    unsigned done;
    unsigned not_ok;
    unsigned limit;                /* then no more are made */
    void (*at)(struct load *load); /* inside the callback of number `when` */
    unsigned when;
};

static void start_one_call(struct load *load);

static void on_reply(struct isa_call *call, const struct isa_reply *reply, void *user)
{
    struct load *load = user;
    (void)call;
    load->running--;
    load->done++;
    load->not_ok += reply->status.code != ISA_STATUS_OK;
    if (load->at && load->done == load->when)
        load->at(load);
    if (load->done + load->running < load->limit)
        start_one_call(load);
}

static void start_one_call(struct load *load)
{
    struct isa_unary unary = client_unary("/test.Test/Echo", "x");
    unary.on_reply = on_reply;
    unary.user = load;
    if (isa_call_unary(load->conn, &unary, NULL) == 0)
        load->running++;
}

static void begin(struct load *load, struct ev_loop *loop, const char *target)
{
    load->loop = loop;
    if (isa_conn_open(loop, target, NULL, &load->conn) != 0)
        abort();
    for (int i = 0; i < IN_FLIGHT; i++)
        start_one_call(load);
}

static void on_gone(void *user)
{
    *(bool *)user = true;
}

/* ---- another loop, in another thread ---------------------------------------------------------- */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t told = PTHREAD_COND_INITIALIZER;
static unsigned answers; /* under lock */

static void on_answer(struct isa_call *call, const struct isa_reply *reply, void *user)
{
    (void)call;
    (void)user;
    pthread_mutex_lock(&lock);
    answers += reply->status.code == ISA_STATUS_OK;
    pthread_cond_signal(&told);
    pthread_mutex_unlock(&lock);
}

static bool reaches(unsigned count)
{
    struct timespec limit;
    clock_gettime(CLOCK_REALTIME, &limit);
    limit.tv_sec += LIMIT_S;
    int error = 0;
    pthread_mutex_lock(&lock);
    while (answers < count && !error)
        error = pthread_cond_timedwait(&told, &lock, &limit);
    bool is_reached = answers >= count;
    pthread_mutex_unlock(&lock);
    return is_reached;
}

static struct loop_thread *other_thread;
static struct isa_conn *other;

static void open_other(void *target)
{
    if (isa_conn_open(loop_thread_loop(other_thread), target, NULL, &other) != 0)
        abort();
}

static void ask_other(void)
{
    struct isa_unary unary = client_unary("/test.Test/Echo", "x");
    unary.on_reply = on_answer;
    cr_assert_eq(isa_call_unary(other, &unary, NULL), 0);
}

static void start_other(struct server *server)
{
    other_thread = loop_thread_new();
    loop_thread_do(other_thread, open_other, (void *)server_target(server));
}

static void end_other(void)
{
    isa_conn_close(other, 0);
    isa_conn_unref(other);
    loop_thread_free(other_thread);
}

/* ---- the tests -------------------------------------------------------------------------------- */

Test(live_load, completes_every_call_of_a_busy_loop)
{
    struct server *server = server_new(NULL);
    struct load load = { .limit = MANY };

    begin(&load, ev_loop_new(EVFLAG_AUTO), server_target(server));
    ev_run(load.loop, 0); /* returns when nothing is left to wait for */

    cr_assert_eq(load.done, MANY);
    cr_assert_eq(load.not_ok, 0);
    cr_assert_eq(load.running, 0);
    isa_conn_unref(load.conn);
    ev_run(load.loop, EVRUN_NOWAIT);
    ev_loop_destroy(load.loop);
    server_free(server);
}

static bool was_other_answered;

/* This loop stands still until the other one has its reply. */
static void wait_for_other(struct load *load)
{
    (void)load;
    ask_other();
    was_other_answered = reaches(1);
}

Test(live_load, a_busy_loop_that_stands_still_holds_up_no_other)
{
    struct server *server = server_new(NULL);
    struct load load = { .limit = MANY, .at = wait_for_other, .when = MANY / 2 };
    start_other(server);

    begin(&load, ev_loop_new(EVFLAG_AUTO), server_target(server));
    ev_run(load.loop, 0);

    cr_assert(was_other_answered);
    cr_assert_eq(load.done, MANY);
    cr_assert_eq(load.not_ok, 0);
    isa_conn_unref(load.conn);
    ev_run(load.loop, EVRUN_NOWAIT);
    ev_loop_destroy(load.loop);
    end_other();
    server_free(server);
}

static void leave_loop(struct load *load)
{
    load->limit = 0;
    ev_break(load->loop, EVBREAK_ALL);
}

Test(live_load, a_busy_loop_can_be_destroyed)
{
    struct server *server = server_new(NULL);
    struct load load = { .limit = MANY, .at = leave_loop, .when = MANY / 2 };
    start_other(server);

    begin(&load, ev_loop_new(EVFLAG_AUTO), server_target(server));
    ev_run(load.loop, 0);
    ev_loop_destroy(load.loop); /* completes what still runs */
    ask_other();

    cr_assert(reaches(1));
    cr_assert_eq(load.running, 0);
    isa_conn_unref(load.conn);
    end_other();
    server_free(server);
}

static bool is_gone;

static void end_pool(struct load *load)
{
    load->limit = 0;
    isa_pool_shutdown(load->loop, 0, on_gone, &is_gone);
}

Test(live_load, the_pool_can_be_ended_from_a_busy_loop)
{
    struct server *server = server_new(NULL);
    struct load load = { .limit = MANY, .at = end_pool, .when = MANY / 2 };

    begin(&load, ev_loop_new(EVFLAG_AUTO), server_target(server));
    ev_run(load.loop, 0);

    cr_assert(is_gone);
    cr_assert_eq(load.running, 0);
    isa_conn_unref(load.conn);
    ev_run(load.loop, EVRUN_NOWAIT);
    ev_loop_destroy(load.loop);
    server_free(server);
}

Test(live_load, the_library_can_be_used_again_after_a_busy_life)
{
    struct server *server = server_new(NULL);
    struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO);

    for (int life = 0; life < 3; life++) {
        struct load load = { .limit = MANY, .at = end_pool, .when = MANY / 2 };
        is_gone = false;
        begin(&load, loop, server_target(server));
        ev_run(loop, 0);
        cr_assert(is_gone);
        cr_assert_eq(load.running, 0);
        isa_conn_unref(load.conn);
    }

    ev_run(loop, EVRUN_NOWAIT);
    ev_loop_destroy(loop);
    server_free(server);
}
