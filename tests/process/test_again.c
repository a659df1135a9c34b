/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE /* pthread_tryjoin_np() */

/*
 * Owns: tests of a library that is used again after its end.
 * Used by: ctest.
 * Must not know: the rooms behind the public headers.
 *
 * The server is in another process, for it would keep grpc-core's threads.
 */
#include "client.h"
#include "failing_alloc.h"
#include "grpc_server.h"
#include "loop_thread.h"
#include "proc.h"
#include "tcp_peer.h"

#include <criterion/criterion.h>
#include <ev.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { ROUNDS = 50 };

/* Open, call, shut down; nothing stays behind but what core keeps from its first start on. */
static void live_once(const char *target, bool leaves_a_call_running)
{
    struct client client;
    struct client_op op = { 0 };
    struct client_op held = { 0 };
    client_open(&client, target, NULL);
    client_do(&client, &op, "/test.Test/Echo", "x");
    if (leaves_a_call_running)
        client_send(&client, &held, "/test.Test/Hold", "x");
    client_shutdown_pool(&client, 0);
    cr_assert_eq(op.status.code, ISA_STATUS_OK, "%s", op.text);
    cr_assert(!leaves_a_call_running || held.status.code == ISA_STATUS_CANCELLED);
    cr_assert_eq(client.shutdown_count, 1);
    client_leave(&client);
}

Test(process_again, fifty_lives_leave_no_thread_descriptor_or_memory)
{
    struct server_child *server = server_child_new();
    failing_alloc_install();
    unsigned threads = proc_threads();
    live_once(server_child_target(server), false);
    unsigned fds = proc_fds();

    for (unsigned round = 1; round < ROUNDS; round++) {
        live_once(server_child_target(server), round % 2);
        cr_assert_eq(proc_threads_left(threads), threads, "round %u: %u, not %u", round,
                     proc_threads(), threads);
        cr_assert_eq(proc_fds(), fds, "round %u: %u, not %u", round, proc_fds(), fds);
        cr_assert_eq(failing_alloc_live(), 0, "round %u: %d", round, (int)failing_alloc_live());
    }

    server_child_free(server);
}

struct second_life {
    struct client client;
    struct client_op op;
    struct ev_loop *loop;
    const char *target;
    bool is_done;
};

static void live_again_at_once(void *user)
{
    struct second_life *life = user;
    client_open_on(&life->client, life->loop, life->target, NULL);
    client_send(&life->client, &life->op, "/test.Test/Echo", "again");
    life->is_done = true;
}

Test(process_again, on_done_itself_may_open_and_call)
{
    struct server_child *server = server_child_new();
    struct client client;
    struct client_op op = { 0 };
    client_open(&client, server_child_target(server), NULL);
    client_do(&client, &op, "/test.Test/Echo", "x");
    static struct second_life life;
    life.loop = client.loop;
    life.target = server_child_target(server);

    cr_assert_eq(isa_pool_shutdown(client.loop, 0, live_again_at_once, &life), 0);
    ev_run(client.loop, 0);

    cr_assert(life.is_done);
    cr_assert_eq(life.op.status.code, ISA_STATUS_OK, "%s", life.op.text);
    client_shutdown_pool(&life.client, 0);
    client_leave(&life.client);
    client_leave(&client);
    server_child_free(server);
}

static void shut_down_again(void *user)
{
    struct second_life *life = user;
    life->is_done = true;
    cr_assert_eq(isa_pool_shutdown(life->loop, 0, NULL, NULL), 0);
}

Test(process_again, on_done_itself_may_shut_down)
{
    struct second_life life = { .loop = ev_loop_new(EVFLAG_AUTO) };

    cr_assert_eq(isa_pool_shutdown(life.loop, 0, shut_down_again, &life), 0);
    ev_run(life.loop, 0);

    cr_assert(life.is_done);
    ev_loop_destroy(life.loop);
}

static void set(void *flag)
{
    *(bool *)flag = true;
}

static void count_last(struct isa_conn *conn, const struct isa_change *change, void *user)
{
    (void)conn;
    *(unsigned *)user += change->to == ISA_STATE_SHUTDOWN;
}

