/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: one unary call on grpc-core: request, start, cancel, outcome.
 * Used by: the pool through isa__tr_core, channel.c for the words of a failure.
 * Must not know: waiting, retries: it is started on a channel that is READY, or core fails it.
 */
#include "core.h"

#include <grpc/byte_buffer_reader.h>
#include <grpc/support/time.h>
#include <string.h>

#include "message.h"

enum { OPS = 6, DETAILS_BYTES = 512 };

struct isa__tr_call {
    struct isa__tr_tag tag;
    struct isa__tr_msg msg; /* to start.port */
    struct isa__tr_start start;
    struct isa__tr_channel *channel;
    uint64_t started_us;        /* monotonic; under the channel's lock */
    struct isa_list in_channel; /* in struct isa__tr_channel.calls; under its lock */
    grpc_call *core;            /* under the channel's lock until it has ended */
    bool is_overridden;         /* `status` is ours, not core's; under the channel's lock */
    atomic_bool is_ended;       /* while false, the channel exists for the control loop */
    struct isa_status status;   /* message points to `details` */
    char details[DETAILS_BYTES];
    grpc_slice method;
    grpc_byte_buffer *request;
    grpc_byte_buffer
        *spare; /* the same slices: core empties what it sends; NULL: never sent again */
    grpc_byte_buffer *reply;
    grpc_slice reply_bytes; /* of `reply`, in one piece */
    grpc_metadata_array initial;
    grpc_metadata_array trailing;
    grpc_status_code core_code;
    grpc_slice core_details;
};

/* Core quotes what the peer said, so this can be long and can hold any byte. */
static void copy_details(struct isa__tr_call *call)
{
    size_t length = GRPC_SLICE_LENGTH(call->core_details);
    if (length >= sizeof call->details)
        length = sizeof call->details - 1;
    memcpy(call->details, GRPC_SLICE_START_PTR(call->core_details), length);
    call->details[length] = '\0';
}

static void run_done(struct isa__tr_msg *msg)
{
    struct isa__tr_call *call = isa__container(msg, struct isa__tr_call, msg);
    grpc_call_unref(call->core); /* or a program that keeps the call keeps core's threads, too */
    call->core = NULL;
    call->start.on_done(call->start.owner); /* may free the call */
}

/* Core says UNKNOWN of a call whose connection it gave up itself, because of wrong frames. */
static bool has_met_a_break(const struct isa__tr_call *call)
{
    if (call->core_code == GRPC_STATUS_UNKNOWN)
        return strcmp(call->details, "Stream removed") == 0;
    return call->core_code == GRPC_STATUS_UNAVAILABLE && isa__tr_is_words_of_core(call->details);
}

static void finish(struct isa__tr_call *call)
{
    bool is_broken = false;
    pthread_mutex_t *lock = isa__tr_channel_lock(call->channel);
    pthread_mutex_lock(lock);
    atomic_store(&call->is_ended, true);
    if (!call->is_overridden || call->core_code == GRPC_STATUS_OK) {
        call->status.code = (enum isa_status_code)call->core_code;
        copy_details(call);
        is_broken = has_met_a_break(call);
        if (is_broken)
            call->status.code = ISA_STATUS_UNAVAILABLE;
        call->status.reason = is_broken ? isa__tr_reason_of(call->details) : ISA_REASON_NONE;
    }
    pthread_mutex_unlock(lock);

    if (call->start.on_ended)
        call->start.on_ended(call->start.owner);
    /* A call that core could not put anywhere met a redial of core's own: that is not the cause. */
    const char *words = is_broken && !isa__tr_is_unsent(call->details) ? call->details : NULL;
    isa__tr_channel_remove_call(call->channel, &call->in_channel, is_broken, words);
    isa__tr_port_post(call->start.port, &call->msg);
}

static void on_tag(struct isa__tr_tag *tag, bool is_ok)
{
    (void)is_ok; /* the status says it */
    finish(isa__container(tag, struct isa__tr_call, tag));
}

/* What core gave. */
static void drop_outcome(struct isa__tr_call *call)
{
    if (call->core)
        grpc_call_unref(call->core);
    grpc_byte_buffer_destroy(call->reply);
    grpc_slice_unref(call->reply_bytes);
    grpc_slice_unref(call->core_details);
    grpc_metadata_array_destroy(&call->initial);
    grpc_metadata_array_destroy(&call->trailing);
}

static void expect_outcome(struct isa__tr_call *call)
{
    call->core = NULL;
    call->reply = NULL;
    call->reply_bytes = grpc_empty_slice();
    call->core_details = grpc_empty_slice();
    grpc_metadata_array_init(&call->initial);
    grpc_metadata_array_init(&call->trailing);
}

int isa__tr_call_new(const struct isa_unary *unary, struct isa__tr_call **ret_call)
{
    struct isa__tr_call *call = isa__alloc(sizeof *call);
    if (!call)
        return ISA_ENOMEM;
    int error = isa__tr_request_pack(unary, &call->request);
    if (error) {
        isa__free(call);
        return error;
    }
    if (unary->wait_for_ready || unary->retry) /* it may be sent again: isa__tr_call_reset() */
        call->spare = grpc_byte_buffer_copy(call->request);
    call->tag.fn = on_tag;
    call->msg.fn = run_done;
    call->status.message = call->details;
    isa_list_init(&call->in_channel);
    call->method = grpc_slice_from_copied_string(unary->method);
    expect_outcome(call);
    *ret_call = call;
    return 0;
}

