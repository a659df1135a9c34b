/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: calls through generated functions: a key of etcd written, then read.
 * Used by: readers, and docs/STUBS.md.  example-typed-put 127.0.0.1:2379
 * Must not know: method names as text, descriptors, casts: protoc-gen-isa does.
 */
#include <isa/isa.h>

#include <ev.h>

#include "etcd_kv.isa.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

static ProtobufCBinaryData bytes_of(const char *text, size_t size)
{
    return (ProtobufCBinaryData){ size, (uint8_t *)(uintptr_t)text };
}

static void say_failure(struct isa_call *call, const char *what, const struct isa_status *status)
{
    printf("%s: %s: %s\n", what, isa_status_name((int)status->code), status->message);
    isa_conn_close(isa_call_conn(call), 0);
}

static void on_range(struct isa_call *call, const Etcdserverpb__RangeResponse *response,
                     const struct isa_reply *reply, void *user)
{
    bool *is_read = user;

    if (response == NULL) {
        say_failure(call, "not read", &reply->status);
        return;
    }
    for (size_t i = 0; i < response->n_kvs; i++)
        printf("%.*s = %.*s, version %" PRId64 "\n", (int)response->kvs[i]->key.len,
               (const char *)response->kvs[i]->key.data, (int)response->kvs[i]->value.len,
               (const char *)response->kvs[i]->value.data, response->kvs[i]->version);
    *is_read = response->n_kvs == 1;
    isa_conn_close(isa_call_conn(call), 0); /* then nothing keeps the loop running */
}

static void on_put(struct isa_call *call, const Etcdserverpb__PutResponse *response,
                   const struct isa_reply *reply, void *user)
{
    Etcdserverpb__RangeRequest request = ETCDSERVERPB__RANGE_REQUEST__INIT;

    if (response == NULL) { /* it did not end with OK */
        say_failure(call, "not stored", &reply->status);
        return;
    }
    printf("stored as revision %" PRId64 "\n", response->header->revision);
    request.key = bytes_of("greeting", 8);
    etcdserverpb_kv_range(isa_call_conn(call), &request, NULL, on_range, user, NULL);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s TARGET\n", argv[0]);
        return 2;
    }
    struct ev_loop *loop = ev_default_loop(EVFLAG_AUTO);
    struct isa_call_options options = ISA_CALL_OPTIONS_INIT;
    struct isa_conn *conn = NULL;
    bool is_read = false;
    int error = isa_conn_open(loop, argv[1], NULL, &conn);

    Etcdserverpb__PutRequest request = ETCDSERVERPB__PUT_REQUEST__INIT;
    request.key = bytes_of("greeting", 8);
    request.value = bytes_of("hello", 5);
    options.deadline_ms = 5000;
    if (error == 0)
        error = etcdserverpb_kv_put(conn, &request, &options, on_put, &is_read, NULL);
    if (error != 0)
        fprintf(stderr, "%s: %s\n", argv[0], isa_error_text(error));

    ev_run(loop, 0);
    isa_conn_unref(conn);
    return is_read ? 0 : 1;
}
