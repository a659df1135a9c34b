/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: a unary call on grpc-core, and that exactly one reply comes.
 * Used by: call.c; the pool, for the reply.
 * Must not know: waiting, retries.
 */
#include "call.h"
#include "port.h"

enum { OPS = 6, WHY_BYTES = 128 };

/*
 * Core says how a call ended only once every message was asked for, so a call whose peer sends two would never
 * end. To ask for a second one each time costs an eighth of a call: it is asked for when a reply has been
 * here for a while and the status has not followed.
 */
struct unary {
    struct isa__tr_call call;
    struct isa__tr_tag tag;
    struct isa__tr_tag second_tag;
    atomic_uint pending;      /* tags that core has; when it is 0 the call has ended */
    grpc_byte_buffer *reply;  /* core's to fill, with the call still under way */
    grpc_byte_buffer *second; /* core's to fill; must stay NULL */
    grpc_slice reply_slice;   /* it in one piece, once the program has asked */
    bool has_reply;           /* at the last look */
    bool is_asked;            /* for a second message */
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

static void on_tag(struct isa__tr_tag *tag, bool is_ok)
{
    (void)is_ok; /* the status says it */
    leave(isa__container(tag, struct unary, tag));
}

static void on_second(struct isa__tr_tag *tag, bool is_ok)
{
    (void)is_ok;
    struct unary *unary = isa__container(tag, struct unary, second_tag);
    if (unary->second)
        grpc_call_cancel(unary->call.core, NULL);
    leave(unary);
}

/* @return false: it has ended */
static bool enter(struct unary *unary)
{
    unsigned pending = atomic_load(&unary->pending);
    while (pending > 0) {
        if (atomic_compare_exchange_weak(&unary->pending, &pending, pending + 1))
            return true;
    }
    return false;
}

static void ask_for_second(struct unary *unary)
{
    const grpc_op op[] = { { .op = GRPC_OP_RECV_MESSAGE,
                             .data.recv_message.recv_message = &unary->second } };
    if (!enter(unary))
        return;
    unary->is_asked = true;
    if (grpc_call_start_batch(unary->call.core, op, 1, isa__tr_tag_arm(&unary->second_tag), NULL) !=
        GRPC_CALL_OK)
        leave(unary);
}

/* Core is done with the reply at a look that does not find it for the first time. */
static void look(struct isa__tr_call *call)
{
    struct unary *unary = unary_of(call);
    if (unary->has_reply && !unary->is_asked)
        ask_for_second(unary);
    unary->has_reply = __atomic_load_n(&unary->reply, __ATOMIC_ACQUIRE) != NULL;
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
    atomic_store(&unary->pending, 1);
    grpc_call_error error =
        grpc_call_start_batch(call->core, ops, OPS, isa__tr_tag_arm(&unary->tag), NULL);
    grpc_byte_buffer_destroy(request); /* core has taken what was in it; the call may be gone */
    return error == GRPC_CALL_OK;
}

static void clear(struct isa__tr_call *call)
{
    struct unary *unary = unary_of(call);
    grpc_byte_buffer_destroy(unary->reply);
    grpc_byte_buffer_destroy(unary->second);
    grpc_slice_unref(unary->reply_slice);
    unary->reply = unary->second = NULL;
    unary->has_reply = unary->is_asked = false;
    atomic_store(&unary->pending, 0);
    unary->reply_slice = grpc_empty_slice();
}

struct isa__tr_call *isa__tr_unary_new(void)
{
    static const struct isa__tr_call_kind kind = {
        .begin = begin, .clear = clear, .look = look, .keeps_ok = true
    };
    struct unary *unary = isa__alloc(sizeof *unary);
    if (!unary)
        return NULL;
    unary->call.kind = &kind;
    unary->tag.fn = on_tag;
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
