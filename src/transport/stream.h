/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: what a streaming call on grpc-core is made of.
 * Used by: stream.c, stream_write.c.
 * Must not know: the pool.
 *
 * Threads: the queue's thread takes what core brings and gives it the next thing to do; the loop of
 * the port delivers and writes. Both under `lock`, which also serialises what is started on the call,
 * as core demands. It is a leaf but for core itself: no callback runs under it.
 */
#ifndef ISA_TR_STREAM_H
#define ISA_TR_STREAM_H

#include "call.h"

/** A message on its way, in or out. */
struct isa__tr_parcel {
    struct isa_list in_box; /* in struct isa__tr_stream.inbox or .outbox */
    grpc_byte_buffer *buffer;
    size_t cost_bytes; /* its bytes and its own: empty messages must not be endless */
    uint32_t flags;    /* out: core's write flags */
};

struct isa__tr_stream {
    struct isa__tr_call call;
    const struct isa__tr_stream_hears *hears;
    bool begins_half_closed; /* fixed */
    bool reads_on_demand;    /* fixed */
    uint32_t high_water_bytes;
    uint32_t low_water_bytes;
    struct isa__tr_tag begin_tag;
    struct isa__tr_tag headers_tag;
    struct isa__tr_tag message_tag;
    struct isa__tr_tag send_tag;
    struct isa__tr_tag end_tag;
    atomic_uint pending;         /* tags that core has; when it is 0 the call has ended */
    struct isa__tr_timer *late;  /* loop: of an end that is held; NULL: it cannot be for long */
    struct isa__tr_msg news_msg; /* to the loop: there is something to deliver */
    grpc_byte_buffer *received;  /* core's to fill while is_reading */
    pthread_mutex_t lock;
    /* under lock */
    bool has_news; /* the loop has something to do: isa__tr_stream_unlock() posts it */
    bool is_news_posted;
    bool is_begun;    /* core has sent the headers: messages may follow */
    bool is_over;     /* core has said how it ended: nothing more may be started */
    bool has_headers; /* arrived, and not delivered yet */
    bool is_reading;
    bool is_read_out;           /* no more messages come */
    unsigned depth;             /* of callbacks: one may run the loop */
    bool is_end_held;           /* the end waits for messages to be delivered */
    bool is_given_up;           /* nobody waits for messages: the end does not either */
    struct isa_status given_up; /* with what */
    uint64_t allowed;           /* messages that may be delivered */
    struct isa_list inbox;      /* of struct isa__tr_parcel.in_box */
    size_t inbox_bytes;         /* with what is being delivered */
    bool is_sending;            /* the first of outbox, or the half-close */
    bool is_half_closed;        /* nothing more may be written */
    bool is_close_sent;
    bool is_compressing;
    bool was_full; /* the writer waits for writable() */
    bool owes_writable;
    struct isa_list outbox; /* of struct isa__tr_parcel.in_box */
    uint32_t outbox_count;
    atomic_size_t outbox_bytes; /* written under lock */
};

static inline struct isa__tr_stream *isa__tr_stream_of(struct isa__tr_call *call)
{
    return isa__container(call, struct isa__tr_stream, call);
}

/* stream.c */
/** Start something on core; its tag will come. @return false: core refused */
bool isa__tr_stream_start_locked(struct isa__tr_stream *stream, const grpc_op *ops, size_t count,
                                 struct isa__tr_tag *tag);
/** Unlock, and tell the loop if there is news. */
void isa__tr_stream_unlock(struct isa__tr_stream *stream);
/** A tag has come; the last thing its function does. */
void isa__tr_stream_leave(struct isa__tr_stream *stream);
void isa__tr_parcel_free(struct isa__tr_parcel *parcel);
/** NULL: no memory; the buffer stays the caller's. */
struct isa__tr_parcel *isa__tr_parcel_new(grpc_byte_buffer *buffer);

/* stream_write.c */
/** Give core the next thing to send, if there is one and it has none. */
void isa__tr_stream_send_locked(struct isa__tr_stream *stream);
void isa__tr_stream_on_sent(struct isa__tr_tag *tag, bool is_ok);

#endif
