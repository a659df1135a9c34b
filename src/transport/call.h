/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: what every call on grpc-core is made of, and the seam to its kind: unary or stream.
 * Used by: call.c, unary.c, stream.c, stream_write.c.
 * Must not know: the pool.
 */
#ifndef ISA_TR_CALL_H
#define ISA_TR_CALL_H

#include "core.h"
#include "core_text.h"
#include "packing.h"

enum { ISA__TR_DETAILS_BYTES = 512 };

/** What differs between the kinds of calls. A kind's struct begins with struct isa__tr_call. */
struct isa__tr_call_kind {
    /* Start what core is to do. call->core is set. @return whether core will say how it ends */
    bool (*begin)(struct isa__tr_call *call);
    /* Nothing came from core yet, or it is forgotten: fit to be started once more. */
    void (*clear)(struct isa__tr_call *call);
    /* Loop: on_done has to wait, messages come first; isa__tr_call_tell_done() follows. Or NULL */
    bool (*holds_end)(struct isa__tr_call *call);
    /* Any thread: what holds up the end of a call that has ended is given up; if that is more than
     * nothing, an OK becomes this status, its message a literal. Or NULL */
    void (*release_end)(struct isa__tr_call *call, const struct isa_status *status);
    /* Now and then while it runs; under the channel's lock, which serialises what is started. Or NULL */
    void (*look)(struct isa__tr_call *call);
    /* After clear(). Or NULL */
    void (*fini)(struct isa__tr_call *call);
    /* An OK stands although the call was cancelled: whoever hears it has all of the answer. */
    bool keeps_ok;
};

struct isa__tr_call {
    const struct isa__tr_call_kind *kind;
    struct isa__tr_msg msg; /* to start.port */
    struct isa__tr_start start;
    struct isa__tr_channel *channel;
    uint64_t started_us;        /* monotonic; under the channel's lock */
    struct isa_list in_channel; /* in struct isa__tr_channel.calls; under its lock */
    grpc_call *core;            /* under the channel's lock until it has ended */
    bool is_overridden;         /* `status` is ours, not core's; under the channel's lock */
    atomic_bool is_ended;       /* while false, the channel exists for the control loop */
    bool is_told;               /* on_done has begun; on the loop */
    struct isa_status status;   /* message points to `details` */
    char details[ISA__TR_DETAILS_BYTES];
    grpc_slice method;
    char *authority; /* NULL: the channel's */
    struct isa__tr_headers headers;
    grpc_slice request; /* packed; core gets a buffer of it at each start */
    bool has_request;
    bool may_repeat;          /* keep it, however large it is */
    bool is_spent;            /* it was let go: the call cannot be started once more */
    uint32_t max_reply_bytes; /* 0: the channel's limit */
    struct isa_metadata initial;
    struct isa_metadata trailing;
    grpc_status_code core_code;
    grpc_slice core_details;
    const char *core_error; /* core's own, of the same status; NULL: it says none */
    enum isa__claim claim;  /* what the status says of the connection */
    uint64_t suspected_us;  /* when it ended with it, monotonic */
    bool is_confirmed;      /* the channel says so too; written before on_ended */
};

/** Core is done with it. Any thread, once. */
void isa__tr_call_finish(struct isa__tr_call *call);
/** Loop. May free the call. */
void isa__tr_call_tell_done(struct isa__tr_call *call);
/** Whether a message is more than the program takes; then the call's end says so. */
bool isa__tr_call_is_too_large(const struct isa__tr_call *call, size_t size_bytes,
                               struct isa__text *why);

/** What core is to send, the caller's to destroy, or NULL. A large request goes with it. */
grpc_byte_buffer *isa__tr_call_take_request(struct isa__tr_call *call);

/* The operations that every kind has. */
grpc_op isa__tr_op_send_headers(const struct isa__tr_call *call);
grpc_op isa__tr_op_receive_headers(struct isa__tr_call *call);
grpc_op isa__tr_op_receive_status(struct isa__tr_call *call);

/* unary.c, stream.c: memory and what is the kind's own; NULL: no memory. */
struct isa__tr_call *isa__tr_unary_new(void);
struct isa__tr_call *isa__tr_stream_new(const struct isa__tr_stream_spec *spec);

#endif
