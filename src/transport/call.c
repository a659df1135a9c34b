/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: one call on grpc-core, whatever its kind: request, start, cancel, outcome.
 * Used by: the pool through isa__tr_core, channel.c for the words of a failure.
 * Must not know: waiting, retries: it is started on a channel that is READY, or core fails it.
 */
#include "call.h"
#include "core_clock.h"

#include <grpc/support/alloc.h>
#include <grpc/support/time.h>
#include <openssl/crypto.h>
#include <string.h>

/* The peer's bytes as they came; cut to what fits. */
static void copy_details(struct isa__tr_call *call)
{
    size_t length = GRPC_SLICE_LENGTH(call->core_details);
    if (length >= sizeof call->details)
        length = sizeof call->details - 1;
    memcpy(call->details, GRPC_SLICE_START_PTR(call->core_details), length);
    call->details[length] = '\0';
}

void isa__tr_call_tell_done(struct isa__tr_call *call)
{
    call->is_told = true;
    call->start.on_done(call->start.owner); /* may free the call */
}

void isa__tr_call_let_go(struct isa__tr_call *call)
{
    if (!call->is_told || !call->core)
        return;
    call->initial.array.count = call->trailing.array.count = 0;
    call->status.details = (struct isa_bytes){ 0 };
    grpc_call_unref(call->core);
    call->core = NULL;
}

static void run_done(struct isa__tr_msg *msg)
{
    struct isa__tr_call *call = isa__container(msg, struct isa__tr_call, msg);
    if (!call->kind->holds_end || !call->kind->holds_end(call))
        isa__tr_call_tell_done(call);
}

/* A code that gRPC does not define is UNKNOWN. */
static enum isa_status_code code_of(grpc_status_code core_code)
{
    bool is_defined = (unsigned)core_code <= GRPC_STATUS_UNAUTHENTICATED;
    return is_defined ? (enum isa_status_code)core_code : ISA_STATUS_UNKNOWN;
}

static void read_status(struct isa__tr_call *call)
{
    call->status.code = code_of(call->core_code);
    call->status.reason = ISA_REASON_NONE;
    copy_details(call);
    if (call->core_code == GRPC_STATUS_OK)
        return;
    call->claim =
        isa__core_claim(isa__core_version(), call->core_code, call->details, call->core_error);
    isa_metadata_get(&call->trailing, "grpc-status-details-bin", &call->status.details);
}

/* The channel has confirmed the claim: the status is the connection's. */
static void blame_connection(struct isa__tr_call *call)
{
    call->status.code = ISA_STATUS_UNAVAILABLE;
    call->status.reason = call->claim == ISA__CLAIM_UNSENT
                              ? isa__core_reason_of_attempt(call->details)
                              : isa__core_reason_of_end(call->details);
}

static void conclude(struct isa__tr_call *call, bool is_confirmed)
{
    pthread_mutex_t *lock = isa__tr_channel_lock(call->channel);
    pthread_mutex_lock(lock);
    atomic_store(&call->is_ended, true);
    call->is_confirmed = is_confirmed && !call->is_overridden && call->claim != ISA__CLAIM_DATA;
    if (call->is_confirmed)
        blame_connection(call);
    pthread_mutex_unlock(lock);
    if (call->start.on_ended)
        call->start.on_ended(call->start.owner);
    isa__tr_channel_remove_call(call->channel, &call->in_channel);
    isa__tr_port_post(call->start.port, &call->msg);
}

void isa__tr_call_finish(struct isa__tr_call *call)
{
    pthread_mutex_t *lock = isa__tr_channel_lock(call->channel);
    pthread_mutex_lock(lock);
    if (!call->is_overridden || (call->core_code == GRPC_STATUS_OK && call->kind->keeps_ok))
        read_status(call);
    pthread_mutex_unlock(lock);
    if (call->claim != ISA__CLAIM_DATA)
        call->suspected_us = isa__now_us();
    if (!isa__tr_channel_suspect(call->channel, &call->in_channel, call->claim, call->details))
        conclude(call, true);
}

/* What core gave. */
static void drop_outcome(struct isa__tr_call *call)
{
    if (call->core)
        grpc_call_unref(call->core);
    grpc_slice_unref(call->core_details);
    gpr_free((void *)call->core_error);
    grpc_metadata_array_destroy(&call->initial.array);
    grpc_metadata_array_destroy(&call->trailing.array);
    call->kind->clear(call);
}

static void expect_outcome(struct isa__tr_call *call)
{
    call->core = NULL;
    call->is_told = false;
    call->core_details = grpc_empty_slice();
    call->core_error = NULL;
    call->claim = ISA__CLAIM_DATA;
    call->is_confirmed = false;
    call->status.details = (struct isa_bytes){ 0 };
    grpc_metadata_array_init(&call->initial.array);
    grpc_metadata_array_init(&call->trailing.array);
}

