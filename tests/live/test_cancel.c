/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests of calls that end early: cancelled or out of time, waiting or running.
 * Used by: ctest.
 * Must not know: the rooms behind the public headers.
 */
#include "client.h"
#include "grpc_server.h"
#include "loop_thread.h"
#include "tcp_peer.h"

#include <criterion/criterion.h>
#include <string.h>

Test(live_cancel, ends_a_running_call_and_tells_the_server)
{
    struct server *server = server_new(NULL);
    struct client client;
    client_open(&client, server_target(server), NULL);
    struct client_op op = { 0 };
    client_send(&client, &op, "/test.Test/Hold", "x");
    cr_assert(server_await_held(server, 1));

    isa_call_cancel(op.call);
    client_await_op(&client, &op);

    cr_assert_eq(op.status.code, ISA_STATUS_CANCELLED, "%s", op.text);
    cr_assert_eq(op.status.reason, ISA_REASON_USER);
    cr_assert_str_not_empty(op.text);
    cr_assert(server_await_cancelled(server, 1));
    cr_assert_eq(isa_conn_state(client.conn), ISA_STATE_READY, "the connection is not to blame");
    client_end(&client);
    server_free(server);
}

Test(live_cancel, ends_a_call_that_waits_for_a_connection)
{
    struct tcp_peer *peer = tcp_peer_new(0, tcp_accept_silently, NULL);
    struct client client;
    client_open(&client, tcp_peer_target(peer), NULL);
    struct client_op op = { 0 };
    client_send(&client, &op, "/test.Test/Echo", "x");
    client_await_state(&client, ISA_STATE_CONNECTING);

    isa_call_cancel(op.call);
    client_await_op(&client, &op);

    cr_assert_eq(op.status.code, ISA_STATUS_CANCELLED, "%s", op.text);
    cr_assert_lt(op.duration_us, 1500000, "well before the connect timeout");
    client_end(&client);
    tcp_peer_free(peer);
}

Test(live_cancel, ends_a_call_cancelled_before_the_loop_ran)
{
    struct server *server = server_new(NULL);
    struct client client;
    client_open(&client, server_target(server), NULL);
    struct client_op op = { 0 };

    client_send(&client, &op, "/test.Test/Hold", "x");
    isa_call_cancel(op.call);
    client_await_op(&client, &op);

    cr_assert_eq(op.status.code, ISA_STATUS_CANCELLED, "%s", op.text);
    client_end(&client);
    server_free(server);
}

Test(live_cancel, does_nothing_twice_or_afterwards)
{
    struct server *server = server_new(NULL);
    struct client client;
    client_open(&client, server_target(server), NULL);
    struct client_op cancelled = { 0 };
    struct client_op finished = { 0 };
    struct client_op last = { 0 };

    client_send(&client, &cancelled, "/test.Test/Hold", "x");
    isa_call_cancel(cancelled.call);
    isa_call_cancel(cancelled.call);
    client_await_op(&client, &cancelled);
    isa_call_cancel(cancelled.call);
    client_do(&client, &finished, "/test.Test/Echo", "y");
    isa_call_cancel(finished.call);
    client_do(&client, &last, "/test.Test/Echo", "z");

    cr_assert_eq(cancelled.completions, 1);
    cr_assert_eq(finished.completions, 1);
    cr_assert_eq(finished.status.code, ISA_STATUS_OK, "%s", finished.text);
    cr_assert_eq(last.status.code, ISA_STATUS_OK, "%s", last.text);
    isa_call_cancel(NULL);
    client_end(&client);
    server_free(server);
}

static void cancel_from_here(void *arg)
{
    isa_call_cancel(arg);
}

Test(live_cancel, works_from_another_thread_and_is_told_on_the_loops_own)
{
    struct server *server = server_new(NULL);
    struct loop_thread *other = loop_thread_new();
    struct client client;
    client_open(&client, server_target(server), NULL);
    struct client_op op = { 0 };
    client_send(&client, &op, "/test.Test/Hold", "x");
    cr_assert(server_await_held(server, 1));

    loop_thread_do(other, cancel_from_here, op.call);
    client_await_op(&client, &op);

    cr_assert_eq(op.status.code, ISA_STATUS_CANCELLED, "%s", op.text);
    cr_assert(pthread_equal(op.thread, pthread_self()));
    loop_thread_free(other);
    client_end(&client);
    server_free(server);
}

static void cancel_itself(struct client_op *op)
{
    isa_call_cancel(op->call);
    op->call = isa_call_unref(op->call);
}

Test(live_cancel, may_be_asked_for_inside_the_calls_own_callback)
{
    struct server *server = server_new(NULL);
    struct client client;
    client_open(&client, server_target(server), NULL);

    struct client_op op = { .then = cancel_itself };
    client_do(&client, &op, "/test.Test/Echo", "x");

    cr_assert_eq(op.status.code, ISA_STATUS_OK, "%s", op.text);
    client_end(&client);
    server_free(server);
}

