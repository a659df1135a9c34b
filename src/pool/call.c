/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: calls as the program sees them: accepted once, completed once, on the handle's loop.
 * Used by: unary.c, stream.c, applications; conn.c to cancel or complete all calls of a handle.
 * Must not know: grpc-core, libev; when a call waits and when it runs.
 */
#include <isa/call.h>

#include "call_life.h"

struct isa_call *isa_call_ref(struct isa_call *call)
{
    if (call)
        atomic_fetch_add_explicit(&call->refs, 1, memory_order_relaxed);
    return call;
}

struct isa_call *isa_call_unref(struct isa_call *call)
{
    if (call && !isa__tr_is_forked() &&
        atomic_fetch_sub_explicit(&call->refs, 1, memory_order_acq_rel) == 1) {
        isa__tr_call_free(call->link_call.core);
        isa__conn_unref(call->conn);
        isa__free(call->link_call.retry);
        isa__stream_free(call->stream);
        isa__token_free(call->token);
        isa__free(call->refusal_text);
        isa__free(call);
    }
    return NULL;
}

struct isa_conn *isa_call_conn(const struct isa_call *call)
{
    return call ? call->conn : NULL;
}

const char *isa_call_method(const struct isa_call *call)
{
    return call ? call->method : "";
}

isa_any_fn *isa_call_handler(const struct isa_call *call)
{
    return call ? call->handler : NULL;
}

static void count(struct isa_call *call, enum isa_status_code code)
{
    struct isa__link *link = call->conn->link;
    atomic_fetch_add_explicit(code == ISA_STATUS_OK ? &link->operations_ok
                                                    : &link->operations_failed,
                              1, memory_order_relaxed);
}

bool isa__call_claim_locked(struct isa_call *call)
{
    bool is_first = !call->is_completed;
    call->is_completed = true;
    return is_first;
}

/* Loop. Once per call; what comes later is only memory. The caller has a reference. */
static void complete(struct isa_call *call, struct isa_reply *reply)
{
    struct isa_conn *conn = call->conn;
    pthread_mutex_lock(&conn->lock);
    bool is_first = isa__call_claim_locked(call);
    pthread_mutex_unlock(&conn->lock);
    if (!is_first)
        return;
    reply->duration_us = isa__now_us() - call->started_us;
    reply->attempts = call->link_call.attempts;
    count(call, reply->status.code);
    isa__token_stop(call->token);
    isa__intercept_finish(call, reply);
    call->on_reply(call, reply, call->user);
    if (!isa__tr_port_is_dead(conn->port)) /* else on_done() does, on whichever thread it comes */
        isa__tr_call_let_go(call->link_call.core);
    pthread_mutex_lock(&conn->lock);
    isa_list_remove(&call->in_conn);
    pthread_mutex_unlock(&conn->lock);
    isa__conn_finish_if_idle(conn);
    isa__tr_port_release(conn->port);
    isa_call_unref(call); /* in_conn's */
}

enum isa_status_code isa__status_of_bad_message(int error)
{
    return error == ISA_EINVAL ? ISA_STATUS_INTERNAL : ISA_STATUS_RESOURCE_EXHAUSTED;
}

/* Unary, and the status is OK. `why` has the words of a failure until the program has had the reply. */
static void read_reply(struct isa_call *call, struct isa_reply *reply,
                       char why[ISA__BAD_MESSAGE_BYTES])
{
    struct isa__text text;
    struct isa_bytes bytes = isa__tr_call_reply(call->link_call.core);
    struct ProtobufCMessage *message = NULL;
    int error = 0;
    if (call->reply_type) {
        isa__text_init(&text, why, ISA__BAD_MESSAGE_BYTES);
        error =
            isa__message_unpack(call->reply_type, bytes.data, bytes.size_bytes, &text, &message);
    } else {
        reply->bytes = bytes;
    }
    reply->message = message;
    if (!error)
        isa__intercept_in(call, &(struct isa_message){ reply->message, reply->bytes });
    else
        reply->status =
            (struct isa_status){ .code = isa__status_of_bad_message(error), .message = why };
}

static void complete_from_core(struct isa_call *call)
{
    struct isa__tr_call *core = call->link_call.core;
    struct isa_reply reply = { .status = isa__tr_call_status(core),
                               .headers = isa__tr_call_headers(core),
                               .trailers = isa__tr_call_trailers(core) };
    char why[ISA__BAD_MESSAGE_BYTES];
    if (call->stream)
        isa__stream_fill_reply(call, &reply);
    else if (reply.status.code == ISA_STATUS_OK)
        read_reply(call, &reply, why);
    complete(call, &reply);
    if (!call->stream)
        isa__message_free(reply.message);
}

