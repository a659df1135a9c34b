/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: a link's life: feeding its machine with events, carrying out the effects.
 * Used by: registry.c, conn.c.
 * Must not know: handles beyond struct isa__link_watcher.
 */
#include "link.h"

#include <string.h>

enum { LINGER_MS = 10000 };

static void finish(struct isa__link *link)
{
    isa__link_abort_all(link);
    link->ops->timer_stop(link->machine_timer);
    link->ops->timer_stop(link->expiry_timer);
    link->ops->timer_stop(link->linger_timer);
    isa__registry_drop(link);
    if (link->first)
        isa__lane_leave(link);
    isa__registry_on_finished();
    isa__link_unref(link); /* the machine's life, see isa__link_begin() */
}

static void carry_out(struct isa__link *link, const struct isa__effect *effect)
{
    switch (effect->kind) {
    case ISA__EFFECT_DIAL:
        isa__link_dial(link);
        break;
    case ISA__EFFECT_RETIRE:
        isa__link_let_go(link, false);
        break;
    case ISA__EFFECT_ABORT:
        isa__link_let_go(link, true);
        break;
    case ISA__EFFECT_RELEASE_WAITERS:
        isa__link_release_waiters(link);
        break;
    case ISA__EFFECT_FAIL_TRIED_WAITERS:
        isa__link_fail_waiters(link, ISA__LINK_TRIED, &link->machine.cause);
        break;
    case ISA__EFFECT_FAIL_IMPATIENT_WAITERS: /* for what made the state so, and not for the call's sake */
        isa__link_fail_waiters(
            link, ISA__LINK_IMPATIENT,
            &(struct isa__cause){ link->last_reason, link->last_text ? link->last_text : "" });
        break;
    case ISA__EFFECT_FAIL_WAITERS:
        isa__link_fail_waiters(link, ISA__LINK_ALL, &link->machine.cause);
        break;
    case ISA__EFFECT_TIMER_START:
        link->armed = (uint8_t)effect->timer;
        link->ops->timer_start(link->machine_timer, effect->delay_ms);
        break;
    case ISA__EFFECT_TIMER_STOP:
        link->ops->timer_stop(link->machine_timer);
        break;
    case ISA__EFFECT_TELL:
        break; /* by isa__link_publish(), in one piece with the state */
    case ISA__EFFECT_FINISH:
        finish(link);
        break;
    }
}

static void remember_failure(struct isa__link *link)
{
    const struct isa__cause *cause = &link->machine.cause;
    link->last_reason = cause->reason;
    isa__free(link->last_text);
    link->last_text = *cause->text ? isa__strdup(cause->text) : NULL;
}

static uint32_t answered_delay_ms(struct isa__link *link)
{
    pthread_mutex_lock(&link->lock);
    uint32_t delay_ms = link->answer_ms;
    pthread_mutex_unlock(&link->lock);
    return delay_ms;
}

/* An answer may be about an attempt that another one has followed. */
static bool is_delay_answered(struct isa__link *link)
{
    pthread_mutex_lock(&link->lock);
    bool is_answered = link->answer_generation == link->machine.tally.attempts;
    pthread_mutex_unlock(&link->lock);
    return is_answered;
}

void isa__link_answer_delay(struct isa__link *link, uint64_t generation, uint32_t delay_ms)
{
    pthread_mutex_lock(&link->lock);
    bool is_news = generation == link->tally.attempts &&
                   (link->answer_generation != generation || delay_ms < link->answer_ms);
    if (is_news) {
        link->answer_generation = generation;
        link->answer_ms = delay_ms;
    }
    pthread_mutex_unlock(&link->lock);
    if (is_news)
        isa__link_signal(link, ISA__LINK_DELAY);
}

