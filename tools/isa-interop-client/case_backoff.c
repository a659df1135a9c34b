/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the case of reconnection: a server that hangs up on everyone says when it was called.
 * Used by: cases.c.
 * Must not know: the verdict's form.
 *
 * gRPC's own schedule (1 s, x 1.6, at most 120 s) is not ours: what is compared is what the server
 * saw with what our settings promise and our counters say.
 */
#include "args.h"
#include "cases.h"
#include "messages.h"

#include "test.isa.h"

#include <ev.h>

#include <inttypes.h>
#include <stdio.h>

enum {
    ATTEMPTS = 10,
    BACKOFF_MIN_MS = 50,
    BACKOFF_MAX_MS = 200,
    SLACK_MS = 150, /* a loaded machine is late; a jump back to gRPC's schedule is later */
};

/* The connection that is refused, again and again. */
struct refused {
    struct isa_conn *conn;
    bool is_enough;
    uint32_t failures;
    bool is_closed;
};

static void on_state(struct isa_conn *conn, const struct isa_change *change, void *user)
{
    struct refused *refused = user;
    (void)conn;
    if (change->to == ISA_STATE_TRANSIENT_FAILURE)
        refused->is_enough = ++refused->failures >= ATTEMPTS;
    refused->is_closed = change->to == ISA_STATE_SHUTDOWN;
}

static void on_empty(struct isa_call *call, const Grpc__Testing__Empty *response,
                     const struct isa_reply *reply, void *user)
{
    (void)call, (void)response;
    answer_end(user, reply);
}

/* The server's account of it. */
struct account {
    struct answer answer;
    size_t gaps;
    int32_t longest_ms;
};

static void on_account(struct isa_call *call, const Grpc__Testing__ReconnectInfo *response,
                       const struct isa_reply *reply, void *user)
{
    struct account *account = user;
    (void)call;
    for (size_t i = 0; response != NULL && i < response->n_backoff_ms; i++) {
        account->gaps++;
        if (response->backoff_ms[i] > account->longest_ms)
            account->longest_ms = response->backoff_ms[i];
    }
    answer_end(&account->answer, reply);
}

static void be_refused(struct run *run, struct refused *refused)
{
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    char target[sizeof run->args->target];
    snprintf(target, sizeof target, "127.0.0.1:%" PRIu32, run->args->retry_port);
    options.on_state = on_state;
    options.user = refused;
    options.backoff_min_ms = BACKOFF_MIN_MS;
    options.backoff_max_ms = BACKOFF_MAX_MS;
    options.backoff_dear_factor = 1;
    int error = isa_conn_open(run->loop, target, &options, &refused->conn);
    if (error == 0)
        error = isa_conn_connect(refused->conn);
    run_started(run, error, &refused->is_enough);
}

static void judge(struct run *run, const struct account *account,
                  const struct isa_conn_stats *stats)
{
    if (!expect_code(run, &account->answer, ISA_STATUS_OK))
        return;
    if (account->gaps + 1 != stats->attempts)
        run_fail(run, "the server was called %zu times, our count is %" PRIu64, account->gaps + 1,
                 stats->attempts);
    else if (account->longest_ms > BACKOFF_MAX_MS + SLACK_MS)
        run_fail(run, "the server waited %" PRId32 " ms for an attempt, not %d at most",
                 account->longest_ms, BACKOFF_MAX_MS);
}

void case_connection_backoff(struct run *run)
{
    Grpc__Testing__ReconnectParams params = GRPC__TESTING__RECONNECT_PARAMS__INIT;
    Grpc__Testing__Empty empty = GRPC__TESTING__EMPTY__INIT;
    struct isa_conn_stats stats = ISA_CONN_STATS_INIT;
    struct refused refused = { 0 };
    struct account account = { 0 };
    struct answer answer = { 0 };
    if (run->args->retry_port == 0) {
        run_cannot(run, "it needs a server that hangs up, on --server_retry_port");
        return;
    }

    params.max_reconnect_backoff_ms = BACKOFF_MAX_MS;
    run_started(
        run,
        grpc_testing_reconnect_service_start(run->conn, &params, NULL, on_empty, &answer, NULL),
        &answer.is_done);
    if (!expect_code(run, &answer, ISA_STATUS_OK))
        return;
    be_refused(run, &refused);
    isa_conn_get_stats(refused.conn, &stats);
    if (isa_conn_force_close(refused.conn) == 0)
        run_wait(run, &refused.is_closed);
    isa_conn_unref(refused.conn);

    run_started(
        run,
        grpc_testing_reconnect_service_stop(run->conn, &empty, NULL, on_account, &account, NULL),
        &account.answer.is_done);
    judge(run, &account, &stats);
}
