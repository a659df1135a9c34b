/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: streaming calls as the program sees them: messages both ways, resuming.
 * Used by: applications; call.c at the end of a start.
 * Must not know: grpc-core; when a call waits and when it runs.
 */
#include <isa/stream.h>

#include <assert.h>
#include <string.h>

#include "call_life.h"

static_assert(sizeof(struct isa_stream) ==
                  offsetof(struct isa_stream, handler) + sizeof(isa_any_fn *),
              "no padding at the end: an unknown tail must be options, not chance");

enum { HIGH_WATER_BYTES = 65536, HIGH_WATER_MAX = 1 << 30 };

/* ---- what is heard; loop ----------------------------------------------------------------------- */

/* Not after its end, and not on another thread because its loop was destroyed. */
static bool is_audible(const struct isa_call *call)
{
    return !isa__tr_port_is_dead(call->conn->port) && !call->is_completed &&
           !call->stream->is_spoiled;
}

/* The call ends with this, whatever its peer says in the end. */
static void spoil(struct isa_call *call, enum isa_status_code code, const char *why)
{
    call->stream->is_spoiled = true;
    call->stream->spoiled = (struct isa_status){ .code = code, .message = why };
    isa__call_cancel(call, &call->stream->spoiled);
}

static void hear_headers(void *owner, const struct isa_metadata *headers)
{
    struct isa_call *call = owner;
    if (is_audible(call) && call->stream->on_headers)
        call->stream->on_headers(call, headers, call->user);
}

static void hear_writable(void *owner)
{
    struct isa_call *call = owner;
    if (is_audible(call) && call->stream->on_writable)
        call->stream->on_writable(call, call->user);
}

static void keep_reply(struct isa_call *call, const struct isa_message *message)
{
    struct isa__stream *stream = call->stream;
    if (stream->has_reply) {
        isa__message_free(message->message);
        spoil(call, ISA_STATUS_INTERNAL, "a second reply came on a call that has one");
        return;
    }
    stream->has_reply = true;
    stream->reply = message->message;
    stream->reply_size_bytes = message->bytes.size_bytes;
    if (!message->bytes.size_bytes)
        return;
    stream->reply_bytes = isa__alloc(message->bytes.size_bytes);
    if (stream->reply_bytes)
        memcpy(stream->reply_bytes, message->bytes.data, message->bytes.size_bytes);
    else
        spoil(call, ISA_STATUS_RESOURCE_EXHAUSTED, "out of memory for the reply");
}

static void hear_message(void *owner, struct isa_bytes bytes)
{
    struct isa_call *call = owner;
    struct isa__stream *stream = call->stream;
    struct isa_message message = { .bytes = bytes };
    if (!is_audible(call))
        return;
    if (call->reply_type) {
        struct ProtobufCMessage *unpacked = NULL;
        char buffer[ISA__BAD_MESSAGE_BYTES];
        struct isa__text why;
        isa__text_init(&why, buffer, sizeof buffer);
        int error =
            isa__message_unpack(call->reply_type, bytes.data, bytes.size_bytes, &why, &unpacked);
        if (error) {
            stream->bad_message = isa__strdup(buffer);
            spoil(call, isa__status_of_bad_message(error),
                  stream->bad_message ? stream->bad_message : "not a message of its type");
            return;
        }
        message = (struct isa_message){ unpacked, { 0 } };
    }
    stream->messages++;
    isa__intercept_in(call, &message);
    if (!stream->on_message) {
        keep_reply(call, &message);
        return;
    }
    stream->on_message(call, &message, call->user);
    isa__message_free(message.message);
}

static const struct isa__tr_stream_hears hears = { hear_headers, hear_message, hear_writable };

void isa__stream_fill_reply(struct isa_call *call, struct isa_reply *reply)
{
    const struct isa__stream *stream = call->stream;
    if (stream->is_spoiled && reply->status.reason == ISA_REASON_NONE)
        reply->status = stream->spoiled;
    if (stream->on_message || reply->status.code != ISA_STATUS_OK)
        return;
    if (!stream->has_reply) {
        reply->status = (struct isa_status){ .code = ISA_STATUS_INTERNAL,
                                             .message = "status OK came without the one reply" };
        return;
    }
    reply->message = stream->reply;
    if (!call->reply_type)
        reply->bytes = (struct isa_bytes){ stream->reply_bytes, stream->reply_size_bytes };
}

