/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: acceptance of epic 2: the state is looked at before each operation, and can be asked for.
 * Used by: ctest.
 * Must not know: the rooms behind the public headers.
 */
#include "client.h"
#include "grpc_server.h"
#include "tcp_peer.h"

#include <criterion/criterion.h>
#include <ev.h>
#include <pthread.h>

/* An outage after which only operations dial. */
static const struct isa_conn_options patient = { .size = sizeof patient,
                                                 .backoff_min_ms = 60000,
                                                 .backoff_max_ms = 60000,
                                                 .backoff_jitter = ISA_JITTER_NONE };

/* E2-US1: IDLE, CONNECTING and READY proceed; TRANSIENT_FAILURE reconnects first. */

Test(acceptance, E2_US1_ready_proceeds_without_any_network_call_of_its_own)
{
    struct server *server = server_new(NULL);
    struct client client;
    client_open(&client, server_target(server), NULL);
    static struct client_op ops[50];
    client_do(&client, &ops[0], "/test.Test/Echo", "connects");
    struct isa_conn_stats before = client_stats(&client);

    for (unsigned i = 1; i < 50; i++)
        client_do(&client, &ops[i], "/test.Test/Echo", "x");

    struct isa_conn_stats after = client_stats(&client);
    cr_assert_eq(after.operations_ok, 50);
    cr_assert_eq(after.attempts, before.attempts);
    cr_assert_eq(after.operations_queued, before.operations_queued, "none had to wait");
    cr_assert_eq(server_counts(server).calls, 50, "no call but the program's own");
    cr_assert_eq(server_counts(server).connections, 1);
    client_end(&client);
    server_free(server);
}

Test(acceptance, E2_US1_connecting_proceeds_with_the_attempt_under_way)
{
    struct server *server = server_new(NULL);
    struct client client;
    client_open(&client, server_target(server), NULL);
    struct client_op ops[2] = { 0 };

    client_send(&client, &ops[0], "/test.Test/Echo", "first");
    client_send(&client, &ops[1], "/test.Test/Echo", "second");
    client_await_all(&client);

    cr_assert_eq(ops[0].status.code, ISA_STATUS_OK, "%s", ops[0].text);
    cr_assert_eq(ops[1].status.code, ISA_STATUS_OK, "%s", ops[1].text);
    cr_assert_eq(client_stats(&client).attempts, 1);
    client_end(&client);
    server_free(server);
}

Test(acceptance, E2_US1_idle_proceeds_by_connecting_again)
{
    struct server *server = server_new(NULL);
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.idle_timeout_ms = 100;
    struct client client;
    client_open(&client, server_target(server), &options);
    struct client_op ops[2] = { 0 };
    client_do(&client, &ops[0], "/test.Test/Echo", "x");
    client_await_state(&client, ISA_STATE_IDLE);

    client_do(&client, &ops[1], "/test.Test/Echo", "x");

    cr_assert_eq(ops[1].status.code, ISA_STATUS_OK, "%s", ops[1].text);
    cr_assert_eq(client_stats(&client).failures, 0);
    client_end(&client);
    server_free(server);
}

Test(acceptance, E2_US1_transient_failure_reconnects_before_the_operation)
{
    struct server *server = server_new(NULL);
    struct client client;
    client_open(&client, server_target(server), &patient);
    struct client_op ops[2] = { 0 };
    client_do(&client, &ops[0], "/test.Test/Echo", "x");
    server_down(server);
    client_await_state(&client, ISA_STATE_TRANSIENT_FAILURE);
    server_up(server);

    client_do(&client, &ops[1], "/test.Test/Echo", "y");

    cr_assert_eq(ops[1].status.code, ISA_STATUS_OK, "%s", ops[1].text);
    cr_assert_eq(client_stats(&client).attempts, 2);
    cr_assert_lt(ops[1].duration_us, 1000000, "it did not wait out the backoff");
    const struct isa_change *dial = client_nth_to(&client, ISA_STATE_CONNECTING, 1);
    cr_assert_eq(dial->from, ISA_STATE_TRANSIENT_FAILURE);
    cr_assert_eq(dial->reason, ISA_REASON_OPERATION);
    client_end(&client);
    server_free(server);
}

Test(acceptance, E2_US1_a_failure_told_is_of_a_fresh_attempt_not_of_an_old_one)
{
    struct server *server = server_new(NULL);
    struct client client;
    client_open(&client, server_target(server), &patient);
    struct client_op ops[3] = { 0 };
    client_do(&client, &ops[0], "/test.Test/Echo", "x");
    server_down(server);
    client_await_state(&client, ISA_STATE_TRANSIENT_FAILURE);

    client_do(&client, &ops[1], "/test.Test/Echo", "x");
    client_do(&client, &ops[2], "/test.Test/Echo", "x");

    cr_assert_eq(ops[1].status.code, ISA_STATUS_UNAVAILABLE);
    cr_assert_eq(ops[1].status.reason, ISA_REASON_REFUSED, "%s", ops[1].text);
    cr_assert_eq(ops[2].status.reason, ISA_REASON_REFUSED, "%s", ops[2].text);
    cr_assert_eq(client_stats(&client).attempts, 3, "one for each");
    client_end(&client);
    server_free(server);
}

