/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: unary calls as the program sees them: accepted once, completed once, on the handle's loop.
 * Used by: applications; conn.c to cancel or complete all calls of a handle.
 * Must not know: grpc-core, libev; when a call waits and when it runs.
 */
#include <isa/call.h>

#include <assert.h>
#include <string.h>

#include "handle.h"

static_assert(sizeof(struct isa_unary) ==
                  offsetof(struct isa_unary, retry) + sizeof(struct isa_retry_options *),
              "no padding at the end: an unknown tail must be options, not chance");

struct isa_call {
    atomic_uint refs;      /* the program's, in_conn's, and one until core or the link is done */
    struct isa_conn *conn; /* a reference */
    struct isa__link_call link_call;
    const struct ProtobufCMessageDescriptor *reply_type;
    isa_reply_fn *on_reply;
    void *user;
    uint64_t started_us;
    struct isa_list in_conn; /* in struct isa_conn.calls; under its lock */
    bool is_completed;       /* on_reply has begun, or never will; written under conn->lock */
    bool is_refused;         /* ended without a channel: the status is `refusal` */
    struct isa_status refusal;
    char *refusal_text;
    struct isa__tr_msg refused_msg; /* to the handle's loop */
    struct isa__tr_msg cancel_msg;  /* to the control loop */
    atomic_bool is_cancelled;
    const char *cancel_text; /* written before cancel_msg is posted */
};

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
        isa__free(call->refusal_text);
        isa__free(call);
    }
    return NULL;
}

struct isa_conn *isa_call_conn(const struct isa_call *call)
{
    return call ? call->conn : NULL;
}

static void count(struct isa_call *call, enum isa_status_code code)
{
    struct isa__link *link = call->conn->link;
    atomic_fetch_add_explicit(code == ISA_STATUS_OK ? &link->operations_ok
                                                    : &link->operations_failed,
                              1, memory_order_relaxed);
}

/* Only one may complete a call, or withdraw it before it was accepted. */
static bool claim_locked(struct isa_call *call)
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
    bool is_first = claim_locked(call);
    pthread_mutex_unlock(&conn->lock);
    if (!is_first)
        return;
    reply->duration_us = isa__now_us() - call->started_us;
    reply->attempts = call->link_call.attempts;
    count(call, reply->status.code);
    call->on_reply(call, reply, call->user);
    pthread_mutex_lock(&conn->lock);
    isa_list_remove(&call->in_conn);
    pthread_mutex_unlock(&conn->lock);
    isa__conn_finish_if_idle(conn);
    isa__tr_port_release(conn->port);
    isa_call_unref(call); /* in_conn's */
}

static void complete_from_core(struct isa_call *call)
{
    struct isa_reply reply = { .status = isa__tr_call_status(call->link_call.core) };
    bool is_ok = reply.status.code == ISA_STATUS_OK;
    struct isa_bytes bytes = { 0 };
    if (is_ok)
        bytes = isa__tr_call_reply(call->link_call.core);
    if (is_ok && call->reply_type) {
        reply.message = isa__tr_message_unpack(call->reply_type, bytes);
        if (!reply.message)
            reply.status = (struct isa_status){
                ISA_STATUS_INTERNAL, ISA_REASON_NONE,
                "the reply is not a message of the expected type, or memory ran out"
            };
    } else if (is_ok) {
        reply.bytes = bytes;
    }
    complete(call, &reply);
    isa__tr_message_free(reply.message);
}

/* A call that core could not put on any connection was not sent, so it may wait on: core has found
 * out about a break before we have. Otherwise `wait_for_ready` would not hold in that moment. */
static bool waits_on(struct isa_call *call)
{
    struct isa__link_call *link_call = &call->link_call;
    struct isa__link *link = call->conn->link;
    if (!link_call->waits_for_ready || call->is_completed ||
        isa__conn_phase(call->conn) == ISA__CONN_CLOSED || !isa__tr_call_is_unsent(link_call->core))
        return false;
    if (!isa__link_detach(link, link_call))
        return false;
    isa__tr_call_reset(link_call->core);
    return isa__link_resubmit(link, link_call) == 0;
}

