/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests of what the library does with a program's loop: keeps it alive for work, and only for
 * work; ends what is on it when it is destroyed.
 * Used by: ctest.
 * Must not know: the rooms behind the public headers.
 */
#include "client.h"
#include "grpc_server.h"
#include "loop_thread.h"
#include "tcp_peer.h"

#include <criterion/criterion.h>
#include <ev.h>
#include <string.h>

Test(live_loop, returns_at_once_with_only_an_unused_handle)
{
    struct client client;
    client_open(&client, "127.0.0.2:1", NULL);

    cr_assert_not(ev_run(client.loop, 0), "nothing is left to wait for");

    cr_assert_eq(client.change_count, 0);
    client_end(&client);
}

Test(live_loop, returns_when_the_last_call_has_completed)
{
    struct server *server = server_new(NULL);
    struct client client;
    client_open(&client, server_target(server), NULL);
    struct client_op quick = { 0 };
    struct client_op slow = { 0 };
    client_send(&client, &quick, "/test.Test/Echo", "x");
    client_send(&client, &slow, "/test.Test/Slow", "80");

    ev_run(client.loop, 0);

    cr_assert_eq(quick.completions, 1);
    cr_assert_eq(slow.completions, 1);
    cr_assert_eq(slow.status.code, ISA_STATUS_OK, "%s", slow.text);
    cr_assert_eq(isa_conn_state(client.conn), ISA_STATE_READY, "an open handle holds nothing");
    client_end(&client);
    server_free(server);
}

Test(live_loop, stays_while_a_call_waits_for_a_connection)
{
    struct tcp_peer *peer = tcp_peer_new(0, tcp_accept_silently, NULL);
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.connect_timeout_ms = 200;
    struct client client;
    client_open(&client, tcp_peer_target(peer), &options);
    struct client_op op = { 0 };
    client_send(&client, &op, "/test.Test/Echo", "x");

    ev_run(client.loop, 0);

    cr_assert_eq(op.completions, 1);
    cr_assert_eq(op.status.code, ISA_STATUS_UNAVAILABLE, "%s", op.text);
    client_end(&client);
    tcp_peer_free(peer);
}

static void close_here(struct client_op *op)
{
    cr_assert_eq(isa_conn_close(op->client->conn, 0), 0);
}

Test(live_loop, returns_after_a_close_inside_the_last_callback)
{
    struct server *server = server_new(NULL);
    struct client client;
    client_open(&client, server_target(server), NULL);
    struct client_op op = { .then = close_here };
    client_send(&client, &op, "/test.Test/Echo", "x");

    ev_run(client.loop, 0);

    cr_assert_eq(op.completions, 1);
    cr_assert_eq(client.shutdown_count, 1);
    cr_assert_eq(client_last(&client)->reason, ISA_REASON_USER);
    client_end(&client);
    server_free(server);
}

Test(live_loop, returns_from_a_single_iteration_in_which_a_callback_ran)
{
    struct client client;
    client_open(&client, "127.0.0.2:1", NULL);
    cr_assert_eq(isa_conn_close(client.conn, 0), 0);

    ev_run(client.loop, EVRUN_ONCE);

    cr_assert_eq(client.shutdown_count, 1);
    client_end(&client);
}

static void do_nothing(struct ev_loop *loop, ev_timer *timer, int revents)
{
    (void)loop, (void)timer, (void)revents;
}

Test(live_loop, does_not_block_before_what_was_posted_early_is_told)
{
    struct client client;
    client_open(&client, "127.0.0.2:1", NULL);
    cr_assert_eq(isa_conn_close(client.conn, 0), 0);
    ev_timer hour; /* the loop has something else to wait for */
    ev_timer_init(&hour, do_nothing, 3600., 0.);
    ev_timer_start(client.loop, &hour);

    ev_run(client.loop, EVRUN_ONCE);

    cr_assert_eq(client.shutdown_count, 1);
    ev_timer_stop(client.loop, &hour);
    client_end(&client);
}

