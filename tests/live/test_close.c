/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests of how handles end: closed, force-closed, given back, from anywhere.
 * Used by: ctest.
 * Must not know: the rooms behind the public headers.
 */
#include "client.h"
#include "grpc_server.h"
#include "tcp_peer.h"

#include <criterion/criterion.h>
#include <ev.h>
#include <string.h>

static void close_when_ready(struct client *client, const struct isa_change *change)
{
    if (change->to == ISA_STATE_READY)
        cr_assert_eq(isa_conn_close(client->conn, 0), 0);
}

Test(live_close, works_inside_the_handles_own_callback)
{
    struct server *server = server_new(NULL);
    struct client client;
    client_open(&client, server_target(server), NULL);
    client.on_change = close_when_ready;

    cr_assert_eq(isa_conn_connect(client.conn), 0);
    client_await_state(&client, ISA_STATE_SHUTDOWN);

    cr_assert_eq(client.shutdown_count, 1);
    cr_assert_eq(client_last(&client)->reason, ISA_REASON_USER);
    cr_assert_eq(isa_conn_state(client.conn), ISA_STATE_SHUTDOWN);
    client_end(&client);
    server_free(server);
}

static void give_back(struct client *client, const struct isa_change *change)
{
    if (change->to == ISA_STATE_READY)
        client->conn = isa_conn_unref(client->conn);
}

Test(live_close, happens_silently_when_the_last_reference_goes_inside_a_callback)
{
    struct server *server = server_new(NULL);
    struct client client;
    client_open(&client, server_target(server), NULL);
    client.on_change = give_back;

    cr_assert_eq(isa_conn_connect(client.conn), 0);
    client_await_state(&client, ISA_STATE_READY);
    client_shutdown_pool(&client, 0);

    cr_assert_null(client.conn);
    cr_assert_eq(client.shutdown_count, 0);
    cr_assert_eq(client.change_count, 2);
    client_leave(&client);
    server_free(server);
}

static void give_back_in_reply(struct client_op *op)
{
    op->call = isa_call_unref(op->call);
    op->client->conn = isa_conn_unref(op->client->conn);
}

Test(live_close, happens_when_a_reply_callback_gives_call_and_handle_back)
{
    struct server *server = server_new(NULL);
    struct client client;
    client_open(&client, server_target(server), NULL);

    struct client_op op = { .then = give_back_in_reply };
    client_do(&client, &op, "/test.Test/Echo", "x");
    client_shutdown_pool(&client, 0);

    cr_assert_eq(op.status.code, ISA_STATUS_OK, "%s", op.text);
    client_leave(&client);
    server_free(server);
}

Test(live_close, without_grace_cancels_running_calls)
{
    struct server *server = server_new(NULL);
    struct client client;
    client_open(&client, server_target(server), NULL);
    struct client_op op = { 0 };
    client_send(&client, &op, "/test.Test/Hold", "x");
    cr_assert(server_await_held(server, 1));

    cr_assert_eq(isa_conn_close(client.conn, 0), 0);
    client_await_state(&client, ISA_STATE_SHUTDOWN);

    cr_assert_eq(op.completions, 1, "a call ends before its handle");
    cr_assert_eq(op.status.code, ISA_STATUS_CANCELLED, "%s", op.text);
    client_end(&client);
    server_free(server);
}

Test(live_close, with_grace_lets_running_calls_finish)
{
    struct server *server = server_new(NULL);
    struct client client;
    client_open(&client, server_target(server), NULL);
    struct client_op op = { 0 };
    client_send(&client, &op, "/test.Test/Hold", "x");
    cr_assert(server_await_held(server, 1));

    cr_assert_eq(isa_conn_close(client.conn, 60000), 0);
    client_run_for(&client, 30);
    unsigned shutdowns_while_held = client.shutdown_count;
    server_release(server);
    client_await_state(&client, ISA_STATE_SHUTDOWN);

    cr_assert_eq(shutdowns_while_held, 0);
    cr_assert_eq(op.status.code, ISA_STATUS_OK, "%s", op.text);
    client_end(&client);
    server_free(server);
}

Test(live_close, cancels_running_calls_when_the_grace_is_over)
{
    struct server *server = server_new(NULL);
    struct client client;
    client_open(&client, server_target(server), NULL);
    struct client_op op = { 0 };
    client_send(&client, &op, "/test.Test/Hold", "x");
    cr_assert(server_await_held(server, 1));

    cr_assert_eq(isa_conn_close(client.conn, 50), 0);
    client_await_state(&client, ISA_STATE_SHUTDOWN);

    cr_assert_eq(op.status.code, ISA_STATUS_CANCELLED, "%s", op.text);
    cr_assert_geq(op.duration_us, 50000);
    client_end(&client);
    server_free(server);
}

Test(live_close, cancels_calls_that_wait_for_a_connection)
{
    struct tcp_peer *peer = tcp_peer_new(0, tcp_accept_silently, NULL);
    struct client client;
    client_open(&client, tcp_peer_target(peer), NULL);
    struct client_op op = { 0 };
    client_send(&client, &op, "/test.Test/Echo", "x");
    client_await_state(&client, ISA_STATE_CONNECTING);

    cr_assert_eq(isa_conn_close(client.conn, 0), 0);
    client_await_state(&client, ISA_STATE_SHUTDOWN);

    cr_assert_eq(op.completions, 1);
    cr_assert_eq(op.status.code, ISA_STATUS_CANCELLED, "%s", op.text);
    client_end(&client);
    tcp_peer_free(peer);
}

