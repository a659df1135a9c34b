/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the life of a streaming call on grpc-core, and what arrives on it.
 * Used by: call.c, by the kind; the pool.
 * Must not know: waiting, resuming: it is started on a channel, and ends.
 */
#include "stream.h"
#include "port.h"

#include <grpc/status.h>

enum {
    /* Read ahead of the program so much, and one message; the rest waits in the peer's window. */
    READ_AHEAD_BYTES = 65536,
    WHY_BYTES = 128,
};

void isa__tr_parcel_free(struct isa__tr_parcel *parcel)
{
    isa_list_remove(&parcel->in_box);
    grpc_byte_buffer_destroy(parcel->buffer);
    isa__free(parcel);
}

struct isa__tr_parcel *isa__tr_parcel_new(grpc_byte_buffer *buffer)
{
    struct isa__tr_parcel *parcel = isa__alloc(sizeof *parcel);
    if (!parcel)
        return NULL;
    isa_list_init(&parcel->in_box);
    parcel->buffer = buffer;
    parcel->cost_bytes = grpc_byte_buffer_length(buffer) + sizeof *parcel;
    return parcel;
}

bool isa__tr_stream_start_locked(struct isa__tr_stream *stream, const grpc_op *ops, size_t count,
                                 struct isa__tr_tag *tag)
{
    atomic_fetch_add(&stream->pending, 1);
    if (grpc_call_start_batch(stream->call.core, ops, count, isa__tr_tag_arm(tag), NULL) ==
        GRPC_CALL_OK)
        return true;
    atomic_fetch_sub(&stream->pending, 1); /* never seen, and never the last: the status is out */
    return false;
}

void isa__tr_stream_leave(struct isa__tr_stream *stream)
{
    if (atomic_fetch_sub(&stream->pending, 1) == 1)
        isa__tr_call_finish(&stream->call);
}

/* Posted without the lock: a port whose loop was destroyed runs what is posted at once. */
void isa__tr_stream_unlock(struct isa__tr_stream *stream)
{
    bool is_due = stream->has_news && !stream->is_news_posted;
    stream->has_news = false;
    stream->is_news_posted = stream->is_news_posted || is_due;
    pthread_mutex_unlock(&stream->lock);
    if (is_due)
        isa__tr_port_post(stream->call.start.port, &stream->news_msg);
}

/* ---- what core brings; the queue's thread ------------------------------------------------------ */

static void read_locked(struct isa__tr_stream *stream)
{
    if (stream->is_reading || stream->is_read_out || stream->is_over ||
        stream->inbox_bytes >= READ_AHEAD_BYTES)
        return;
    const grpc_op op[] = { { .op = GRPC_OP_RECV_MESSAGE,
                             .data.recv_message.recv_message = &stream->received } };
    stream->is_reading = isa__tr_stream_start_locked(stream, op, 1, &stream->message_tag);
}

static void give_up_locked(struct isa__tr_stream *stream, const char *why)
{
    stream->is_read_out = true;
    grpc_call_cancel_with_status(stream->call.core, GRPC_STATUS_RESOURCE_EXHAUSTED, why, NULL);
}

static void take_message_locked(struct isa__tr_stream *stream, grpc_byte_buffer *buffer)
{
    char words[WHY_BYTES];
    struct isa__text why;
    isa__text_init(&why, words, sizeof words);
    struct isa__tr_parcel *parcel = NULL;
    if (isa__tr_call_is_too_large(&stream->call, grpc_byte_buffer_length(buffer), &why))
        give_up_locked(stream, words);
    else if (!(parcel = isa__tr_parcel_new(buffer)))
        give_up_locked(stream, "out of memory for a message that came");
    if (!parcel) {
        grpc_byte_buffer_destroy(buffer);
        return;
    }
    isa_list_append(&stream->inbox, &parcel->in_box);
    stream->inbox_bytes += parcel->cost_bytes;
    stream->has_news = true;
}

