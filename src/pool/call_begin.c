/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the beginning of every call: made whole or not at all, then accepted.
 * Used by: unary.c, stream.c.
 * Must not know: grpc-core; how a call ends.
 */
#include <string.h>

#include "call_life.h"

static uint64_t deadline_us(const struct isa_call *call, uint32_t deadline_ms)
{
    if (deadline_ms == 0)
        deadline_ms = call->conn->deadline_ms;
    return deadline_ms == ISA_NEVER ? UINT64_MAX : call->started_us + (uint64_t)deadline_ms * 1000;
}

static void init_call(struct isa_call *call, struct isa_conn *conn,
                      const struct isa__call_spec *spec)
{
    struct isa__link_call *link_call = &call->link_call;
    atomic_init(&call->refs, 1);
    call->conn = isa__conn_ref(conn);
    call->reply_type = spec->reply_type;
    call->on_reply = spec->on_reply;
    call->user = spec->user;
    call->handler = spec->handler;
    call->started_us = isa__now_us();
    isa_list_init(&call->in_conn);
    isa_list_init(&link_call->in_link);
    link_call->waits_for_ready = spec->options.wait_for_ready;
    link_call->priority = spec->options.priority;
    link_call->is_lasting = spec->is_lasting;
    isa__call_wire(call);
    link_call->start.deadline_us = deadline_us(call, spec->options.deadline_ms);
}

static int make_token(struct isa_call *call, const struct isa__call_spec *spec)
{
    isa_token_fn *fn = spec->options.on_token;
    void *user = spec->options.token_user;
    if (!fn && call->conn->intercepts) {
        fn = call->conn->intercepts->on_token;
        user = call->conn->intercepts->token_user;
    }
    if (!fn)
        return 0;
    if (spec->stream) /* what it is resumed with may have expired by then */
        call->link_call.on_rested = isa__token_on_rested;
    return call->conn->may_send_tokens ? isa__token_new(call, fn, user, &call->token) : ISA_EINVAL;
}

static int make_core(struct isa_call *call, struct isa__call_spec *spec,
                     struct isa_starting *starting)
{
    int error = call->conn->intercepts ? isa__intercept_start(call, spec, starting) : 0;
    spec->core.has_authorization = call->token != NULL;
    if (!error)
        error = isa__tr_call_new(&spec->core, &call->link_call.core);
    if (!error)
        call->link_call.request_bytes = isa__tr_call_request_bytes(call->link_call.core);
    isa__free(spec->merged);
    if (!error && spec->core.has_request)
        isa__intercept_out(call, (struct ProtobufCMessage *)spec->core.request,
                           spec->core.request_bytes);
    return error;
}

static int make_call(struct isa_conn *conn, struct isa__call_spec *spec,
                     struct isa_starting *starting, struct isa_call **ret_call)
{
    size_t method_bytes = strlen(spec->core.method) + 1;
    struct isa_call *call = isa__alloc(sizeof *call + method_bytes);
    if (!call)
        return ISA_ENOMEM;
    memcpy(call->method, spec->core.method, method_bytes);
    init_call(call, conn, spec);
    int error = spec->stream ? isa__stream_make(call, spec) : 0;
    if (!error && spec->options.retry && !spec->stream)
        error = isa__guard_make_retry(conn->link, spec->options.retry, &call->link_call.retry);
    if (!error)
        error = make_token(call, spec);
    if (!error)
        error = make_core(call, spec, starting);
    if (error)
        isa_call_unref(call);
    else
        *ret_call = call;
    return error;
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
    bool is_first = isa__call_claim_locked(call);
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

/* Accepted: from here on it completes, whatever happens. @return 0 or ISA_E* */
static int submit(struct isa_call *call, const struct isa_starting *starting)
{
    if (starting->is_refused)
        isa__call_refuse(call, &starting->refusal);
    else if (call->token)
        isa__token_ask(call);
    else
        return isa__guard_submit(call->conn->link, &call->link_call, call->started_us);
    return 0;
}

int isa__call_begin(struct isa_conn *conn, struct isa__call_spec *spec, struct isa_call **ret_call)
{
    struct isa_call *call;
    struct isa_starting starting = { 0 };
    int error = isa__registry_engage(conn->link);
    if (!error)
        error = make_call(conn, spec, &starting, &call);
    if (!error) {
        isa_call_ref(call); /* ours, to look at it after it may have completed */
        if ((error = enlist(call)) < 0)
            isa_call_unref(call); /* the link never hears of it */
        if (!error && (error = submit(call, &starting)) < 0 && !withdraw(call))
            error = 0;
        if (!error && ret_call)
            *ret_call = isa_call_ref(call);
        isa_call_unref(call);
    }
    isa__starting_fini(&starting);
    return error;
}
