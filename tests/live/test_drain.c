/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests of connections that end while they are used: drained by their server, or cut.
 * Used by: ctest.
 * Must not know: the rooms behind the public headers.
 */
#include "client.h"
#include "grpc_server.h"

#include <criterion/criterion.h>
#include <string.h>

enum { CALLS = 50 };

static struct client_op ops[CALLS];

static void hold_calls(struct client *client, struct server *server)
{
    memset(ops, 0, sizeof ops);
    for (unsigned i = 0; i < CALLS; i++)
        client_send(client, &ops[i], "/test.Test/Hold", "held");
    cr_assert(server_await_held(server, CALLS));
    client_run_for(client, 20); /* a call that has just begun is no proof of a drain */
}

Test(live_drain, lets_calls_finish_and_sends_new_ones_to_the_next_server)
{
    struct server *old = server_new(NULL);
    struct server_options same_port = { .port = server_port(old) };
    struct client client;
    client_open(&client, server_target(old), NULL);
    hold_calls(&client, old);

    server_drain(old);
    struct server *fresh = server_new(&same_port);
    client_await_count_to(&client, ISA_STATE_READY, 2);
    struct client_op op = { 0 };
    client_do(&client, &op, "/test.Test/Echo", "new");
    unsigned completed_before_release = client.completed;
    server_release(old);
    client_await_all(&client);

    cr_assert_eq(op.status.code, ISA_STATUS_OK, "%s", op.text);
    cr_assert_eq(server_counts(fresh).calls, 1);
    cr_assert_eq(completed_before_release, 1);
    for (unsigned i = 0; i < CALLS; i++) {
        cr_assert_eq(ops[i].status.code, ISA_STATUS_OK, "%s", ops[i].text);
        cr_assert_str_eq(ops[i].reply, "held");
    }
    const struct isa_change *change = client_nth_to(&client, ISA_STATE_CONNECTING, 1);
    cr_assert_eq(change->from, ISA_STATE_READY, "a drain is not an outage");
    cr_assert_eq(change->reason, ISA_REASON_PEER_DRAINED);
    struct isa_conn_stats stats = client_stats(&client);
    cr_assert_eq(stats.drains, 1);
    cr_assert_eq(stats.losses, 0);
    cr_assert_eq(stats.reconnects, 0);
    client_end(&client);
    server_free(old);
    server_free(fresh);
}

Test(live_drain, by_max_connection_age_goes_unnoticed_by_calls)
{
    struct server_options options = { .max_age_ms = 200, .max_age_grace_ms = 10000 };
    struct server *server = server_new(&options);
    struct client client;
    client_open(&client, server_target(server), NULL);
    struct client_op outlasting = { 0 };
    struct client_op next = { 0 };

    client_do(&client, &outlasting, "/test.Test/Slow", "600");
    client_do(&client, &next, "/test.Test/Echo", "next");

    cr_assert_eq(outlasting.status.code, ISA_STATUS_OK, "%s", outlasting.text);
    cr_assert_eq(next.status.code, ISA_STATUS_OK, "%s", next.text);
    struct isa_conn_stats stats = client_stats(&client);
    cr_assert_geq(stats.drains, 1);
    cr_assert_geq(server_counts(server).connections, 2);
    client_end(&client);
    server_free(server);
}

Test(live_drain, of_an_unused_connection_leads_to_the_next_server)
{
    struct server *old = server_new(NULL);
    struct server_options same_port = { .port = server_port(old) };
    struct client client;
    client_open(&client, server_target(old), NULL);
    cr_assert_eq(isa_conn_connect(client.conn), 0);
    client_await_state(&client, ISA_STATE_READY);

    server_drain(old);
    struct server *fresh = server_new(&same_port);
    client_await_count_to(&client, ISA_STATE_READY, 2);

    cr_assert_eq(server_counts(fresh).connections, 1);
    cr_assert_eq(client_stats(&client).losses + client_stats(&client).drains, 1);
    client_end(&client);
    server_free(old);
    server_free(fresh);
}

Test(live_cut, fails_the_calls_in_flight_with_the_cause_and_reconnects)
{
    struct server *server = server_new(NULL);
    struct client client;
    client_open(&client, server_target(server), NULL);
    hold_calls(&client, server);

    server_cut(server);
    client_await_all(&client);
    client_await_count_to(&client, ISA_STATE_READY, 2);

    for (unsigned i = 0; i < CALLS; i++) {
        cr_assert_eq(ops[i].status.code, ISA_STATUS_UNAVAILABLE, "%s", ops[i].text);
        cr_assert_eq(ops[i].status.reason, ISA_REASON_PEER_CLOSED, "%s", ops[i].text);
        cr_assert_str_not_empty(ops[i].text);
    }
    const struct isa_change *change = client_nth_to(&client, ISA_STATE_TRANSIENT_FAILURE, 0);
    cr_assert_eq(change->reason, ISA_REASON_PEER_CLOSED);
    cr_assert_str_not_empty(change->text);
    const struct isa_change *back = client_nth_to(&client, ISA_STATE_READY, 1);
    cr_assert_eq(back->reconnects, 1);
    struct isa_conn_stats stats = client_stats(&client);
    cr_assert_eq(stats.losses, 1);
    cr_assert_eq(stats.reconnects, 1);
    client_end(&client);
    server_free(server);
}

Test(live_cut, is_never_taken_for_a_drain)
{
    enum { ROUNDS = 20 };
    struct server *server = server_new(NULL);
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.backoff_min_ms = options.backoff_max_ms = 5;
    struct client client;
    client_open(&client, server_target(server), &options);

    for (unsigned round = 0; round < ROUNDS; round++) {
        hold_calls(&client, server);
        server_cut(server);
        client_await_all(&client);
        for (unsigned i = 0; i < CALLS; i++)
            isa_call_unref(ops[i].call);
        client.ops = NULL; /* checked by the count; their places are used again */
        client_await_count_to(&client, ISA_STATE_READY, round + 2);
        cr_assert(server_await_cancelled(server, (round + 1) * CALLS));
    }

    struct isa_conn_stats stats = client_stats(&client);
    cr_assert_eq(stats.losses, ROUNDS);
    cr_assert_eq(stats.drains, 0);
    cr_assert_eq(stats.reconnects, ROUNDS);
    cr_assert_eq(stats.attempts, ROUNDS + 1);
    cr_assert_eq(server_counts(server).connections, ROUNDS + 1);
    client_end(&client);
    server_free(server);
}

Test(live_cut, of_a_connection_without_calls_is_noticed_and_mended)
{
    struct server *server = server_new(NULL);
    struct client client;
    client_open(&client, server_target(server), NULL);
    cr_assert_eq(isa_conn_connect(client.conn), 0);
    client_await_state(&client, ISA_STATE_READY);

    server_cut(server);
    client_await_count_to(&client, ISA_STATE_READY, 2);

    const struct isa_change *lost = client_nth_to(&client, ISA_STATE_TRANSIENT_FAILURE, 0);
    cr_assert_eq(lost->reason, ISA_REASON_PEER_CLOSED);
    cr_assert_gt(lost->next_delay_ms, 0);
    cr_assert_leq(lost->next_delay_ms, 650);
    cr_assert_eq(client_stats(&client).reconnects, 1);
    client_end(&client);
    server_free(server);
}