static void on_message(struct isa__tr_tag *tag, bool is_ok)
{
    struct isa__tr_stream *stream = isa__container(tag, struct isa__tr_stream, message_tag);
    pthread_mutex_lock(&stream->lock);
    grpc_byte_buffer *buffer = stream->received;
    stream->received = NULL;
    stream->is_reading = false;
    if (buffer && is_ok)
        take_message_locked(stream, buffer);
    else
        stream->is_read_out = true;
    read_locked(stream);
    isa__tr_stream_unlock(stream);
    isa__tr_stream_leave(stream);
}

static void on_headers(struct isa__tr_tag *tag, bool is_ok)
{
    struct isa__tr_stream *stream = isa__container(tag, struct isa__tr_stream, headers_tag);
    pthread_mutex_lock(&stream->lock);
    if (is_ok) {
        stream->has_headers = true;
        stream->has_news = true;
    }
    isa__tr_stream_unlock(stream);
    isa__tr_stream_leave(stream);
}

static void on_begun(struct isa__tr_tag *tag, bool is_ok)
{
    struct isa__tr_stream *stream = isa__container(tag, struct isa__tr_stream, begin_tag);
    pthread_mutex_lock(&stream->lock);
    stream->is_begun = is_ok;
    stream->has_news = stream->owes_writable;
    isa__tr_stream_send_locked(stream);
    isa__tr_stream_unlock(stream);
    isa__tr_stream_leave(stream);
}

static void on_end(struct isa__tr_tag *tag, bool is_ok)
{
    (void)is_ok; /* the status says it */
    struct isa__tr_stream *stream = isa__container(tag, struct isa__tr_stream, end_tag);
    pthread_mutex_lock(&stream->lock);
    stream->is_over = true;
    isa__tr_stream_unlock(stream);
    isa__tr_stream_leave(stream);
}

/* ---- delivering; the loop ---------------------------------------------------------------------- */

static void deliver(struct isa__tr_stream *stream, struct isa__tr_parcel *parcel)
{
    grpc_slice slice;
    struct isa_bytes bytes = isa__tr_unpack(parcel->buffer, &slice);
    size_t cost_bytes = parcel->cost_bytes;
    isa__tr_port_weigh(stream->call.start.port, cost_bytes);
    stream->hears->message(stream->call.start.owner, bytes);
    grpc_slice_unref(slice);
    isa__tr_parcel_free(parcel);
    pthread_mutex_lock(&stream->lock);
    stream->inbox_bytes -= cost_bytes;
    read_locked(stream);
    isa__tr_stream_unlock(stream);
}

static size_t count_allowed_locked(const struct isa__tr_stream *stream)
{
    size_t count = 0;
    isa_list_each(node, after, (struct isa_list *)&stream->inbox)
    {
        count++;
    }
    return count < stream->allowed || !stream->reads_on_demand ? count : (size_t)stream->allowed;
}

/* One by one from the box: a callback may run the loop, and what comes of that is next in order. What
 * arrives meanwhile has news of its own. */
static void deliver_messages(struct isa__tr_stream *stream)
{
    pthread_mutex_lock(&stream->lock);
    for (size_t count = count_allowed_locked(stream); count > 0; count--) {
        if (stream->allowed == 0 || isa_list_is_empty(&stream->inbox))
            break;
        struct isa_list *first = stream->inbox.next;
        stream->allowed -= stream->reads_on_demand;
        isa_list_remove(first);
        isa__tr_stream_unlock(stream);
        deliver(stream, isa__container(first, struct isa__tr_parcel, in_box));
        pthread_mutex_lock(&stream->lock);
    }
    isa__tr_stream_unlock(stream);
}

/* Whether the end has to wait: for what must be delivered, and for the message that is on its way; and for
 * a callback that has not returned, from within which the loop runs. */
static bool must_wait_locked(const struct isa__tr_stream *stream)
{
    return stream->is_news_posted || stream->depth > 0 || !isa_list_is_empty(&stream->inbox);
}

/* Loop; or any thread when that is gone, and its timers with it. */
static void stop_waiting(struct isa__tr_stream *stream)
{
    if (stream->late && !isa__tr_port_is_dead(stream->call.start.port))
        isa__tr_timer_stop(stream->late);
}

