/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: what struct isa_call is made of, whatever its kind.
 * Used by: call.c, call_begin.c, unary.c, stream.c, intercept.c, token.c.
 * Must not know: machines, channels.
 */
#ifndef ISA_POOL_CALL_LIFE_H
#define ISA_POOL_CALL_LIFE_H

#include <isa/stream.h>

#include "handle.h"
#include "message.h"

/** What makes a call a stream. Loop, but for what is fixed. */
struct isa__stream {
    isa_message_fn *on_message;   /* fixed; NULL: client streaming */
    isa_headers_fn *on_headers;   /* fixed */
    isa_writable_fn *on_writable; /* fixed */
    isa_resume_fn *on_resume;     /* fixed */
    uint64_t messages;            /* received */
    uint64_t messages_before;     /* the present start */
    uint32_t resumptions;
    bool may_resume; /* inside on_resume */
    bool will_resume;
    bool is_spoiled;           /* a message could not be taken: no more of them are told */
    bool has_reply;            /* client streaming: the one reply is here */
    struct isa_status spoiled; /* how it ends then */
    char *bad_message;         /* the words of that, or NULL: they are a literal */
    struct ProtobufCMessage *reply;
    char *reply_bytes;
    size_t reply_size_bytes;
};

struct isa_call {
    atomic_uint refs;      /* the program's, in_conn's, and one until core or the link is done */
    struct isa_conn *conn; /* a reference */
    struct isa__link_call link_call;
    const struct ProtobufCMessageDescriptor *reply_type;
    isa_reply_fn *on_reply;
    void *user;
    isa_any_fn *handler;
    struct isa__stream *stream; /* NULL: unary */
    struct isa__token *token;   /* NULL: it carries none */
    uint32_t heard_starts;      /* interceptors that know of it */
    uint64_t started_us;
    struct isa_list in_conn;   /* in struct isa_conn.calls; under its lock */
    atomic_bool is_completed;  /* on_reply has begun, or never will; written under conn->lock */
    struct isa_status refusal; /* how it ended without a channel */
    char *refusal_text;
    struct isa__tr_msg refused_msg; /* to the handle's loop */
    struct isa__tr_msg cancel_msg;  /* to the control loop */
    atomic_bool is_cancelled;
    struct isa_status cancel_status; /* written before cancel_msg is posted */
    char method[];
};

/** What a call is made from. */
struct isa__call_spec {
    struct isa__tr_call_spec core;
    struct isa_call_options options; /* read by isa__call_read_options() */
    const struct ProtobufCMessageDescriptor *reply_type;
    isa_reply_fn *on_reply;
    void *user;
    isa_any_fn *handler;
    const struct isa_stream *stream; /* NULL: unary */
    bool is_lasting;                 /* as in struct isa__link_call */
    struct isa_header *merged;       /* the program's headers and its interceptors' */
};

/* call_begin.c */
/** Make a call and start it, or have it wait. @return 0 or ISA_E*; then nothing will be called */
int isa__call_begin(struct isa_conn *conn, struct isa__call_spec *spec, struct isa_call **ret_call);

/* call.c */
/** Have it hear of its end. */
void isa__call_wire(struct isa_call *call);
/** Only one may complete a call, or withdraw it before it was accepted. Under conn->lock. */
bool isa__call_claim_locked(struct isa_call *call);
/** End a call that was accepted and not submitted; its on_reply follows. Any thread. */
void isa__call_refuse(struct isa_call *call, const struct isa_status *status);
/** The same for one that was on its way before, and rests. */
void isa__call_end_unsent(struct isa_call *call, const struct isa_status *status);
/** Submit a call that was accepted before. Any thread. */
void isa__call_submit_late(struct isa_call *call);
/** Any thread. The status' message is a literal. */
void isa__call_cancel(struct isa_call *call, const struct isa_status *status);

/* unary.c, also for stream.c */
/** Whether handle and method may be used at all. @return 0 or ISA_E* */
int isa__call_check(const struct isa_conn *conn, const char *method);
int isa__call_check_request(const struct ProtobufCMessage *request, struct isa_bytes bytes);
/** Options into the spec. NULL: the defaults. @return 0 or ISA_E* */
int isa__call_read_options(const struct isa_call_options *options, struct isa__call_spec *spec);

/* stream.c, for call.c */
int isa__stream_make(struct isa_call *call, const struct isa__call_spec *spec);
void isa__stream_free(struct isa__stream *stream);
/** As isa_call_stream(); on_resume hears of every end but UNIMPLEMENTED. For the library's own watches. */
int isa__stream_open_lasting(struct isa_conn *conn, const struct isa_stream *stream,
                             struct isa_call **ret_call);
/** What a stream's end counts as when it is asked whether that is worth another start. */
struct isa_status isa__stream_judge(const struct isa_call *call, const struct isa_status *status);
/** Loop. Ask the program whether a stream goes on; then its next request is set. */
bool isa__stream_wants_more(struct isa_call *call, const struct isa_status *status);
/** Loop. The one reply of client streaming, or what is wrong with it. */
void isa__stream_fill_reply(struct isa_call *call, struct isa_reply *reply);

/* What a message that isa__message_unpack() refused makes of its call; bytes of its words. */
enum { ISA__BAD_MESSAGE_BYTES = 256 };
enum isa_status_code isa__status_of_bad_message(int error);

#endif
