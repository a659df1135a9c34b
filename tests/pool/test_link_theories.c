/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: what holds for a link after any schedule of calls, peers, clocks and memory, tried on
 * random ones.
 * Used by: ctest.
 * Must not know: any particular story.
 */
#include <criterion/criterion.h>

#include "failing_alloc.h"
#include "link_world.h"

enum { SEEDS = 400, STEPS = 300, CALLS = 120 };

struct schedule {
    struct world world;
    struct world_call calls[CALLS];
    unsigned taken; /* of `calls`; the link accepted them */
    uint32_t generator;
    uint32_t seed;
};

static uint32_t draw(struct schedule *schedule, uint32_t below)
{
    schedule->generator ^= schedule->generator << 13;
    schedule->generator ^= schedule->generator >> 17;
    schedule->generator ^= schedule->generator << 5;
    return schedule->generator % below;
}

static void submit(struct schedule *schedule)
{
    if (schedule->taken == CALLS)
        return;
    struct world_call *call = &schedule->calls[schedule->taken];
    world_call_init(&schedule->world, call, 1 + draw(schedule, 5000), draw(schedule, 2));
    if (isa__link_submit(schedule->world.link, &call->link_call, fake_now_us()) == 0)
        schedule->taken++;
}

static struct world_call *any_call(struct schedule *schedule)
{
    return schedule->taken ? &schedule->calls[draw(schedule, schedule->taken)] : NULL;
}

static void cancel(struct schedule *schedule)
{
    static const struct isa_status status = { .code = ISA_STATUS_CANCELLED,
                                              .reason = ISA_REASON_USER,
                                              .message = "enough" };
    struct world_call *call = any_call(schedule);
    if (call)
        isa__link_cancel(schedule->world.link, &call->link_call, &status);
}

static void answer(struct schedule *schedule)
{
    struct world_call *call = any_call(schedule);
    if (call && call->core.is_started)
        fake_call_end(&call->core, ISA_STATUS_OK, ISA_REASON_NONE, "");
}

/* The newest channel says something that it may say. */
static void speak(struct schedule *schedule)
{
    unsigned number = fake_channel_count();
    if (number == 0 || fake_channel(number)->is_retired || fake_channel(number)->is_over)
        return;
    if (!fake_channel(number)->is_up && draw(schedule, 2))
        fake_up(number);
    else if (!fake_channel(number)->is_up)
        fake_failed(number, ISA_REASON_REFUSED, "Connection refused");
    else if (draw(schedule, 3) == 0)
        fake_drained(number);
    else if (draw(schedule, 3) == 0)
        fake_lost(number, ISA_REASON_KEEPALIVE_LOST, "no pong");
    else if (draw(schedule, 2))
        world_break();
}

static void signal_something(struct schedule *schedule)
{
    static const enum isa__link_signal signals[] = { ISA__LINK_WANT, ISA__LINK_RECONNECT,
                                                     ISA__LINK_RECONNECT, ISA__LINK_CALLS_ZERO };
    isa__link_signal(schedule->world.link, signals[draw(schedule, 4)]);
}

static void end_something(struct schedule *schedule)
{
    if (draw(schedule, 30))
        return;
    atomic_store(&schedule->world.link->drain_ms, draw(schedule, 3) * 1000);
    isa__link_signal(schedule->world.link,
                     draw(schedule, 2) ? ISA__LINK_CLOSE : ISA__LINK_FORCE_CLOSE);
}

static void lack_something(struct schedule *schedule)
{
    if (draw(schedule, 2))
        fake_refuse_channels(1);
    else
        failing_alloc_arm(1 + draw(schedule, 2));
}

static void step(struct schedule *schedule)
{
    switch (draw(schedule, 12)) {
    case 0:
    case 1:
        submit(schedule);
        break;
    case 2:
        cancel(schedule);
        break;
    case 3:
    case 4:
        answer(schedule);
        break;
    case 5:
    case 6:
        speak(schedule);
        break;
    case 7:
        signal_something(schedule);
        break;
    case 8:
        fake_advance_ms(draw(schedule, 20) ? draw(schedule, 600) : 300000);
        break;
    case 9:
        end_something(schedule);
        break;
    case 10:
        lack_something(schedule);
        break;
    default:
        fake_pump_one();
        break;
    }
}