/* The one place where the machine meets the world. */
void isa__link_feed(struct isa__link *link, enum isa__fsm_event event,
                    const struct isa__cause *cause)
{
    uint64_t running = atomic_load(&link->running); /* first: when it is 0, the last use is known */
    struct isa__input in = {
        .now_ms = link->ops->now_us() / 1000,
        .last_use_ms = atomic_load(&link->last_use_ms),
        .calls_running = running,
        .random = link->ops->random(),
        .is_answered = atomic_load_explicit(&link->answered, memory_order_relaxed) == link->opening,
        .drain_ms = atomic_load(&link->drain_ms),
        .asks_delay = atomic_load(&link->askers) > 0,
        .delay_ms = event == ISA__FSM_EV_DELAY ? answered_delay_ms(link) : 0,
    };
    enum isa__fsm_state before = (enum isa__fsm_state)link->machine.fsm.state;
    struct isa__effects effects;
    isa__link_ref(link);
    isa__machine_step(&link->machine, event, cause, &in, &effects);
    enum isa__fsm_state after = (enum isa__fsm_state)link->machine.fsm.state;
    isa__link_publish(link, &effects);
    if (before != after && isa__link_is_ending(link))
        isa__guard_end(link, &link->machine.cause);
    if ((after == ISA__FSM_ST_BACKOFF || after == ISA__FSM_ST_UNSERVING) && before != after)
        remember_failure(link);
    for (unsigned i = 0; i < effects.count; i++)
        carry_out(link, &effects.list[i]);
    if (link->trial && after != ISA__FSM_ST_READY)
        isa__link_end_trial(link);
    /* The last call may have ended after the guard looked and before it could see DRAINING. */
    if (after == ISA__FSM_ST_DRAINING && before != after && atomic_load(&link->running) == 0)
        isa__link_signal(link, ISA__LINK_CALLS_ZERO);
    if (link->first && before != after)
        isa__lane_after_step(link);
    isa__lanes_forward(link, event);
    isa__link_unref(link);
}

static void on_machine_timer(void *owner)
{
    struct isa__link *link = owner;
    static const enum isa__fsm_event events[] = {
        [ISA__FSM_TIMER_WATCHDOG] = ISA__FSM_TM_WATCHDOG,
        [ISA__FSM_TIMER_BACKOFF] = ISA__FSM_TM_BACKOFF,
        [ISA__FSM_TIMER_DIAL_FLOOR] = ISA__FSM_TM_DIAL_FLOOR,
        [ISA__FSM_TIMER_IDLE] = ISA__FSM_TM_IDLE,
        [ISA__FSM_TIMER_DRAIN_DEADLINE] = ISA__FSM_TM_DRAIN_DEADLINE,
    };
    isa__link_feed(link, events[link->armed], NULL);
}

static void close_if_unused(struct isa__link *link)
{
    if (isa__registry_drop_unused(link))
        isa__link_feed(link, ISA__FSM_EV_CLOSE, NULL);
}

static void on_linger(void *owner)
{
    struct isa__link *link = owner;
    if (link->first) /* see isa__lanes_forward() */
        isa__link_feed(link, ISA__FSM_EV_FORCE_CLOSE, NULL);
    else
        close_if_unused(link);
}

static void on_unused(struct isa__link *link)
{
    /* A connection that works is worth keeping for a while; a broken or sleeping one is not. */
    if (link->machine.fsm.state == ISA__FSM_ST_READY)
        link->ops->timer_start(link->linger_timer, LINGER_MS);
    else
        close_if_unused(link);
}

static void hear(struct isa__link *link, enum isa__link_signal signal)
{
    static const struct isa__cause no_memory = { ISA_REASON_OTHER, "out of memory" };
    switch (signal) {
    case ISA__LINK_WANT:
        isa__link_take_incoming(link);
        isa__link_feed(link, ISA__FSM_EV_WANT, NULL);
        break;
    case ISA__LINK_RECONNECT:
        isa__link_feed(link, ISA__FSM_EV_RECONNECT, NULL);
        break;
    case ISA__LINK_CLOSE:
        isa__link_feed(link, ISA__FSM_EV_CLOSE, NULL);
        break;
    case ISA__LINK_FORCE_CLOSE:
        isa__registry_drop(link);
        isa__link_feed(link, ISA__FSM_EV_FORCE_CLOSE, NULL);
        break;
    case ISA__LINK_CALLS_ZERO:
        if (atomic_load(&link->running) == 0)
            isa__link_feed(link, ISA__FSM_EV_CALLS_ZERO, NULL);
        break;
    case ISA__LINK_NETWORK_CHANGED:
        isa__link_feed(link, ISA__FSM_EV_NETWORK_CHANGED, NULL);
        break;
    case ISA__LINK_RENEW:
        isa__link_renew(link);
        break;
    case ISA__LINK_DELAY:
        if (is_delay_answered(link))
            isa__link_feed(link, ISA__FSM_EV_DELAY, NULL);
        break;
    case ISA__LINK_CROWDED:
        isa__lanes_grow(link);
        break;
    case ISA__LINK_UNUSED:
        on_unused(link);
        break;
    case ISA__LINK_GUARD:
        isa__guard_tend(link);
        break;
    case ISA__LINK_NO_CHANNEL:
        if (link->machine.fsm.state == ISA__FSM_ST_DIALING && !link->newest)
            isa__link_feed(link, ISA__FSM_EV_DIAL_FAILED, &no_memory);
        break;
    case ISA__LINK_SIGNAL_COUNT:
        break;
    }
}

