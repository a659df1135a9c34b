/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the life of a guard: who passes, how attempts ended, who rests and until when.
 * Used by: call.c; link.c for the control loop's part.
 * Must not know: handles beyond struct isa__link_watcher; what the machines decide.
 */
#include "link.h"

enum { TIMER_MAX_MS = 3600000 };

static struct isa__guard *guard_of(const struct isa__link *link)
{
    return atomic_load_explicit(&link->guard, memory_order_acquire);
}

static struct isa__link_call *call_of(struct isa_list *node)
{
    return isa__container(node, struct isa__link_call, in_link);
}

static void on_timer(void *owner)
{
    struct isa__link *link = owner;
    guard_of(link)->timer_us = 0;
    isa__guard_tend(link);
}

static struct isa__guard *make_guard(struct isa__link *link)
{
    const struct isa__guard_config *config = &link->config.guard;
    struct isa__guard *guard = isa__alloc(sizeof *guard);
    if (!guard)
        return NULL;
    guard->timer = isa__tr_timer_new(on_timer, link);
    if (!guard->timer) {
        isa__free(guard);
        return NULL;
    }
    guard->has_breaker = config->has_breaker;
    guard->breaker_policy = config->breaker;
    guard->budget_policy = config->budget;
    isa__breaker_init(&guard->breaker, &guard->breaker_policy);
    isa__budget_init(&guard->budget, &guard->budget_policy);
    atomic_init(&guard->state, ISA_BREAKER_CLOSED);
    isa_list_init(&guard->resting);
    return guard;
}

int isa__guard_engage(struct isa__link *link)
{
    if (guard_of(link))
        return 0;
    struct isa__guard *guard = make_guard(link);
    if (!guard)
        return ISA_ENOMEM;
    struct isa__guard *none = NULL;
    if (!atomic_compare_exchange_strong(&link->guard, &none, guard))
        isa__guard_free(guard);
    return 0;
}

int isa__guard_make_retry(struct isa__link *link, const struct isa_retry_options *options,
                          struct isa__retry **ret_retry)
{
    struct isa__retry_policy policy;
    int error = isa__guard_read_retry(options, &policy);
    if (!error)
        error = isa__guard_engage(link);
    if (error)
        return error;
    struct isa__retry *retry = isa__alloc(sizeof *retry);
    if (!retry)
        return ISA_ENOMEM;
    isa__retry_init(retry, &policy);
    *ret_retry = retry;
    return 0;
}

void isa__guard_free(struct isa__guard *guard)
{
    if (!guard)
        return;
    isa__tr_timer_free(guard->timer);
    isa__free(guard);
}

enum isa_breaker_state isa__guard_breaker_state(const struct isa__link *link)
{
    const struct isa__guard *guard = guard_of(link);
    if (!guard)
        return ISA_BREAKER_CLOSED;
    return (enum isa_breaker_state)atomic_load_explicit(&guard->state, memory_order_acquire);
}

static void tell_locked(struct isa__link *link, const struct isa__guard *guard,
                        const struct isa__breaker_output *out)
{
    struct isa_breaker_change change = { .from = out->from,
                                         .to = out->to,
                                         .open_ms = out->open_ms,
                                         .opens = guard->breaker.opens,
                                         .refusals = guard->breaker.refusals };
    isa_list_each(node, after, &link->watchers)
    {
        struct isa__link_watcher *watcher = isa__container(node, struct isa__link_watcher, in_link);
        if (watcher->on_breaker)
            watcher->on_breaker(watcher, &change);
    }
}

/* Not under the lock: the hook is the program's. */
static void log_change(const struct isa__link *link, const struct isa__breaker_output *out)
{
    if (out->has_changed)
        isa__log(ISA_LOG_INFO, "target=%s breaker %s -> %s open_ms=%u", isa__link_target(link),
                 isa_breaker_state_name(out->from), isa_breaker_state_name(out->to), out->open_ms);
}

/* What every step of the breaker brings with it; log_change() follows the lock. */
static void carry_out_locked(struct isa__link *link, struct isa__guard *guard, uint64_t now_us,
                             const struct isa__breaker_output *out)
{
    if (!out->has_changed)
        return;
    if (out->is_stopped)
        guard->wake_us = 0;
    if (out->open_ms)
        guard->wake_us = now_us + (uint64_t)out->open_ms * 1000;
    atomic_store_explicit(&guard->state, out->to, memory_order_release);
    tell_locked(link, guard, out);
    if (out->open_ms && !isa__link_is_ending(link)) /* then the control loop may be gone */
        isa__link_signal(link, ISA__LINK_GUARD);
}

/* An attempt begins, or the breaker turns it away. */
static void admit_locked(struct isa__link *link, struct isa__guard *guard,
                         struct isa__link_call *call, uint64_t now_us,
                         struct isa__breaker_output *out)
{
    struct isa__breaker_input in = { .now_ms = now_us / 1000 };
    out->is_admitted = true;
    if (guard->has_breaker && !call->is_lasting) {
        call->pass.period = isa__breaker_admit(&guard->breaker, &in, out);
        carry_out_locked(link, guard, now_us, out);
    }
    call->pass.is_open = out->is_admitted && !call->is_lasting;
    call->attempts += out->is_admitted;
}