Test(live_cancel, ends_each_of_many_exactly_once)
{
    enum { CALLS = 300 };
    struct server *server = server_new(NULL);
    struct client client;
    client_open(&client, server_target(server), NULL);
    static struct client_op ops[CALLS];
    for (unsigned i = 0; i < CALLS; i++)
        client_send(&client, &ops[i], i % 2 ? "/test.Test/Echo" : "/test.Test/Hold", "x");

    for (unsigned i = 0; i < CALLS; i++)
        isa_call_cancel(ops[i].call); /* some are over, some are not even there yet */
    client_await_all(&client);

    for (unsigned i = 0; i < CALLS; i++) {
        cr_assert_eq(ops[i].completions, 1);
        cr_assert(ops[i].status.code == ISA_STATUS_CANCELLED ||
                  (i % 2 && ops[i].status.code == ISA_STATUS_OK));
    }
    client_end(&client);
    server_free(server);
}

Test(live_deadline, passes_while_the_call_runs)
{
    struct server *server = server_new(NULL);
    struct client client;
    client_open(&client, server_target(server), NULL);
    cr_assert_eq(isa_conn_connect(client.conn), 0);
    client_await_state(&client, ISA_STATE_READY);
    struct isa_unary unary = client_unary("/test.Test/Hold", "x");
    struct isa_call_options call_options = ISA_CALL_OPTIONS_INIT;
    unary.options = &call_options;
    call_options.deadline_ms = 50;

    struct client_op op = { 0 };
    cr_assert_eq(client_start(&client, &op, &unary), 0);
    client_await_op(&client, &op);

    cr_assert_eq(op.status.code, ISA_STATUS_DEADLINE_EXCEEDED, "%s", op.text);
    cr_assert_eq(op.status.reason, ISA_REASON_NONE);
    cr_assert_geq(op.duration_us, 45000, "%d us", (int)op.duration_us);
    cr_assert_eq(isa_conn_state(client.conn), ISA_STATE_READY);
    client_end(&client);
    server_free(server);
}

Test(live_deadline, passes_while_the_call_waits_for_a_silent_peer)
{
    struct tcp_peer *peer = tcp_peer_new(0, tcp_accept_silently, NULL);
    struct client client;
    client_open(&client, tcp_peer_target(peer), NULL);
    struct isa_unary unary = client_unary("/test.Test/Echo", "x");
    struct isa_call_options call_options = ISA_CALL_OPTIONS_INIT;
    unary.options = &call_options;
    call_options.deadline_ms = 50;

    struct client_op op = { 0 };
    cr_assert_eq(client_start(&client, &op, &unary), 0);
    client_await_op(&client, &op);

    cr_assert_eq(op.status.code, ISA_STATUS_DEADLINE_EXCEEDED, "%s", op.text);
    cr_assert_geq(op.duration_us, 50000, "%d us", (int)op.duration_us);
    cr_assert_lt(op.duration_us, 1500000, "%d us", (int)op.duration_us);
    client_end(&client);
    tcp_peer_free(peer);
}

Test(live_deadline, names_the_last_failure_when_it_passes_in_vain)
{
    struct tcp_peer *peer = tcp_peer_new(0, tcp_accept_silently, NULL);
    tcp_peer_refuse(peer);
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.backoff_min_ms = options.backoff_max_ms = 20;
    struct client client;
    client_open(&client, tcp_peer_target(peer), &options);
    struct isa_unary unary = client_unary("/test.Test/Echo", "x");
    struct isa_call_options call_options = ISA_CALL_OPTIONS_INIT;
    unary.options = &call_options;
    call_options.deadline_ms = 200;
    call_options.wait_for_ready = true;

    struct client_op op = { 0 };
    cr_assert_eq(client_start(&client, &op, &unary), 0);
    client_await_op(&client, &op);

    cr_assert_eq(op.status.code, ISA_STATUS_DEADLINE_EXCEEDED, "%s", op.text);
    cr_assert_eq(op.status.reason, ISA_REASON_REFUSED);
    cr_assert_not_null(strstr(op.text, "onnection refused"), "%s", op.text);
    cr_assert_gt(client_stats(&client).attempts, 2);
    client_end(&client);
    tcp_peer_free(peer);
}

Test(live_deadline, of_the_handle_holds_for_calls_that_name_none)
{
    struct server *server = server_new(NULL);
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.deadline_ms = 50;
    struct client client;
    client_open(&client, server_target(server), &options);
    cr_assert_eq(isa_conn_connect(client.conn), 0);
    client_await_state(&client, ISA_STATE_READY);
    struct client_op op = { 0 };

    client_do(&client, &op, "/test.Test/Hold", "x");

    cr_assert_eq(op.status.code, ISA_STATUS_DEADLINE_EXCEEDED, "%s", op.text);
    client_end(&client);
    server_free(server);
}

Test(live_deadline, leaves_a_slow_but_timely_call_alone)
{
    struct server *server = server_new(NULL);
    struct client client;
    client_open(&client, server_target(server), NULL);
    struct isa_unary unary = client_unary("/test.Test/Slow", "60");
    struct isa_call_options call_options = ISA_CALL_OPTIONS_INIT;
    unary.options = &call_options;
    call_options.deadline_ms = 10000;

    struct client_op op = { 0 };
    cr_assert_eq(client_start(&client, &op, &unary), 0);
    client_await_op(&client, &op);

    cr_assert_eq(op.status.code, ISA_STATUS_OK, "%s", op.text);
    cr_assert_geq(op.duration_us, 55000);
    client_end(&client);
    server_free(server);
}
