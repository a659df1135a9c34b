/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: a unary call on grpc-core: one batch, one reply.
 * Used by: call.c; the pool, for the reply.
 * Must not know: waiting, retries.
 */
#include "call.h"
#include "port.h"

enum { OPS = 6, WHY_BYTES = 128 };

struct unary {
    struct isa__tr_call call;
    struct isa__tr_tag tag;
    grpc_byte_buffer *reply; /* core's to fill */
    grpc_slice reply_slice;  /* it in one piece, once the program has asked */
};

static struct unary *unary_of(struct isa__tr_call *call)
{
    return isa__container(call, struct unary, call);
}

static void refuse_reply(struct isa__tr_call *call, const char *why)
{
    grpc_slice_unref(call->core_details);
    call->core_details = grpc_slice_from_copied_string(why);
    call->core_code = GRPC_STATUS_RESOURCE_EXHAUSTED;
}

static void on_tag(struct isa__tr_tag *tag, bool is_ok)
{
    (void)is_ok; /* the status says it */
    struct unary *unary = isa__container(tag, struct unary, tag);
    char buffer[WHY_BYTES];
    struct isa__text why;
    isa__text_init(&why, buffer, sizeof buffer);
    if (unary->reply &&
        isa__tr_call_is_too_large(&unary->call, grpc_byte_buffer_length(unary->reply), &why))
        refuse_reply(&unary->call, buffer);
    isa__tr_call_finish(&unary->call);
}

static bool begin(struct isa__tr_call *call)
{
    struct unary *unary = unary_of(call);
    grpc_byte_buffer *request = isa__tr_call_take_request(call);
    grpc_op ops[OPS] = {
        isa__tr_op_send_headers(call),
        { .op = GRPC_OP_SEND_MESSAGE, .data.send_message.send_message = request },
        { .op = GRPC_OP_SEND_CLOSE_FROM_CLIENT },
        isa__tr_op_receive_headers(call),
        { .op = GRPC_OP_RECV_MESSAGE, .data.recv_message.recv_message = &unary->reply },
        isa__tr_op_receive_status(call),
    };
    grpc_call_error error =
        grpc_call_start_batch(call->core, ops, OPS, isa__tr_tag_arm(&unary->tag), NULL);
    grpc_byte_buffer_destroy(request); /* core has taken what was in it; the call may be gone */
    return error == GRPC_CALL_OK;
}

static void clear(struct isa__tr_call *call)
{
    struct unary *unary = unary_of(call);
    grpc_byte_buffer_destroy(unary->reply);
    grpc_slice_unref(unary->reply_slice);
    unary->reply = NULL;
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
    unary->tag.fn = on_tag;
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
