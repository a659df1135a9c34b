/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the book-keeping around one link.
 * Used by: the tests of links, through link_world.h.
 * Must not know: which story is told.
 */
#include "link_world.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>

#include "failing_alloc.h"

static void on_change(struct isa__link_watcher *watcher, const struct isa_change *change)
{
    struct world *world = isa__container(watcher, struct world, watcher);
    struct isa__text history = { world->history, sizeof world->history, strlen(world->history) };
    cr_assert_eq(change->from, world->told, "a change begins where the last one ended");
    cr_assert_not_null(change->text, "a text is never NULL");
    isa__text_add(&history, "%s%s>%s %s", world->changes ? "; " : "", isa_state_name(change->from),
                  isa_state_name(change->to), isa_reason_name(change->reason));
    snprintf(world->last_text, sizeof world->last_text, "%s", change->text);
    world->told = change->to;
    world->last = *change;
    world->last.text = world->last_text;
    world->changes++;
}

static void set_defaults(struct isa__link_config *config)
{
    struct isa__policy *policy = &config->policy;
    if (!policy->backoff.min_ms)
        policy->backoff = (struct isa__backoff_policy){ 400, 3200, 2., ISA_JITTER_NONE };
    if (policy->dear_factor == 0.)
        policy->dear_factor = 1.;
    if (!config->max_channels)
        config->max_channels = 1;
    if (!config->max_waiting_calls)
        config->max_waiting_calls = INT32_MAX;
    if (!config->max_waiting_bytes)
        config->max_waiting_bytes = INT32_MAX;
    if (!config->calls_per_channel)
        config->calls_per_channel = 100;
    if (!policy->dial_floor_ms)
        policy->dial_floor_ms = 10;
    if (!policy->attempt_timeout_ms)
        policy->attempt_timeout_ms = 20000;
    if (!policy->idle_timeout_ms)
        policy->idle_timeout_ms = 300000;
}

void world_begin_on(struct world *world, const struct isa__tr_ops *ops)
{
    failing_alloc_install();
    fake_begin(UINT64_C(1000000000));
    set_defaults(&world->config);
    int error = isa__link_new(ops, "key\ndns:///host:1", &world->config, &world->link);
    cr_assert_eq(error, 0);
    world->watcher.on_change = on_change;
    cr_assert(isa__link_add_watcher(world->link, &world->watcher, &world->told));
    isa__link_begin(world->link);
}

void world_begin(struct world *world)
{
    world_begin_on(world, &fake_transport);
}

void world_end(struct world *world)
{
    if (isa__link_private_state(world->link) != ISA__FSM_ST_CLOSED)
        world_signal(world, ISA__LINK_FORCE_CLOSE);
    isa__link_remove_watcher(world->link, &world->watcher);
    isa__link_unref(world->link);
    fake_end();
    cr_assert_eq(failing_alloc_live(), 0, "%d allocations were left", (int)failing_alloc_live());
}

static void complete(struct world_call *call, const struct isa_status *status)
{
    struct isa__text outcome;
    call->completions++;
    cr_assert_eq(call->completions, 1, "a call completes once");
    isa__text_init(&outcome, call->outcome, sizeof call->outcome);
    isa__text_add(&outcome, "%s", isa_status_name((int)status->code));
    if (status->code != ISA_STATUS_OK)
        isa__text_add(&outcome, " %s: %s", isa_reason_name(status->reason), status->message);
}

static void on_refused(struct isa__link_call *link_call, const struct isa_status *status)
{
    complete(isa__container(link_call, struct world_call, link_call), status);
}

static void on_ended(void *owner)
{
    struct world_call *call = owner;
    isa__link_call_ended(&call->link_call, &call->core.status);
}

static void on_done(void *owner)
{
    struct world_call *call = owner;
    complete(call, &call->core.status);
}

void world_call_init(struct world *world, struct world_call *call, uint32_t deadline_ms,
                     bool wait_for_ready)
{
    *call = (struct world_call){ .link = world->link, .outcome = "pending" };
    fake_call_init(&call->core);
    isa_list_init(&call->link_call.in_link);
    call->link_call.core = fake_call_core(&call->core);
    call->link_call.waits_for_ready = wait_for_ready;
    call->link_call.on_refused = on_refused;
    call->link_call.start = (struct isa__tr_start){ fake_now_us() + (uint64_t)deadline_ms * 1000,
                                                    NULL, on_ended, on_done, call };
}

void world_submit(struct world *world, struct world_call *call, uint32_t deadline_ms,
                  bool wait_for_ready)
{
    world_call_init(world, call, deadline_ms, wait_for_ready);
    cr_assert_eq(isa__link_submit(world->link, &call->link_call, fake_now_us()), 0);
}

void world_call(struct world *world, struct world_call *call)
{
    world_submit(world, call, 30000, false);
    fake_pump();
}

void world_signal(struct world *world, enum isa__link_signal signal)
{
    isa__link_signal(world->link, signal);
    fake_pump();
}

void world_cancel(struct world *world, struct world_call *call)
{
    static const struct isa_status status = { .code = ISA_STATUS_CANCELLED,
                                              .reason = ISA_REASON_USER,
                                              .message = "enough" };
    isa__link_cancel(world->link, &call->link_call, &status);
    fake_pump();
}

void world_answer(struct world_call *call)
{
    fake_call_end(&call->core, ISA_STATUS_OK, ISA_REASON_NONE, "");
    fake_pump();
}

void world_connect(struct world *world)
{
    world_signal(world, ISA__LINK_WANT);
    fake_up(fake_channel_count());
    fake_pump();
}

void world_break(void)
{
    unsigned number = fake_channel_count();
    fake_end_calls(number, ISA_STATUS_UNAVAILABLE, ISA_REASON_PEER_CLOSED, "Socket closed");
    fake_lost(number, ISA_REASON_PEER_CLOSED, "Socket closed");
    fake_pump();
}

void world_fail(void)
{
    fake_failed(fake_channel_count(), ISA_REASON_REFUSED, "Connection refused");
    fake_pump();
}

struct isa_conn_stats world_stats(struct world *world)
{
    struct isa_conn_stats stats = ISA_CONN_STATS_INIT;
    isa__link_stats(world->link, &stats);
    return stats;
}
