/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: streaming calls: server streaming, client streaming, bidirectional.
 * Used by: applications.
 * Must not know: grpc-core; protobuf-c's types only by name.
 */
#ifndef ISA_STREAM_H
#define ISA_STREAM_H

#include <isa/call.h>

ISA_BEGIN_DECLS

/** Hears a message that arrived, on the handle's loop. Every function of this library may be called from it. */
typedef void isa_message_fn(struct isa_call *call, const struct isa_message *message, void *user);

/**
 * Hears the metadata that comes before the first message; empty when the stream ended without any.
 * Likewise.
 */
typedef void isa_headers_fn(struct isa_call *call, const struct isa_metadata *headers, void *user);

/**
 * The write queue has room again: it was full, as isa_call_write() said, and has fallen to
 * low_water_bytes. Likewise.
 */
typedef void isa_writable_fn(struct isa_call *call, void *user);

/** Where a stream broke off. Valid during the callback. */
struct isa_gap {
    struct isa_status status; /* what ended it */
    uint64_t messages;        /* received so far, all starts together */
    uint32_t resumptions;     /* so far, this one not included */
    uint32_t unsent;          /* messages written that had not been sent; they are dropped */
};

/**
 * Hears that a stream ended with a status worth another start (see isa_call_options.retry; default
 * UNAVAILABLE). A stream that was reset on its way, as proxies do with one that is quiet for too long, counts as
 * UNAVAILABLE here: CANCELLED that nobody here asked for, or INTERNAL. If it calls isa_call_resume() the stream starts once more, after a backoff, and when
 * there is a connection; otherwise it ends with the status in the gap. On the handle's loop.
 */
typedef void isa_resume_fn(struct isa_call *call, const struct isa_gap *gap, void *user);

/**
 * One streaming call. Start from ISA_STREAM_INIT; zero means the default.
 *
 *   server streaming   request, half_close, on_message
 *   client streaming   isa_call_write() and isa_call_half_close(); no on_message: the one reply
 *                      comes with on_end
 *   bidirectional      isa_call_write() and on_message
 */
struct isa_stream {
    size_t size;        /* Required. sizeof(struct isa_stream) */
    const char *method; /* Required. "/package.Service/Method". Copied. */
    /* Optional. First message, packed before isa_call_stream() returns. Default: none. */
    const struct ProtobufCMessage *request;
    /* Optional, instead of request. First message, already packed. Copied. Default: none. */
    struct isa_bytes request_bytes;
    bool has_request;     /* Optional. true: request_bytes is a message even when it is empty */
    bool half_close;      /* Optional. true: nothing follows the request */
    bool reads_on_demand; /* Optional. true: each message must be asked for, isa_call_read() */
    bool reserved[5];     /* zero */
    /* Optional. Type of what arrives. Default: bytes. */
    const struct ProtobufCMessageDescriptor *reply_type;
    isa_message_fn *on_message;   /* Optional. NULL: client streaming */
    isa_headers_fn *on_headers;   /* Optional. */
    isa_writable_fn *on_writable; /* Optional. */
    isa_resume_fn *on_resume;     /* Optional. NULL: the stream ends when it breaks off */
    isa_reply_fn *on_end;         /* Required. Exactly once, after the last message */
    void *user;                   /* Optional. Handed to all of them. */
    /* Optional. The write queue is full when it holds so many bytes or more; each message counts a
     * few bytes more than it has. Default 65536, range 1 to 1073741824. */
    uint32_t high_water_bytes;
    /* Optional. on_writable comes when it has fallen to this. Default a quarter of
     * high_water_bytes; at most high_water_bytes - 1. */
    uint32_t low_water_bytes;
    const struct isa_call_options *options; /* Optional. Copied. Default: the defaults */
    isa_any_fn *handler; /* Optional. Given back by isa_call_handler(); for generated code */
};

#define ISA_STREAM_INIT                                                                            \
    {                                                                                              \
        sizeof(struct isa_stream), 0, 0, { 0, 0 }, false, false, false,                            \
            { false, false, false, false, false }, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0                 \
    }

