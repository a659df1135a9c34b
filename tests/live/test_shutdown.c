/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests of the pool's end: what completes, how, and what is left afterwards.
 * Used by: ctest.
 * Must not know: the rooms behind the public headers.
 */
#include "client.h"
#include "grpc_server.h"
#include "loop_thread.h"
#include "tcp_peer.h"

#include <criterion/criterion.h>
#include <ev.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

Test(live_shutdown, cancels_running_calls_without_grace)
{
    struct server *server = server_new(NULL);
    struct client client;
    client_open(&client, server_target(server), NULL);
    struct client_op ops[10] = { 0 };
    for (unsigned i = 0; i < 10; i++)
        client_send(&client, &ops[i], "/test.Test/Hold", "x");
    cr_assert(server_await_held(server, 10));

    client_shutdown_pool(&client, 0);

    for (unsigned i = 0; i < 10; i++) {
        cr_assert_eq(ops[i].completions, 1);
        cr_assert_eq(ops[i].status.code, ISA_STATUS_CANCELLED, "%d %s", (int)ops[i].status.code,
                     ops[i].text);
        cr_assert_eq(ops[i].status.reason, ISA_REASON_SHUTDOWN);
        cr_assert_str_not_empty(ops[i].text);
    }
    cr_assert_eq(client.shutdown_count, 1);
    cr_assert_eq(client_last(&client)->reason, ISA_REASON_SHUTDOWN);
    client_leave(&client);
    server_free(server);
}

Test(live_shutdown, lets_running_calls_finish_within_its_grace)
{
    struct server *server = server_new(NULL);
    struct client client;
    client_open(&client, server_target(server), NULL);
    struct client_op first = { 0 };
    struct client_op op = { 0 };
    client_do(&client, &first, "/test.Test/Echo", "connected");
    client_send(&client, &op, "/test.Test/Slow", "100");

    client_shutdown_pool(&client, 60000);

    cr_assert_eq(op.status.code, ISA_STATUS_OK, "%s", op.text);
    cr_assert_eq(client.shutdown_count, 1);
    client_leave(&client);
    server_free(server);
}

Test(live_shutdown, cancels_what_outlasts_its_grace)
{
    struct server *server = server_new(NULL);
    struct client client;
    client_open(&client, server_target(server), NULL);
    struct client_op op = { 0 };
    client_send(&client, &op, "/test.Test/Hold", "x");
    cr_assert(server_await_held(server, 1));

    client_shutdown_pool(&client, 50);

    cr_assert_eq(op.status.code, ISA_STATUS_CANCELLED, "%s", op.text);
    cr_assert_geq(op.duration_us, 50000);
    client_leave(&client);
    server_free(server);
}

Test(live_shutdown, cancels_calls_that_wait_for_an_attempt)
{
    struct tcp_peer *peer = tcp_peer_new(0, tcp_accept_silently, NULL);
    struct client client;
    client_open(&client, tcp_peer_target(peer), NULL);
    struct client_op op = { 0 };
    client_send(&client, &op, "/test.Test/Echo", "x");
    client_await_state(&client, ISA_STATE_CONNECTING);

    client_shutdown_pool(&client, 0);

    cr_assert_eq(op.completions, 1);
    cr_assert_eq(op.status.code, ISA_STATUS_CANCELLED, "%d %s", (int)op.status.code, op.text);
    cr_assert_eq(op.status.reason, ISA_REASON_SHUTDOWN);
    client_leave(&client);
    tcp_peer_free(peer);
}

Test(live_shutdown, cancels_calls_that_wait_out_a_backoff)
{
    struct tcp_peer *peer = tcp_peer_new(0, tcp_accept_silently, NULL);
    tcp_peer_refuse(peer);
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.backoff_min_ms = options.backoff_max_ms = 60000;
    options.backoff_jitter = ISA_JITTER_NONE;
    options.connect_timeout_ms = 100;
    struct client client;
    client_open(&client, tcp_peer_target(peer), &options);
    struct isa_unary unary = client_unary("/test.Test/Echo", "x");
    struct isa_call_options call_options = ISA_CALL_OPTIONS_INIT;
    unary.options = &call_options;
    call_options.wait_for_ready = true;
    struct client_op op = { 0 };
    cr_assert_eq(client_start(&client, &op, &unary), 0);
    client_await_state(&client, ISA_STATE_TRANSIENT_FAILURE);

    client_shutdown_pool(&client, 60000);

    cr_assert_eq(op.status.code, ISA_STATUS_CANCELLED, "%d %s", (int)op.status.code, op.text);
    client_leave(&client);
    tcp_peer_free(peer);
}