static void run_news(struct isa__tr_msg *msg)
{
    struct isa__tr_stream *stream = isa__container(msg, struct isa__tr_stream, news_msg);
    struct isa__tr_call *call = &stream->call;
    pthread_mutex_lock(&stream->lock);
    stream->is_news_posted = false;
    bool has_headers = stream->has_headers;
    bool owes_writable = stream->owes_writable;
    stream->has_headers = false;
    stream->owes_writable = false;
    stream->depth++;
    isa__tr_stream_unlock(stream);
    if (has_headers)
        stream->hears->headers(call->start.owner, &call->initial);
    deliver_messages(stream);
    if (owes_writable)
        stream->hears->writable(call->start.owner);

    pthread_mutex_lock(&stream->lock);
    stream->depth--;
    bool may_end = stream->is_end_held && !must_wait_locked(stream);
    if (may_end)
        stream->is_end_held = false;
    isa__tr_stream_unlock(stream);
    if (may_end) {
        stop_waiting(stream);
        isa__tr_call_tell_done(call);
    }
}

static void empty_box(struct isa_list *box)
{
    isa_list_each(node, after, box)
    {
        isa__tr_parcel_free(isa__container(node, struct isa__tr_parcel, in_box));
    }
}

/* Whoever was cancelled or came too late hears no more messages. */
static bool is_cut_short(const struct isa__tr_call *call)
{
    return call->status.code == ISA_STATUS_CANCELLED ||
           call->status.code == ISA_STATUS_DEADLINE_EXCEEDED || call->is_overridden;
}

/* Core is done with the call: nobody else looks at its deadline. */
static void wait_until_late(struct isa__tr_stream *stream)
{
    const struct isa__tr_start *start = &stream->call.start;
    if (!stream->late || start->deadline_us == UINT64_MAX || isa__tr_port_is_dead(start->port))
        return;
    uint64_t now_us = isa__now_us();
    uint64_t left_ms = start->deadline_us > now_us ? (start->deadline_us - now_us) / 1000 + 1 : 0;
    isa__tr_timer_start(stream->late, start->port,
                        left_ms < INT32_MAX ? (uint32_t)left_ms : INT32_MAX);
}

static bool holds_end(struct isa__tr_call *call)
{
    struct isa__tr_stream *stream = isa__tr_stream_of(call);
    stop_waiting(stream);
    pthread_mutex_lock(&stream->lock);
    if (is_cut_short(call) || stream->is_given_up) {
        if (call->status.code == ISA_STATUS_OK && !isa_list_is_empty(&stream->inbox))
            call->status = stream->given_up; /* it does not get what the OK stands for */
        empty_box(&stream->inbox);
    }
    bool is_held = must_wait_locked(stream);
    stream->is_end_held = is_held;
    isa__tr_stream_unlock(stream);
    if (is_held)
        wait_until_late(stream);
    return is_held;
}

static void release_end(struct isa__tr_call *call, const struct isa_status *status)
{
    struct isa__tr_stream *stream = isa__tr_stream_of(call);
    pthread_mutex_lock(&stream->lock);
    bool is_held = stream->is_end_held;
    stream->is_end_held = false;
    stream->is_given_up = true; /* also when the end is still on its way to holds_end() */
    stream->given_up = *status;
    isa__tr_stream_unlock(stream);
    if (is_held)
        isa__tr_port_post(call->start.port, &call->msg);
}

static void on_late(void *owner)
{
    static const struct isa_status late = { .code = ISA_STATUS_DEADLINE_EXCEEDED,
                                            .message = "deadline passed with messages unread" };
    struct isa__tr_stream *stream = owner;
    release_end(&stream->call, &late);
}

bool isa__tr_stream_read(struct isa__tr_call *call, uint32_t count)
{
    struct isa__tr_stream *stream = isa__tr_stream_of(call);
    if (!stream->reads_on_demand)
        return false;
    pthread_mutex_lock(&stream->lock);
    stream->allowed += count;
    if (!isa_list_is_empty(&stream->inbox))
        stream->has_news = true;
    isa__tr_stream_unlock(stream);
    return true;
}

