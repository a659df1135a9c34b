/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: a call's wait for its token: asked for on the loop, answered from any thread.
 * Used by: call.c; applications that answer.
 * Must not know: what a token is worth.
 *
 * Who moves the state from ASKED decides what becomes of the call: the answer, a cancel, its deadline.
 */
#include <isa/interceptor.h>

#include <string.h>

#include "call_life.h"

enum { ASKED, DECIDED };

struct isa__token {
    atomic_uint state;
    isa_token_fn *fn;
    void *user;
    bool is_again;               /* the call has run before; written before it is asked for */
    struct isa_call *call;       /* not a reference: the call owns this */
    struct isa__tr_msg msg;      /* to the loop: ask */
    struct isa__tr_timer *timer; /* loop: its deadline */
};

/* Who can listen on the way could use a token as well as the peer can. */
bool isa__token_may_travel(const struct isa_conn_options *settings, const char *canonical)
{
    return settings->tls || settings->allow_plaintext_token || strncmp(canonical, "unix", 4) == 0;
}

int isa__token_check(const struct isa_conn_options *settings, const char *canonical,
                     struct isa__text *why)
{
    if (!settings->on_token || isa__token_may_travel(settings, canonical))
        return 0;
    isa__text_add(why, "on_token is set and %s is not encrypted: set tls, or allow_plaintext_token",
                  canonical);
    return ISA_EINVAL;
}

static bool decide(struct isa__token *token)
{
    unsigned asked = ASKED;
    return atomic_compare_exchange_strong(&token->state, &asked, DECIDED);
}

static void refuse(struct isa__token *token, const struct isa_status *status)
{
    if (token->is_again)
        isa__call_end_unsent(token->call, status);
    else
        isa__call_refuse(token->call, status);
}

static void on_deadline(void *owner)
{
    static const struct isa_status status = { .code = ISA_STATUS_DEADLINE_EXCEEDED,
                                              .message =
                                                  "deadline passed while waiting for a token" };
    struct isa__token *token = owner;
    if (decide(token))
        refuse(token, &status);
}

static void watch_deadline(struct isa__token *token)
{
    uint64_t deadline_us = token->call->link_call.start.deadline_us;
    uint64_t now_us = isa__now_us();
    if (deadline_us == UINT64_MAX)
        return;
    uint64_t left_ms = deadline_us > now_us ? (deadline_us - now_us + 999) / 1000 : 0;
    isa__tr_timer_start(token->timer, token->call->conn->port, (uint32_t)left_ms);
}

static void on_ask(struct isa__tr_msg *msg)
{
    struct isa__token *token = isa__container(msg, struct isa__token, msg);
    struct isa_call *call = token->call;
    bool is_dead = isa__tr_port_is_dead(call->conn->port);
    if (!is_dead && !call->is_completed && atomic_load(&token->state) == ASKED) {
        watch_deadline(token);
        token->fn(call, token->user);
    }
    isa_call_unref(call);
}

int isa__token_new(struct isa_call *call, isa_token_fn *fn, void *user,
                   struct isa__token **ret_token)
{
    struct isa__token *token = isa__alloc(sizeof *token);
    if (!token)
        return ISA_ENOMEM;
    token->timer = isa__tr_timer_new(on_deadline, token);
    if (!token->timer) {
        isa__free(token);
        return ISA_ENOMEM;
    }
    atomic_init(&token->state, ASKED);
    token->fn = fn;
    token->user = user;
    token->call = call;
    token->msg.fn = on_ask;
    *ret_token = token;
    return 0;
}

void isa__token_free(struct isa__token *token)
{
    if (!token)
        return;
    isa__tr_timer_free(token->timer);
    isa__free(token);
}

void isa__token_ask(struct isa_call *call)
{
    isa_call_ref(call);
    isa__tr_port_post(call->conn->port, &call->token->msg);
}

void isa__token_on_rested(struct isa__link_call *link_call)
{
    struct isa_call *call = isa__container(link_call, struct isa_call, link_call);
    call->token->is_again = true;
    atomic_store(&call->token->state, ASKED);
    isa__token_ask(call);
}

bool isa__token_cancel(struct isa_call *call, const struct isa_status *status)
{
    if (!call->token || !decide(call->token))
        return false;
    refuse(call->token, status);
    return true;
}

void isa__token_stop(struct isa__token *token)
{
    if (token)
        isa__tr_timer_stop(token->timer);
}

static bool is_printable(const char *value)
{
    for (const char *at = value; *at; at++) {
        if (*at < ' ' || *at > '~')
            return false;
    }
    return *value != '\0';
}

static int check(const struct isa_call *call)
{
    if (!call)
        return ISA_EINVAL;
    if (isa__tr_is_forked())
        return ISA_EFORKED;
    return call->token ? 0 : ISA_ESTATE;
}

int isa_call_give_token(struct isa_call *call, const char *value)
{
    int error = check(call);
    if (!error && (!value || !is_printable(value)))
        error = ISA_EINVAL;
    if (!error && !decide(call->token))
        error = ISA_ESTATE;
    if (error)
        return error;
    isa__tr_call_set_authorization(call->link_call.core, value);
    if (call->token->is_again)
        isa__guard_resubmit(call->conn->link, &call->link_call);
    else
        isa__call_submit_late(call);
    return 0;
}

int isa_call_refuse_token(struct isa_call *call, const char *message)
{
    int error = check(call);
    if (!error && !decide(call->token))
        error = ISA_ESTATE;
    if (error)
        return error;
    refuse(call->token, &(struct isa_status){ .code = ISA_STATUS_UNAUTHENTICATED,
                                              .reason = ISA_REASON_USER,
                                              .message = message ? message : "" });
    return 0;
}