/* Loop. @return whether another attempt follows, or a refusal */
static bool tries_again(struct isa_call *call, const struct isa_status *status)
{
    struct isa__link_call *link_call = &call->link_call;
    struct isa__link *link = call->conn->link;
    if (!isa__guard_is_worth_retry(link_call, status) || call->is_completed ||
        isa__conn_phase(call->conn) == ISA__CONN_CLOSED)
        return false;
    if (!isa__link_detach(link, link_call))
        return false;
    isa__tr_call_reset(link_call->core);
    return isa__guard_rest(link, link_call, status);
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
    if (!link_call->waits_for_ready || !isa__tr_call_is_unsent(link_call->core))
        isa__guard_report(call->conn->link, link_call, &status);
    isa__link_call_ended(link_call, &status);
}

static void on_cancel_msg(struct isa__tr_msg *msg)
{
    struct isa_call *call = isa__container(msg, struct isa_call, cancel_msg);
    struct isa_status status = { ISA_STATUS_CANCELLED, ISA_REASON_USER, call->cancel_text };
    isa__link_cancel(call->conn->link, &call->link_call, &status);
    isa_call_unref(call);
}

/* `why` is a literal. */
static void cancel(struct isa_call *call, const char *why)
{
    if (atomic_exchange(&call->is_cancelled, true))
        return;
    call->cancel_text = why;
    isa_call_ref(call);
    call->conn->link->ops->post(&call->cancel_msg);
}

void isa_call_cancel(struct isa_call *call)
{
    if (call && !isa__tr_is_forked())
        cancel(call, "cancelled by the caller");
}

void isa__conn_cancel_calls(struct isa_conn *conn, const char *why)
{
    pthread_mutex_lock(&conn->lock);
    isa_list_each(node, after, &conn->calls)
    {
        cancel(isa__container(node, struct isa_call, in_conn), why);
    }
    pthread_mutex_unlock(&conn->lock);
}

static struct isa_call *first_call(struct isa_conn *conn)
{
    pthread_mutex_lock(&conn->lock);
    struct isa_call *call = NULL;
    if (!isa_list_is_empty(&conn->calls))
        call = isa_call_ref(isa__container(conn->calls.next, struct isa_call, in_conn));
    pthread_mutex_unlock(&conn->lock);
    return call;
}

void isa__conn_complete_calls(struct isa_conn *conn)
{
    static const char why[] = "the handle's loop was destroyed";
    for (struct isa_call *call; (call = first_call(conn)); isa_call_unref(call)) {
        struct isa_reply reply = { .status = { ISA_STATUS_CANCELLED, ISA_REASON_SHUTDOWN, why } };
        complete(call, &reply);
        cancel(call, why);
    }
}

static bool is_method(const char *method)
{
    const char *slash = method[0] == '/' ? strchr(method + 1, '/') : NULL;
    if (!slash || slash == method + 1 || slash[1] == '\0')
        return false;
    for (const unsigned char *at = (const unsigned char *)method; *at; at++) {
        if (*at <= ' ' || *at >= 0x7f)
            return false;
    }
    return true;
}

static int check(const struct isa_unary *unary)
{
    const bool *reserved = unary->reserved;
    if (!unary->method || !unary->on_reply || !is_method(unary->method))
        return ISA_EINVAL;
    if (unary->request && (unary->request_bytes.data || unary->request_bytes.size_bytes))
        return ISA_EINVAL;
    if (unary->request_bytes.size_bytes && !unary->request_bytes.data)
        return ISA_EINVAL;
    if (unary->deadline_ms > INT32_MAX)
        return ISA_EINVAL;
    return reserved[0] || reserved[1] || reserved[2] ? ISA_EUNKNOWN_OPTION : 0;
}

