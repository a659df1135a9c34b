/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests of connecting: what a peer that does not connect is called, and how long it takes.
 * Used by: ctest.
 * Must not know: the rooms behind the public headers.
 */
#include "client.h"
#include "grpc_server.h"
#include "tcp_peer.h"

#include <criterion/criterion.h>
#include <ev.h>
#include <stdlib.h>
#include <string.h>

/* One failed attempt at a peer, as a call sees it. */
static void fail_once(struct client *client, const char *target, struct client_op *op)
{
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.connect_timeout_ms = 300;
    options.attempt_timeout_ms = 2000;
    options.backoff_min_ms = options.backoff_max_ms = 60000;
    options.backoff_jitter = ISA_JITTER_NONE;
    client_open(client, target, &options);
    client_do(client, op, "/test.Test/Echo", "x");
}

static void expect_failure(const struct client *client, const struct client_op *op,
                           enum isa_reason reason)
{
    const struct isa_change *change = client_nth_to(client, ISA_STATE_TRANSIENT_FAILURE, 0);
    cr_assert_eq(op->status.code, ISA_STATUS_UNAVAILABLE, "%s", op->text);
    cr_assert_eq(op->status.reason, reason, "%s: %s", isa_reason_name(op->status.reason), op->text);
    cr_assert_str_not_empty(op->text);
    cr_assert_not_null(change);
    cr_assert_eq(change->reason, reason, "%s: %s", isa_reason_name(change->reason), change->text);
    cr_assert_str_not_empty(change->text);
    cr_assert_gt(change->next_delay_ms, 0);
    struct isa_conn_stats stats = client_stats(client);
    cr_assert_eq(stats.attempts, 1);
    cr_assert_eq(stats.failures, 1);
    cr_assert_eq(stats.failures_by_reason[reason], 1);
    cr_assert_eq(stats.losses, 0);
    cr_assert_eq(stats.operations_failed, 1);
}

Test(live_connect, calls_a_closed_port_refused)
{
    struct tcp_peer *peer = tcp_peer_new(0, tcp_accept_silently, NULL);
    tcp_peer_refuse(peer);
    struct client client;
    struct client_op op = { 0 };

    fail_once(&client, tcp_peer_target(peer), &op);

    expect_failure(&client, &op, ISA_REASON_REFUSED);
    cr_assert_not_null(strstr(op.text, tcp_peer_target(peer)), "the text names the target: %s",
                       op.text);
    cr_assert_lt(op.duration_us, 1000000);
    client_end(&client);
    tcp_peer_free(peer);
}

Test(live_connect, calls_a_missing_unix_socket_refused)
{
    struct client client;
    struct client_op op = { 0 };

    fail_once(&client, "unix:/nonexistent/isa.sock", &op);

    expect_failure(&client, &op, ISA_REASON_REFUSED);
    client_end(&client);
}

Test(live_connect, calls_an_unknown_name_not_found)
{
    struct client client;
    struct client_op op = { 0 };

    fail_once(&client, "nosuchhost.invalid:1", &op);
    /* Where a name server is named but not there, the resolver is still asking it. */
    if (op.status.reason == ISA_REASON_TIMED_OUT)
        cr_skip_test("no name server answers on this machine");

    expect_failure(&client, &op, ISA_REASON_NAME_NOT_FOUND);
    cr_assert_not_null(strstr(op.text, "nosuchhost.invalid"), "%s", op.text);
    client_end(&client);
}

Test(live_connect, gives_a_silent_peer_no_longer_than_the_connect_timeout)
{
    struct tcp_peer *peer = tcp_peer_new(0, tcp_accept_silently, NULL);
    struct client client;
    struct client_op op = { 0 };

    fail_once(&client, tcp_peer_target(peer), &op);

    expect_failure(&client, &op, ISA_REASON_TIMED_OUT);
    cr_assert_geq(op.duration_us, 250000, "%d us", (int)op.duration_us);
    cr_assert_lt(op.duration_us, 650000, "%d us", (int)op.duration_us);
    cr_assert_geq(tcp_peer_accepted(peer), 1);
    client_end(&client);
    tcp_peer_free(peer);
}

Test(live_connect, calls_a_peer_that_closes_at_once_peer_closed)
{
    struct tcp_peer *peer = tcp_peer_new(0, tcp_accept_and_close, NULL);
    struct client client;
    struct client_op op = { 0 };

    fail_once(&client, tcp_peer_target(peer), &op);

    expect_failure(&client, &op, ISA_REASON_PEER_CLOSED);
    client_end(&client);
    tcp_peer_free(peer);
}