Test(acceptance, E2_US1_after_shutdown_a_new_handle_makes_a_new_channel)
{
    struct server *server = server_new(NULL);
    struct client ended;
    struct client client;
    client_open(&ended, server_target(server), NULL);
    struct client_op ops[2] = { 0 };
    client_do(&ended, &ops[0], "/test.Test/Echo", "x");
    cr_assert_eq(isa_conn_force_close(ended.conn), 0);
    client_await_state(&ended, ISA_STATE_SHUTDOWN);

    struct isa_unary unary = client_unary("/test.Test/Echo", "x");
    struct client_op refused = { 0 };
    int error = client_start(&ended, &refused, &unary);
    client_open(&client, server_target(server), NULL);
    client_do(&client, &ops[1], "/test.Test/Echo", "x");

    cr_assert_eq(error, ISA_ECLOSED);
    cr_assert_eq(ops[1].status.code, ISA_STATUS_OK, "%s", ops[1].text);
    cr_assert_eq(server_counts(server).connections, 2);
    client_leave(&ended);
    client_end(&client);
    server_free(server);
}

/* E2-US2: is_healthy. */

Test(acceptance, E2_US2_is_true_in_the_three_healthy_states_only)
{
    struct tcp_peer *silent = tcp_peer_new(0, tcp_accept_silently, NULL);
    struct server *server = server_new(NULL);
    struct isa_conn_options options = patient;
    options.idle_timeout_ms = 100;
    struct client dialing;
    struct client client;
    client_open(&dialing, tcp_peer_target(silent), NULL);
    client_open_on(&client, dialing.loop, server_target(server), &options);

    bool before_use = isa_conn_is_healthy(client.conn);
    isa_conn_connect(dialing.conn);
    client_await_state(&dialing, ISA_STATE_CONNECTING);
    bool connecting = isa_conn_is_healthy(dialing.conn);
    isa_conn_connect(client.conn);
    client_await_state(&client, ISA_STATE_READY);
    bool ready = isa_conn_is_healthy(client.conn);
    client_await_state(&client, ISA_STATE_IDLE);
    bool idle = isa_conn_is_healthy(client.conn);
    server_down(server);
    isa_conn_connect(client.conn);
    client_await_state(&client, ISA_STATE_TRANSIENT_FAILURE);
    bool failed = isa_conn_is_healthy(client.conn);
    client_close(&dialing);
    cr_assert_eq(isa_conn_close(client.conn, 0), 0);
    bool closed = isa_conn_is_healthy(client.conn);

    cr_expect_not(before_use, "it has no channel yet");
    cr_expect(connecting);
    cr_expect(ready);
    cr_expect(idle);
    cr_expect_not(failed);
    cr_expect_not(closed);
    cr_expect_not(isa_conn_is_healthy(NULL));
    client_await_state(&client, ISA_STATE_SHUTDOWN);
    client_end(&client);
    client_leave(&dialing);
    server_free(server);
    tcp_peer_free(silent);
}

static void *look_often(void *conn)
{
    size_t healthy = 0;
    for (int i = 0; i < 100000; i++)
        healthy += isa_conn_is_healthy(conn);
    return (void *)healthy;
}

Test(acceptance, E2_US2_reads_only_and_from_any_thread)
{
    struct server *server = server_new(NULL);
    struct client client;
    client_open(&client, server_target(server), NULL);
    struct client_op op = { 0 };
    client_do(&client, &op, "/test.Test/Echo", "x");
    struct isa_conn_stats before = client_stats(&client);
    pthread_t threads[4];
    void *healthy[4];

    double start_s = ev_time();
    for (unsigned i = 0; i < 4; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, look_often, client.conn), 0);
    for (unsigned i = 0; i < 4; i++)
        pthread_join(threads[i], &healthy[i]);
    double spent_s = ev_time() - start_s;

    for (unsigned i = 0; i < 4; i++)
        cr_assert_eq((size_t)healthy[i], 100000);
    struct isa_conn_stats after = client_stats(&client);
    cr_assert_eq(after.attempts, before.attempts);
    cr_assert_eq(after.operations_started, before.operations_started);
    cr_assert_eq(client.change_count, 2);
    cr_assert_lt(spent_s / 400000, 0.00001, "far below the millisecond that was asked for");
    client_end(&client);
    server_free(server);
}
