/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the first program with this library: one connection, one call, on the program's own loop.
 * Used by: readers, and the README: store a greeting in etcd.  example-first-call 127.0.0.1:2379
 * Must not know: grpc-core, threads.
 */
#include <isa/isa.h>

#include <ev.h>

#include "etcd_kv.pb-c.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

static void on_state(struct isa_conn *conn, const struct isa_change *change, void *user)
{
    (void)user;
    printf("%s: %s -> %s (%s) %s\n", isa_conn_target(conn), isa_state_name(change->from),
           isa_state_name(change->to), isa_reason_name(change->reason), change->text);
}

static void on_reply(struct isa_call *call, const struct isa_reply *reply, void *user)
{
    bool *is_stored = user;
    const Etcdserverpb__PutResponse *response = (const void *)reply->message;

    if (response != NULL && response->header != NULL) {
        *is_stored = true;
        printf("stored as revision %" PRId64 " in %" PRIu64 " us\n", response->header->revision,
               reply->duration_us);
    } else {
        printf("not stored: %s: %s\n", isa_status_name((int)reply->status.code),
               reply->status.message);
    }
    isa_conn_close(isa_call_conn(call), 0); /* then nothing keeps the loop running */
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s TARGET\n", argv[0]);
        return 2;
    }
    struct ev_loop *loop = ev_default_loop(EVFLAG_AUTO);
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    struct isa_conn *conn = NULL;
    bool is_stored = false;

    options.on_state = on_state;
    int error = isa_conn_open(loop, argv[1], &options, &conn);

    Etcdserverpb__PutRequest request = ETCDSERVERPB__PUT_REQUEST__INIT;
    request.key = (ProtobufCBinaryData){ 5, (uint8_t *)"hello" };
    request.value = (ProtobufCBinaryData){ 5, (uint8_t *)"world" };

    struct isa_unary put = ISA_UNARY_INIT;
    put.method = "/etcdserverpb.KV/Put";
    put.request = &request.base;
    put.reply_type = &etcdserverpb__put_response__descriptor;
    put.on_reply = on_reply;
    put.user = &is_stored;
    if (error == 0)
        error = isa_call_unary(conn, &put, NULL); /* connects first, then calls */
    if (error != 0)
        fprintf(stderr, "%s: %s\n", argv[0], isa_error_text(error));

    ev_run(loop, 0); /* returns when there is nothing left to wait for */
    isa_conn_unref(conn);
    return is_stored ? 0 : 1;
}
