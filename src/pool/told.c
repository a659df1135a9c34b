/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: what other threads see of a link: its state, its changes, its counts.
 * Used by: link.c after each step; handles.
 * Must not know: why a state changed.
 */
#include "link.h"

#include <string.h>

enum { KEEPALIVE_MAX_MS = 7200000 }; /* two hours: what servers themselves use, gRFC A9 */

static atomic_uint openings; /* of all links */

static void tell_locked(struct isa__link *link, const struct isa__effect *effect)
{
    const struct isa__machine *machine = &link->machine;
    uint64_t now_us = link->ops->now_us();
    struct isa_change change = {
        .from = effect->from,
        .to = effect->to,
        .reason = machine->cause.reason,
        .text = machine->cause.text,
        .attempt = effect->attempt,
        .next_delay_ms = effect->delay_ms,
        .reconnects = machine->tally.reconnects,
        .generation = machine->tally.attempts,
        .time_in_from_us = now_us - link->state_since_us,
    };
    link->time_in_state_us[effect->from] += change.time_in_from_us;
    link->state_since_us = now_us;
    isa_list_each(node, after, &link->watchers)
    {
        struct isa__link_watcher *watcher = isa__container(node, struct isa__link_watcher, in_link);
        watcher->on_change(watcher, &change);
    }
}

/* Not under the lock: the hook is the program's. */
static void log_change(const struct isa__link *link, const struct isa__effect *effect)
{
    const struct isa__cause *cause = &link->machine.cause;
    isa__log(ISA_LOG_INFO, "target=%s %s -> %s reason=%s attempt=%u next_delay_ms=%u text=\"%s\"",
             isa__link_target(link), isa_state_name(effect->from), isa_state_name(effect->to),
             isa_reason_name(cause->reason), effect->attempt, effect->delay_ms, cause->text);
}

/* The peer counts our pings: half as many from the next channel on, as core does within one. */
static void slow_pings_locked(struct isa__link *link)
{
    uint32_t *time_ms = &link->config.channel.keepalive_time_ms;
    if (*time_ms < KEEPALIVE_MAX_MS)
        *time_ms = *time_ms < KEEPALIVE_MAX_MS / 2 ? *time_ms * 2 : KEEPALIVE_MAX_MS;
}

/* Everything other threads see of a step, at once; from here on no call joins a channel let go. */
void isa__link_publish(struct isa__link *link, const struct isa__effects *effects)
{
    const struct isa__machine *machine = &link->machine;
    enum isa__fsm_state state = (enum isa__fsm_state)machine->fsm.state;
    pthread_mutex_lock(&link->lock);
    if (machine->tally.failures != link->tally.failures)
        link->failures_by_reason[machine->cause.reason]++;
    bool is_ended =
        machine->tally.losses != link->tally.losses || machine->tally.drains != link->tally.drains;
    bool is_slowed = is_ended && machine->cause.reason == ISA_REASON_TOO_MANY_PINGS;
    if (is_slowed)
        slow_pings_locked(link);
    link->tally = machine->tally;
    struct isa__tr_channel *open_channel =
        state == ISA__FSM_ST_READY ? link->newest->channel : NULL;
    if (link->open_channel != open_channel) {
        link->opening = atomic_fetch_add_explicit(&openings, 1, memory_order_relaxed) + 1;
    }
    link->open_channel = open_channel;
    atomic_store(&link->state, state);
    for (unsigned i = 0; i < effects->count; i++) {
        if (effects->list[i].kind == ISA__EFFECT_TELL)
            tell_locked(link, &effects->list[i]);
    }
    pthread_mutex_unlock(&link->lock);
    if (is_slowed)
        isa__log(ISA_LOG_WARNING, "target=%s allows fewer pings: keepalive_time_ms is %u now",
                 isa__link_target(link), link->config.channel.keepalive_time_ms);
    for (unsigned i = 0; i < effects->count; i++) {
        if (effects->list[i].kind == ISA__EFFECT_TELL)
            log_change(link, &effects->list[i]);
    }
}

bool isa__link_add_watcher(struct isa__link *link, struct isa__link_watcher *watcher,
                           enum isa_state *ret_told)
{
    pthread_mutex_lock(&link->lock);
    isa_list_append(&link->watchers, &watcher->in_link);
    bool is_ending = isa__link_is_ending(link);
    *ret_told = isa__machine_public(isa__link_private_state(link));
    pthread_mutex_unlock(&link->lock);
    return !is_ending;
}

void isa__link_remove_watcher(struct isa__link *link, struct isa__link_watcher *watcher)
{
    pthread_mutex_lock(&link->lock);
    isa_list_remove(&watcher->in_link);
    pthread_mutex_unlock(&link->lock);
}

void isa__link_stats(struct isa__link *link, struct isa_conn_stats *ret_stats)
{
    pthread_mutex_lock(&link->lock);
    ret_stats->attempts = link->tally.attempts;
    ret_stats->generation = link->tally.attempts;
    ret_stats->failures = link->tally.failures;
    for (int i = 0; i < ISA_REASON_COUNT; i++)
        ret_stats->failures_by_reason[i] = link->failures_by_reason[i];
    ret_stats->losses = link->tally.losses;
    ret_stats->drains = link->tally.drains;
    ret_stats->reconnects = link->tally.reconnects;
    ret_stats->rebuilds = link->tally.rebuilds;
    ret_stats->keepalive_time_ms = link->config.channel.keepalive_time_ms;
    memcpy(ret_stats->time_in_state_us, link->time_in_state_us, sizeof link->time_in_state_us);
    isa__guard_stats_locked(link, ret_stats);
    ret_stats->renewals = link->renewals;
    ret_stats->failed_renewals = link->failed_renewals;
    ret_stats->channels_ready = isa__lanes_ready_locked(link);
    enum isa_state state = isa__machine_public(isa__link_private_state(link));
    ret_stats->time_in_state_us[state] += link->ops->now_us() - link->state_since_us;
    pthread_mutex_unlock(&link->lock);
    ret_stats->operations_started = atomic_load(&link->operations_started);
    ret_stats->operations_ok = atomic_load(&link->operations_ok);
    ret_stats->operations_failed = atomic_load(&link->operations_failed);
    ret_stats->operations_queued = atomic_load(&link->operations_queued);
}