Test(process_again, a_loop_that_stood_still_through_an_end_hears_its_last_in_the_next_life)
{
    struct server_child *server = server_child_new();
    failing_alloc_install();
    struct ev_loop *still = ev_loop_new(EVFLAG_AUTO);
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    struct isa_conn *conn = NULL;
    unsigned lasts = 0;
    bool is_done = false;
    struct client client;
    struct client_op op = { 0 };
    options.on_state = count_last;
    options.user = &lasts;
    cr_assert_eq(isa_conn_open(still, server_child_target(server), &options, &conn), 0);
    cr_assert_eq(isa_conn_connect(conn), 0);
    struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO);
    cr_assert_eq(isa_pool_shutdown(loop, 0, set, &is_done), 0);
    ev_run(loop, 0);
    cr_assert(is_done);

    client_open(&client, server_child_target(server), NULL);
    client_do(&client, &op, "/test.Test/Echo", "x");
    struct isa_unary unary = client_unary("/test.Test/Echo", "x");
    unary.on_reply = (isa_reply_fn *)abort; /* not accepted, so never called */
    int late = isa_call_unary(conn, &unary, NULL);
    ev_run(still, EVRUN_NOWAIT);
    client_shutdown_pool(&client, 0);

    cr_assert_eq(late, ISA_ECLOSED);
    cr_assert_eq(lasts, 1);
    cr_assert_eq(op.status.code, ISA_STATUS_OK, "%s", op.text);
    isa_conn_unref(conn);
    ev_run(still, EVRUN_NOWAIT);
    ev_loop_destroy(still);
    ev_loop_destroy(loop);
    client_leave(&client);
    cr_assert_eq(failing_alloc_live(), 0);
    server_child_free(server);
}

Test(process_again, after_a_shutdown_whose_loop_was_destroyed)
{
    struct server_child *server = server_child_new();
    failing_alloc_install();
    struct client client;
    struct client_op op = { 0 };
    bool is_done = false;
    client_open(&client, server_child_target(server), NULL);
    client_do(&client, &op, "/test.Test/Echo", "x");
    struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO);
    cr_assert_eq(isa_pool_shutdown(loop, 0, set, &is_done), 0);

    ev_loop_destroy(loop);
    client_await_state(&client, ISA_STATE_SHUTDOWN);
    client_leave(&client);
    struct ev_loop *other = ev_loop_new(EVFLAG_AUTO);
    struct isa_conn *conn = NULL;
    int error;
    while ((error = isa_conn_open(other, "127.0.0.1:1", NULL, &conn)) == ISA_ESHUTDOWN)
        continue;

    cr_assert_eq(error, 0);
    cr_assert_not(is_done, "its loop was gone");
    isa_conn_unref(conn);
    ev_run(other, 0);
    ev_loop_destroy(other);
    live_once(server_child_target(server), false);
    cr_assert_eq(failing_alloc_live(), 0);
    server_child_free(server);
}

/* What another thread does all the time, through every end and beginning. */
struct intruder {
    struct loop_thread *thread;
    const char *target;
    struct isa_conn *conn;
    unsigned accepted;
    atomic_uint completed;
    unsigned lives;
};

static void on_intruder_reply(struct isa_call *call, const struct isa_reply *reply, void *user)
{
    (void)call, (void)reply;
    atomic_fetch_add(&((struct intruder *)user)->completed, 1);
}

static void intrude(void *arg)
{
    struct intruder *intruder = arg;
    struct isa_unary unary = client_unary("/test.Test/Echo", "x");
    unary.on_reply = on_intruder_reply;
    unary.user = intruder;
    if (!intruder->conn) {
        if (isa_conn_open(loop_thread_loop(intruder->thread), intruder->target, NULL,
                          &intruder->conn))
            return;
        intruder->lives++;
    }
    int error = isa_call_unary(intruder->conn, &unary, NULL);
    if (!error)
        intruder->accepted++;
    else if (error == ISA_ECLOSED)
        intruder->conn = isa_conn_unref(intruder->conn);
}

static void *intrude_until(void *arg)
{
    struct intruder *intruder = arg;
    for (unsigned i = 0; i < 4000 || intruder->lives < 3; i++)
        loop_thread_do(intruder->thread, intrude, intruder);
    return NULL;
}

static void leave(void *arg)
{
    struct intruder *intruder = arg;
    intruder->conn = isa_conn_unref(intruder->conn);
}

Test(process_again, while_another_thread_opens_and_calls_all_the_time)
{
    struct server_child *server = server_child_new();
    failing_alloc_install();
    struct intruder intruder = { .thread = loop_thread_new(),
                                 .target = server_child_target(server) };
    pthread_t thread;
    cr_assert_eq(pthread_create(&thread, NULL, intrude_until, &intruder), 0);

    for (unsigned round = 0; round < 20; round++)
        live_once(server_child_target(server), false);
    void *unused;
    while (pthread_tryjoin_np(thread, &unused))
        live_once(server_child_target(server), false);
    loop_thread_do(intruder.thread, leave, &intruder);
    loop_thread_free(intruder.thread);
    live_once(server_child_target(server), false);

    cr_assert_geq(intruder.lives, 3);
    cr_assert_eq(atomic_load(&intruder.completed), intruder.accepted, "%u of %u",
                 atomic_load(&intruder.completed), intruder.accepted);
    cr_assert_eq(failing_alloc_live(), 0, "%d", (int)failing_alloc_live());
    server_child_free(server);
}
