/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: connections that are READY only while their service says that it serves.
 * Used by: ctest.
 * Must not know: the rooms behind the public headers.
 */
#include "client.h"
#include "grpc_server.h"

#include <criterion/criterion.h>
#include <string.h>

enum { SERVING = 1, NOT_SERVING = 2, SERVICE_UNKNOWN = 3 };

static struct server *server;
static struct client client;

static void begin_with(int health, const char *service, struct isa_conn_options *options)
{
    options->health_service = service;
    options->backoff_min_ms = options->backoff_max_ms = 5;
    server = server_new(NULL);
    server_set_health(server, health);
    client_open(&client, server_target(server), options);
}

static void begin(int health, const char *service)
{
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    begin_with(health, service, &options);
}

static void end(void)
{
    client_end(&client);
    server_free(server);
}

static void send_patient(struct client_op *op)
{
    struct isa_unary unary = client_unary("/test.Test/Echo", "patient");
    struct isa_call_options options = ISA_CALL_OPTIONS_INIT;
    options.wait_for_ready = true;
    unary.options = &options;
    cr_assert_eq(client_start(&client, op, &unary), 0);
}

static void expect_last(enum isa_state from, enum isa_state to, enum isa_reason reason)
{
    const struct isa_change *last = client_last(&client);
    cr_expect(last->from == from && last->to == to && last->reason == reason, "%s -> %s, %s: %s",
              isa_state_name(last->from), isa_state_name(last->to), isa_reason_name(last->reason),
              last->text);
}

static bool has_watches(void *count)
{
    return server_counts(server).watches == *(unsigned *)count;
}

static void await_watches(unsigned count)
{
    client_await_outside(&client, has_watches, &count);
}

Test(live_serving, a_connection_is_ready_when_its_service_serves)
{
    begin(SERVING, "test");
    struct client_op op = { 0 };

    client_do(&client, &op, "/test.Test/Echo", "hello");

    cr_expect_eq(op.status.code, ISA_STATUS_OK, "%s", op.text);
    expect_last(ISA_STATE_CONNECTING, ISA_STATE_READY, ISA_REASON_CONNECTED);
    cr_expect_eq(client.change_count, 2);
    cr_expect_eq(client_stats(&client).operations_started, 1, "the watch is none");
    end();
}

Test(live_serving, a_service_that_does_not_serve_fails_calls_but_for_those_that_wait)
{
    begin(NOT_SERVING, "");
    struct client_op first = { 0 };
    struct client_op second = { 0 };
    struct client_op patient = { 0 };

    client_do(&client, &first, "/test.Test/Echo", "meets the attempt");
    send_patient(&patient);
    client_do(&client, &second, "/test.Test/Echo", "meets the state");

    struct client_op *refused[] = { &first, &second };
    for (int i = 0; i < 2; i++) {
        cr_expect_eq(refused[i]->status.code, ISA_STATUS_UNAVAILABLE, "%s", refused[i]->text);
        cr_expect_eq(refused[i]->status.reason, ISA_REASON_NOT_SERVING, "%s", refused[i]->text);
    }
    cr_expect_eq(patient.completions, 0);
    cr_expect_not(isa_conn_is_healthy(client.conn));
    expect_last(ISA_STATE_CONNECTING, ISA_STATE_TRANSIENT_FAILURE, ISA_REASON_NOT_SERVING);
    server_set_health(server, SERVING);
    client_await_op(&client, &patient);
    cr_expect_eq(patient.status.code, ISA_STATUS_OK, "%s", patient.text);
    expect_last(ISA_STATE_TRANSIENT_FAILURE, ISA_STATE_READY, ISA_REASON_SERVING);
    cr_expect_eq(client_stats(&client).attempts, 1, "all on one connection");
    cr_expect_eq(client_stats(&client).failures, 0);
    end();
}

Test(live_serving, calls_that_run_finish_when_the_service_stops_serving)
{
    begin(SERVING, "");
    struct client_op held = { 0 };
    client_send(&client, &held, "/test.Test/Hold", "held");
    client_await_state(&client, ISA_STATE_READY);
    cr_assert(server_await_held(server, 1));

    server_set_health(server, NOT_SERVING);
    client_await_state(&client, ISA_STATE_TRANSIENT_FAILURE);
    expect_last(ISA_STATE_READY, ISA_STATE_TRANSIENT_FAILURE, ISA_REASON_NOT_SERVING);
    server_release(server);
    client_await_op(&client, &held);

    cr_expect_eq(held.status.code, ISA_STATUS_OK, "%s", held.text);
    server_set_health(server, SERVING);
    client_await_state(&client, ISA_STATE_READY);
    expect_last(ISA_STATE_TRANSIENT_FAILURE, ISA_STATE_READY, ISA_REASON_SERVING);
    cr_expect_eq(client_stats(&client).losses, 0);
    end();
}

Test(live_serving, a_server_without_a_health_service_counts_as_serving)
{
    begin(SERVER_HEALTH_NONE, "");
    struct client_op op = { 0 };

    client_do(&client, &op, "/test.Test/Echo", "hello");

    cr_expect_eq(op.status.code, ISA_STATUS_OK, "%s", op.text);
    end();
}

