/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: calls on a connection handle: how they are made, unary ones, cancel, how they end.
 * Used by: applications; stream.h makes the other kinds of calls.
 * Must not know: grpc-core; protobuf-c's types only by name.
 */
#ifndef ISA_CALL_H
#define ISA_CALL_H

#include <isa/conn.h>
#include <isa/error.h>
#include <isa/export.h>
#include <isa/guard.h>
#include <isa/interceptor.h>
#include <isa/metadata.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

ISA_BEGIN_DECLS

struct ProtobufCMessage;
struct ProtobufCMessageDescriptor;
struct isa_call; /* opaque, reference-counted */

/** A message: one of the two. Valid during the callback only. */
struct isa_message {
    struct ProtobufCMessage *message; /* of the program's type; else NULL */
    struct isa_bytes bytes;           /* without a type; else empty */
};

/** How a call ended. */
struct isa_status {
    enum isa_status_code code;
    enum isa_reason reason; /* why the connection failed the call; ISA_REASON_NONE otherwise */
    const char *message;    /* never NULL, may be empty */
    struct isa_bytes
        details; /* a packed google.rpc.Status, when the service sent one; else empty */
};

/** What came back. Everything in it is valid during the callback only. */
struct isa_reply {
    struct isa_status status;
    struct ProtobufCMessage *message;    /* with reply_type and status OK; else NULL */
    struct isa_bytes bytes;              /* without reply_type and status OK; else empty */
    const struct isa_metadata *headers;  /* what came before the reply; NULL: nothing */
    const struct isa_metadata *trailers; /* what came with the status; NULL: nothing */
    uint64_t duration_us; /* from isa_call_unary() or isa_call_stream() to the end, microseconds */
    uint32_t attempts;    /* 1 without retries; 0 when the circuit breaker turned it away */
};

/**
 * Hears the end of a call: exactly once, on the handle's loop, later than the function that made the
 * call. Every function of this library may be called from it.
 */
typedef void isa_reply_fn(struct isa_call *call, const struct isa_reply *reply, void *user);

/** A function of any type, converted back before it is called. */
typedef void isa_any_fn(void);

/** How messages are compressed on their way to the peer. */
enum isa_compression {
    ISA_COMPRESSION_DEFAULT,  /* not at all */
    ISA_COMPRESSION_IDENTITY, /* not at all, and the peer is told so */
    ISA_COMPRESSION_DEFLATE,
    ISA_COMPRESSION_GZIP,
};

/**
 * How a call is made, of whatever kind. Start from ISA_CALL_OPTIONS_INIT; zero means the default.
 * One may serve any number of calls: what it points to is copied each time.
 */
struct isa_call_options {
    size_t size; /* Required. sizeof(struct isa_call_options) */
    /* Optional. Time for the call, waiting for a connection included, milliseconds. Default: the
     * handle's deadline_ms. Range 1 to 2147483647; ISA_NEVER: no deadline, for streams that live on. */
    uint32_t deadline_ms;
    /* Optional. false: an unhealthy connection gets one fresh attempt, begun after the call was made,
     * and if that fails the call fails with UNAVAILABLE and the cause. true: wait for a connection
     * until the deadline. Either way a call that the service has surely not seen, because its
     * connection had just ended or a GOAWAY has left it out, goes on with the next connection;
     * a request of more than 256 KiB only with true, since it has to be kept for that. */
    bool wait_for_ready;
    bool reserved[3]; /* zero */
    /* Optional. Unary: try again when it fails. Deadline and cancel cover all attempts and the waits
     * between them. Default: one attempt. Streams: what is worth on_resume, and the waits before the
     * next start; max_attempts does not count, on_resume says when it is enough. */
    const struct isa_retry_options *retry;
    const struct isa_header *headers; /* Optional. Metadata to send. Default: none */
    size_t header_count;              /* Entries of headers. At most 256. */
    /* Optional. What the peer is told it is called (:authority). Default: the target's host. */
    const char *authority;
    enum isa_compression compression; /* Optional. Default: none */
    /* Optional. Among calls that wait for a connection those with a larger number start first. */
    int32_t priority;
    /* Optional. A larger message ends the call with RESOURCE_EXHAUSTED, bytes. Default: what the
     * channel takes at most, 4 MiB. */
    uint32_t max_reply_bytes;
    uint32_t reserved_tail; /* zero */
    /* Optional. Asks for the call's token, instead of the handle's on_token. Default: the handle's */
    isa_token_fn *on_token;
    void *token_user; /* Optional. Handed to on_token */
};