static void refuse(struct isa__link_call *call)
{
    static const struct isa_status status = { .code = ISA_STATUS_UNAVAILABLE,
                                              .reason = ISA_REASON_BREAKER_OPEN,
                                              .message = "the circuit breaker is open" };
    call->on_refused(call, &status);
}

int isa__guard_submit(struct isa__link *link, struct isa__link_call *call, uint64_t now_us)
{
    struct isa__guard *guard = guard_of(link);
    if (!guard) {
        call->attempts = 1;
        return isa__link_submit(link, call, now_us);
    }
    struct isa__breaker_output out = { 0 };
    pthread_mutex_lock(&link->lock);
    bool is_ending = isa__link_is_ending(link) || call->is_cancelled;
    if (!is_ending)
        admit_locked(link, guard, call, now_us, &out);
    pthread_mutex_unlock(&link->lock);
    log_change(link, &out);
    if (is_ending)
        return ISA_ECLOSED;
    if (!out.is_admitted) {
        atomic_fetch_add_explicit(&link->operations_started, 1, memory_order_relaxed);
        refuse(call);
        return 0;
    }
    int error = isa__link_submit(link, call, now_us);
    if (error)
        isa__guard_report(link, call, &(struct isa_status){ .code = ISA_STATUS_CANCELLED });
    return error;
}

static void report_to_breaker_locked(struct isa__link *link, struct isa__guard *guard,
                                     uint64_t period, const struct isa_status *status,
                                     struct isa__breaker_output *out)
{
    enum isa__outcome outcome =
        isa__breaker_outcome(&guard->breaker_policy, status->code, status->reason);
    uint64_t now_us = link->ops->now_us();
    struct isa__breaker_input in = { .now_ms = now_us / 1000 };
    if (outcome == ISA__OUTCOME_FAILURE) /* what can open it; a number costs a system call */
        in.random = link->ops->random();
    isa__breaker_report(&guard->breaker, period, outcome, &in, out);
    carry_out_locked(link, guard, now_us, out);
}

static bool is_worth(const struct isa__link_call *call, const struct isa_status *status)
{
    static const struct isa__retry_policy standard = { .codes = ISA_STATUS_BIT(UNAVAILABLE) };
    if (call->is_lasting)
        return !isa__tr_is_unimplemented(status);
    return isa__retry_is_worth(call->retry ? &call->retry->policy : &standard, status->code,
                               status->reason);
}

bool isa__guard_is_worth_retry(const struct isa__link_call *call, const struct isa_status *status)
{
    return call->retry && is_worth(call, status);
}

void isa__guard_report(struct isa__link *link, struct isa__link_call *call,
                       const struct isa_status *status)
{
    struct isa__guard *guard = guard_of(link);
    if (!guard)
        return;
    struct isa__breaker_output out = { 0 };
    pthread_mutex_lock(&link->lock);
    bool is_open = call->pass.is_open;
    call->pass.is_open = false;
    if (is_open && guard->has_breaker)
        report_to_breaker_locked(link, guard, call->pass.period, status, &out);
    if (is_open && status->code == ISA_STATUS_OK)
        isa__budget_put(&guard->budget, &guard->budget_policy);
    else if (is_open && is_worth(call, status))
        isa__budget_take(&guard->budget);
    pthread_mutex_unlock(&link->lock);
    log_change(link, &out);
}

/* Asks the call's machine. @return whether it rests */
static bool step_retry_locked(struct isa__link *link, struct isa__guard *guard,
                              struct isa__link_call *call, const struct isa_status *status)
{
    uint64_t now_us = link->ops->now_us();
    bool is_over = call->is_cancelled || isa__link_is_ending(link);
    bool is_worth_it = !is_over && is_worth(call, status);
    struct isa__retry_input in = {
        .left_us = call->start.deadline_us > now_us ? call->start.deadline_us - now_us : 0,
        .random = is_worth_it ? link->ops->random() : 0,
        .is_in_budget =
            call->is_lasting || isa__budget_allows(&guard->budget, &guard->budget_policy),
        .has_pushback = call->has_pushback,
        .pushback_ms = call->pushback_ms,
    };
    bool rests = isa__retry_on_end(call->retry, is_worth_it, &in);
    if (rests)
        call->retry_at_us = now_us + (uint64_t)call->retry->delay_ms * 1000;
    guard->retries += rests;
    guard->retries_denied += is_worth_it && !rests && !in.is_in_budget;
    return rests;
}

bool isa__guard_rest(struct isa__link *link, struct isa__link_call *call,
                     const struct isa_status *status)
{
    struct isa__guard *guard = guard_of(link);
    pthread_mutex_lock(&link->lock);
    bool rests = step_retry_locked(link, guard, call, status);
    if (rests) {
        isa_list_append(&guard->resting, &call->in_link);
        isa__link_signal(link, ISA__LINK_GUARD);
    }
    pthread_mutex_unlock(&link->lock);
    return rests;
}