/* ---- resuming; loop ---------------------------------------------------------------------------- */

/* After a start that brought something the pace begins anew. */
static void renew_pace(struct isa_call *call)
{
    struct isa__stream *stream = call->stream;
    if (stream->messages > stream->messages_before) {
        struct isa__retry_policy policy = call->link_call.retry->policy;
        isa__retry_init(call->link_call.retry, &policy);
    }
    stream->messages_before = stream->messages;
}

/* A proxy that cuts a stream which was quiet for too long resets it: what is lost is the way there. */
struct isa_status isa__stream_judge(const struct isa_call *call, const struct isa_status *status)
{
    struct isa_status judged = *status;
    bool is_cut =
        status->code == ISA_STATUS_CANCELLED || isa__tr_call_is_reset(call->link_call.core);
    if (is_cut && status->reason == ISA_REASON_NONE && !call->stream->is_spoiled)
        judged.code = ISA_STATUS_UNAVAILABLE;
    return judged;
}

bool isa__stream_wants_more(struct isa_call *call, const struct isa_status *status)
{
    struct isa__stream *stream = call->stream;
    if (stream->is_spoiled || isa__conn_phase(call->conn) != ISA__CONN_OPEN)
        return false;
    struct isa_gap gap = { .status = *status,
                           .messages = stream->messages,
                           .resumptions = stream->resumptions,
                           .unsent = isa__tr_stream_forget(call->link_call.core) };
    stream->may_resume = true;
    stream->will_resume = false;
    stream->on_resume(call, &gap, call->user);
    stream->may_resume = false;
    if (!stream->will_resume || call->is_completed)
        return false;
    renew_pace(call);
    stream->resumptions++;
    call->link_call.waits_for_ready = true; /* it has been running: now it is patient */
    return true;
}

static int resume(struct isa_call *call, const struct ProtobufCMessage *request,
                  struct isa_bytes bytes, bool has_request)
{
    if (!call)
        return ISA_EINVAL;
    if (!call->stream || !call->stream->may_resume)
        return ISA_ESTATE;
    int error = isa__tr_call_set_request(call->link_call.core, request, bytes, has_request);
    if (error)
        return error;
    call->stream->may_resume = false;
    call->stream->will_resume = true;
    if (has_request)
        isa__intercept_out(call, (struct ProtobufCMessage *)request, bytes);
    return 0;
}

int isa_call_resume(struct isa_call *call, const struct ProtobufCMessage *request)
{
    return resume(call, request, (struct isa_bytes){ 0 }, request != NULL);
}

int isa_call_resume_bytes(struct isa_call *call, struct isa_bytes request)
{
    if (request.size_bytes && !request.data)
        return ISA_EINVAL;
    return resume(call, NULL, request, true);
}

/* ---- writing, and asking for more; loop -------------------------------------------------------- */

static int check_stream(const struct isa_call *call)
{
    if (!call)
        return ISA_EINVAL;
    if (isa__tr_is_forked())
        return ISA_EFORKED;
    if (!call->stream)
        return ISA_ESTATE;
    return call->is_completed ? ISA_ECLOSED : 0;
}

static int write_message(struct isa_call *call, const struct ProtobufCMessage *message,
                         struct isa_bytes bytes)
{
    int taken = isa__tr_stream_write(call->link_call.core, message, bytes);
    if (taken >= 0)
        isa__intercept_out(call, (struct ProtobufCMessage *)message, bytes);
    return taken;
}

int isa_call_write(struct isa_call *call, const struct ProtobufCMessage *message)
{
    int error = check_stream(call);
    if (!error && !message)
        error = ISA_EINVAL;
    return error ? error : write_message(call, message, (struct isa_bytes){ 0 });
}

int isa_call_write_bytes(struct isa_call *call, struct isa_bytes bytes)
{
    int error = check_stream(call);
    if (!error && bytes.size_bytes && !bytes.data)
        error = ISA_EINVAL;
    return error ? error : write_message(call, NULL, bytes);
}

int isa_call_compress(struct isa_call *call, bool is_compressing)
{
    int error = check_stream(call);
    if (!error)
        isa__tr_stream_compress(call->link_call.core, is_compressing);
    return error;
}

int isa_call_half_close(struct isa_call *call)
{
    int error = check_stream(call);
    if (!error && !isa__tr_stream_half_close(call->link_call.core))
        error = ISA_ESTATE;
    return error;
}