Test(live_loop, disconnects_after_the_idle_timeout_and_connects_for_the_next_call)
{
    struct server *server = server_new(NULL);
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.idle_timeout_ms = 100;
    struct client client;
    client_open(&client, server_target(server), &options);
    struct client_op first = { 0 };
    struct client_op second = { 0 };

    client_do(&client, &first, "/test.Test/Echo", "1");
    client_await_state(&client, ISA_STATE_IDLE);
    bool is_healthy = isa_conn_is_healthy(client.conn);
    client_do(&client, &second, "/test.Test/Echo", "2");

    cr_assert(is_healthy);
    cr_assert_eq(second.status.code, ISA_STATUS_OK, "%s", second.text);
    const struct isa_change *idle = client_nth_to(&client, ISA_STATE_IDLE, 0);
    cr_assert_eq(idle->reason, ISA_REASON_IDLE);
    cr_assert_geq(idle->time_in_from_us, 90000);
    struct isa_conn_stats stats = client_stats(&client);
    cr_assert_eq(stats.attempts, 2);
    cr_assert_eq(stats.losses, 0);
    cr_assert_eq(stats.reconnects, 0, "nothing was lost");
    cr_assert_eq(server_counts(server).connections, 2);
    client_end(&client);
    server_free(server);
}

Test(live_loop, does_not_disconnect_a_call_that_outlasts_the_idle_timeout)
{
    struct server *server = server_new(NULL);
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.idle_timeout_ms = 100;
    struct client client;
    client_open(&client, server_target(server), &options);

    struct client_op op = { 0 };
    client_do(&client, &op, "/test.Test/Slow", "350");

    cr_assert_eq(op.status.code, ISA_STATUS_OK, "%s", op.text);
    cr_assert_eq(client_count_to(&client, ISA_STATE_IDLE), 0);
    client_end(&client);
    server_free(server);
}

Test(live_loop, destroyed_with_calls_in_flight_completes_each_as_cancelled)
{
    enum { CALLS = 20 };
    struct server *server = server_new(NULL);
    struct client client;
    struct client survivor;
    client_open(&client, server_target(server), NULL);
    client_open(&survivor, server_target(server), NULL);
    static struct client_op ops[CALLS];
    for (unsigned i = 0; i < CALLS; i++)
        client_send(&client, &ops[i], "/test.Test/Hold", "x");
    cr_assert(server_await_held(server, CALLS));

    ev_loop_destroy(client.loop);
    client.has_own_loop = false;

    for (unsigned i = 0; i < CALLS; i++) {
        cr_assert_eq(ops[i].completions, 1);
        cr_assert_eq(ops[i].status.code, ISA_STATUS_CANCELLED, "%s", ops[i].text);
        cr_assert_eq(ops[i].status.reason, ISA_REASON_SHUTDOWN);
    }
    cr_assert_eq(client.shutdown_count, 1);
    cr_assert_eq(client_last(&client)->reason, ISA_REASON_SHUTDOWN);
    cr_assert_eq(isa_conn_connect(client.conn), ISA_ECLOSED);
    cr_assert(server_await_cancelled(server, CALLS), "the service hears of it too");
    struct client_op op = { 0 };
    client_do(&survivor, &op, "/test.Test/Echo", "still here");
    cr_assert_eq(op.status.code, ISA_STATUS_OK, "%s", op.text);
    client_leave(&client);
    client_end(&survivor);
    server_free(server);
}

Test(live_loop, destroyed_with_waiting_calls_completes_each_as_cancelled)
{
    struct tcp_peer *peer = tcp_peer_new(0, tcp_accept_silently, NULL);
    struct client client;
    client_open(&client, tcp_peer_target(peer), NULL);
    struct client_op ops[3] = { 0 };
    for (unsigned i = 0; i < 3; i++)
        client_send(&client, &ops[i], "/test.Test/Echo", "x");
    client_await_state(&client, ISA_STATE_CONNECTING);

    ev_loop_destroy(client.loop);
    client.has_own_loop = false;

    for (unsigned i = 0; i < 3; i++) {
        cr_assert_eq(ops[i].completions, 1);
        cr_assert_eq(ops[i].status.code, ISA_STATUS_CANCELLED, "%s", ops[i].text);
    }
    cr_assert_eq(client.shutdown_count, 1);
    client_leave(&client);
    tcp_peer_free(peer);
}

static void start_too_late(struct client_op *op)
{
    struct isa_unary unary = client_unary("/test.Test/Echo", "x");
    *(int *)op->user = client_start(op->client, op + 1, &unary);
}

Test(live_loop, destroyed_takes_no_new_calls_from_callbacks)
{
    struct server *server = server_new(NULL);
    struct client client;
    client_open(&client, server_target(server), NULL);
    int error = 0;
    struct client_op ops[2] = { { .then = start_too_late, .user = &error } };
    client_send(&client, &ops[0], "/test.Test/Hold", "x");
    cr_assert(server_await_held(server, 1));

    ev_loop_destroy(client.loop);
    client.has_own_loop = false;

    cr_assert_eq(ops[0].completions, 1);
    cr_assert_eq(error, ISA_ECLOSED);
    client_leave(&client);
    server_free(server);
}
