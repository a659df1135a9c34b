/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the write queue of a streaming call: bounded by its high water mark, sent one by one.
 * Used by: the pool; stream.c when the call begins.
 * Must not know: what is read.
 */
#include "stream.h"

static bool start_message_locked(struct isa__tr_stream *stream)
{
    const struct isa__tr_parcel *parcel =
        isa__container(stream->outbox.next, struct isa__tr_parcel, in_box);
    const grpc_op op[] = { { .op = GRPC_OP_SEND_MESSAGE,
                             .flags = parcel->flags,
                             .data.send_message.send_message = parcel->buffer } };
    return isa__tr_stream_start_locked(stream, op, 1, &stream->send_tag);
}

static bool start_close_locked(struct isa__tr_stream *stream)
{
    static const grpc_op op[] = { { .op = GRPC_OP_SEND_CLOSE_FROM_CLIENT } };
    stream->is_close_sent = true;
    return isa__tr_stream_start_locked(stream, op, 1, &stream->send_tag);
}

/* A message stays the first of the queue until core has sent it. */
void isa__tr_stream_send_locked(struct isa__tr_stream *stream)
{
    if (!stream->is_begun || stream->is_sending || stream->is_over)
        return;
    if (!isa_list_is_empty(&stream->outbox))
        stream->is_sending = start_message_locked(stream);
    else if (stream->is_half_closed && !stream->is_close_sent)
        stream->is_sending = start_close_locked(stream);
}

static void drop_first_locked(struct isa__tr_stream *stream)
{
    struct isa__tr_parcel *parcel =
        isa__container(stream->outbox.next, struct isa__tr_parcel, in_box);
    stream->outbox_count--;
    atomic_fetch_sub(&stream->outbox_bytes, parcel->cost_bytes);
    isa__tr_parcel_free(parcel);
}

static void tell_room_locked(struct isa__tr_stream *stream)
{
    if (!stream->was_full || atomic_load(&stream->outbox_bytes) > stream->low_water_bytes)
        return;
    stream->was_full = false;
    stream->owes_writable = true;
    stream->has_news = true;
}

void isa__tr_stream_on_sent(struct isa__tr_tag *tag, bool is_ok)
{
    struct isa__tr_stream *stream = isa__container(tag, struct isa__tr_stream, send_tag);
    pthread_mutex_lock(&stream->lock);
    stream->is_sending = false;
    if (!stream->is_close_sent && !isa_list_is_empty(&stream->outbox) && is_ok) {
        drop_first_locked(stream);
        tell_room_locked(stream);
    }
    if (is_ok)
        isa__tr_stream_send_locked(stream);
    isa__tr_stream_unlock(stream);
    isa__tr_stream_leave(stream);
}

static int append_locked(struct isa__tr_stream *stream, struct isa__tr_parcel *parcel)
{
    isa_list_append(&stream->outbox, &parcel->in_box);
    stream->outbox_count++;
    size_t bytes = atomic_fetch_add(&stream->outbox_bytes, parcel->cost_bytes);
    bool is_full = bytes + parcel->cost_bytes >= stream->high_water_bytes;
    stream->was_full = stream->was_full || is_full;
    parcel->flags = stream->is_compressing ? 0 : GRPC_WRITE_NO_COMPRESS;
    isa__tr_stream_send_locked(stream);
    return is_full;
}

/* @return 0, or why nothing can be written */
static int check_room_locked(struct isa__tr_stream *stream)
{
    if (stream->is_half_closed)
        return ISA_ESTATE;
    if (atomic_load(&stream->outbox_bytes) < stream->high_water_bytes)
        return 0;
    stream->was_full = true;
    return ISA_EFULL;
}

int isa__tr_stream_write(struct isa__tr_call *call, const struct ProtobufCMessage *message,
                         struct isa_bytes bytes)
{
    struct isa__tr_stream *stream = isa__tr_stream_of(call);
    pthread_mutex_lock(&stream->lock);
    int error = check_room_locked(stream);
    isa__tr_stream_unlock(stream);
    grpc_slice packed;
    if (!error)
        error = isa__tr_pack(message, bytes, &packed);
    if (error)
        return error;
    grpc_byte_buffer *buffer = grpc_raw_byte_buffer_create(&packed, 1);
    grpc_slice_unref(packed);
    struct isa__tr_parcel *parcel = isa__tr_parcel_new(buffer);
    if (!parcel) {
        grpc_byte_buffer_destroy(buffer);
        return ISA_ENOMEM;
    }
    pthread_mutex_lock(&stream->lock);
    int is_full = append_locked(stream, parcel);
    isa__tr_stream_unlock(stream);
    return is_full;
}

void isa__tr_stream_compress(struct isa__tr_call *call, bool is_compressing)
{
    struct isa__tr_stream *stream = isa__tr_stream_of(call);
    pthread_mutex_lock(&stream->lock);
    stream->is_compressing = is_compressing;
    isa__tr_stream_unlock(stream);
}

bool isa__tr_stream_half_close(struct isa__tr_call *call)
{
    struct isa__tr_stream *stream = isa__tr_stream_of(call);
    pthread_mutex_lock(&stream->lock);
    bool is_news = !stream->is_half_closed;
    stream->is_half_closed = true;
    isa__tr_stream_send_locked(stream);
    isa__tr_stream_unlock(stream);
    return is_news;
}

size_t isa__tr_stream_queued_bytes(const struct isa__tr_call *call)
{
    const struct isa__tr_stream *stream =
        (const void *)((const char *)call - offsetof(struct isa__tr_stream, call));
    return atomic_load(&stream->outbox_bytes);
}

uint32_t isa__tr_stream_forget(struct isa__tr_call *call)
{
    struct isa__tr_stream *stream = isa__tr_stream_of(call);
    pthread_mutex_lock(&stream->lock);
    uint32_t count = stream->outbox_count;
    while (!isa_list_is_empty(&stream->outbox))
        drop_first_locked(stream);
    stream->is_half_closed = stream->begins_half_closed;
    stream->owes_writable = stream->owes_writable || stream->was_full; /* told when it has begun */
    stream->was_full = false;
    isa__tr_stream_unlock(stream);
    return count;
}