/**
 * Start a streaming call. What isa_call_unary() says about connections holds here too.
 *
 * Messages are delivered in order and each once, as fast as they come, or with reads_on_demand as
 * isa_call_read() allows. At most 64 KiB and one message are read ahead of the callback; beyond that
 * and HTTP/2's own window the peer has to wait. All messages that arrived are heard before on_end,
 * unless the call was cancelled or its deadline passed; then the status is not OK. A message that is not
 * of reply_type ends the call with INTERNAL.
 *
 * @param conn      Handle. Borrowed; the call keeps it alive.
 * @param stream    What to call, and how. Copied.
 * @param ret_call  Receives a reference. May be NULL.
 * @return 0: on_end will be called exactly once; or, and then nothing is called, as isa_call_unary()
 * @owner  the caller holds the reference in ret_call, if it asked for one
 * @thread any
 * @calls  the callbacks of `stream`, later, from the handle's loop
 * @since  0.1
 */
ISA_API int isa_call_stream(struct isa_conn *conn, const struct isa_stream *stream,
                            struct isa_call **ret_call);

/**
 * Write a message: it is queued, and sent in order once there is a connection.
 *
 * @param call     Streaming call. Borrowed.
 * @param message  Packed before this returns.
 * @return 0: accepted; 1: accepted, and the queue is full now: on_writable will come; or
 *                ISA_EFULL   not accepted: the queue is full; on_writable will come
 *                ISA_EINVAL  an argument is NULL, or the message is malformed
 *                ISA_ESTATE  not a stream, or half-closed
 *                ISA_ECLOSED the call has ended
 *                ISA_ETOOBIG the packed message exceeds 2147483647 bytes
 *                ISA_EFORKED the library was in use before a fork
 *                ISA_ENOMEM  out of memory
 * @thread loop
 * @calls  on_writable, later
 * @since  0.1
 */
ISA_API int isa_call_write(struct isa_call *call, const struct ProtobufCMessage *message);

/**
 * Write a message that is packed already; copied. Otherwise as isa_call_write().
 *
 * @return as isa_call_write()
 * @thread loop
 * @since  0.1
 */
ISA_API int isa_call_write_bytes(struct isa_call *call, struct isa_bytes bytes);

/**
 * Compress the messages written from now on, or do not. Has an effect when the call's options name a
 * compression; a stream begins with true.
 *
 * @return 0, or ISA_EINVAL call is NULL, ISA_ESTATE not a stream
 * @thread loop
 * @since  0.1
 */
ISA_API int isa_call_compress(struct isa_call *call, bool is_compressing);

/**
 * Say that nothing more will be written; what is queued is still sent.
 *
 * @return 0, or  ISA_EINVAL   call is NULL
 *                ISA_ESTATE   not a stream, or half-closed already
 *                ISA_ECLOSED  the call has ended
 *                ISA_EFORKED  the library was in use before a fork
 * @thread loop
 * @since  0.1
 */
ISA_API int isa_call_half_close(struct isa_call *call);

/**
 * Allow so many more messages; for streams with reads_on_demand.
 *
 * @return 0, or  ISA_EINVAL   call is NULL or count is 0
 *                ISA_ESTATE   not a stream with reads_on_demand
 *                ISA_ECLOSED  the call has ended
 *                ISA_EFORKED  the library was in use before a fork
 * @thread loop
 * @calls  on_message, later
 * @since  0.1
 */
ISA_API int isa_call_read(struct isa_call *call, uint32_t count);

/**
 * Inside on_resume: start the stream once more, with this request.
 *
 * @param call     The call that on_resume was told of. Borrowed.
 * @param request  First message; packed before this returns. NULL: start without one.
 * @return 0, or  ISA_EINVAL   call is NULL, or the request is malformed
 *                ISA_ESTATE   not inside on_resume, or called before
 *                ISA_ETOOBIG  the packed request exceeds 2147483647 bytes
 *                ISA_ENOMEM   out of memory
 * @thread loop
 * @since  0.1
 */
ISA_API int isa_call_resume(struct isa_call *call, const struct ProtobufCMessage *request);

/**
 * Go on after a resumption, with a request that is packed already; copied. Otherwise as isa_call_resume().
 *
 * @return as isa_call_resume()
 * @thread loop
 * @since  0.1
 */
ISA_API int isa_call_resume_bytes(struct isa_call *call, struct isa_bytes request);

/**
 * Bytes in the write queue, with the few that each message costs beside its own.
 *
 * @param call  Call, or NULL. Borrowed.
 * @return the bytes; 0 for NULL, a unary call, and a call that has ended
 * @thread any
 * @since  0.1
 */
ISA_API size_t isa_call_queued_bytes(const struct isa_call *call);

ISA_END_DECLS

#endif
