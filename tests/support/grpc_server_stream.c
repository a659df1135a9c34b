/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the streaming methods of the test server.
 * Used by: grpc_server_call.c.
 * Must not know: threads and connections.
 */
#include "grpc_server_call.h"

#include <grpc/byte_buffer.h>
#include <grpc/byte_buffer_reader.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_BYTES = 256 };

static grpc_byte_buffer *buffer_of(const char *text, size_t size_bytes)
{
    grpc_slice slice = grpc_slice_malloc(size_bytes);
    size_t length = strlen(text);
    memset(GRPC_SLICE_START_PTR(slice), '.', size_bytes);
    memcpy(GRPC_SLICE_START_PTR(slice), text, length < size_bytes ? length : size_bytes);
    grpc_byte_buffer *buffer = grpc_raw_byte_buffer_create(&slice, 1);
    grpc_slice_unref(slice);
    return buffer;
}

static void send_one(struct call *call, grpc_byte_buffer *buffer)
{
    const grpc_op op[] = { { .op = GRPC_OP_SEND_MESSAGE,
                             .data.send_message.send_message = buffer } };
    server_start_locked(call, op, 1, &call->sent);
}

static void read_one(struct call *call)
{
    const grpc_op op[] = { { .op = GRPC_OP_RECV_MESSAGE,
                             .data.recv_message.recv_message = &call->request } };
    server_start_locked(call, op, 1, &call->read);
}

static void finish(struct call *call, int code, const char *text)
{
    if (call->is_answered)
        return;
    server_finish_locked(call, NULL, (grpc_status_code)code, text);
}

/* "COUNT SIZE CODE TEXT": so many messages of at least that size, then that status. */
static void begin_counting(struct call *call)
{
    char text[SERVER_TEXT_BYTES];
    char *at = text;
    server_read_text(call, text);
    call->stream.left = strtoul(at, &at, 10);
    call->stream.size_bytes = strtoul(at, &at, 10);
    call->stream.code = (int)strtol(at, &at, 10);
    snprintf(call->stream.text, sizeof call->stream.text, "%s", *at ? at + 1 : "");
}

static void count_on(struct call *call)
{
    char text[TEXT_BYTES];
    if (call->stream.left == 0) {
        finish(call, call->stream.code, call->stream.text);
        return;
    }
    int length = snprintf(text, sizeof text, "%lu", call->stream.messages++);
    size_t size_bytes = call->stream.size_bytes;
    grpc_byte_buffer *buffer =
        buffer_of(text, size_bytes > (size_t)length ? size_bytes : (size_t)length);
    call->stream.left--;
    send_one(call, buffer);
    grpc_byte_buffer_destroy(buffer);
}

static void answer_sum(struct call *call)
{
    char text[TEXT_BYTES];
    snprintf(text, sizeof text, "%lu %zu", call->stream.messages, call->stream.size_bytes);
    grpc_byte_buffer *buffer = buffer_of(text, strlen(text));
    server_finish_locked(call, buffer, GRPC_STATUS_OK, "");
    grpc_byte_buffer_destroy(buffer);
}

static void on_half_close(struct call *call)
{
    if (call->stream.kind == STREAM_SUM && !call->is_answered)
        answer_sum(call);
    else if (call->stream.kind == STREAM_CHAT)
        finish(call, GRPC_STATUS_OK, "");
}

static void on_stream_read(struct call *call, bool is_ok)
{
    if (!is_ok || !call->request) {
        on_half_close(call);
        return;
    }
    if (call->stream.kind == STREAM_COUNT) {
        begin_counting(call);
        count_on(call);
        return;
    }
    call->stream.messages++;
    call->stream.size_bytes += grpc_byte_buffer_length(call->request);
    if (call->stream.kind == STREAM_CHAT)
        send_one(call, call->request);
    grpc_byte_buffer_destroy(call->request);
    call->request = NULL;
    if (call->stream.kind == STREAM_SUM)
        read_one(call);
}

static void on_stream_sent(struct call *call, bool is_ok)
{
    if (!is_ok)
        return;
    call->server->counts.messages++;
    if (call->stream.kind == STREAM_COUNT)
        count_on(call);
    else
        read_one(call);
}

static void on_headers_sent(struct call *call, bool is_ok)
{
    (void)call, (void)is_ok;
}

void server_listen_locked(struct call *call)
{
    call->is_held = false;
    call->server->counts.held--;
    read_one(call);
}

bool server_begin_stream_locked(struct call *call)
{
    static const struct {
        const char *name;
        enum stream_kind kind;
        bool is_deaf;
    } methods[] = { { "/test.Stream/Count", STREAM_COUNT, false },
                    { "/test.Stream/Sum", STREAM_SUM, false },
                    { "/test.Stream/Chat", STREAM_CHAT, false },
                    { "/test.Stream/Deaf", STREAM_SUM, true } };
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        if (grpc_slice_str_cmp(call->details.method, methods[i].name) != 0)
            continue;
        call->stream.kind = methods[i].kind;
        call->read = (struct tag){ on_stream_read, call };
        call->sent = (struct tag){ on_stream_sent, call };
        call->greeted = (struct tag){ on_headers_sent, call };
        server_greet_locked(call);
        call->is_held = methods[i].is_deaf;
        call->server->counts.held += methods[i].is_deaf;
        if (!methods[i].is_deaf)
            read_one(call);
        return true;
    }
    return false;
}