static void on_bell(struct isa__tr_msg *msg)
{
    struct isa__link *link = isa__container(msg, struct isa__link, bell);
    unsigned signals = atomic_exchange(&link->signals, 0); /* what comes now rings again */
    for (unsigned signal = 0; signal < ISA__LINK_SIGNAL_COUNT; signal++) {
        if (signals >> signal & 1U)
            hear(link, (enum isa__link_signal)signal);
    }
    isa__link_unref(link);
}

void isa__link_signal(struct isa__link *link, enum isa__link_signal signal)
{
    if (atomic_fetch_or(&link->signals, 1U << signal))
        return;
    isa__link_ref(link);
    link->ops->post(&link->bell);
}

static void free_link(struct isa__link *link)
{
    isa__guard_free(atomic_load(&link->guard));
    isa__tr_profile_unref(link->config.channel.profile);
    if (link->first)
        isa__link_unref(link->first);
    isa__free(link->lanes);
    isa__tr_timer_free(link->machine_timer);
    isa__tr_timer_free(link->expiry_timer);
    isa__tr_timer_free(link->linger_timer);
    pthread_mutex_destroy(&link->lock);
    isa__free(link->last_text);
    isa__free(link->key);
    isa__free(link);
}

static void init_link(struct isa__link *link, const struct isa__tr_ops *ops,
                      const struct isa__link_config *config)
{
    link->ops = ops;
    link->config = *config;
    link->config.channel.target = strchr(link->key, '\n') + 1;
    isa__tr_profile_ref(link->config.channel.profile);
    link->hash = isa__hash(link->key);
    atomic_init(&link->refs, 1);
    link->bell.fn = on_bell;
    pthread_mutex_init(&link->lock, NULL);
    isa_list_init(&link->incoming);
    isa_list_init(&link->watchers);
    isa_list_init(&link->channels);
    isa_list_init(&link->waiting);
    isa__machine_init(&link->machine, &link->config.policy);
    atomic_init(&link->state, link->machine.fsm.state);
    link->state_since_us = ops->now_us();
}

int isa__link_new(const struct isa__tr_ops *ops, const char *key,
                  const struct isa__link_config *config, struct isa__link **ret_link)
{
    struct isa__link *link = isa__alloc(sizeof *link);
    if (!link)
        return ISA_ENOMEM;
    link->key = isa__strdup(key);
    link->machine_timer = isa__tr_timer_new(on_machine_timer, link);
    link->expiry_timer = isa__tr_timer_new(isa__link_on_expiry, link);
    link->linger_timer = isa__tr_timer_new(on_linger, link);
    int error = isa__lanes_new(config->max_channels, &link->lanes);
    if (error || !link->key || !link->machine_timer || !link->expiry_timer || !link->linger_timer) {
        free_link(link);
        return ISA_ENOMEM;
    }
    init_link(link, ops, config);
    if (config->guard.has_breaker || config->guard.budget.max_milli)
        error = isa__guard_engage(link);
    if (error)
        free_link(link);
    else
        *ret_link = link;
    return error;
}

struct isa__link *isa__link_ref(struct isa__link *link)
{
    atomic_fetch_add_explicit(&link->refs, 1, memory_order_relaxed);
    return link;
}

void isa__link_unref(struct isa__link *link)
{
    if (atomic_fetch_sub_explicit(&link->refs, 1, memory_order_acq_rel) == 1)
        free_link(link);
}

void isa__link_begin(struct isa__link *link)
{
    isa__link_ref(link); /* until finish() */
    atomic_store(&link->is_used, true);
}