static int fill(struct isa__tr_call *call, const struct isa__tr_call_spec *spec)
{
    int error = isa__tr_headers_make(spec, &call->headers);
    if (!error && spec->authority && !(call->authority = isa__strdup(spec->authority)))
        error = ISA_ENOMEM;
    if (!error && spec->has_request)
        error = isa__tr_pack(spec->request, spec->request_bytes, &call->request);
    return error;
}

int isa__tr_call_new(const struct isa__tr_call_spec *spec, struct isa__tr_call **ret_call)
{
    struct isa__tr_call *call =
        spec->stream ? isa__tr_stream_new(spec->stream) : isa__tr_unary_new();
    if (!call)
        return ISA_ENOMEM;
    call->msg.fn = run_done;
    call->status.message = call->details;
    isa_list_init(&call->in_channel);
    call->method = grpc_slice_from_copied_string(spec->method);
    call->max_reply_bytes = spec->max_reply_bytes;
    call->request = grpc_empty_slice();
    call->has_request = spec->has_request;
    call->may_repeat = spec->may_repeat;
    expect_outcome(call);
    int error = fill(call, spec);
    if (error)
        isa__tr_call_free(call);
    else
        *ret_call = call;
    return error;
}

void isa__tr_call_reset(struct isa__tr_call *call)
{
    drop_outcome(call);
    expect_outcome(call);
    call->channel = NULL;
    call->is_overridden = false;
    atomic_store(&call->is_ended, false);
}

int isa__tr_call_set_request(struct isa__tr_call *call, const struct ProtobufCMessage *message,
                             struct isa_bytes bytes, bool has_request)
{
    grpc_slice request = grpc_empty_slice();
    int error = has_request ? isa__tr_pack(message, bytes, &request) : 0;
    if (error)
        return error;
    grpc_slice_unref(call->request);
    call->request = request;
    call->has_request = has_request;
    call->is_spent = false;
    return 0;
}

/* A peer can send this text too: what follows from it must be harmless. */
bool isa__tr_call_is_reset(const struct isa__tr_call *call)
{
    static const char words[] = "Received RST_STREAM with error code";
    return call->status.code == ISA_STATUS_INTERNAL &&
           strncmp(call->details, words, sizeof words - 1) == 0;
}

size_t isa__tr_call_request_bytes(const struct isa__tr_call *call)
{
    return GRPC_SLICE_LENGTH(call->request);
}

grpc_byte_buffer *isa__tr_call_take_request(struct isa__tr_call *call)
{
    enum { KEPT_MAX_BYTES = 262144 }; /* as much as core keeps for retries by default */
    if (!call->has_request)
        return NULL;
    grpc_byte_buffer *buffer = grpc_raw_byte_buffer_create(&call->request, 1);
    if (!call->may_repeat && GRPC_SLICE_LENGTH(call->request) > KEPT_MAX_BYTES) {
        grpc_slice_unref(call->request);
        call->request = grpc_empty_slice();
        call->is_spent = true;
    }
    return buffer;
}

/* Core lets go of a header on any thread, some time after the call has sent it. */
static void wipe_and_free(void *bytes, size_t length)
{
    OPENSSL_cleanse(bytes, length);
    isa__free(bytes);
}

void isa__tr_call_set_authorization(struct isa__tr_call *call, const char *value)
{
    struct isa__tr_headers *headers = &call->headers;
    char *copy = isa__strdup(value);
    grpc_slice secret = copy ? grpc_slice_new_with_len(copy, strlen(copy), wipe_and_free)
                             : grpc_slice_from_copied_string(value);
    if (headers->is_authorized)
        grpc_slice_unref(headers->entries[--headers->count].value); /* the key is static */
    headers->is_authorized = true;
    headers->entries[headers->count++] =
        (grpc_metadata){ .key = grpc_slice_from_static_string("authorization"), .value = secret };
}

bool isa__tr_call_is_unsent(const struct isa__tr_call *call)
{
    return call->is_confirmed && !call->is_spent && call->claim == ISA__CLAIM_UNSENT;
}

bool isa__tr_call_is_unseen(const struct isa__tr_call *call)
{
    return call->is_confirmed && !call->is_spent && call->claim == ISA__CLAIM_UNSEEN;
}

void isa__tr_call_free(struct isa__tr_call *call)
{
    if (!call)
        return;
    drop_outcome(call);
    if (call->kind->fini)
        call->kind->fini(call);
    grpc_slice_unref(call->request);
    grpc_slice_unref(call->method);
    isa__tr_headers_free(&call->headers);
    isa__free(call->authority);
    isa__free(call); /* a kind's struct begins with it */
}

