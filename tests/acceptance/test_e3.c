/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: acceptance of epic 3: reconnecting, once, for everybody, without an error.
 * Used by: ctest.
 * Must not know: the rooms behind the public headers.
 */
#include "client.h"
#include "crowd.h"
#include "grpc_server.h"

#include <criterion/criterion.h>
#include <string.h>

static const struct isa_conn_options patient = { .size = sizeof patient,
                                                 .backoff_min_ms = 60000,
                                                 .backoff_max_ms = 60000,
                                                 .backoff_jitter = ISA_JITTER_NONE };

/* READY once, then the server is killed and is back; nobody has dialled since. */
static void meet_dead_channel(struct client *client, struct server *server)
{
    client_open(client, server_target(server), &patient);
    cr_assert_eq(isa_conn_connect(client->conn), 0);
    client_await_state(client, ISA_STATE_READY);
    server_down(server);
    client_await_state(client, ISA_STATE_TRANSIENT_FAILURE);
    server_up(server);
}

/* E3-US1: an unhealthy channel is replaced, the operation goes on. */

Test(acceptance, E3_US1_replaces_the_channel_and_counts_it_without_an_error)
{
    struct server *server = server_new(NULL);
    struct client client;
    meet_dead_channel(&client, server);
    uint64_t old_generation = client_stats(&client).generation;

    struct client_op op = { 0 };
    client_do(&client, &op, "/test.Test/Echo", "goes on");

    cr_assert_eq(op.status.code, ISA_STATUS_OK, "%s", op.text);
    cr_assert_str_eq(op.reply, "goes on");
    struct isa_conn_stats stats = client_stats(&client);
    cr_assert_eq(stats.reconnects, 1);
    cr_assert_eq(stats.generation, old_generation + 1);
    cr_assert_eq(stats.operations_failed, 0);
    cr_assert_eq(client_last(&client)->to, ISA_STATE_READY);
    cr_assert_eq(client_last(&client)->reconnects, 1);
    client_end(&client);
    server_free(server);
}

Test(acceptance, E3_US1_counts_one_reconnection_for_each_outage)
{
    enum { OUTAGES = 10 };
    struct server *server = server_new(NULL);
    struct client client;
    struct client_op ops[OUTAGES] = { 0 };
    client_open(&client, server_target(server), &patient);
    cr_assert_eq(isa_conn_connect(client.conn), 0);
    client_await_state(&client, ISA_STATE_READY);

    for (unsigned i = 0; i < OUTAGES; i++) {
        server_down(server);
        client_await_count_to(&client, ISA_STATE_TRANSIENT_FAILURE, i + 1);
        server_up(server);
        client_do(&client, &ops[i], "/test.Test/Echo", "x");
        cr_assert_eq(ops[i].status.code, ISA_STATUS_OK, "%s", ops[i].text);
        cr_assert_eq(client_stats(&client).reconnects, i + 1);
    }

    client_end(&client);
    server_free(server);
}

Test(acceptance, E3_US1_comes_back_by_itself_without_an_operation)
{
    struct server *server = server_new(NULL);
    struct client client;
    client_open(&client, server_target(server), NULL);
    cr_assert_eq(isa_conn_connect(client.conn), 0);
    client_await_state(&client, ISA_STATE_READY);
    server_down(server);
    client_await_count_to(&client, ISA_STATE_TRANSIENT_FAILURE, 3);

    server_up(server);
    client_await_count_to(&client, ISA_STATE_READY, 2);

    cr_assert_eq(client_last(&client)->reconnects, 1);
    cr_assert_eq(client_stats(&client).operations_started, 0);
    client_end(&client);
    server_free(server);
}

/* E3-US2: any number of operations that meet an unhealthy channel cause one reconnection. */

Test(acceptance, E3_US2_fifty_threads_cause_exactly_one_reconnection)
{
    struct server *server = server_new(NULL);
    struct client client;
    static struct crowd crowd;
    meet_dead_channel(&client, server);

    crowd_rush(&crowd, &client);

    cr_assert_eq(crowd_count(&crowd, ISA_STATUS_OK), CROWD_OPS);
    struct isa_conn_stats stats = client_stats(&client);
    cr_assert_eq(stats.reconnects, 1);
    cr_assert_eq(stats.attempts, 2);
    cr_assert_eq(server_counts(server).connections, 2);
    client_end(&client);
    server_free(server);
}

/* E3-US3: reconnect. */

static bool is_one_channel_left(void *unused)
{
    struct isa_pool_stats pool = ISA_POOL_STATS_INIT;
    (void)unused;
    return isa_pool_get_stats(&pool) == 0 && pool.channels == 1;
}

Test(acceptance, E3_US3_reconnect_makes_a_new_channel_and_cleans_the_old_one_up)
{
    struct server *server = server_new(NULL);
    struct client client;
    struct client_op ops[2] = { 0 };
    client_open(&client, server_target(server), NULL);
    client_do(&client, &ops[0], "/test.Test/Echo", "x");

    cr_assert_eq(isa_conn_reconnect(client.conn), 0);
    client_await_count_to(&client, ISA_STATE_READY, 2);
    client_do(&client, &ops[1], "/test.Test/Echo", "y");

    cr_assert_eq(ops[1].status.code, ISA_STATUS_OK, "%s", ops[1].text);
    cr_assert_eq(server_counts(server).connections, 2);
    client_await_outside(&client, is_one_channel_left, NULL);
    cr_assert_eq(client_stats(&client).reconnects, 1);
    client_end(&client);
    server_free(server);
}

Test(acceptance, E3_US3_reconnect_fails_calls_that_cannot_move_and_says_so)
{
    struct server *server = server_new(NULL);
    struct client client;
    struct client_op op = { 0 };
    client_open(&client, server_target(server), NULL);
    client_send(&client, &op, "/test.Test/Hold", "x");
    cr_assert(server_await_held(server, 1));

    cr_assert_eq(isa_conn_reconnect(client.conn), 0);
    client_await_op(&client, &op);

    cr_assert_eq(op.status.code, ISA_STATUS_UNAVAILABLE);
    cr_assert_eq(op.status.reason, ISA_REASON_USER);
    cr_assert_not_null(strstr(op.text, "reconnect"), "%s", op.text);
    client_end(&client);
    server_free(server);
}

Test(acceptance, E3_US3_reconnect_of_one_handle_is_heard_by_all_who_share)
{
    struct server *server = server_new(NULL);
    struct client first;
    struct client second;
    client_open(&first, server_target(server), NULL);
    client_open_on(&second, first.loop, server_target(server), NULL);
    cr_assert_eq(isa_conn_connect(first.conn), 0);
    client_await_state(&second, ISA_STATE_READY);

    cr_assert_eq(isa_conn_reconnect(first.conn), 0);
    client_await_count_to(&second, ISA_STATE_READY, 2);

    cr_assert_eq(client_nth_to(&second, ISA_STATE_CONNECTING, 1)->reason, ISA_REASON_USER);
    client_close(&second);
    client_end(&first);
    client_leave(&second);
    server_free(server);
}