/* The first whose rest is over, taken out; NULL: none. */
static struct isa__link_call *take_rested_locked(struct isa__guard *guard, uint64_t now_us)
{
    isa_list_each(node, after, &guard->resting)
    {
        struct isa__link_call *call = call_of(node);
        if (call->retry_at_us > now_us)
            continue;
        isa_list_remove(node);
        return call;
    }
    return NULL;
}

void isa__guard_resubmit(struct isa__link *link, struct isa__link_call *call)
{
    static const struct isa__cause closed = { ISA_REASON_SHUTDOWN,
                                              "the connection was closed before the next attempt" };
    if (isa__link_resubmit(link, call) == 0)
        return;
    struct isa_status status = isa__link_status_of(&closed);
    isa__guard_report(link, call, &status);
    call->on_refused(call, &status);
}

/* The next attempt of a call, taken by take_rested_locked(). */
static void try_again(struct isa__link *link, struct isa__guard *guard, struct isa__link_call *call,
                      uint64_t now_us)
{
    struct isa__breaker_output out = { 0 };
    pthread_mutex_lock(&link->lock);
    admit_locked(link, guard, call, now_us, &out);
    if (out.is_admitted)
        isa__retry_on_rested(call->retry);
    pthread_mutex_unlock(&link->lock);
    log_change(link, &out);
    if (!out.is_admitted)
        refuse(call);
    else if (call->on_rested)
        call->on_rested(call);
    else
        isa__guard_resubmit(link, call);
}

static void wake_breaker_locked(struct isa__link *link, struct isa__guard *guard, uint64_t now_us,
                                struct isa__breaker_output *out)
{
    if (guard->wake_us == 0 || guard->wake_us > now_us)
        return;
    struct isa__breaker_input in = { .now_ms = now_us / 1000 };
    guard->wake_us = 0;
    isa__breaker_wake(&guard->breaker, &in, out);
    carry_out_locked(link, guard, now_us, out);
}

static uint64_t next_due_locked(const struct isa__guard *guard)
{
    uint64_t due_us = guard->wake_us ? guard->wake_us : UINT64_MAX;
    isa_list_each(node, after, &guard->resting)
    {
        if (call_of(node)->retry_at_us < due_us)
            due_us = call_of(node)->retry_at_us;
    }
    return due_us;
}

static void set_timer(struct isa__link *link, struct isa__guard *guard, uint64_t due_us)
{
    if (due_us == UINT64_MAX || guard->timer_us == due_us)
        return; /* what is due no longer finds nothing to do when its time comes */
    uint64_t now_us = link->ops->now_us();
    uint64_t left_ms = due_us > now_us ? (due_us - now_us + 999) / 1000 : 0;
    guard->timer_us = due_us;
    link->ops->timer_start(guard->timer, left_ms < TIMER_MAX_MS ? (uint32_t)left_ms : TIMER_MAX_MS);
}

void isa__guard_tend(struct isa__link *link)
{
    struct isa__guard *guard = guard_of(link);
    if (!guard || isa__link_is_ending(link))
        return;
    struct isa__link_call *call;
    do {
        struct isa__breaker_output out = { 0 };
        uint64_t now_us = link->ops->now_us();
        pthread_mutex_lock(&link->lock);
        wake_breaker_locked(link, guard, now_us, &out);
        call = take_rested_locked(guard, now_us);
        pthread_mutex_unlock(&link->lock);
        log_change(link, &out);
        if (call)
            try_again(link, guard, call, now_us);
    } while (call);
    pthread_mutex_lock(&link->lock);
    uint64_t due_us = next_due_locked(guard);
    pthread_mutex_unlock(&link->lock);
    set_timer(link, guard, due_us);
}

void isa__guard_end(struct isa__link *link, const struct isa__cause *cause)
{
    struct isa__guard *guard = guard_of(link);
    if (!guard)
        return;
    struct isa_status status = isa__link_status_of(cause);
    struct isa_list over;
    isa_list_init(&over);
    pthread_mutex_lock(&link->lock);
    isa_list_move_all(&over, &guard->resting);
    guard->wake_us = 0;
    pthread_mutex_unlock(&link->lock);
    guard->timer_us = 0;
    link->ops->timer_stop(guard->timer);
    isa_list_each(node, after, &over)
    {
        isa_list_remove(node);
        call_of(node)->on_refused(call_of(node), &status);
    }
}

void isa__guard_stats_locked(struct isa__link *link, struct isa_conn_stats *ret_stats)
{
    const struct isa__guard *guard = guard_of(link);
    if (!guard)
        return;
    ret_stats->breaker_opens = guard->breaker.opens;
    ret_stats->breaker_refusals = guard->breaker.refusals;
    ret_stats->retries = guard->retries;
    ret_stats->retries_denied = guard->retries_denied;
}
