/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: a call that waits until its service takes calls.
 * Used by: readers; tests/tools runs it.  example-serving 127.0.0.1:50051 my.package.Service /my.package.Service/Get
 * Must not know: grpc-core, threads.
 */
#include <isa/isa.h>

#include <ev.h>

#include <stdbool.h>
#include <stdio.h>

/* A service that wants no calls is TRANSIENT_FAILURE, reason not_serving. */
static void on_state(struct isa_conn *conn, const struct isa_change *change, void *user)
{
    (void)conn, (void)user;
    printf("%s -> %s (%s)\n", isa_state_name(change->from), isa_state_name(change->to),
           isa_reason_name(change->reason));
    fflush(stdout);
}

static void on_reply(struct isa_call *call, const struct isa_reply *reply, void *user)
{
    bool *is_answered = user;
    *is_answered = reply->status.code == ISA_STATUS_OK;
    printf("%s: %zu bytes\n", isa_status_name((int)reply->status.code), reply->bytes.size_bytes);
    isa_conn_close(isa_call_conn(call), 0);
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: %s TARGET SERVICE METHOD\n", argv[0]);
        return 2;
    }
    struct ev_loop *loop = ev_default_loop(EVFLAG_AUTO);
    struct isa_conn *conn = NULL;
    bool is_answered = false;

    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.health_service = argv[2]; /* READY only while it serves */
    options.on_state = on_state;

    struct isa_call_options patient = ISA_CALL_OPTIONS_INIT;
    patient.wait_for_ready = true;
    struct isa_unary unary = ISA_UNARY_INIT;
    unary.method = argv[3];
    unary.on_reply = on_reply;
    unary.user = &is_answered;
    unary.options = &patient;

    int error = isa_conn_open(loop, argv[1], &options, &conn);
    if (error == 0)
        error = isa_call_unary(conn, &unary, NULL);
    if (error != 0)
        fprintf(stderr, "%s: %s\n", argv[0], isa_error_text(error));

    ev_run(loop, 0);
    isa_conn_unref(conn);
    return is_answered ? 0 : 1;
}