int isa_call_read(struct isa_call *call, uint32_t count)
{
    int error = check_stream(call);
    if (!error && count == 0)
        error = ISA_EINVAL;
    if (!error && !isa__tr_stream_read(call->link_call.core, count))
        error = ISA_ESTATE;
    return error;
}

size_t isa_call_queued_bytes(const struct isa_call *call)
{
    return call && call->stream && !isa__tr_is_forked() && !call->is_completed
               ? isa__tr_stream_queued_bytes(call->link_call.core)
               : 0;
}

/* ---- making one -------------------------------------------------------------------------------- */

void isa__stream_free(struct isa__stream *stream)
{
    if (!stream)
        return;
    isa__message_free(stream->reply);
    isa__free(stream->reply_bytes);
    isa__free(stream->bad_message);
    isa__free(stream);
}

/* What is worth on_resume, and when the next start comes; how often is the program's to say. */
static int make_pace(struct isa_call *call, const struct isa_retry_options *options)
{
    static const struct isa_retry_options standard = ISA_RETRY_OPTIONS_INIT;
    int error = isa__guard_make_retry(call->conn->link, options ? options : &standard,
                                      &call->link_call.retry);
    if (!error)
        call->link_call.retry->policy.max_attempts = UINT32_MAX;
    return error;
}

int isa__stream_make(struct isa_call *call, const struct isa__call_spec *spec)
{
    call->stream = isa__alloc(sizeof *call->stream);
    if (!call->stream)
        return ISA_ENOMEM;
    call->stream->on_message = spec->stream->on_message;
    call->stream->on_headers = spec->stream->on_headers;
    call->stream->on_writable = spec->stream->on_writable;
    call->stream->on_resume = spec->stream->on_resume;
    return call->stream->on_resume ? make_pace(call, spec->options.retry) : 0;
}

static int check_stream_options(struct isa_stream *s)
{
    for (size_t i = 0; i < sizeof s->reserved; i++) {
        if (s->reserved[i])
            return ISA_EUNKNOWN_OPTION;
    }
    if (!s->on_end)
        return ISA_EINVAL;
    if (s->has_request && s->request)
        return ISA_EINVAL;
    if (!s->high_water_bytes)
        s->high_water_bytes = HIGH_WATER_BYTES;
    if (!s->low_water_bytes)
        s->low_water_bytes = s->high_water_bytes / 4;
    if (s->high_water_bytes > HIGH_WATER_MAX || s->low_water_bytes >= s->high_water_bytes)
        return ISA_EINVAL;
    return isa__call_check_request(s->request, s->request_bytes);
}

static void fill_spec(const struct isa_stream *s, struct isa__call_spec *spec)
{
    spec->core.method = s->method;
    spec->core.request = s->request;
    spec->core.request_bytes = s->request_bytes;
    spec->core.has_request = s->request || s->has_request || s->request_bytes.size_bytes > 0;
    spec->reply_type = s->reply_type;
    spec->on_reply = s->on_end;
    spec->user = s->user;
    spec->handler = s->handler;
    spec->stream = s;
}

static int open_stream(struct isa_conn *conn, const struct isa_stream *stream, bool is_lasting,
                       struct isa_call **ret_call)
{
    if (!conn || !stream)
        return ISA_EINVAL;
    if (isa__tr_is_forked())
        return ISA_EFORKED;
    struct isa_stream copy;
    struct isa__call_spec spec = { 0 };
    int error = isa__opt_copy(&copy, sizeof copy, stream, offsetof(struct isa_stream, user));
    if (!error)
        error = check_stream_options(&copy);
    if (!error)
        error = isa__call_read_options(copy.options, &spec);
    if (!error)
        error = isa__call_check(conn, copy.method);
    if (error)
        return error;
    fill_spec(&copy, &spec);
    struct isa__tr_stream_spec core = { &hears, copy.half_close, copy.reads_on_demand,
                                        copy.high_water_bytes, copy.low_water_bytes };
    spec.core.stream = &core;
    spec.is_lasting = is_lasting;
    return isa__call_begin(conn, &spec, ret_call);
}

int isa_call_stream(struct isa_conn *conn, const struct isa_stream *stream,
                    struct isa_call **ret_call)
{
    return open_stream(conn, stream, false, ret_call);
}

int isa__stream_open_lasting(struct isa_conn *conn, const struct isa_stream *stream,
                             struct isa_call **ret_call)
{
    return open_stream(conn, stream, true, ret_call);
}