Test(live_shutdown, ends_unused_handles_and_an_unused_pool)
{
    struct client client;
    client_open(&client, "127.0.0.2:1", NULL);

    client_shutdown_pool(&client, 0);

    cr_assert_eq(client.shutdown_count, 1);
    cr_assert_eq(client_last(&client)->reason, ISA_REASON_SHUTDOWN);
    client_leave(&client);
}

Test(live_shutdown, goes_on_once_at_a_time)
{
    struct server *server = server_new(NULL);
    struct client client;
    client_open(&client, server_target(server), NULL);
    struct client_op op = { 0 };
    client_do(&client, &op, "/test.Test/Echo", "x");

    cr_assert_eq(isa_pool_shutdown(client.loop, 0, NULL, NULL), 0);
    int while_it_goes_on = isa_pool_shutdown(client.loop, 0, NULL, NULL);
    ev_run(client.loop, 0);

    cr_assert_eq(while_it_goes_on, ISA_ESHUTDOWN);
    cr_assert_eq(client.shutdown_count, 1);
    client_leave(&client);
    server_free(server);
}

static void on_done(void *user)
{
    ++*(unsigned *)user;
}

static void shut_down_here(struct client_op *op)
{
    cr_assert_eq(isa_pool_shutdown(op->client->loop, 0, on_done, op->user), 0);
}

Test(live_shutdown, may_be_asked_for_inside_a_callback)
{
    struct server *server = server_new(NULL);
    struct client client;
    client_open(&client, server_target(server), NULL);
    unsigned done = 0;
    struct client_op op = { .then = shut_down_here, .user = &done };
    client_send(&client, &op, "/test.Test/Echo", "x");

    ev_run(client.loop, 0);

    cr_assert_eq(done, 1);
    cr_assert_eq(client.shutdown_count, 1);
    client_leave(&client);
    server_free(server);
}

Test(live_shutdown, refuses_what_is_new_until_it_is_done)
{
    struct server *server = server_new(NULL);
    struct client client;
    client_open(&client, server_target(server), NULL);
    struct client_op op = { 0 };
    struct client_op late = { 0 };
    client_do(&client, &op, "/test.Test/Echo", "x");
    struct isa_unary unary = client_unary("/test.Test/Echo", "x");
    struct isa_conn *other = NULL;
    unsigned done = 0;
    cr_assert_eq(isa_pool_shutdown(client.loop, 0, on_done, &done), 0);

    cr_expect_eq(isa_conn_open(client.loop, "127.0.0.2:1", NULL, &other), ISA_ESHUTDOWN);
    cr_expect_null(other);
    cr_expect_eq(isa_conn_connect(client.conn), ISA_ESHUTDOWN);
    cr_expect_eq(isa_conn_reconnect(client.conn), ISA_ESHUTDOWN);
    cr_expect_eq(isa_conn_force_close(client.conn), ISA_ESHUTDOWN);
    cr_expect_eq(client_start(&client, &late, &unary), ISA_ESHUTDOWN);
    cr_expect_eq(isa_pool_shutdown(client.loop, 0, NULL, NULL), ISA_ESHUTDOWN);

    ev_run(client.loop, 0);
    cr_expect_eq(done, 1);
    client_leave(&client);
    server_free(server);
}

Test(live_shutdown, leaves_handles_that_say_so)
{
    struct server *server = server_new(NULL);
    struct client client;
    client_open(&client, server_target(server), NULL);
    struct client_op op = { 0 };
    struct client_op late = { 0 };
    client_do(&client, &op, "/test.Test/Echo", "x");
    client_shutdown_pool(&client, 0);
    struct isa_unary unary = client_unary("/test.Test/Echo", "x");
    struct isa_pool_stats pool = ISA_POOL_STATS_INIT;

    cr_expect_eq(isa_conn_connect(client.conn), ISA_ECLOSED);
    cr_expect_eq(isa_conn_reconnect(client.conn), ISA_ECLOSED);
    cr_expect_eq(isa_conn_close(client.conn, 0), ISA_ECLOSED);
    cr_expect_eq(isa_conn_force_close(client.conn), ISA_ECLOSED);
    cr_expect_eq(client_start(&client, &late, &unary), ISA_ECLOSED);
    cr_expect_eq(isa_conn_state(client.conn), ISA_STATE_SHUTDOWN);
    cr_expect_not(isa_conn_is_healthy(client.conn));
    cr_expect_eq(isa_pool_get_stats(&pool), 0);
    cr_expect_eq(pool.handles, 0);
    cr_expect_eq(client_stats(&client).operations_ok, 1, "counts can still be read");
    isa_call_cancel(op.call);
    client_leave(&client);
    server_free(server);
}

