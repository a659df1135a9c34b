/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: acceptance of rules that hold for all stories, each named after its rule.
 * Used by: ctest.
 * Must not know: the rooms behind the public headers.
 */
#include "client.h"
#include "grpc_server.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "peers/peers.h"

enum { SILENCE_MS = 1000 }; /* keepalive's time, and its timeout */

static struct isa_pool_stats pool_stats(void)
{
    struct isa_pool_stats stats = ISA_POOL_STATS_INIT;
    cr_assert_eq(isa_pool_get_stats(&stats), 0);
    return stats;
}

/* Two handles on one loop that share a channel, READY. */
static void open_two(struct client *first, struct client *second, struct server *server)
{
    client_open(first, server_target(server), NULL);
    client_open_on(second, first->loop, server_target(server), NULL);
    cr_assert_eq(isa_conn_connect(first->conn), 0);
    client_await_state(first, ISA_STATE_READY);
    client_await_state(second, ISA_STATE_READY);
}

Test(acceptance, reuse_raises_the_reference_count_and_makes_no_new_channel)
{
    struct server *server = server_new(NULL);
    struct client first;
    struct client second;
    struct client_op op = { 0 };
    client_open(&first, server_target(server), NULL);
    cr_assert_eq(isa_conn_connect(first.conn), 0);
    client_await_state(&first, ISA_STATE_READY);
    cr_assert_eq(client_stats(&first).handles, 1);

    client_open_on(&second, first.loop, server_target(server), NULL);
    client_do(&second, &op, "/test.Test/Echo", "x");

    cr_assert_eq(op.status.code, ISA_STATUS_OK, "%s", op.text);
    cr_assert_eq(client_stats(&first).handles, 2);
    cr_assert_eq(client_stats(&first).generation, 1);
    cr_assert_eq(pool_stats().channels, 1);
    cr_assert_eq(server_counts(server).connections, 1);
    client_close(&second);
    client_end(&first);
    client_leave(&second);
    server_free(server);
}

Test(acceptance, close_does_not_close_a_shared_channel)
{
    struct server *server = server_new(NULL);
    struct client first;
    struct client second;
    struct client_op op = { 0 };
    open_two(&first, &second, server);

    client_close(&second);
    client_do(&first, &op, "/test.Test/Echo", "x");

    cr_assert_eq(op.status.code, ISA_STATUS_OK, "%s", op.text);
    cr_assert_eq(client_stats(&first).handles, 1);
    cr_assert_eq(client_count_to(&first, ISA_STATE_READY), 1);
    cr_assert_eq(server_counts(server).connections, 1);
    client_end(&first);
    client_leave(&second);
    server_free(server);
}

Test(acceptance, force_close_reaches_all_sharers)
{
    struct server *server = server_new(NULL);
    struct client first;
    struct client second;
    struct client_op op = { 0 };
    open_two(&first, &second, server);
    client_send(&second, &op, "/test.Test/Hold", "x");
    cr_assert(server_await_held(server, 1));

    cr_assert_eq(isa_conn_force_close(first.conn), 0);
    client_await_state(&first, ISA_STATE_SHUTDOWN);
    client_await_state(&second, ISA_STATE_SHUTDOWN);

    cr_assert_eq(op.completions, 1);
    cr_assert_eq(op.status.code, ISA_STATUS_UNAVAILABLE, "%s", op.text);
    client_shutdown_pool(&first, 1000);
    client_leave(&second);
    client_leave(&first);
    server_free(server);
}

Test(acceptance, an_operation_during_loss_fails_with_a_status_and_the_next_one_succeeds)
{
    struct server *server = server_new(NULL);
    struct client client;
    struct client_op ops[2] = { 0 };
    client_open(&client, server_target(server), NULL);
    client_send(&client, &ops[0], "/test.Test/Hold", "x");
    cr_assert(server_await_held(server, 1));

    server_cut(server);
    client_await_op(&client, &ops[0]);
    client_do(&client, &ops[1], "/test.Test/Echo", "y");

    cr_assert_eq(ops[0].status.code, ISA_STATUS_UNAVAILABLE);
    cr_assert_eq(ops[0].status.reason, ISA_REASON_PEER_CLOSED, "%s", ops[0].text);
    cr_assert_eq(ops[1].status.code, ISA_STATUS_OK, "%s", ops[1].text);
    client_end(&client);
    server_free(server);
}

/* The three causes that end in READY again while nobody asks for it. */

static void open_watchful(struct client *client, const char *target, struct client_op *op)
{
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.keepalive_time_ms = SILENCE_MS;
    options.keepalive_timeout_ms = SILENCE_MS;
    client_open(client, target, &options);
    client_send(client, op, "/test.Test/Hold", "x");
    client_await_state(client, ISA_STATE_READY);
}

static void expect_back(struct client *client, const struct client_op *op, enum isa_reason reason)
{
    struct client_op next = { 0 };
    client_await_count_to(client, ISA_STATE_READY, 2);
    cr_assert_eq(op->completions, 1);
    cr_assert_eq(op->status.reason, reason, "%s: %s", isa_reason_name(op->status.reason), op->text);
    cr_assert_eq(client_nth_to(client, ISA_STATE_TRANSIENT_FAILURE, 0)->reason, reason);
    cr_assert_eq(client_nth_to(client, ISA_STATE_CONNECTING, 1)->reason, ISA_REASON_RETRY);
    client_do(client, &next, "/test.Test/Echo", "y");
    cr_assert_eq(next.status.code, ISA_STATUS_OK, "%s", next.text);
    cr_assert_eq(client_stats(client).reconnects, 1);
    client_end(client);
}

Test(acceptance, keepalive_timeout_ends_in_ready_again_without_help)
{
    struct peer *server = peer_new("grpc min_ping_ms=1");
    struct client client;
    struct client_op op = { 0 };
    open_watchful(&client, peer_target(server), &op);

    peer_stop(server);
    client_await_op(&client, &op);
    peer_continue(server);

    expect_back(&client, &op, ISA_REASON_KEEPALIVE_LOST);
    peer_free(server);
}

Test(acceptance, service_restart_ends_in_ready_again_without_help)
{
    struct peer *server = peer_new("grpc");
    struct client client;
    struct client_op op = { 0 };
    open_watchful(&client, peer_target(server), &op);
    peer_tell(server, "held 1");

    peer_kill(server);
    client_await_op(&client, &op);
    peer_restart(server);

    expect_back(&client, &op, ISA_REASON_PEER_CLOSED);
    peer_free(server);
}

Test(acceptance, partition_ends_in_ready_again_without_help)
{
    struct peer *server = peer_new("grpc min_ping_ms=1");
    struct peer *wire = peer_new("proxy to=%u", peer_port(server));
    struct client client;
    struct client_op op = { 0 };
    open_watchful(&client, peer_target(wire), &op);
    peer_tell(server, "held 1");

    peer_tell(wire, "stall both");
    client_await_op(&client, &op);
    client_run_for(&client, 1000);
    peer_tell(wire, "heal");

    expect_back(&client, &op, ISA_REASON_KEEPALIVE_LOST);
    peer_free(wire);
    peer_free(server);
}