void isa__tr_call_reset(struct isa__tr_call *call)
{
    drop_outcome(call);
    expect_outcome(call);
    grpc_byte_buffer_destroy(call->request);
    call->request = grpc_byte_buffer_copy(call->spare);
    call->channel = NULL;
    call->is_overridden = false;
    atomic_store(&call->is_ended, false);
}

bool isa__tr_call_is_unsent(const struct isa__tr_call *call)
{
    return !call->is_overridden && call->status.code == ISA_STATUS_UNAVAILABLE &&
           isa__tr_is_unsent(call->details);
}

void isa__tr_call_free(struct isa__tr_call *call)
{
    if (!call)
        return;
    drop_outcome(call);
    grpc_byte_buffer_destroy(call->request);
    grpc_byte_buffer_destroy(call->spare);
    grpc_slice_unref(call->method);
    isa__free(call);
}

void isa__tr_call_attach(struct isa__tr_channel *channel, struct isa__tr_call *call)
{
    call->channel = channel;
    call->started_us = isa__now_us();
    isa__tr_channel_add_call(channel, &call->in_channel);
}

static grpc_call_error start_batch(struct isa__tr_call *call)
{
    grpc_op ops[OPS] = {
        { .op = GRPC_OP_SEND_INITIAL_METADATA },
        { .op = GRPC_OP_SEND_MESSAGE, .data.send_message.send_message = call->request },
        { .op = GRPC_OP_SEND_CLOSE_FROM_CLIENT },
        { .op = GRPC_OP_RECV_INITIAL_METADATA,
          .data.recv_initial_metadata.recv_initial_metadata = &call->initial },
        { .op = GRPC_OP_RECV_MESSAGE, .data.recv_message.recv_message = &call->reply },
        { .op = GRPC_OP_RECV_STATUS_ON_CLIENT,
          .data.recv_status_on_client = { .trailing_metadata = &call->trailing,
                                          .status = &call->core_code,
                                          .status_details = &call->core_details } },
    };
    return grpc_call_start_batch(call->core, ops, OPS, isa__tr_tag_arm(&call->tag), NULL);
}

void isa__tr_call_start(struct isa__tr_call *call, const struct isa__tr_start *start)
{
    call->start = *start;
    gpr_timespec deadline =
        gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                     gpr_time_from_millis((int64_t)start->deadline_ms, GPR_TIMESPAN));
    grpc_call *core =
        grpc_channel_create_call(isa__tr_channel_core(call->channel), NULL, GRPC_PROPAGATE_DEFAULTS,
                                 isa__tr_queue(), call->method, NULL, deadline, NULL);
    pthread_mutex_t *lock = isa__tr_channel_lock(call->channel);
    pthread_mutex_lock(lock);
    call->core = core;
    bool is_cancelled = call->is_overridden;
    pthread_mutex_unlock(lock);
    if (is_cancelled)
        grpc_call_cancel(core, NULL);
    if (start_batch(call) == GRPC_CALL_OK)
        return;
    call->core_code = GRPC_STATUS_INTERNAL; /* never seen; but a call must complete */
    finish(call);
}

uint64_t isa__tr_call_started_us(const struct isa_list *in_channel)
{
    return isa__container(in_channel, struct isa__tr_call, in_channel)->started_us;
}

void isa__tr_call_cancel_locked(struct isa_list *in_channel, const struct isa_status *status)
{
    struct isa__tr_call *call = isa__container(in_channel, struct isa__tr_call, in_channel);
    if (call->is_overridden || atomic_load(&call->is_ended))
        return;
    call->is_overridden = true;
    call->status.code = status->code;
    call->status.reason = status->reason;
    struct isa__text details;
    isa__text_init(&details, call->details, sizeof call->details);
    isa__text_add(&details, "%s", status->message);
    if (call->core)
        grpc_call_cancel(call->core, NULL);
}

void isa__tr_call_cancel(struct isa__tr_call *call, const struct isa_status *status)
{
    if (atomic_load(&call->is_ended)) /* its channel may be gone */
        return;
    pthread_mutex_t *lock = isa__tr_channel_lock(call->channel);
    pthread_mutex_lock(lock);
    isa__tr_call_cancel_locked(&call->in_channel, status);
    pthread_mutex_unlock(lock);
}

struct isa_status isa__tr_call_status(const struct isa__tr_call *call)
{
    return call->status;
}

struct isa_bytes isa__tr_call_reply(struct isa__tr_call *call)
{
    grpc_byte_buffer_reader reader;
    if (call->reply && GRPC_SLICE_IS_EMPTY(call->reply_bytes) &&
        grpc_byte_buffer_reader_init(&reader, call->reply)) {
        call->reply_bytes = grpc_byte_buffer_reader_readall(&reader);
        grpc_byte_buffer_reader_destroy(&reader);
    }
    return (struct isa_bytes){ GRPC_SLICE_START_PTR(call->reply_bytes),
                               GRPC_SLICE_LENGTH(call->reply_bytes) };
}