Test(live_connect, calls_garbage_a_protocol_error)
{
    struct tcp_peer *peer = tcp_peer_new(0, tcp_accept_with_garbage, NULL);
    struct client client;
    struct client_op op = { 0 };

    fail_once(&client, tcp_peer_target(peer), &op);

    expect_failure(&client, &op, ISA_REASON_PROTOCOL);
    client_end(&client);
    tcp_peer_free(peer);
}

Test(live_connect, calls_an_http1_server_a_protocol_error)
{
    struct tcp_peer *peer = tcp_peer_new(0, tcp_accept_with_http1, NULL);
    struct client client;
    struct client_op op = { 0 };

    fail_once(&client, tcp_peer_target(peer), &op);

    expect_failure(&client, &op, ISA_REASON_PROTOCOL);
    client_end(&client);
    tcp_peer_free(peer);
}

Test(live_connect, waits_for_a_server_that_is_late_when_told_to)
{
    struct server *server = server_new(NULL);
    server_down(server);
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.backoff_min_ms = options.backoff_max_ms = 20;
    struct client client;
    client_open(&client, server_target(server), &options);
    struct isa_unary unary = client_unary("/test.Test/Echo", "patient");
    struct isa_call_options call_options = ISA_CALL_OPTIONS_INIT;
    unary.options = &call_options;
    call_options.wait_for_ready = true;
    struct client_op op = { 0 };

    cr_assert_eq(client_start(&client, &op, &unary), 0);
    client_await_count_to(&client, ISA_STATE_TRANSIENT_FAILURE, 2);
    unsigned completions_while_down = op.completions;
    server_up(server);
    client_await_op(&client, &op);

    cr_assert_eq(completions_while_down, 0);
    cr_assert_eq(op.status.code, ISA_STATUS_OK, "%s", op.text);
    cr_assert_str_eq(op.reply, "patient");
    cr_assert_eq(client_stats(&client).reconnects, 0, "it never was connected before");
    client_end(&client);
    server_free(server);
}

Test(live_connect, tells_and_counts_each_attempt)
{
    struct tcp_peer *peer = tcp_peer_new(0, tcp_accept_silently, NULL);
    tcp_peer_refuse(peer);
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.backoff_min_ms = options.backoff_max_ms = 10;
    options.backoff_jitter = ISA_JITTER_NONE;
    struct client client;
    client_open(&client, tcp_peer_target(peer), &options);

    cr_assert_eq(isa_conn_connect(client.conn), 0);
    client_await_count_to(&client, ISA_STATE_TRANSIENT_FAILURE, 5);

    for (unsigned i = 0; i < 5; i++) {
        const struct isa_change *dial = client_nth_to(&client, ISA_STATE_CONNECTING, i);
        const struct isa_change *failure = client_nth_to(&client, ISA_STATE_TRANSIENT_FAILURE, i);
        cr_assert_eq(dial->attempt, i + 1);
        cr_assert_eq(dial->generation, i + 1);
        cr_assert_eq(dial->reason, i ? ISA_REASON_RETRY : ISA_REASON_OPERATION);
        cr_assert_eq(failure->attempt, i + 1);
        cr_assert_eq(failure->next_delay_ms, 10);
        cr_assert_eq(failure->skipped, 0);
    }
    client_end(&client);
    tcp_peer_free(peer);
}

Test(live_connect, connects_by_request_without_an_operation)
{
    struct server *server = server_new(NULL);
    struct client client;
    client_open(&client, server_target(server), NULL);

    cr_assert_eq(isa_conn_connect(client.conn), 0);
    client_await_state(&client, ISA_STATE_READY);
    cr_assert_eq(isa_conn_connect(client.conn), 0, "once more does nothing");

    cr_assert(isa_conn_is_healthy(client.conn));
    cr_assert_eq(client_stats(&client).attempts, 1);
    cr_assert_eq(client_stats(&client).operations_started, 0);
    client_end(&client);
    server_free(server);
}

Test(live_connect, does_not_heed_a_proxy_in_the_environment)
{
    setenv("http_proxy", "http://127.0.0.2:1", 1);
    setenv("grpc_proxy", "http://127.0.0.2:1", 1);
    struct server *server = server_new(NULL);
    struct client client;
    client_open(&client, server_target(server), NULL);

    struct client_op op = { 0 };
    client_do(&client, &op, "/test.Test/Echo", "x");

    cr_assert_eq(op.status.code, ISA_STATUS_OK, "%s", op.text);
    client_end(&client);
    server_free(server);
}
