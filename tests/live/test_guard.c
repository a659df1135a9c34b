/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests of circuit breaker and retries against real servers: one on grpc-core, and an etcd
 *       that is killed and started again.
 * Used by: ctest; what needs etcd is skipped, loudly, where it is not installed.
 * Must not know: the rooms behind the public headers.
 */
#include "client.h"
#include "etcd.h"
#include "grpc_server.h"

#include <criterion/criterion.h>
#include <ev.h>
#include <stdio.h>
#include <string.h>

enum { ACCEPT_LIMIT_MS = 10000, CHANGES_MAX = 16 };

static struct server *server;
static struct client client;

/* What on_breaker() was told. */
static struct {
    unsigned count;
    struct isa_breaker_change at[CHANGES_MAX];
    pthread_t thread;
} told;

static void on_breaker(struct isa_conn *conn, const struct isa_breaker_change *change, void *user)
{
    (void)conn;
    cr_assert_eq(user, &client, "user is the handle's");
    cr_assert_lt(told.count, CHANGES_MAX);
    told.at[told.count++] = *change;
    told.thread = pthread_self();
}

/* By three failures in a row, open for a fifth of a second. */
static struct isa_breaker_options breaker_options(void)
{
    struct isa_breaker_options breaker = ISA_BREAKER_OPTIONS_INIT;
    breaker.consecutive_failures = 3;
    breaker.open_ms = 200;
    return breaker;
}

static struct isa_conn_options conn_options(const struct isa_breaker_options *breaker)
{
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.breaker = breaker;
    options.on_breaker = on_breaker;
    return options;
}

static void keep_attempts(struct client_op *op, const struct isa_reply *reply)
{
    *(uint32_t *)op->user = reply->attempts;
}

/* A call that is tried up to four times, after waits of so many milliseconds at most. */
static void send_retried(struct client_op *op, const char *method, const char *text,
                         uint32_t backoff_ms, uint32_t *attempts)
{
    struct isa_retry_options retry = ISA_RETRY_OPTIONS_INIT;
    struct isa_unary unary = client_unary(method, text);
    retry.max_attempts = 4;
    retry.backoff_min_ms = retry.backoff_max_ms = backoff_ms;
    struct isa_call_options call_options = ISA_CALL_OPTIONS_INIT;
    unary.options = &call_options;
    call_options.retry = &retry;
    *op = (struct client_op){ .look = keep_attempts, .user = attempts };
    cr_assert_eq(client_start(&client, op, &unary), 0, "%s", isa_error_name(op->error));
}

static void begin(void)
{
    server = server_new(NULL);
    client_open(&client, server_target(server), NULL);
}

static void end(void)
{
    client_end(&client);
    server_free(server);
}

static bool is_held(void *count)
{
    return server_counts(server).held == *(unsigned *)count;
}

static bool is_resting(void *unused)
{
    (void)unused;
    return client_stats(&client).retries > 0;
}

/* A call that rests for a long time. */
static void rest(struct client_op *op)
{
    struct isa_retry_options patient = ISA_RETRY_OPTIONS_INIT;
    struct isa_unary unary = client_unary("/test.Test/Fail", "14 try later");
    patient.backoff_min_ms = 3600000;
    struct isa_call_options call_options = ISA_CALL_OPTIONS_INIT;
    unary.options = &call_options;
    call_options.retry = &patient;
    call_options.deadline_ms = INT32_MAX; /* or the wait would not fit */
    *op = (struct client_op){ 0 };
    cr_assert_eq(client_start(&client, op, &unary), 0);
    client_await_outside(&client, is_resting, NULL);
}

Test(live_guard, a_call_that_fails_each_time_is_tried_as_often_as_allowed, .init = begin)
{
    struct client_op op;
    uint32_t attempts = 0;

    send_retried(&op, "/test.Test/Fail", "14 try later", 5, &attempts);
    client_await_op(&client, &op);

    cr_expect_eq(op.status.code, ISA_STATUS_UNAVAILABLE);
    cr_expect_str_eq(op.text, "try later");
    cr_expect_eq(attempts, 4);
    cr_expect_eq(server_counts(server).calls, 4);
    cr_expect_eq(client_stats(&client).operations_started, 1);
    cr_expect_eq(client_stats(&client).operations_failed, 1);
    end();
}

Test(live_guard, a_final_status_is_not_tried_again, .init = begin)
{
    struct client_op op;
    uint32_t attempts = 0;

    send_retried(&op, "/test.Test/Fail", "13 broken", 5, &attempts);
    client_await_op(&client, &op);

    cr_expect_eq(op.status.code, ISA_STATUS_INTERNAL);
    cr_expect_eq(attempts, 1);
    cr_expect_eq(server_counts(server).calls, 1);
    end();
}

