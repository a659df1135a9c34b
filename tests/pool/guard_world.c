/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the book-keeping around calls on a guarded link.
 * Used by: the tests of guards, through guard_world.h.
 * Must not know: which story is told.
 */
#include "guard_world.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>

static char history[2048];
static struct isa_breaker_change last_change;

static void on_breaker(struct isa__link_watcher *watcher, const struct isa_breaker_change *change)
{
    struct isa__text text = { history, sizeof history, strlen(history) };
    (void)watcher;
    isa__text_add(&text, "%s%s>%s", *history ? "; " : "", isa_breaker_state_name(change->from),
                  isa_breaker_state_name(change->to));
    last_change = *change;
}

const char *guard_history(void)
{
    return history;
}

const struct isa_breaker_change *guard_last_change(void)
{
    return &last_change;
}

void guard_begin(struct world *world, const struct isa_breaker_options *breaker,
                 const struct isa_retry_budget_options *budget)
{
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    char words[256];
    struct isa__text why;
    isa__text_init(&why, words, sizeof words);
    options.breaker = breaker;
    options.retry_budget = budget;
    cr_assert_eq(isa__guard_read_options(&options, &world->config.guard, &why), 0, "%s", words);
    world_begin(world);
    world->watcher.on_breaker = on_breaker;
}

static void complete(struct guarded_call *call, const struct isa_status *status)
{
    struct isa__text outcome;
    call->completions++;
    cr_assert_eq(call->completions, 1, "a call completes once");
    isa__text_init(&outcome, call->outcome, sizeof call->outcome);
    isa__text_add(&outcome, "%s", isa_status_name((int)status->code));
    if (status->code != ISA_STATUS_OK)
        isa__text_add(&outcome, " %s: %s", isa_reason_name(status->reason), status->message);
}

static bool tries_again(struct guarded_call *call, const struct isa_status *status)
{
    if (!isa__guard_is_worth_retry(&call->link_call, status) ||
        !isa__link_detach(call->link, &call->link_call))
        return false;
    struct fake_call before = call->core; /* its status is kept */
    fake_call_init(&call->core);
    bool rests = isa__guard_rest(call->link, &call->link_call, status);
    if (!rests)
        call->core = before;
    return rests;
}

static void on_ended(void *owner)
{
    struct guarded_call *call = owner;
    isa__guard_report(call->link, &call->link_call, &call->core.status);
    isa__link_call_ended(&call->link_call, &call->core.status);
}

static void on_done(void *owner)
{
    struct guarded_call *call = owner;
    struct isa_status status = call->core.status;
    char text[256];
    snprintf(text, sizeof text, "%s", status.message);
    status.message = text;
    if (!tries_again(call, &status))
        complete(call, &status);
}

static void on_refused_msg(struct isa__tr_msg *msg)
{
    struct guarded_call *call = isa__container(msg, struct guarded_call, refused_msg);
    if (!tries_again(call, &call->refusal))
        complete(call, &call->refusal);
}

static void on_refused(struct isa__link_call *link_call, const struct isa_status *status)
{
    struct guarded_call *call = isa__container(link_call, struct guarded_call, link_call);
    isa__guard_report(call->link, link_call, status);
    snprintf(call->refusal_text, sizeof call->refusal_text, "%s", status->message);
    call->refusal = *status;
    call->refusal.message = call->refusal_text;
    fake_transport.post(&call->refused_msg);
}

void guard_call(struct world *world, struct guarded_call *call,
                const struct isa_retry_options *retry, uint32_t deadline_ms)
{
    *call = (struct guarded_call){ .link = world->link, .outcome = "pending" };
    fake_call_init(&call->core);
    isa_list_init(&call->link_call.in_link);
    call->refused_msg.fn = on_refused_msg;
    call->link_call.core = fake_call_core(&call->core);
    call->link_call.on_refused = on_refused;
    call->link_call.start = (struct isa__tr_start){ fake_now_us() + (uint64_t)deadline_ms * 1000,
                                                    NULL, on_ended, on_done, call };
    if (retry) {
        struct isa__retry_policy policy;
        cr_assert_eq(isa__guard_read_retry(retry, &policy), 0);
        cr_assert_eq(isa__guard_engage(world->link), 0);
        isa__retry_init(&call->retry, &policy);
        call->link_call.retry = &call->retry;
    }
    cr_assert_eq(isa__guard_submit(world->link, &call->link_call, fake_now_us()), 0);
    fake_pump();
}

void guard_end_call(struct guarded_call *call, enum isa_status_code code)
{
    fake_call_end(&call->core, code, ISA_REASON_NONE, isa_status_name((int)code));
    fake_pump();
}

void guard_do(struct world *world, enum isa_status_code code)
{
    struct guarded_call call;
    guard_call(world, &call, NULL, 30000);
    guard_end_call(&call, code);
    cr_assert_eq(call.completions, 1);
}

void guard_cancel(struct world *world, struct guarded_call *call)
{
    static const struct isa_status status = { .code = ISA_STATUS_CANCELLED,
                                              .reason = ISA_REASON_USER,
                                              .message = "enough" };
    isa__link_cancel(world->link, &call->link_call, &status);
    fake_pump();
}
