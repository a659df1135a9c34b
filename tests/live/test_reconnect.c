/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests of isa_conn_reconnect(), and of subscriptions that change while they are called.
 * Used by: ctest.
 * Must not know: the rooms behind the public headers.
 */
#include "client.h"
#include "grpc_server.h"
#include "tcp_peer.h"

#include <criterion/criterion.h>
#include <string.h>

Test(live_reconnect, fails_running_calls_with_a_text_that_says_so)
{
    struct server *server = server_new(NULL);
    struct client client;
    client_open(&client, server_target(server), NULL);
    struct client_op ops[5] = { 0 };
    for (unsigned i = 0; i < 5; i++)
        client_send(&client, &ops[i], "/test.Test/Hold", "x");
    cr_assert(server_await_held(server, 5));

    cr_assert_eq(isa_conn_reconnect(client.conn), 0);
    client_await_all(&client);
    client_await_count_to(&client, ISA_STATE_READY, 2);

    for (unsigned i = 0; i < 5; i++) {
        cr_assert_eq(ops[i].status.code, ISA_STATUS_UNAVAILABLE, "%s", ops[i].text);
        cr_assert_eq(ops[i].status.reason, ISA_REASON_USER);
        cr_assert_not_null(strstr(ops[i].text, "reconnect"), "%s", ops[i].text);
    }
    cr_assert(server_await_cancelled(server, 5), "the old channel is cleaned up");
    const struct isa_change *change = client_nth_to(&client, ISA_STATE_CONNECTING, 1);
    cr_assert_eq(change->from, ISA_STATE_READY);
    cr_assert_eq(change->reason, ISA_REASON_USER);
    cr_assert_eq(client_nth_to(&client, ISA_STATE_READY, 1)->reconnects, 1);
    cr_assert_eq(server_counts(server).connections, 2);
    client_end(&client);
    server_free(server);
}

Test(live_reconnect, moves_waiting_calls_to_the_new_channel)
{
    struct server *server = server_new(NULL);
    server_down(server);
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.backoff_min_ms = options.backoff_max_ms = 60000;
    options.backoff_jitter = ISA_JITTER_NONE;
    struct client client;
    client_open(&client, server_target(server), &options);
    struct isa_unary unary = client_unary("/test.Test/Echo", "moved");
    struct isa_call_options call_options = ISA_CALL_OPTIONS_INIT;
    unary.options = &call_options;
    call_options.wait_for_ready = true;
    struct client_op op = { 0 };
    cr_assert_eq(client_start(&client, &op, &unary), 0);
    client_await_state(&client, ISA_STATE_TRANSIENT_FAILURE);
    server_up(server);

    cr_assert_eq(isa_conn_reconnect(client.conn), 0);
    client_await_op(&client, &op);

    cr_assert_eq(op.status.code, ISA_STATUS_OK, "%s", op.text);
    cr_assert_str_eq(op.reply, "moved");
    client_end(&client);
    server_free(server);
}

Test(live_reconnect, asked_for_often_during_an_attempt_is_that_attempt)
{
    struct tcp_peer *peer = tcp_peer_new(0, tcp_accept_silently, NULL);
    struct client client;
    client_open(&client, tcp_peer_target(peer), NULL);
    cr_assert_eq(isa_conn_reconnect(client.conn), 0);
    client_await_state(&client, ISA_STATE_CONNECTING);

    for (int i = 0; i < 100; i++)
        cr_assert_eq(isa_conn_reconnect(client.conn), 0);
    client_run_for(&client, 50);

    cr_assert_eq(client_stats(&client).attempts, 1);
    cr_assert_eq(client.change_count, 1);
    client_end(&client);
    tcp_peer_free(peer);
}

/* Subscriptions. */

struct listener {
    unsigned heard;
    uint64_t id;
    struct listener *other; /* what its callback adds or takes away */
};

static void count_change(struct isa_conn *conn, const struct isa_change *change, void *user)
{
    (void)conn, (void)change;
    ((struct listener *)user)->heard++;
}

static void leave_at_once(struct isa_conn *conn, const struct isa_change *change, void *user)
{
    struct listener *self = user;
    (void)change;
    self->heard++;
    cr_assert_eq(isa_conn_unsubscribe(conn, self->id), 0);
}

static void remove_other(struct isa_conn *conn, const struct isa_change *change, void *user)
{
    struct listener *self = user;
    (void)change;
    if (self->heard++ == 0)
        cr_assert_eq(isa_conn_unsubscribe(conn, self->other->id), 0);
}

static void add_other(struct isa_conn *conn, const struct isa_change *change, void *user)
{
    struct listener *self = user;
    (void)change;
    if (self->heard++ == 0)
        cr_assert_eq(isa_conn_subscribe(conn, count_change, self->other, &self->other->id), 0);
}

static void subscribe(struct client *client, isa_state_fn *fn, struct listener *listener)
{
    cr_assert_eq(isa_conn_subscribe(client->conn, fn, listener, &listener->id), 0);
}

Test(live_subscribe, gives_every_subscriber_every_change)
{
    struct server *server = server_new(NULL);
    struct client client;
    struct listener listeners[3] = { 0 };
    client_open(&client, server_target(server), NULL);
    for (unsigned i = 0; i < 3; i++)
        subscribe(&client, count_change, &listeners[i]);

    struct client_op op = { 0 };
    client_do(&client, &op, "/test.Test/Echo", "x");
    client_close(&client);

    for (unsigned i = 0; i < 3; i++)
        cr_assert_eq(listeners[i].heard, 3, "CONNECTING, READY, SHUTDOWN");
    client_end(&client);
    server_free(server);
}

Test(live_subscribe, may_change_inside_callbacks)
{
    struct server *server = server_new(NULL);
    struct client client;
    struct listener leaving = { 0 };
    struct listener victim = { 0 };
    struct listener remover = { .other = &victim };
    struct listener newcomer = { 0 };
    struct listener adder = { .other = &newcomer };
    client_open(&client, server_target(server), NULL);
    subscribe(&client, leave_at_once, &leaving);
    subscribe(&client, remove_other, &remover);
    subscribe(&client, count_change, &victim);
    subscribe(&client, add_other, &adder);

    struct client_op op = { 0 };
    client_do(&client, &op, "/test.Test/Echo", "x");
    client_close(&client);

    cr_assert_eq(leaving.heard, 1);
    cr_assert_eq(victim.heard, 0, "taken away before its turn came");
    cr_assert_eq(remover.heard, 3);
    cr_assert_eq(adder.heard, 3);
    cr_assert_geq(newcomer.heard, 2, "every change after it was added");
    client_end(&client);
    server_free(server);
}

Test(live_subscribe, refuses_a_number_that_was_never_given)
{
    struct client client;
    client_open(&client, "127.0.0.2:1", NULL);

    cr_assert_eq(isa_conn_unsubscribe(client.conn, 4711), ISA_EINVAL);

    client_end(&client);
}
