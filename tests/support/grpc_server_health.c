/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the health service of the test server.
 * Used by: grpc_server_call.c, grpc_server_stream.c; tests, through grpc_server.h.
 * Must not know: threads and connections.
 */
#include "grpc_server_call.h"

#include <grpc/byte_buffer.h>
#include <string.h>

enum { SERVICE_UNKNOWN = 3 };

/* The request of a HealthCheckRequest: a tag, a length, the name; nothing at all for the server. */
static bool knows_service(struct call *call)
{
    char text[SERVER_TEXT_BYTES];
    server_read_text(call, text);
    return text[0] == '\0' || strcmp(text, "\n\x04test") == 0;
}

static grpc_byte_buffer *answer_of(int status)
{
    const char bytes[] = { 1 << 3, (char)status };
    size_t size_bytes = status == SERVER_HEALTH_GARBAGE ? 1 : status == 0 ? 0 : 2;
    grpc_slice slice = grpc_slice_from_copied_buffer(bytes, size_bytes);
    grpc_byte_buffer *buffer = grpc_raw_byte_buffer_create(&slice, 1);
    grpc_slice_unref(slice);
    return buffer;
}

void server_check_health_locked(struct call *call)
{
    int status = call->server->health;
    if (status == SERVER_HEALTH_NONE) {
        server_finish_locked(call, NULL, GRPC_STATUS_UNIMPLEMENTED, "no such method here");
    } else if (!knows_service(call)) {
        server_finish_locked(call, NULL, GRPC_STATUS_NOT_FOUND, "unknown service");
    } else {
        grpc_byte_buffer *reply = answer_of(status);
        server_finish_locked(call, reply, GRPC_STATUS_OK, "");
        grpc_byte_buffer_destroy(reply);
    }
}

static void tell_health(struct call *call)
{
    if (!call->watch.has_begun || call->watch.is_sending || call->is_answered)
        return;
    int status = call->watch.is_known ? call->server->health : SERVICE_UNKNOWN;
    if (call->server->health == SERVER_HEALTH_NONE) {
        server_finish_locked(call, NULL, GRPC_STATUS_UNIMPLEMENTED, "no such method any more");
    } else if (call->watch.told != status) {
        grpc_byte_buffer *buffer = answer_of(status);
        const grpc_op op[] = { { .op = GRPC_OP_SEND_MESSAGE,
                                 .data.send_message.send_message = buffer } };
        call->watch.told = status;
        call->watch.is_sending = true;
        server_start_locked(call, op, 1, &call->sent);
        grpc_byte_buffer_destroy(buffer);
    }
}

static void on_sent(struct call *call, bool is_ok)
{
    call->watch.is_sending = false;
    if (is_ok)
        tell_health(call);
}

static void on_read(struct call *call, bool is_ok)
{
    if (!is_ok || !call->request || call->is_answered)
        return;
    call->watch.has_begun = true;
    call->watch.is_known = knows_service(call);
    call->watch.told = SERVER_HEALTH_NONE;
    call->server->counts.watches++;
    tell_health(call);
}

static void on_greeted(struct call *call, bool is_ok)
{
    (void)call, (void)is_ok;
}

bool server_begin_watch_locked(struct call *call)
{
    if (call->server->health == SERVER_HEALTH_NONE ||
        grpc_slice_str_cmp(call->details.method, "/grpc.health.v1.Health/Watch") != 0)
        return false;
    const grpc_op op[] = { { .op = GRPC_OP_RECV_MESSAGE,
                             .data.recv_message.recv_message = &call->request } };
    call->stream.kind = STREAM_WATCH;
    call->read = (struct tag){ on_read, call };
    call->sent = (struct tag){ on_sent, call };
    call->greeted = (struct tag){ on_greeted, call };
    server_greet_locked(call);
    server_start_locked(call, op, 1, &call->read);
    return true;
}

void server_set_health(struct server *server, int status)
{
    pthread_mutex_lock(&server->lock);
    server->health = status;
    for (struct call *call = server->calls; call; call = call->next)
        tell_health(call);
    pthread_mutex_unlock(&server->lock);
}

void server_end_watches(struct server *server, int code)
{
    pthread_mutex_lock(&server->lock);
    for (struct call *call = server->calls; call; call = call->next) {
        if (call->watch.has_begun && !call->is_answered)
            server_finish_locked(call, NULL, (grpc_status_code)code, "the watch is over");
    }
    pthread_mutex_unlock(&server->lock);
}
