/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the further channels of a key: when one is added, which one takes a call, when one goes.
 * Used by: waiting.c (where a call goes), link.c (what the first channel hears, the others hear).
 * Must not know: handles; why a call is made.
 *
 * A further channel is a link of its own, with the same machine, but without handles and place in
 * the pool. It is added when the load needs it, and it goes when it fails or is idle: only the first
 * link reconnects, and only its state is told.
 */
#include "registry.h"

#include <string.h>

struct isa__lanes {
    unsigned count; /* under the first link's lock; changed on the control loop only */
    atomic_uint_fast64_t not_before_us; /* one has failed; no other is added until then */
    struct isa__link *at[];             /* references; room for max_channels - 1 */
};

int isa__lanes_new(uint32_t max_channels, struct isa__lanes **ret_lanes)
{
    *ret_lanes = NULL;
    if (max_channels <= 1)
        return 0;
    size_t room = (size_t)max_channels - 1;
    *ret_lanes = isa__alloc(sizeof **ret_lanes + room * sizeof(struct isa__link *));
    return *ret_lanes ? 0 : ISA_ENOMEM;
}

static uint64_t running_on(const struct isa__link *link)
{
    return atomic_load_explicit(&link->running, memory_order_relaxed);
}

/* So many channels the load needs, one more call included. */
static unsigned needed_locked(const struct isa__link *link)
{
    const struct isa__lanes *lanes = link->lanes;
    uint64_t load = running_on(link) + atomic_load(&link->waiting_calls);
    for (unsigned i = 0; i < lanes->count; i++)
        load += running_on(lanes->at[i]);
    uint64_t needed = load / link->config.calls_per_channel + 1;
    return needed < link->config.max_channels ? (unsigned)needed : link->config.max_channels;
}

static bool has_room(const struct isa__link *link, uint32_t calls_per_channel)
{
    return isa__link_private_state(link) == ISA__FSM_ST_READY &&
           running_on(link) < calls_per_channel;
}

/* NULL: there is none. */
static struct isa__link *roomy_lane_locked(const struct isa__link *link)
{
    const struct isa__lanes *lanes = link->lanes;
    for (unsigned i = 0; i < lanes->count; i++) {
        if (has_room(lanes->at[i], link->config.calls_per_channel))
            return lanes->at[i];
    }
    return NULL;
}

/* One is on its way, or can be. */
static bool may_grow_locked(const struct isa__link *link)
{
    const struct isa__lanes *lanes = link->lanes;
    for (unsigned i = 0; i < lanes->count; i++) {
        if (isa__link_private_state(lanes->at[i]) == ISA__FSM_ST_DIALING)
            return true;
    }
    return lanes->count + 1 < link->config.max_channels &&
           link->ops->now_us() >= atomic_load(&lanes->not_before_us);
}

bool isa__lanes_must_wait_locked(struct isa__link *link)
{
    if (!link->lanes || running_on(link) < link->config.calls_per_channel ||
        roomy_lane_locked(link) || !may_grow_locked(link))
        return false;
    isa__link_signal(link, ISA__LINK_CROWDED);
    return true;
}

void isa__lanes_on_room(struct isa__link *link)
{
    struct isa__link *first = link->first ? link->first : link;
    if (first->lanes && atomic_load_explicit(&first->waiting_calls, memory_order_relaxed) > 0)
        isa__link_signal(first, ISA__LINK_WANT);
}

struct isa__link *isa__lanes_choose_locked(struct isa__link *link)
{
    const struct isa__lanes *lanes = link->lanes;
    if (!lanes)
        return link;
    unsigned needed = needed_locked(link);
    if (needed > lanes->count + 1)
        isa__link_signal(link, ISA__LINK_CROWDED);
    /* Those beyond what the load needs get no calls, so that they become idle and go. */
    struct isa__link *best = link;
    for (unsigned i = 0; i < lanes->count && i + 1 < needed; i++) {
        if (isa__link_private_state(lanes->at[i]) == ISA__FSM_ST_READY &&
            running_on(lanes->at[i]) < running_on(best))
            best = lanes->at[i];
    }
    struct isa__link *roomy = NULL;
    if (running_on(best) >= link->config.calls_per_channel)
        roomy = roomy_lane_locked(link);
    return roomy ? roomy : best;
}

