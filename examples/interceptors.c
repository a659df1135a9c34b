/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: three interceptors on a connection to etcd: a log, a count, an identity.
 * Used by: readers.  example-interceptors 127.0.0.1:2379
 * Must not know: anything but the public interface.
 */
#include <isa/isa.h>

#include <ev.h>

#include "etcd_kv.isa.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Outermost: a line for each call, with how it ended. */
static void log_finish(struct isa_call *call, const struct isa_reply *reply, void *user)
{
    (void)user;
    printf("%s: %s\n", isa_call_method(call), isa_status_name((int)reply->status.code));
}

/* Counts that a program would hand to its metrics. One thread makes all calls here, so they are plain. */
struct metrics {
    unsigned started;
    unsigned ended;
    unsigned failed;
    uint64_t total_us;
};

static void count_start(struct isa_call *call, struct isa_starting *starting, void *user)
{
    struct metrics *metrics = user;
    (void)call, (void)starting;
    metrics->started++;
}

static void count_finish(struct isa_call *call, const struct isa_reply *reply, void *user)
{
    struct metrics *metrics = user;
    (void)call;
    metrics->ended++;
    metrics->failed += reply->status.code != ISA_STATUS_OK;
    metrics->total_us += reply->duration_us;
}

/* Says who calls, and turns away what this program must not do. */
static void identify(struct isa_call *call, struct isa_starting *starting, void *user)
{
    const struct isa_header header = { "x-caller", { user, strlen(user) } };
    if (strcmp(isa_call_method(call), "/etcdserverpb.KV/DeleteRange") == 0)
        isa_starting_refuse(starting, ISA_STATUS_PERMISSION_DENIED,
                            "this program only reads and writes");
    else if (isa_starting_add_header(starting, &header) < 0)
        isa_starting_refuse(starting, ISA_STATUS_RESOURCE_EXHAUSTED, "out of memory");
}

static void on_delete(struct isa_call *call, const struct isa_reply *reply, void *user)
{
    (void)user;
    printf("delete: %s\n", reply->status.message);
    isa_conn_close(isa_call_conn(call), 0); /* then nothing keeps the loop running */
}

static void on_put(struct isa_call *call, const Etcdserverpb__PutResponse *response,
                   const struct isa_reply *reply, void *user)
{
    struct isa_unary unary = ISA_UNARY_INIT;
    (void)reply;
    *(bool *)user = response != NULL;
    unary.method = "/etcdserverpb.KV/DeleteRange";
    unary.on_reply = on_delete;
    isa_call_unary(isa_call_conn(call), &unary, NULL);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s TARGET\n", argv[0]);
        return 2;
    }
    static char caller[] = "interceptors example";
    struct metrics metrics = { 0 };
    struct isa_interceptor log = ISA_INTERCEPTOR_INIT;
    struct isa_interceptor count = ISA_INTERCEPTOR_INIT;
    struct isa_interceptor identity = ISA_INTERCEPTOR_INIT;
    log.on_finish = log_finish;
    count.on_start = count_start;
    count.on_finish = count_finish;
    count.user = &metrics;
    identity.on_start = identify;
    identity.user = caller;

    const struct isa_interceptor *const all[] = { &log, &count, &identity };
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.interceptors = all;
    options.interceptor_count = 3;

    struct ev_loop *loop = ev_default_loop(EVFLAG_AUTO);
    struct isa_conn *conn = NULL;
    bool is_stored = false;
    int error = isa_conn_open(loop, argv[1], &options, &conn);

    Etcdserverpb__PutRequest request = ETCDSERVERPB__PUT_REQUEST__INIT;
    request.key = (ProtobufCBinaryData){ 5, (uint8_t *)caller };
    if (error == 0)
        error = etcdserverpb_kv_put(conn, &request, NULL, on_put, &is_stored, NULL);
    if (error != 0)
        fprintf(stderr, "%s: %s\n", argv[0], isa_error_text(error));

    ev_run(loop, 0);
    isa_conn_unref(conn);
    printf("%u started, %u ended, %u failed\n", metrics.started, metrics.ended, metrics.failed);
    return is_stored ? 0 : 1;
}