static int make_call(struct isa_conn *conn, const struct isa_unary *unary,
                     struct isa_call **ret_call)
{
    struct isa_call *call = isa__alloc(sizeof *call);
    if (!call)
        return ISA_ENOMEM;
    struct isa__link_call *link_call = &call->link_call;
    int error =
        unary->retry ? isa__guard_make_retry(conn->link, unary->retry, &link_call->retry) : 0;
    if (!error)
        error = isa__tr_call_new(unary, &link_call->core);
    if (error) {
        isa__free(link_call->retry);
        isa__free(call);
        return error;
    }
    uint32_t deadline_ms = unary->deadline_ms ? unary->deadline_ms : conn->deadline_ms;
    atomic_init(&call->refs, 1);
    call->conn = isa__conn_ref(conn);
    call->reply_type = unary->reply_type;
    call->on_reply = unary->on_reply;
    call->user = unary->user;
    call->started_us = isa__now_us();
    call->refused_msg.fn = on_refused_msg;
    call->cancel_msg.fn = on_cancel_msg;
    isa_list_init(&call->in_conn);
    isa_list_init(&link_call->in_link);
    link_call->deadline_us = call->started_us + (uint64_t)deadline_ms * 1000;
    link_call->waits_for_ready = unary->wait_for_ready;
    link_call->on_refused = on_refused;
    link_call->start = (struct isa__tr_start){ 0, conn->port, on_ended, on_done, call };
    *ret_call = call;
    return 0;
}

/* From here on the handle waits for it; undone by withdraw() or complete(). The list has a reference:
 * once the port is dead, a call's end may be heard elsewhere before the loop completes the call. */
static int enlist(struct isa_call *call)
{
    struct isa_conn *conn = call->conn;
    pthread_mutex_lock(&conn->lock);
    bool is_open = isa__conn_phase(conn) == ISA__CONN_OPEN;
    if (is_open) {
        isa_call_ref(call);
        isa_list_append(&conn->calls, &call->in_conn);
    }
    pthread_mutex_unlock(&conn->lock);
    if (!is_open)
        return ISA_ECLOSED;
    isa__tr_port_hold(conn->port);
    return 0;
}

static void on_withdrawn(struct isa__tr_msg *msg)
{
    struct isa_call *call = isa__container(msg, struct isa_call, refused_msg);
    struct isa_conn *conn = call->conn;
    if (!isa__tr_port_is_dead(conn->port))
        isa__conn_finish_if_idle(
            conn); /* it may have begun to close, and have waited for this call */
    isa__tr_port_release(conn->port);
    isa_call_unref(call);
}

/* Takes two references. @return false: too late, its loop was destroyed and has completed it */
static bool withdraw(struct isa_call *call)
{
    struct isa_conn *conn = call->conn;
    pthread_mutex_lock(&conn->lock);
    bool is_first = claim_locked(call);
    if (is_first)
        isa_list_remove(&call->in_conn);
    pthread_mutex_unlock(&conn->lock);
    if (is_first) {
        call->refused_msg.fn = on_withdrawn;
        isa__tr_port_post(conn->port, &call->refused_msg);
    } else {
        atomic_fetch_add_explicit(&conn->link->operations_started, 1, memory_order_relaxed);
    }
    isa_call_unref(call); /* in_conn's; or, when that is gone, the link's */
    return is_first;
}

int isa_call_unary(struct isa_conn *conn, const struct isa_unary *unary, struct isa_call **ret_call)
{
    if (!conn || !unary)
        return ISA_EINVAL;
    if (isa__tr_is_forked())
        return ISA_EFORKED;
    struct isa_unary copy;
    int error = isa__opt_copy(&copy, sizeof copy, unary, offsetof(struct isa_unary, deadline_ms));
    if (!error)
        error = check(&copy);
    if (!error && isa__conn_phase(conn) != ISA__CONN_OPEN)
        error = ISA_ECLOSED;
    if (!error)
        error = isa__registry_engage(conn->link);
    if (error)
        return error;
    struct isa_call *call;
    error = make_call(conn, &copy, &call);
    if (error)
        return error;
    error = enlist(call);
    if (!error) {
        isa_call_ref(call); /* ours, to look at it after it may have completed */
        error = isa__guard_submit(conn->link, &call->link_call);
        if (error && !withdraw(call))
            error = 0;
        if (!error && ret_call)
            *ret_call = isa_call_ref(call);
    }
    isa_call_unref(call);
    return error;
}