static int add(struct isa__link *link)
{
    struct isa__link_config config = link->config;
    config.max_channels = 1;
    config.guard = (struct isa__guard_config){ 0 }; /* the first link's is for all */
    config.policy.keep_connected = false;
    struct isa__link *lane;
    int error = isa__link_new(link->ops, link->key, &config, &lane);
    if (error)
        return error;
    lane->first = isa__link_ref(link);
    isa__registry_begin_in_life(lane);
    pthread_mutex_lock(&link->lock);
    link->lanes->at[link->lanes->count++] = lane;
    pthread_mutex_unlock(&link->lock);
    isa__link_feed(lane, ISA__FSM_EV_WANT, NULL);
    return 0;
}

/* No other channel is tried for as long as the first would wait at most. */
static void hold_off(struct isa__link *link)
{
    atomic_store(&link->lanes->not_before_us,
                 link->ops->now_us() + (uint64_t)link->config.policy.backoff.max_ms * 1000);
}

void isa__lanes_grow(struct isa__link *link)
{
    struct isa__lanes *lanes = link->lanes;
    if (link->machine.fsm.state != ISA__FSM_ST_READY || isa__registry_is_closing() ||
        link->ops->now_us() < atomic_load(&lanes->not_before_us))
        return;
    pthread_mutex_lock(&link->lock);
    unsigned needed = needed_locked(link);
    pthread_mutex_unlock(&link->lock);
    while (lanes->count + 1 < needed && add(link) == 0)
        continue;
    if (lanes->count + 1 < needed) { /* out of memory: the calls share what there is */
        hold_off(link);
        isa__link_signal(link, ISA__LINK_WANT);
    }
}

void isa__lanes_forward(struct isa__link *link, enum isa__fsm_event event)
{
    struct isa__lanes *lanes = link->lanes;
    bool is_for_all = event == ISA__FSM_EV_CLOSE || event == ISA__FSM_EV_FORCE_CLOSE ||
                      event == ISA__FSM_EV_RECONNECT || event == ISA__FSM_EV_NETWORK_CHANGED ||
                      event == ISA__FSM_EV_RENEW;
    if (!lanes || !is_for_all)
        return;
    for (unsigned i = lanes->count; i-- > 0;) { /* one that ends leaves the list */
        struct isa__link *lane = lanes->at[i];
        atomic_store(&lane->drain_ms, atomic_load(&link->drain_ms));
        /* One that was going by itself had all the time in the world. */
        if (event == ISA__FSM_EV_CLOSE && lane->machine.fsm.state == ISA__FSM_ST_DRAINING)
            lane->ops->timer_start(lane->linger_timer, atomic_load(&lane->drain_ms));
        isa__link_feed(lane, event, NULL);
    }
}

void isa__lane_after_step(struct isa__link *lane)
{
    enum isa__fsm_state state = (enum isa__fsm_state)lane->machine.fsm.state;
    bool has_failed = state == ISA__FSM_ST_BACKOFF || state == ISA__FSM_ST_UNSERVING;
    if (has_failed)
        hold_off(lane->first);
    if (state != ISA__FSM_ST_DIALING)
        isa__lanes_on_room(lane); /* there is some, or none is coming: who waits goes on */
    if (!has_failed && state != ISA__FSM_ST_DORMANT)
        return;
    /* Calls that were spared by a drain finish; there is no channel to hold them up. */
    atomic_store(&lane->drain_ms, INT32_MAX);
    isa__link_signal(lane, ISA__LINK_CLOSE);
}

void isa__lane_leave(struct isa__link *lane)
{
    struct isa__link *first = lane->first;
    struct isa__lanes *lanes = first->lanes;
    pthread_mutex_lock(&first->lock);
    unsigned at = 0;
    while (at < lanes->count && lanes->at[at] != lane)
        at++;
    bool is_in = at < lanes->count;
    if (is_in)
        memmove(&lanes->at[at], &lanes->at[at + 1],
                (size_t)(--lanes->count - at) * sizeof lanes->at[0]);
    pthread_mutex_unlock(&first->lock);
    if (is_in)
        isa__link_unref(lane);
}

unsigned isa__lanes_ready_locked(const struct isa__link *link)
{
    unsigned ready = isa__link_private_state(link) == ISA__FSM_ST_READY;
    for (unsigned i = 0; link->lanes && i < link->lanes->count; i++)
        ready += isa__link_private_state(link->lanes->at[i]) == ISA__FSM_ST_READY;
    return ready;
}