Test(live_close, refuses_what_comes_after_it)
{
    struct server *server = server_new(NULL);
    struct client client;
    client_open(&client, server_target(server), NULL);
    struct isa_unary unary = client_unary("/test.Test/Echo", "x");
    struct client_op op = { 0 };
    cr_assert_eq(isa_conn_close(client.conn, 0), 0);

    cr_expect_eq(isa_conn_close(client.conn, 0), ISA_ECLOSED);
    cr_expect_eq(isa_conn_force_close(client.conn), ISA_ECLOSED);
    cr_expect_eq(isa_conn_connect(client.conn), ISA_ECLOSED);
    cr_expect_eq(isa_conn_reconnect(client.conn), ISA_ECLOSED);
    cr_expect_eq(client_start(&client, &op, &unary), ISA_ECLOSED);
    cr_expect_eq(isa_conn_state(client.conn), ISA_STATE_SHUTDOWN);
    cr_expect_not(isa_conn_is_healthy(client.conn));
    client_await_state(&client, ISA_STATE_SHUTDOWN);
    cr_expect_eq(op.completions, 0);
    client_end(&client);
    server_free(server);
}

Test(live_close, of_one_handle_leaves_the_others_their_channel)
{
    struct server *server = server_new(NULL);
    struct client first;
    struct client second;
    client_open(&first, server_target(server), NULL);
    client_open_on(&second, first.loop, server_target(server), NULL);
    struct client_op ops[3] = { 0 };
    client_do(&first, &ops[0], "/test.Test/Echo", "x");
    client_send(&second, &ops[1], "/test.Test/Hold", "held");
    cr_assert(server_await_held(server, 1));

    client_close(&first);
    server_release(server);
    client_await_all(&second);
    client_do(&second, &ops[2], "/test.Test/Echo", "y");

    cr_assert_eq(ops[1].status.code, ISA_STATUS_OK, "%s", ops[1].text);
    cr_assert_eq(ops[2].status.code, ISA_STATUS_OK, "%s", ops[2].text);
    cr_assert_eq(second.shutdown_count, 0);
    cr_assert_eq(server_counts(server).connections, 1);
    client_close(&second);
    client_end(&first);
    client_leave(&second);
    server_free(server);
}

Test(live_close, keeps_a_working_channel_for_a_handle_that_comes_soon)
{
    struct server *server = server_new(NULL);
    struct client first;
    struct client second;
    struct client_op ops[2] = { 0 };
    client_open(&first, server_target(server), NULL);
    client_do(&first, &ops[0], "/test.Test/Echo", "x");
    client_close(&first);

    client_open_on(&second, first.loop, server_target(server), NULL);
    client_do(&second, &ops[1], "/test.Test/Echo", "y");

    cr_assert_eq(ops[1].status.code, ISA_STATUS_OK, "%s", ops[1].text);
    cr_assert_eq(server_counts(server).connections, 1);
    client_close(&second);
    client_end(&first);
    client_leave(&second);
    server_free(server);
}

/* What force_close leaves of calls: the same for its own handle and for one that shares. */
static void expect_forced(const struct client *client, const struct client_op *op)
{
    cr_assert_eq(op->completions, 1);
    cr_assert_eq(op->status.code, ISA_STATUS_UNAVAILABLE, "%s", op->text);
    cr_assert_eq(op->status.reason, ISA_REASON_USER);
    cr_assert_not_null(strstr(op->text, "force-closed"), "%s", op->text);
    cr_assert_eq(client->shutdown_count, 1);
    cr_assert_eq(client_last(client)->reason, ISA_REASON_USER);
}

Test(live_force_close, ends_the_channel_for_all_who_share_it)
{
    struct server *server = server_new(NULL);
    struct client first;
    struct client second;
    struct client third;
    client_open(&first, server_target(server), NULL);
    client_open_on(&second, first.loop, server_target(server), NULL);
    struct client_op ops[3] = { 0 };
    client_send(&first, &ops[0], "/test.Test/Hold", "x");
    client_send(&second, &ops[1], "/test.Test/Hold", "x");
    cr_assert(server_await_held(server, 2));

    cr_assert_eq(isa_conn_force_close(first.conn), 0);
    client_await_state(&first, ISA_STATE_SHUTDOWN);
    client_await_state(&second, ISA_STATE_SHUTDOWN);

    expect_forced(&first, &ops[0]);
    expect_forced(&second, &ops[1]);
    cr_assert(server_await_cancelled(server, 2));
    client_open_on(&third, first.loop, server_target(server), NULL);
    client_do(&third, &ops[2], "/test.Test/Echo", "new");
    cr_assert_eq(ops[2].status.code, ISA_STATUS_OK, "%s", ops[2].text);
    cr_assert_eq(server_counts(server).connections, 2);
    client_close(&third);
    client_end(&first);
    client_leave(&second);
    client_leave(&third);
    server_free(server);
}

Test(live_force_close, ends_an_attempt_and_the_calls_that_wait_for_it)
{
    struct tcp_peer *peer = tcp_peer_new(0, tcp_accept_silently, NULL);
    struct client client;
    client_open(&client, tcp_peer_target(peer), NULL);
    struct client_op op = { 0 };
    client_send(&client, &op, "/test.Test/Echo", "x");
    client_await_state(&client, ISA_STATE_CONNECTING);

    cr_assert_eq(isa_conn_force_close(client.conn), 0);
    client_await_state(&client, ISA_STATE_SHUTDOWN);

    expect_forced(&client, &op);
    cr_assert_lt(op.duration_us, 1500000);
    client_end(&client);
    tcp_peer_free(peer);
}

Test(live_force_close, ends_a_handle_that_was_never_used)
{
    struct client client;
    client_open(&client, "127.0.0.2:1", NULL);

    cr_assert_eq(isa_conn_force_close(client.conn), 0);
    client_await_state(&client, ISA_STATE_SHUTDOWN);

    cr_assert_eq(client.change_count, 1);
    client_end(&client);
}