static void check(const struct schedule *schedule)
{
    unsigned open = 0;
    for (unsigned number = 1; number <= fake_channel_count(); number++)
        open += !fake_channel(number)->is_retired;
    cr_assert_leq(open, 1, "seed %u: %u channels at once", schedule->seed, open);
    cr_assert_eq(schedule->world.link->machine.tally.unexpected, 0, "seed %u", schedule->seed);
}

static void begin(struct schedule *schedule, uint32_t seed)
{
    *schedule = (struct schedule){ .generator = seed * 2654435761U, .seed = seed };
    schedule->world.config.policy.backoff.jitter = (enum isa_jitter)(seed % 3);
    world_begin(&schedule->world);
    fake_seed_random(seed);
}

/* A close with a grace, during which nobody answers. */
static void finish(struct schedule *schedule)
{
    failing_alloc_disarm();
    atomic_store(&schedule->world.link->drain_ms, 1000);
    world_signal(&schedule->world, ISA__LINK_CLOSE);
    fake_advance_ms(2000);
    cr_assert_eq(isa__link_private_state(schedule->world.link), ISA__FSM_ST_CLOSED, "seed %u",
                 schedule->seed);
}

Test(pool_link_theories, every_accepted_call_completes_exactly_once)
{
    static struct schedule schedule;
    for (uint32_t seed = 1; seed <= SEEDS; seed++) {
        begin(&schedule, seed);

        for (int i = 0; i < STEPS; i++) {
            step(&schedule);
            check(&schedule);
        }
        finish(&schedule);

        for (unsigned i = 0; i < schedule.taken; i++)
            cr_assert_eq(schedule.calls[i].completions, 1, "seed %u: call %u completed %u times",
                         seed, i, schedule.calls[i].completions);
        cr_assert_eq(world_stats(&schedule.world).operations_started, schedule.taken);
        world_end(&schedule.world);
    }
}

Test(pool_link_theories, the_times_in_the_states_add_up_to_the_life)
{
    static struct schedule schedule;
    for (uint32_t seed = 1; seed <= SEEDS; seed++) {
        begin(&schedule, seed);
        uint64_t born_us = fake_now_us();
        uint64_t sum_us = 0;

        for (int i = 0; i < STEPS; i++)
            step(&schedule);

        struct isa_conn_stats stats = world_stats(&schedule.world);
        for (int state = 0; state < 5; state++)
            sum_us += stats.time_in_state_us[state];
        cr_assert_eq(sum_us, fake_now_us() - born_us, "seed %u", seed);
        finish(&schedule);
        world_end(&schedule.world);
    }
}

Test(pool_link_theories, the_schedules_reach_what_they_are_for)
{
    static struct schedule schedule;
    struct isa_conn_stats sum = { 0 };
    unsigned refused_memory = 0;

    for (uint32_t seed = 1; seed <= SEEDS; seed++) {
        begin(&schedule, seed);
        for (int i = 0; i < STEPS; i++)
            step(&schedule);
        struct isa_conn_stats stats = world_stats(&schedule.world);
        sum.failures += stats.failures;
        sum.losses += stats.losses;
        sum.drains += stats.drains;
        sum.reconnects += stats.reconnects;
        sum.operations_started += stats.operations_started;
        sum.operations_queued += stats.operations_queued;
        refused_memory += stats.failures_by_reason[ISA_REASON_OTHER] > 0;
        finish(&schedule);
        world_end(&schedule.world);
    }

    cr_expect_gt(sum.failures, SEEDS);
    cr_expect_gt(sum.losses, SEEDS);
    cr_expect_gt(sum.drains, SEEDS / 2);
    cr_expect_gt(sum.reconnects, SEEDS);
    cr_expect_gt(sum.operations_started, (uint64_t)SEEDS * 10);
    cr_expect_gt(sum.operations_queued, (uint64_t)SEEDS * 5);
    cr_expect_gt(refused_memory, SEEDS / 10);
}