/* Handles on loops of other threads. */

struct guest {
    struct loop_thread *thread;
    struct isa_conn *conn;
    const char *target;
    atomic_uint shutdowns;
    atomic_uint replies;
    atomic_int code;
};

static void on_guest_state(struct isa_conn *conn, const struct isa_change *change, void *user)
{
    (void)conn;
    if (change->to == ISA_STATE_SHUTDOWN)
        atomic_fetch_add(&((struct guest *)user)->shutdowns, 1);
}

static void on_guest_reply(struct isa_call *call, const struct isa_reply *reply, void *user)
{
    struct guest *guest = user;
    (void)call;
    atomic_store(&guest->code, (int)reply->status.code);
    atomic_fetch_add(&guest->replies, 1);
}

static void arrive(void *arg)
{
    struct guest *guest = arg;
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.on_state = on_guest_state;
    options.user = guest;
    struct isa_unary unary = client_unary("/test.Test/Hold", "x");
    unary.on_reply = on_guest_reply;
    unary.user = guest;
    if (isa_conn_open(loop_thread_loop(guest->thread), guest->target, &options, &guest->conn) ||
        isa_call_unary(guest->conn, &unary, NULL))
        abort();
}

/* A loop that stands still for a while. */
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

static sem_t standing;

static void stand_still(void *unused)
{
    (void)unused;
    sem_post(&standing);
    pthread_mutex_lock(&gate);
    pthread_mutex_unlock(&gate);
}

static void *hold_up(void *thread)
{
    loop_thread_do(thread, stand_still, NULL);
    return NULL;
}

static bool is_done(void *done)
{
    return *(unsigned *)done > 0;
}

Test(live_shutdown, is_done_only_when_the_handles_of_every_loop_have_heard_their_last)
{
    enum { GUESTS = 3 };
    struct server *server = server_new(NULL);
    struct client client;
    client_open(&client, server_target(server), NULL);
    static struct guest guests[GUESTS];
    for (unsigned i = 0; i < GUESTS; i++) {
        guests[i].thread = loop_thread_new();
        guests[i].target = server_target(server);
        loop_thread_do(guests[i].thread, arrive, &guests[i]);
    }
    cr_assert(server_await_held(server, GUESTS));
    unsigned done = 0;

    sem_init(&standing, 0, 0);
    pthread_mutex_lock(&gate);
    pthread_t slow;
    cr_assert_eq(pthread_create(&slow, NULL, hold_up, guests[0].thread), 0);
    sem_wait(&standing);
    cr_assert_eq(isa_pool_shutdown(client.loop, 0, on_done, &done), 0);
    client_run_for(&client, 100);
    unsigned done_while_one_stands_still = done;
    pthread_mutex_unlock(&gate);
    client_await(&client, is_done, &done);
    unsigned heard = 0;
    unsigned replied = 0;
    for (unsigned i = 0; i < GUESTS; i++) {
        heard += atomic_load(&guests[i].shutdowns);
        replied += atomic_load(&guests[i].replies);
    }
    pthread_join(slow, NULL);

    cr_assert_eq(done_while_one_stands_still, 0);
    cr_assert_eq(replied, GUESTS);
    cr_assert_eq(heard, GUESTS);
    for (unsigned i = 0; i < GUESTS; i++) {
        cr_assert_eq(atomic_load(&guests[i].code), ISA_STATUS_CANCELLED);
        isa_conn_unref(guests[i].conn);
        loop_thread_free(guests[i].thread);
    }
    client_leave(&client);
    server_free(server);
}

static void note_time(void *user)
{
    *(bool *)user = true;
}

Test(live_shutdown, does_not_wait_for_ever_for_a_loop_that_stands_still)
{
    struct ev_loop *still = ev_loop_new(EVFLAG_AUTO);
    struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO);
    struct isa_conn *conn = NULL;
    bool is_done = false;
    cr_assert_eq(isa_conn_open(still, "127.0.0.1:1", NULL, &conn), 0);
    cr_assert_eq(isa_conn_connect(conn), 0);

    cr_assert_eq(isa_pool_shutdown(loop, 0, note_time, &is_done), 0);
    ev_run(loop, 0);

    cr_expect(is_done);
    isa_conn_unref(conn);
    ev_run(still, EVRUN_NOWAIT);
    ev_loop_destroy(still);
    ev_loop_destroy(loop);
}