/* ---- beginning and end ------------------------------------------------------------------------- */

static bool begin(struct isa__tr_call *call)
{
    struct isa__tr_stream *stream = isa__tr_stream_of(call);
    grpc_op status = isa__tr_op_receive_status(call);
    grpc_op headers = isa__tr_op_receive_headers(call);
    grpc_op first[3] = { isa__tr_op_send_headers(call) };
    size_t count = 1;
    grpc_byte_buffer *request = isa__tr_call_take_request(call);
    if (request)
        first[count++] =
            (grpc_op){ .op = GRPC_OP_SEND_MESSAGE, .data.send_message.send_message = request };
    if (stream->begins_half_closed)
        first[count++] = (grpc_op){ .op = GRPC_OP_SEND_CLOSE_FROM_CLIENT };
    pthread_mutex_lock(&stream->lock);
    bool is_begun = isa__tr_stream_start_locked(stream, &status, 1, &stream->end_tag);
    if (is_begun && (!isa__tr_stream_start_locked(stream, first, count, &stream->begin_tag) ||
                     !isa__tr_stream_start_locked(stream, &headers, 1, &stream->headers_tag)))
        grpc_call_cancel(call->core, NULL); /* never seen; the status comes */
    if (is_begun)
        read_locked(stream);
    isa__tr_stream_unlock(stream);
    grpc_byte_buffer_destroy(request); /* core has taken what was in it */
    return is_begun;
}

static void clear(struct isa__tr_call *call)
{
    struct isa__tr_stream *stream = isa__tr_stream_of(call);
    grpc_byte_buffer_destroy(stream->received);
    empty_box(&stream->inbox);
    stream->received = NULL;
    stream->inbox_bytes = 0;
    stream->has_headers = false;
    stream->is_begun = false;
    stream->is_over = false;
    stream->is_reading = false;
    stream->is_read_out = false;
    stream->is_given_up = false;
    stream->is_sending = false;
    stream->is_close_sent = stream->begins_half_closed;
}

static void fini(struct isa__tr_call *call)
{
    struct isa__tr_stream *stream = isa__tr_stream_of(call);
    empty_box(&stream->outbox);
    isa__tr_timer_free(stream->late);
    pthread_mutex_destroy(&stream->lock);
}

static void init_tags(struct isa__tr_stream *stream)
{
    stream->begin_tag.fn = on_begun;
    stream->headers_tag.fn = on_headers;
    stream->message_tag.fn = on_message;
    stream->send_tag.fn = isa__tr_stream_on_sent;
    stream->end_tag.fn = on_end;
    stream->news_msg.fn = run_news;
}

struct isa__tr_call *isa__tr_stream_new(const struct isa__tr_stream_spec *spec)
{
    static const struct isa__tr_call_kind kind = { .begin = begin,
                                                   .clear = clear,
                                                   .holds_end = holds_end,
                                                   .release_end = release_end,
                                                   .fini = fini };
    struct isa__tr_stream *stream = isa__alloc(sizeof *stream);
    if (!stream)
        return NULL;
    stream->late = spec->reads_on_demand ? isa__tr_timer_new(on_late, stream) : NULL;
    if (spec->reads_on_demand && !stream->late) {
        isa__free(stream);
        return NULL;
    }
    stream->call.kind = &kind;
    stream->hears = spec->hears;
    stream->begins_half_closed = spec->half_close;
    stream->reads_on_demand = spec->reads_on_demand;
    stream->high_water_bytes = spec->high_water_bytes;
    stream->low_water_bytes = spec->low_water_bytes;
    stream->is_half_closed = spec->half_close;
    stream->is_close_sent = spec->half_close;
    stream->is_compressing = true;
    stream->allowed = spec->reads_on_demand ? 0 : 1;
    isa_list_init(&stream->inbox);
    isa_list_init(&stream->outbox);
    pthread_mutex_init(&stream->lock, NULL);
    init_tags(stream);
    return &stream->call;
}