/* What the service has surely not acted on may wait on, as if it had come a moment later: core has found out
 * about a break or a GOAWAY before we have. What may have left the process is repeated once in a call's life,
 * whatever its options: a server that answers it with a GOAWAY each time must not be asked for ever. What core
 * could not put on a connection has cost nobody anything: it goes on waiting if it waits for READY. */
static bool may_wait_on(const struct isa__link_call *link_call)
{
    if (isa__tr_call_is_unsent(link_call->core))
        return link_call->waits_for_ready || !link_call->is_repeated;
    return isa__tr_call_is_unseen(link_call->core) && !link_call->is_repeated;
}

static bool waits_on(struct isa_call *call)
{
    struct isa__link_call *link_call = &call->link_call;
    struct isa__link *link = call->conn->link;
    if (call->is_completed || isa__conn_phase(call->conn) == ISA__CONN_CLOSED ||
        !may_wait_on(link_call))
        return false;
    if (!isa__link_detach(link, link_call))
        return false;
    link_call->attempts += isa__tr_call_is_unseen(link_call->core);
    link_call->is_repeated = true;
    isa__tr_call_reset(link_call->core);
    return isa__link_resubmit(link, link_call) == 0;
}

/* gRFC A6: grpc-retry-pushback-ms is a wait; what is no number of milliseconds forbids another attempt.
 * @return false: it does */
static bool read_pushback(struct isa__link_call *link_call)
{
    enum { DIGITS_MAX = 9 };
    const struct isa_metadata *trailers = isa__tr_call_trailers(link_call->core);
    struct isa_bytes value;
    link_call->pushback_ms = 0;
    link_call->has_pushback =
        trailers && isa_metadata_get(trailers, "grpc-retry-pushback-ms", &value);
    if (!link_call->has_pushback)
        return true;
    if (value.size_bytes == 0 || value.size_bytes > DIGITS_MAX)
        return false;
    for (size_t i = 0; i < value.size_bytes; i++) {
        unsigned digit = (unsigned)((const unsigned char *)value.data)[i] - '0';
        if (digit > 9)
            return false;
        link_call->pushback_ms = link_call->pushback_ms * 10 + digit;
    }
    return true;
}

/* Loop. @return whether another attempt follows, or a refusal */
static bool tries_again(struct isa_call *call, const struct isa_status *status)
{
    struct isa__link_call *link_call = &call->link_call;
    struct isa__link *link = call->conn->link;
    struct isa_status judged = call->stream ? isa__stream_judge(call, status) : *status;
    if (!isa__guard_is_worth_retry(link_call, &judged) || call->is_completed ||
        isa__conn_phase(call->conn) == ISA__CONN_CLOSED || !read_pushback(link_call))
        return false;
    if (link_call->is_lasting && atomic_load(&call->is_cancelled))
        return false;
    if (call->stream && !isa__stream_wants_more(call, status))
        return false;
    if (!isa__link_detach(link, link_call))
        return false;
    isa__tr_call_reset(link_call->core);
    return isa__guard_rest(link, link_call, &judged);
}

/* Where a call's end arrives: its loop; or, when that was destroyed, any thread. */
static void on_done(void *owner)
{
    struct isa_call *call = owner;
    bool is_dead = isa__tr_port_is_dead(call->conn->port);
    struct isa_status status = isa__tr_call_status(call->link_call.core);
    if (!is_dead && waits_on(call))
        return;
    isa__guard_report(call->conn->link, &call->link_call, &status);
    if (!is_dead) {
        if (tries_again(call, &status))
            return;
        complete_from_core(call);
    }
    isa__tr_call_let_go(call->link_call.core);
    isa_call_unref(call);
}

static void on_refused_msg(struct isa__tr_msg *msg)
{
    struct isa_call *call = isa__container(msg, struct isa_call, refused_msg);
    struct isa_reply reply = { .status = call->refusal };
    if (!isa__tr_port_is_dead(call->conn->port)) {
        if (tries_again(call, &call->refusal))
            return;
        complete(call, &reply);
    }
    isa_call_unref(call);
}

