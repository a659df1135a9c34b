/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the life of one call at the test server, and its methods.
 * Used by: grpc_server.c.
 * Must not know: threads and connections.
 */
#include "grpc_server_call.h"

#include <grpc/byte_buffer.h>
#include <grpc/byte_buffer_reader.h>
#include <grpc/support/time.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void check(grpc_call_error error)
{
    if (error == GRPC_CALL_OK)
        return;
    fprintf(stderr, "the test's server broke core's rules: error %d\n", (int)error);
    abort();
}

static void free_call(struct call *call)
{
    struct call **at = &call->server->calls;
    while (*at != call)
        at = &(*at)->next;
    *at = call->next;
    if (call->core)
        grpc_call_unref(call->core);
    grpc_call_details_destroy(&call->details);
    grpc_metadata_array_destroy(&call->metadata);
    grpc_byte_buffer_destroy(call->request);
    free(call);
}

void server_start_locked(struct call *call, const grpc_op *ops, size_t count, struct tag *tag)
{
    call->pending++;
    check(grpc_call_start_batch(call->core, ops, count, tag, NULL));
}

/* The entry of this name that came with the call; it lives as long as the call. */
static grpc_metadata *sent_entry(struct call *call, const char *name)
{
    for (size_t i = 0; i < call->metadata.count; i++) {
        if (grpc_slice_str_cmp(call->metadata.metadata[i].key, name) == 0)
            return &call->metadata.metadata[i];
    }
    return NULL;
}

static grpc_op greeting(struct call *call)
{
    grpc_metadata *entry = sent_entry(call, "x-initial");
    if (!entry)
        entry = sent_entry(call, "authorization");
    return (grpc_op){ .op = GRPC_OP_SEND_INITIAL_METADATA,
                      .data.send_initial_metadata = { .count = entry != NULL, .metadata = entry } };
}

void server_greet_locked(struct call *call)
{
    grpc_op op = greeting(call);
    call->has_greeted = true;
    server_start_locked(call, &op, 1, &call->greeted);
}

void server_finish_locked(struct call *call, grpc_byte_buffer *reply, grpc_status_code code,
                          const char *text)
{
    grpc_metadata *entry = sent_entry(call, "x-trailing-bin");
    grpc_slice details = grpc_slice_from_copied_string(text);
    grpc_op ops[3];
    size_t count = 0;
    call->is_answered = true;
    if (!call->has_greeted)
        ops[count++] = greeting(call);
    ops[count++] =
        (grpc_op){ .op = GRPC_OP_SEND_STATUS_FROM_SERVER,
                   .data.send_status_from_server = { .trailing_metadata_count = entry != NULL,
                                                     .trailing_metadata = entry,
                                                     .status = code,
                                                     .status_details = &details } };
    if (reply)
        ops[count++] =
            (grpc_op){ .op = GRPC_OP_SEND_MESSAGE, .data.send_message.send_message = reply };
    server_start_locked(call, ops, count, &call->answered);
    grpc_slice_unref(details);
}

static void answer(struct call *call, grpc_byte_buffer *reply, grpc_status_code code,
                   const char *text)
{
    call->is_slow = false;
    if (call->is_held)
        call->server->counts.held--;
    call->is_held = false;
    server_finish_locked(call, reply, code, text);
}

void server_echo_locked(struct call *call)
{
    answer(call, call->request, GRPC_STATUS_OK, "");
}

static void hold(struct call *call)
{
    call->is_held = true;
    call->server->counts.held++;
}

void server_read_text(struct call *call, char text[SERVER_TEXT_BYTES])
{
    grpc_byte_buffer_reader reader;
    text[0] = '\0';
    if (!grpc_byte_buffer_reader_init(&reader, call->request))
        return;
    grpc_slice slice = grpc_byte_buffer_reader_readall(&reader);
    size_t length = GRPC_SLICE_LENGTH(slice);
    if (length >= SERVER_TEXT_BYTES)
        length = SERVER_TEXT_BYTES - 1;
    memcpy(text, GRPC_SLICE_START_PTR(slice), length);
    text[length] = '\0';
    grpc_slice_unref(slice);
    grpc_byte_buffer_reader_destroy(&reader);
}

static void slow(struct call *call)
{
    char text[SERVER_TEXT_BYTES];
    server_read_text(call, text);
    call->is_slow = true;
    call->due = gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                             gpr_time_from_millis(strtol(text, NULL, 10), GPR_TIMESPAN));
}

static void fail(struct call *call)
{
    char text[SERVER_TEXT_BYTES];
    char *message = NULL;
    server_read_text(call, text);
    long code = strtol(text, &message, 10);
    answer(call, NULL, (grpc_status_code)code, *message ? message + 1 : "");
}