Test(live_guard, a_call_whose_connection_breaks_succeeds_on_the_next, .init = begin)
{
    struct client_op op;
    uint32_t attempts = 0;
    unsigned one = 1;
    send_retried(&op, "/test.Test/Hold", "the same request", 20, &attempts);
    client_await_outside(&client, is_held, &one);

    server_cut(server);
    cr_assert(server_await_cancelled(server, 1));
    client_await_outside(&client, is_held, &one);
    server_release(server);
    client_await_op(&client, &op);

    cr_expect_eq(op.status.code, ISA_STATUS_OK, "%s", op.text);
    cr_expect_str_eq(op.reply, "the same request");
    cr_expect_eq(attempts, 2);
    cr_expect_eq(client_stats(&client).retries, 1);
    end();
}

Test(live_guard, a_call_that_rests_is_cancelled_at_once, .init = begin)
{
    struct client_op op;
    rest(&op);

    isa_call_cancel(op.call);
    client_await_op(&client, &op);

    cr_expect_eq(op.status.code, ISA_STATUS_CANCELLED);
    cr_expect_eq(server_counts(server).calls, 1);
    end();
}

Test(live_guard, a_handle_that_closes_ends_its_calls_that_rest, .init = begin)
{
    struct client_op op;
    rest(&op);

    client_close(&client);

    cr_expect_eq(op.completions, 1);
    cr_expect_eq(op.status.code, ISA_STATUS_CANCELLED);
    client_shutdown_pool(&client, 0);
    client_leave(&client);
    server_free(server);
}

Test(live_guard, a_shutdown_ends_calls_that_rest, .init = begin)
{
    struct client_op op;
    rest(&op);

    client_shutdown_pool(&client, 100);

    cr_expect_eq(op.completions, 1);
    cr_expect_eq(op.status.code, ISA_STATUS_CANCELLED);
    client_leave(&client);
    server_free(server);
}

Test(live_guard, a_loop_that_is_destroyed_ends_calls_that_rest, .init = begin)
{
    struct client_op op;
    struct client other;
    rest(&op);

    ev_loop_destroy(client.loop);

    cr_expect_eq(op.completions, 1);
    cr_expect_eq(op.status.code, ISA_STATUS_CANCELLED);
    isa_call_unref(op.call);
    isa_conn_unref(client.conn);
    client_open(&other, server_target(server), NULL);
    client_end(&other);
    server_free(server);
}

Test(live_guard, a_breaker_opens_without_the_help_of_the_callers_loop)
{
    struct isa_breaker_options breaker = breaker_options();
    struct isa_conn_options options = conn_options(&breaker);
    struct client_op ops[3] = { { 0 } };
    struct client_op refused = { 0 };
    uint32_t attempts = 7;
    breaker.open_ms = 3600000;
    server = server_new(NULL);
    client_open(&client, server_target(server), &options);

    for (unsigned i = 0; i < 3; i++)
        client_send(&client, &ops[i], "/test.Test/Fail", "14 try later");
    while (isa_conn_breaker_state(client.conn) == ISA_BREAKER_CLOSED)
        ev_sleep(0.001); /* the loop stands still */

    cr_expect_eq(isa_conn_breaker_state(client.conn), ISA_BREAKER_OPEN);
    cr_expect_eq(client.completed, 0);
    refused.look = keep_attempts;
    refused.user = &attempts;
    client_do(&client, &refused, "/test.Test/Echo", "x");
    cr_expect_eq(refused.status.code, ISA_STATUS_UNAVAILABLE);
    cr_expect_eq(refused.status.reason, ISA_REASON_BREAKER_OPEN);
    cr_expect_eq(attempts, 0);
    cr_expect_eq(server_counts(server).calls, 3);
    cr_expect_eq(told.count, 1);
    cr_expect_eq(told.at[0].to, ISA_BREAKER_OPEN);
    client_await_all(&client);
    end();
}

Test(live_guard, handles_with_equal_settings_share_a_breaker_others_do_not)
{
    struct isa_breaker_options breaker = breaker_options();
    struct isa_conn_options options = conn_options(&breaker);
    struct isa_conn *twin;
    struct isa_conn *stranger;
    struct isa_conn *plain;
    breaker.open_ms = 3600000;
    server = server_new(NULL);
    client_open(&client, server_target(server), &options);
    options.on_breaker = NULL;
    cr_assert_eq(isa_conn_open(client.loop, server_target(server), &options, &twin), 0);
    breaker.open_ms = 3599999;
    cr_assert_eq(isa_conn_open(client.loop, server_target(server), &options, &stranger), 0);
    cr_assert_eq(isa_conn_open(client.loop, server_target(server), NULL, &plain), 0);

    struct client_op ops[3] = { { 0 } };
    for (unsigned i = 0; i < 3; i++)
        client_do(&client, &ops[i], "/test.Test/Fail", "14 try later");

    cr_expect_eq(isa_conn_breaker_state(client.conn), ISA_BREAKER_OPEN);
    cr_expect_eq(isa_conn_breaker_state(twin), ISA_BREAKER_OPEN);
    cr_expect_eq(isa_conn_breaker_state(stranger), ISA_BREAKER_CLOSED);
    cr_expect_eq(isa_conn_breaker_state(plain), ISA_BREAKER_CLOSED);
    cr_expect_eq(isa_conn_breaker_state(NULL), ISA_BREAKER_CLOSED);
    isa_conn_unref(twin);
    isa_conn_unref(stranger);
    isa_conn_unref(plain);
    end();
}