#define ISA_CALL_OPTIONS_INIT                                                                      \
    {                                                                                              \
        sizeof(struct isa_call_options), 0, false, { false, false, false }, 0, 0, 0, 0,            \
            ISA_COMPRESSION_DEFAULT, 0, 0, 0, 0, 0                                                 \
    }

/** One unary call. Start from ISA_UNARY_INIT; zero means the default. */
struct isa_unary {
    size_t size;        /* Required. sizeof(struct isa_unary) */
    const char *method; /* Required. "/package.Service/Method". Copied. */
    /* This or request_bytes. Request, packed before isa_call_unary() returns. Default: none. */
    const struct ProtobufCMessage *request;
    /* This or request. Request already packed. Copied. Default: empty. */
    struct isa_bytes request_bytes;
    /* Optional. Type of the reply, as in &package__reply__descriptor. Default: reply as bytes. */
    const struct ProtobufCMessageDescriptor *reply_type;
    isa_reply_fn *on_reply;                 /* Required. */
    void *user;                             /* Optional. Handed to on_reply. */
    const struct isa_call_options *options; /* Optional. Copied. Default: the defaults */
    isa_any_fn *handler; /* Optional. Given back by isa_call_handler(); for generated code */
};

#define ISA_UNARY_INIT                                                                             \
    {                                                                                              \
        sizeof(struct isa_unary), 0, 0, { 0, 0 }, 0, 0, 0, 0, 0                                    \
    }

/**
 * Start a unary call. The connection's state is checked first, without asking the network: healthy,
 * the call starts; TRANSIENT_FAILURE or never connected, an attempt is made first and the call
 * waits for its outcome. Never blocks.
 *
 * @param conn      Handle. Borrowed; the call keeps it alive.
 * @param unary     What to call, and how. Copied.
 * @param ret_call  Receives a reference, for isa_call_cancel(). May be NULL.
 * @return 0: on_reply will be called exactly once; or, and then it is not called,
 *                ISA_EINVAL           something required is NULL or out of range, both forms of
 *                                     request are given, or a header's name or value is not allowed
 *                ISA_EUNKNOWN_OPTION  a struct is of a newer version and sets a newer field
 *                ISA_ETOOBIG          the packed request exceeds 2147483647 bytes
 *                ISA_ECLOSED          the handle is closed
 *                ISA_ESHUTDOWN        isa_pool_shutdown() was called
 *                ISA_EFORKED          the library was in use before a fork
 *                ISA_ENOMEM, ISA_ESYSTEM  out of memory; the library could not start
 * @owner  the caller holds the reference in ret_call, if it asked for one
 * @thread any
 * @calls  on_reply, later, from the handle's loop
 * @since  0.1
 */
ISA_API int isa_call_unary(struct isa_conn *conn, const struct isa_unary *unary,
                           struct isa_call **ret_call);

/**
 * Cancel a call. It still completes exactly once: with CANCELLED, or with its real outcome if that
 * was already on its way. Cancelling twice, or too late, does nothing.
 *
 * @param call  Call, or NULL. Borrowed.
 * @thread any
 * @since  0.1
 */
ISA_API void isa_call_cancel(struct isa_call *call);

/**
 * Take another reference.
 *
 * @param call  Call, or NULL.
 * @return call
 * @thread any
 * @since  0.1
 */
ISA_API struct isa_call *isa_call_ref(struct isa_call *call);

/**
 * Give a reference back. The call itself goes on.
 *
 * @param call  Call, or NULL.
 * @return NULL
 * @thread any
 * @since  0.1
 */
ISA_API struct isa_call *isa_call_unref(struct isa_call *call);

/**
 * The handle on which a call was made.
 *
 * @param call  Call. Borrowed.
 * @return the handle, borrowed, as long as the call lives; NULL for NULL
 * @thread any
 * @since  0.1
 */
ISA_API struct isa_conn *isa_call_conn(const struct isa_call *call);

/**
 * The function that was given as `handler` when the call was made.
 *
 * @param call  Call, or NULL. Borrowed.
 * @return the function; NULL when none was given
 * @thread any
 * @since  0.1
 */
ISA_API isa_any_fn *isa_call_handler(const struct isa_call *call);

ISA_END_DECLS

#endif