static void size(struct call *call)
{
    char text[SERVER_TEXT_BYTES];
    server_read_text(call, text);
    grpc_slice slice = grpc_slice_malloc((size_t)strtoul(text, NULL, 10));
    memset(GRPC_SLICE_START_PTR(slice), 's', GRPC_SLICE_LENGTH(slice));
    grpc_byte_buffer *reply = grpc_raw_byte_buffer_create(&slice, 1);
    answer(call, reply, GRPC_STATUS_OK, "");
    grpc_byte_buffer_destroy(reply);
    grpc_slice_unref(slice);
}

static void header(struct call *call)
{
    char text[SERVER_TEXT_BYTES];
    server_read_text(call, text);
    grpc_slice value = strcmp(text, ":authority") == 0 ? call->details.host : grpc_empty_slice();
    for (size_t i = 0; i < call->metadata.count; i++) {
        if (grpc_slice_str_cmp(call->metadata.metadata[i].key, text) == 0)
            value = call->metadata.metadata[i].value;
    }
    grpc_byte_buffer *reply = grpc_raw_byte_buffer_create(&value, 1);
    answer(call, reply, GRPC_STATUS_OK, "");
    grpc_byte_buffer_destroy(reply);
}

static const struct {
    const char *name;
    void (*fn)(struct call *call);
} methods[] = {
    { "/test.Test/Echo", server_echo_locked },
    { "/test.Test/Hold", hold },
    { "/test.Test/Slow", slow },
    { "/test.Test/Fail", fail },
    { "/test.Test/Size", size },
    { "/test.Test/Header", header },
    { "/grpc.health.v1.Health/Check", server_check_health_locked },
};

static void on_read(struct call *call, bool is_ok)
{
    (void)is_ok;
    if (call->is_answered) /* it was cancelled, and core told us of that first */
        return;
    if (!call->request) { /* it was cancelled, or its connection broke, before it was all here */
        answer(call, NULL, GRPC_STATUS_CANCELLED, "no request");
        return;
    }
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        if (grpc_slice_str_cmp(call->details.method, methods[i].name) == 0) {
            methods[i].fn(call);
            return;
        }
    }
    answer(call, NULL, GRPC_STATUS_UNIMPLEMENTED, "no such method here");
}

/* Comes when the call is over, whoever ended it. */
static void on_closed(struct call *call, bool is_ok)
{
    (void)is_ok;
    if (call->was_cancelled)
        call->server->counts.cancelled++;
    bool is_stream = call->stream.kind != STREAM_NONE;
    if (call->was_cancelled && !call->is_answered && (call->request || is_stream))
        answer(call, NULL, GRPC_STATUS_CANCELLED, "");
}

static void on_answered(struct call *call, bool is_ok)
{
    (void)call, (void)is_ok; /* the client may be gone */
}

static void on_arrived(struct call *call, bool is_ok)
{
    if (!is_ok) /* the server is shutting down */
        return;
    struct server *server = call->server;
    server->counts.calls++;
    server_await_call_locked(server);
    grpc_op closed = { .op = GRPC_OP_RECV_CLOSE_ON_SERVER,
                       .data.recv_close_on_server.cancelled = &call->was_cancelled };
    if (server_begin_watch_locked(call) || server_begin_stream_locked(call)) {
        server_start_locked(call, &closed, 1, &call->closed);
        return;
    }
    grpc_op read = { .op = GRPC_OP_RECV_MESSAGE, .data.recv_message.recv_message = &call->request };
    server_start_locked(call, &closed, 1, &call->closed);
    server_start_locked(call, &read, 1, &call->read);
}

void server_await_call_locked(struct server *server)
{
    struct call *call = calloc(1, sizeof *call);
    if (!call)
        abort();
    call->server = server;
    call->next = server->calls;
    server->calls = call;
    call->arrived = (struct tag){ on_arrived, call };
    call->read = (struct tag){ on_read, call };
    call->closed = (struct tag){ on_closed, call };
    call->answered = (struct tag){ on_answered, call };
    grpc_call_details_init(&call->details);
    grpc_metadata_array_init(&call->metadata);
    call->pending = 1;
    grpc_call_error error =
        grpc_server_request_call(server->core, &call->core, &call->details, &call->metadata,
                                 server->queue, server->queue, &call->arrived);
    if (error != GRPC_CALL_OK) /* shutting down */
        free_call(call);
}

void server_handle_tag_locked(const struct tag *tag, bool is_ok)
{
    struct call *call = tag->call;
    call->pending--;
    tag->fn(call, is_ok);
    if (call->pending == 0)
        free_call(call);
}