Test(live_guard, options_out_of_range_are_refused)
{
    struct isa_breaker_options breaker = breaker_options();
    struct isa_conn_options options = conn_options(&breaker);
    struct isa_retry_options retry = ISA_RETRY_OPTIONS_INIT;
    struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO);
    struct isa_conn *conn = NULL;
    breaker.failure_percent = 101;
    cr_expect_eq(isa_conn_open(loop, "127.0.0.1:1", &options, &conn), ISA_EINVAL);
    ev_loop_destroy(loop);

    begin();
    struct isa_unary unary = client_unary("/test.Test/Echo", "x");
    struct client_op op = { 0 };
    retry.max_attempts = 6;
    struct isa_call_options call_options = ISA_CALL_OPTIONS_INIT;
    unary.options = &call_options;
    call_options.retry = &retry;
    cr_expect_eq(client_start(&client, &op, &unary), ISA_EINVAL);
    end();
}

/* ---- etcd -------------------------------------------------------------------------------------- */

static bool is_open(void *unused)
{
    (void)unused;
    return told.count > 0 && told.at[told.count - 1].to == ISA_BREAKER_OPEN;
}

static bool is_half_open(void *unused)
{
    (void)unused;
    return told.count > 0 && told.at[told.count - 1].to == ISA_BREAKER_HALF_OPEN;
}

static void range(struct client_op *op)
{
    *op = (struct client_op){ 0 };
    client_do(&client, op, "/etcdserverpb.KV/Range", "\n\001x");
}

static void expect_chain(void)
{
    cr_expect_eq(told.at[0].from, ISA_BREAKER_CLOSED);
    for (unsigned i = 1; i < told.count; i++)
        cr_expect_eq(told.at[i].from, told.at[i - 1].to, "change %u", i);
    cr_expect_eq(told.at[told.count - 1].to, ISA_BREAKER_CLOSED);
    cr_expect(pthread_equal(told.thread, pthread_self()), "on the handle's loop");
}

Test(live_guard, an_etcd_that_is_killed_opens_the_breaker_and_its_return_closes_it)
{
    if (!etcd_is_installed())
        cr_skip_test("%s", etcd_missing_text);
    enum { OPS = 400 };
    static struct client_op ops[OPS];
    unsigned next = 0;
    struct isa_breaker_options breaker = breaker_options();
    struct isa_conn_options options = conn_options(&breaker);
    struct etcd *etcd = etcd_new();
    cr_assert_not_null(etcd);
    cr_assert_eq(etcd_start(etcd), 0);
    cr_assert_eq(etcd_wait_accepts(etcd, ACCEPT_LIMIT_MS), 0);
    client_open(&client, etcd_target(etcd), &options);
    struct isa_unary first = client_unary("/etcdserverpb.KV/Range", "\n\001x");
    struct isa_call_options first_options = ISA_CALL_OPTIONS_INIT;
    first.options = &first_options;
    first_options.wait_for_ready = true; /* etcd accepts connections some time before it answers */
    cr_assert_eq(client_start(&client, &ops[next], &first), 0);
    client_await_op(&client, &ops[next]);
    cr_assert_eq(ops[next].status.code, ISA_STATUS_OK, "%s", ops[next].text);
    next++;

    etcd_kill(etcd);
    while (!is_open(NULL) && next < 50)
        range(&ops[next++]);
    cr_assert(is_open(NULL), "three calls in a row found no etcd");
    range(&ops[next]);
    cr_expect_eq(ops[next].status.reason, ISA_REASON_BREAKER_OPEN, "%s", ops[next].text);
    next++;
    client_await(&client, is_half_open, NULL);
    range(&ops[next]);
    cr_expect_neq(ops[next].status.reason, ISA_REASON_BREAKER_OPEN, "it is the probe");
    next++;
    client_await(&client, is_half_open, NULL);

    cr_assert_eq(etcd_start(etcd), 0);
    cr_assert_eq(etcd_wait_accepts(etcd, ACCEPT_LIMIT_MS), 0);
    while (isa_conn_breaker_state(client.conn) != ISA_BREAKER_CLOSED && next < OPS) {
        range(&ops[next++]);
        client_run_for(&client, 25);
    }

    cr_assert_eq(isa_conn_breaker_state(client.conn), ISA_BREAKER_CLOSED);
    range(&ops[next]);
    cr_expect_eq(ops[next].status.code, ISA_STATUS_OK, "%s", ops[next].text);
    struct isa_conn_stats stats = client_stats(&client);
    cr_expect_geq(stats.breaker_opens, 2);
    cr_expect_geq(stats.breaker_refusals, 1);
    expect_chain();
    client_end(&client);
    etcd_free(etcd);
}