void isa__tr_call_attach(struct isa__tr_channel *channel, struct isa__tr_call *call,
                         uint64_t now_us)
{
    call->channel = channel;
    call->started_us = now_us;
    isa__tr_channel_add_call(channel, &call->in_channel, call->kind->look != NULL);
}

void isa__tr_call_start(struct isa__tr_call *call, const struct isa__tr_start *start)
{
    call->start = *start;
    grpc_slice authority = grpc_empty_slice();
    if (call->authority) /* core may keep it for the connection's table of headers */
        authority = grpc_slice_from_copied_string(call->authority);
    grpc_call *core =
        grpc_channel_create_call(isa__tr_channel_core(call->channel), NULL, GRPC_PROPAGATE_DEFAULTS,
                                 isa__tr_queue(), call->method, call->authority ? &authority : NULL,
                                 isa__core_deadline(start->deadline_us), NULL);
    grpc_slice_unref(authority);
    pthread_mutex_t *lock = isa__tr_channel_lock(call->channel);
    pthread_mutex_lock(lock);
    call->core = core;
    bool is_cancelled = call->is_overridden;
    pthread_mutex_unlock(lock);
    if (is_cancelled)
        grpc_call_cancel(core, NULL);
    if (call->kind->begin(call))
        return;
    call->core_code = GRPC_STATUS_INTERNAL; /* never seen; but a call must complete */
    isa__tr_call_finish(call);
}

uint64_t isa__tr_call_started_us(const struct isa_list *in_channel)
{
    return isa__container(in_channel, struct isa__tr_call, in_channel)->started_us;
}

uint64_t isa__tr_call_suspected_us(const struct isa_list *in_channel)
{
    return isa__container(in_channel, struct isa__tr_call, in_channel)->suspected_us;
}

void isa__tr_call_conclude(struct isa_list *in_channel, bool is_confirmed)
{
    conclude(isa__container(in_channel, struct isa__tr_call, in_channel), is_confirmed);
}

bool isa__tr_call_look_locked(struct isa_list *in_channel)
{
    struct isa__tr_call *call = isa__container(in_channel, struct isa__tr_call, in_channel);
    if (call->kind->look && call->core && !atomic_load(&call->is_ended))
        call->kind->look(call);
    return call->kind->look != NULL;
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
    if (atomic_load(&call->is_ended)) { /* its channel may be gone */
        if (call->kind->release_end)
            call->kind->release_end(call, status);
        return;
    }
    pthread_mutex_t *lock = isa__tr_channel_lock(call->channel);
    pthread_mutex_lock(lock);
    isa__tr_call_cancel_locked(&call->in_channel, status);
    pthread_mutex_unlock(lock);
}

struct isa_status isa__tr_call_status(const struct isa__tr_call *call)
{
    return call->status;
}

bool isa__tr_is_unimplemented(const struct isa_status *status)
{
    return status->code == ISA_STATUS_UNIMPLEMENTED && !isa__core_is_http_status(status->message);
}

const struct isa_metadata *isa__tr_call_headers(const struct isa__tr_call *call)
{
    return call->initial.array.count ? &call->initial : NULL;
}

const struct isa_metadata *isa__tr_call_trailers(const struct isa__tr_call *call)
{
    return call->trailing.array.count ? &call->trailing : NULL;
}

bool isa__tr_call_is_too_large(const struct isa__tr_call *call, size_t size_bytes,
                               struct isa__text *why)
{
    bool is = call->max_reply_bytes && size_bytes > call->max_reply_bytes;
    if (is)
        isa__text_add(why, "a message of %zu bytes came, max_reply_bytes is %u", size_bytes,
                      call->max_reply_bytes);
    return is;
}

grpc_op isa__tr_op_send_headers(const struct isa__tr_call *call)
{
    return (grpc_op){ .op = GRPC_OP_SEND_INITIAL_METADATA,
                      .data.send_initial_metadata = { .count = call->headers.count,
                                                      .metadata = call->headers.entries } };
}

grpc_op isa__tr_op_receive_headers(struct isa__tr_call *call)
{
    return (grpc_op){ .op = GRPC_OP_RECV_INITIAL_METADATA,
                      .data.recv_initial_metadata.recv_initial_metadata = &call->initial.array };
}

grpc_op isa__tr_op_receive_status(struct isa__tr_call *call)
{
    return (grpc_op){ .op = GRPC_OP_RECV_STATUS_ON_CLIENT,
                      .data.recv_status_on_client = { .trailing_metadata = &call->trailing.array,
                                                      .status = &call->core_code,
                                                      .status_details = &call->core_details,
                                                      .error_string = &call->core_error } };
}