static void on_refused(struct isa__link_call *link_call, const struct isa_status *status)
{
    struct isa_call *call = isa__container(link_call, struct isa_call, link_call);
    isa__guard_report(call->conn->link, link_call, status);
    isa__free(call->refusal_text); /* an earlier attempt's */
    call->refusal = *status;
    call->refusal_text = isa__strdup(status->message);
    call->refusal.message = call->refusal_text ? call->refusal_text : "";
    isa__tr_port_post(call->conn->port, &call->refused_msg);
}

/* Told at once, so that a loop that stands still holds up no breaker; not when it may wait on. */
static void on_ended(void *owner)
{
    struct isa_call *call = owner;
    struct isa__link_call *link_call = &call->link_call;
    struct isa_status status = isa__tr_call_status(link_call->core);
    if (!may_wait_on(link_call))
        isa__guard_report(call->conn->link, link_call, &status);
    isa__link_call_ended(link_call, &status);
}

static void on_cancel_msg(struct isa__tr_msg *msg)
{
    struct isa_call *call = isa__container(msg, struct isa_call, cancel_msg);
    if (!isa__token_cancel(call, &call->cancel_status))
        isa__link_cancel(call->conn->link, &call->link_call, &call->cancel_status);
    isa_call_unref(call);
}

void isa__call_cancel(struct isa_call *call, const struct isa_status *status)
{
    if (atomic_exchange(&call->is_cancelled, true))
        return;
    call->cancel_status = *status;
    isa_call_ref(call);
    call->conn->link->ops->post(&call->cancel_msg);
}

/* `why` is a literal. */
static void cancel(struct isa_call *call, const char *why)
{
    isa__call_cancel(call, &(struct isa_status){ .code = ISA_STATUS_CANCELLED,
                                                 .reason = ISA_REASON_USER,
                                                 .message = why });
}

void isa_call_cancel(struct isa_call *call)
{
    if (call && !isa__tr_is_forked())
        cancel(call, "cancelled by the caller");
}

static size_t count_calls(struct isa_conn *conn)
{
    size_t count = 0;
    pthread_mutex_lock(&conn->lock);
    isa_list_each(node, after, &conn->calls) count++;
    pthread_mutex_unlock(&conn->lock);
    return count;
}

/* The first one, which becomes the last; a reference. NULL: none is left. */
static struct isa_call *next_call(struct isa_conn *conn)
{
    pthread_mutex_lock(&conn->lock);
    struct isa_list *node = conn->calls.next;
    struct isa_call *call = NULL;
    if (node != &conn->calls) {
        isa_list_remove(node);
        isa_list_append(&conn->calls, node);
        call = isa_call_ref(isa__container(node, struct isa_call, in_conn));
    }
    pthread_mutex_unlock(&conn->lock);
    return call;
}

/* One by one: with the control loop gone, what is posted runs here, and must not find a lock held. */
void isa__conn_cancel_calls(struct isa_conn *conn, const char *why)
{
    for (size_t left = count_calls(conn); left > 0; left--) {
        struct isa_call *call = next_call(conn);
        if (call)
            cancel(call, why);
        isa_call_unref(call);
    }
}

void isa__conn_complete_calls(struct isa_conn *conn)
{
    static const char why[] = "the handle's loop was destroyed";
    for (struct isa_call *call; (call = next_call(conn)); isa_call_unref(call)) {
        struct isa_reply reply = { .status = { .code = ISA_STATUS_CANCELLED,
                                               .reason = ISA_REASON_SHUTDOWN,
                                               .message = why } };
        complete(call, &reply);
        cancel(call, why);
    }
}

void isa__call_refuse(struct isa_call *call, const struct isa_status *status)
{
    atomic_fetch_add_explicit(&call->conn->link->operations_started, 1, memory_order_relaxed);
    on_refused(&call->link_call, status);
}

void isa__call_submit_late(struct isa_call *call)
{
    static const struct isa_status closed = { .code = ISA_STATUS_CANCELLED,
                                              .reason = ISA_REASON_USER,
                                              .message = "closed before the call could start" };
    if (isa__guard_submit(call->conn->link, &call->link_call, isa__now_us()) < 0)
        isa__call_refuse(call, &closed);
}

void isa__call_end_unsent(struct isa_call *call, const struct isa_status *status)
{
    on_refused(&call->link_call, status);
}

void isa__call_wire(struct isa_call *call)
{
    call->refused_msg.fn = on_refused_msg;
    call->cancel_msg.fn = on_cancel_msg;
    call->link_call.on_refused = on_refused;
    call->link_call.start =
        (struct isa__tr_start){ UINT64_MAX, call->conn->port, on_ended, on_done, call };
}
