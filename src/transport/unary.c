/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: a unary call on grpc-core, and that exactly one reply comes.
 * Used by: call.c; the pool, for the reply.
 * Must not know: waiting, retries.
 */
#include "call.h"
#include "port.h"

enum { WHY_BYTES = 128 };

/*
 * Core says how a call ended only once every message was asked for. So the reply comes by itself, and with it
 * goes a question for another message: the answer is that there is none, or a peer that breaks the protocol.
 */
struct unary {
    struct isa__tr_call call;
    struct isa__tr_tag end_tag;
    struct isa__tr_tag reply_tag;
    struct isa__tr_tag second_tag;
    atomic_uint pending;      /* tags that core has; when it is 0 the call has ended */
    grpc_byte_buffer *reply;  /* core's to fill */
    grpc_byte_buffer *second; /* core's to fill; must stay NULL */
    grpc_slice reply_slice;   /* it in one piece, once the program has asked */
};

static struct unary *unary_of(struct isa__tr_call *call)
{
    return isa__container(call, struct unary, call);
}

static void refuse_reply(struct isa__tr_call *call, grpc_status_code code, const char *why)
{
    grpc_slice_unref(call->core_details);
    call->core_details = grpc_slice_from_copied_string(why);
    call->core_code = code;
}

/* What came is one reply that the program takes, or the call's end says what it was instead. */
static void judge_reply(struct unary *unary)
{
    struct isa__tr_call *call = &unary->call;
    char buffer[WHY_BYTES];
    struct isa__text why;
    isa__text_init(&why, buffer, sizeof buffer);
    if (unary->second)
        refuse_reply(call, GRPC_STATUS_INTERNAL, "a second reply came on a unary call");
    else if (!unary->reply && call->core_code == GRPC_STATUS_OK)
        refuse_reply(call, GRPC_STATUS_INTERNAL, "status OK came without a whole reply");
    else if (unary->reply &&
             isa__tr_call_is_too_large(call, grpc_byte_buffer_length(unary->reply), &why))
        refuse_reply(call, GRPC_STATUS_RESOURCE_EXHAUSTED, buffer);
}

static void leave(struct unary *unary)
{
    if (atomic_fetch_sub(&unary->pending, 1) != 1)
        return;
    judge_reply(unary);
    isa__tr_call_finish(&unary->call);
}

static void on_end(struct isa__tr_tag *tag, bool is_ok)
{
    (void)is_ok; /* the status says it */
    leave(isa__container(tag, struct unary, end_tag));
}

static void on_second(struct isa__tr_tag *tag, bool is_ok)
{
    (void)is_ok;
    struct unary *unary = isa__container(tag, struct unary, second_tag);
    if (unary->second)
        grpc_call_cancel(unary->call.core, NULL);
    leave(unary);
}

static bool start_ops(struct unary *unary, const grpc_op *ops, size_t count,
                      struct isa__tr_tag *tag)
{
    atomic_fetch_add(&unary->pending, 1);
    if (grpc_call_start_batch(unary->call.core, ops, count, isa__tr_tag_arm(tag), NULL) ==
        GRPC_CALL_OK)
        return true;
    atomic_fetch_sub(&unary->pending, 1); /* never seen, and never the last */
    return false;
}

static void on_reply(struct isa__tr_tag *tag, bool is_ok)
{
    struct unary *unary = isa__container(tag, struct unary, reply_tag);
    const grpc_op op[] = { { .op = GRPC_OP_RECV_MESSAGE,
                             .data.recv_message.recv_message = &unary->second } };
    if (is_ok && unary->reply && atomic_load(&unary->pending) > 1)
        start_ops(unary, op, 1, &unary->second_tag);
    leave(unary);
}

static bool begin(struct isa__tr_call *call)
{
    struct unary *unary = unary_of(call);
    grpc_byte_buffer *request = isa__tr_call_take_request(call);
    const grpc_op status = isa__tr_op_receive_status(call);
    const grpc_op ops[] = {
        isa__tr_op_send_headers(call),
        { .op = GRPC_OP_SEND_MESSAGE, .data.send_message.send_message = request },
        { .op = GRPC_OP_SEND_CLOSE_FROM_CLIENT },
        isa__tr_op_receive_headers(call),
        { .op = GRPC_OP_RECV_MESSAGE, .data.recv_message.recv_message = &unary->reply },
    };
    atomic_store(&unary->pending, 1); /* ours, until both are started */
    bool is_begun = start_ops(unary, &status, 1, &unary->end_tag);
    if (is_begun && !start_ops(unary, ops, sizeof ops / sizeof *ops, &unary->reply_tag))
        grpc_call_cancel(call->core, NULL); /* never seen; the status comes */
    grpc_byte_buffer_destroy(request);      /* core has taken what was in it */
    if (is_begun)
        leave(unary);
    return is_begun;
}

static void clear(struct isa__tr_call *call)
{
    struct unary *unary = unary_of(call);
    grpc_byte_buffer_destroy(unary->reply);
    grpc_byte_buffer_destroy(unary->second);
    grpc_slice_unref(unary->reply_slice);
    unary->reply = unary->second = NULL;
    unary->reply_slice = grpc_empty_slice();
}

struct isa__tr_call *isa__tr_unary_new(void)
{
    static const struct isa__tr_call_kind kind = { .begin = begin,
                                                   .clear = clear,
                                                   .keeps_ok = true };
    struct unary *unary = isa__alloc(sizeof *unary);
    if (!unary)
        return NULL;
    unary->call.kind = &kind;
    unary->end_tag.fn = on_end;
    unary->reply_tag.fn = on_reply;
    unary->second_tag.fn = on_second;
    unary->reply_slice = grpc_empty_slice();
    return &unary->call;
}

struct isa_bytes isa__tr_call_reply(struct isa__tr_call *call)
{
    struct unary *unary = unary_of(call);
    if (unary->reply) { /* the pieces are let go: a large reply is not there twice */
        isa__tr_unpack(unary->reply, &unary->reply_slice);
        grpc_byte_buffer_destroy(unary->reply);
        unary->reply = NULL;
        isa__tr_port_weigh(call->start.port, GRPC_SLICE_LENGTH(unary->reply_slice));
    }
    return (struct isa_bytes){ GRPC_SLICE_START_PTR(unary->reply_slice),
                               GRPC_SLICE_LENGTH(unary->reply_slice) };
}
