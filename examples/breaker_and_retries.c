/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: calls with a circuit breaker, retries and a retry budget: a key is read from etcd again and
 *       again, whether etcd is there or not.
 * Used by: readers.  example-breaker-and-retries 127.0.0.1:2379 50
 * Must not know: grpc-core, threads.
 */
#include <isa/isa.h>

#include <ev.h>

#include "etcd_kv.pb-c.h"

#include <stdio.h>
#include <stdlib.h>

struct reader {
    struct isa_conn *conn;
    ev_timer timer;
    int calls_left;
    int ok;
};

static void on_breaker(struct isa_conn *conn, const struct isa_breaker_change *change, void *user)
{
    (void)user;
    printf("breaker of %s: %s -> %s\n", isa_conn_target(conn), isa_breaker_state_name(change->from),
           isa_breaker_state_name(change->to));
}

static void on_reply(struct isa_call *call, const struct isa_reply *reply, void *user)
{
    struct reader *reader = user;
    (void)call;
    reader->ok += reply->status.code == ISA_STATUS_OK;
    printf("%s (%s), %u attempts\n", isa_status_name((int)reply->status.code),
           isa_reason_name(reply->status.reason), reply->attempts);
}

static void read_key(struct reader *reader)
{
    Etcdserverpb__RangeRequest request = ETCDSERVERPB__RANGE_REQUEST__INIT;
    request.key = (ProtobufCBinaryData){ 5, (uint8_t *)"hello" };

    struct isa_retry_options retry = ISA_RETRY_OPTIONS_INIT; /* reading twice does no harm */
    retry.max_attempts = 3;
    retry.backoff_min_ms = 20;

    struct isa_unary get = ISA_UNARY_INIT;
    get.method = "/etcdserverpb.KV/Range";
    get.request = &request.base;
    get.reply_type = &etcdserverpb__range_response__descriptor;
    struct isa_call_options call_options = ISA_CALL_OPTIONS_INIT;
    get.options = &call_options;
    call_options.deadline_ms = 1000;
    call_options.retry = &retry;
    get.on_reply = on_reply;
    get.user = reader;
    int error = isa_call_unary(reader->conn, &get, NULL);
    if (error != 0)
        fprintf(stderr, "%s\n", isa_error_text(error));
}

static void on_timer(struct ev_loop *loop, ev_timer *timer, int revents)
{
    struct reader *reader = timer->data;
    (void)revents;
    if (reader->calls_left-- > 0) {
        read_key(reader);
        return;
    }
    ev_timer_stop(loop, timer);
    isa_conn_close(reader->conn, 1000); /* the last calls may finish */
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: %s TARGET CALLS\n", argv[0]);
        return 2;
    }
    struct ev_loop *loop = ev_default_loop(EVFLAG_AUTO);
    struct reader reader = { .calls_left = (int)strtol(argv[2], NULL, 10) };
    int calls = reader.calls_left;

    struct isa_breaker_options breaker = ISA_BREAKER_OPTIONS_INIT;
    breaker.consecutive_failures = 4;
    breaker.open_ms = 500;

    struct isa_retry_budget_options budget = ISA_RETRY_BUDGET_OPTIONS_INIT;

    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.breaker = &breaker;
    options.retry_budget = &budget;
    options.on_breaker = on_breaker;
    int error = isa_conn_open(loop, argv[1], &options, &reader.conn);
    if (error != 0) {
        fprintf(stderr, "%s: %s\n", argv[0], isa_error_text(error));
        return 1;
    }

    ev_timer_init(&reader.timer, on_timer, 0., 0.1);
    reader.timer.data = &reader;
    ev_timer_start(loop, &reader.timer);
    ev_run(loop, 0);

    printf("%d of %d calls succeeded\n", reader.ok, calls);
    isa_conn_unref(reader.conn);
    return reader.ok > 0 ? 0 : 1;
}