static void expect_refusal(int health, const char *service, const char *words)
{
    begin(health, service);
    struct client_op op = { 0 };

    client_do(&client, &op, "/test.Test/Echo", "hello");

    cr_expect_eq(op.status.reason, ISA_REASON_NOT_SERVING, "%s", op.text);
    cr_expect_not_null(strstr(op.text, words), "%s", op.text);
    end();
}

Test(live_serving, a_service_that_the_server_does_not_know_is_not_serving)
{
    expect_refusal(SERVING, "other", "does not know the service");
}

Test(live_serving, an_answer_that_is_garbage_is_not_serving)
{
    expect_refusal(SERVER_HEALTH_GARBAGE, "", "unknown");
}

Test(live_serving, the_connection_is_found_again_when_the_server_returns)
{
    begin(SERVING, "");
    struct client_op op = { 0 };
    struct client_op patient = { 0 };
    client_do(&client, &op, "/test.Test/Echo", "hello");

    server_down(server);
    client_await_count_to(&client, ISA_STATE_TRANSIENT_FAILURE, 2);
    send_patient(&patient);
    server_up(server);
    client_await_op(&client, &patient);

    cr_expect_eq(patient.status.code, ISA_STATUS_OK, "%s", patient.text);
    cr_expect_eq(client_stats(&client).losses, 1);
    cr_expect_eq(client_stats(&client).reconnects, 1);
    await_watches(2);
    end();
}

Test(live_serving, a_peer_that_goes_while_it_does_not_serve_is_dialled_again)
{
    begin(NOT_SERVING, "");
    struct client_op patient = { 0 };
    send_patient(&patient);
    client_await_state(&client, ISA_STATE_TRANSIENT_FAILURE);

    server_down(server);
    client_await_count_to(&client, ISA_STATE_CONNECTING, 2);
    server_set_health(server, SERVING);
    server_up(server);
    client_await_op(&client, &patient);

    cr_expect_eq(patient.status.code, ISA_STATUS_OK, "%s", patient.text);
    end();
}

Test(live_serving, a_watch_that_the_server_ends_begins_again_on_the_same_connection)
{
    begin(SERVING, "");
    struct client_op op = { 0 };
    client_do(&client, &op, "/test.Test/Echo", "hello");

    server_end_watches(server, ISA_STATUS_ABORTED);
    await_watches(2);
    server_set_health(server, NOT_SERVING);
    client_await_state(&client, ISA_STATE_TRANSIENT_FAILURE);

    expect_last(ISA_STATE_READY, ISA_STATE_TRANSIENT_FAILURE, ISA_REASON_NOT_SERVING);
    cr_expect_eq(client_stats(&client).attempts, 1);
    end();
}

Test(live_serving, another_server_is_looked_for_after_the_attempt_timeout)
{
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.connect_timeout_ms = options.attempt_timeout_ms = 300;
    begin_with(NOT_SERVING, "", &options);
    struct client_op patient = { 0 };

    send_patient(&patient);
    client_await_count_to(&client, ISA_STATE_CONNECTING, 2);

    cr_expect_eq(client_nth_to(&client, ISA_STATE_CONNECTING, 1)->reason, ISA_REASON_RETRY);
    server_set_health(server, SERVING);
    client_await_op(&client, &patient);
    cr_expect_eq(patient.status.code, ISA_STATUS_OK, "%s", patient.text);
    end();
}

Test(live_serving, the_watch_keeps_no_connection_from_being_idle)
{
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.idle_timeout_ms = 100;
    begin_with(SERVING, "", &options);
    struct client_op op = { 0 };

    client_do(&client, &op, "/test.Test/Echo", "hello");
    client_await_state(&client, ISA_STATE_IDLE);

    expect_last(ISA_STATE_READY, ISA_STATE_IDLE, ISA_REASON_IDLE);
    end();
}

Test(live_serving, handles_share_a_channel_only_when_they_watch_the_same)
{
    begin(SERVING, "");
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.backoff_min_ms = options.backoff_max_ms = 5;
    static const char *const services[] = { "", "test", NULL };
    static const unsigned keys[] = { 1, 2, 3 };
    struct isa_conn *conns[3];
    struct client_op op = { 0 };
    client_do(&client, &op, "/test.Test/Echo", "hello");

    for (unsigned i = 0; i < 3; i++) {
        struct isa_pool_stats stats = ISA_POOL_STATS_INIT;
        options.health_service = services[i];
        cr_assert_eq(isa_conn_open(client.loop, server_target(server), &options, &conns[i]), 0);
        isa_pool_get_stats(&stats);
        cr_expect_eq(stats.keys, keys[i], "%u", i);
    }
    for (unsigned i = 0; i < 3; i++)
        isa_conn_unref(conns[i]);
    end();
}

Test(live_serving, a_name_that_is_too_long_is_refused_by_name)
{
    static char name[2000];
    char why[256];
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    memset(name, 'x', sizeof name - 1);
    options.health_service = name;

    cr_expect_eq(isa_conn_options_check(&options, why, sizeof why), ISA_EINVAL);
    cr_expect_not_null(strstr(why, "health_service"), "%s", why);
}
