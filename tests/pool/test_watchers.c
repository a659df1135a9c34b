/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: what a link tells its watchers, and its exact counts and times (link.c).
 * Used by: ctest.
 * Must not know: grpc-core, handles.
 */
#include <criterion/criterion.h>

#include <string.h>

#include "link_world.h"

static struct world world;

static void begin(void)
{
    world_begin(&world);
}

TestSuite(pool_watchers, .init = begin);

Test(pool_watchers, hear_every_change_in_order_each_with_its_reason)
{
    world_connect(&world);
    world_break();
    fake_advance_ms(400);
    world_fail();
    fake_advance_ms(800);
    fake_up(3);
    fake_drained(3);
    fake_up(4);
    world_signal(&world, ISA__LINK_RECONNECT);
    fake_up(5);
    fake_advance_ms(300000);

    cr_expect_str_eq(world.history,
                     "IDLE>CONNECTING operation; CONNECTING>READY connected; "
                     "READY>TRANSIENT_FAILURE peer_closed; TRANSIENT_FAILURE>CONNECTING retry; "
                     "CONNECTING>TRANSIENT_FAILURE refused; TRANSIENT_FAILURE>CONNECTING retry; "
                     "CONNECTING>READY connected; READY>CONNECTING peer_drained; "
                     "CONNECTING>READY connected; READY>CONNECTING user; "
                     "CONNECTING>READY connected; READY>IDLE idle");
    world_end(&world);
}

Test(pool_watchers, hear_what_was_said_of_a_failure)
{
    world_signal(&world, ISA__LINK_WANT);

    world_fail();

    cr_expect_eq(world.last.reason, ISA_REASON_REFUSED);
    cr_expect_str_eq(world.last_text, "Connection refused");
    cr_expect_eq(world.last.attempt, 1);
    cr_expect_eq(world.last.next_delay_ms, 400);
    cr_expect_eq(world.last.generation, 1);
    world_end(&world);
}

Test(pool_watchers, hear_the_number_of_the_attempt)
{
    world_signal(&world, ISA__LINK_WANT);
    world_fail();
    fake_advance_ms(400);
    world_fail();
    fake_advance_ms(800);

    cr_expect_eq(world.last.to, ISA_STATE_CONNECTING);
    cr_expect_eq(world.last.attempt, 3);
    cr_expect_eq(world.last.next_delay_ms, 0);
    fake_up(3);
    cr_expect_eq(world.last.attempt, 3, "the one that succeeded");
    world_end(&world);
}

Test(pool_watchers, hear_of_the_reconnection_with_the_change_to_ready)
{
    world_connect(&world);
    world_break();
    fake_advance_ms(400);
    cr_expect_eq(world.last.reconnects, 0);

    fake_up(2);

    cr_expect_eq(world.last.to, ISA_STATE_READY);
    cr_expect_eq(world.last.reconnects, 1);
    cr_expect_eq(world.last.generation, 2);
    world_end(&world);
}

Test(pool_watchers, hear_how_long_the_last_state_lasted)
{
    fake_advance_ms(7);
    world_signal(&world, ISA__LINK_WANT);
    cr_expect_eq(world.last.time_in_from_us, 7000);
    fake_advance_ms(123);
    fake_up(1);
    cr_expect_eq(world.last.time_in_from_us, 123000);
    fake_advance_ms(4000);
    world_break();

    cr_expect_eq(world.last.time_in_from_us, 4000000);
    world_end(&world);
}

Test(pool_watchers, the_state_is_published_before_they_hear_of_it)
{
    world_signal(&world, ISA__LINK_WANT);

    cr_expect_eq(isa__machine_public(isa__link_private_state(world.link)), world.told);
    world_end(&world);
}

Test(pool_watchers, one_that_comes_later_is_told_where_things_stand)
{
    struct world late = { .link = world.link };
    world_connect(&world);
    late.watcher.on_change = world.watcher.on_change;

    cr_expect(isa__link_add_watcher(world.link, &late.watcher, &late.told));
    cr_expect_eq(late.told, ISA_STATE_READY);
    world_break();

    cr_expect_str_eq(late.history, "READY>TRANSIENT_FAILURE peer_closed");
    isa__link_remove_watcher(world.link, &late.watcher);
    world_end(&world);
}

Test(pool_watchers, one_that_comes_after_the_end_is_told_that_it_came_too_late)
{
    struct world late = { .link = world.link };
    world_signal(&world, ISA__LINK_CLOSE);

    cr_expect_not(isa__link_add_watcher(world.link, &late.watcher, &late.told));

    cr_expect_eq(late.told, ISA_STATE_SHUTDOWN);
    isa__link_remove_watcher(world.link, &late.watcher);
    world_end(&world);
}

Test(pool_watchers, one_that_left_hears_nothing_more)
{
    struct world other = { .link = world.link };
    other.watcher.on_change = world.watcher.on_change;
    isa__link_add_watcher(world.link, &other.watcher, &other.told);
    world_signal(&world, ISA__LINK_WANT);

    isa__link_remove_watcher(world.link, &other.watcher);
    fake_up(1);

    cr_expect_eq(other.changes, 1);
    cr_expect_eq(world.changes, 2);
    world_end(&world);
}

/* Counts. */

Test(pool_watchers, a_new_link_has_counted_nothing)
{
    struct isa_conn_stats stats = world_stats(&world);

    stats.size = 0;
    static const struct isa_conn_stats nothing;
    cr_expect_eq(memcmp(&stats, &nothing, sizeof stats), 0);
    world_end(&world);
}

Test(pool_watchers, the_counts_of_a_known_story_are_exact)
{
    struct world_call calls[3];
    world_call(&world, &calls[0]);
    world_fail();
    fake_advance_ms(400);
    fake_failed(2, ISA_REASON_TIMED_OUT, "timed out");
    fake_advance_ms(800);
    fake_up(3);
    world_call(&world, &calls[1]);
    world_break();
    fake_advance_ms(400);
    world_call(&world, &calls[2]);
    fake_up(4);
    world_answer(&calls[2]);
    fake_drained(4);
    fake_up(5);

    struct isa_conn_stats stats = world_stats(&world);

    cr_expect_eq(stats.attempts, 5);
    cr_expect_eq(stats.generation, 5);
    cr_expect_eq(stats.failures, 2);
    cr_expect_eq(stats.failures_by_reason[ISA_REASON_REFUSED], 1);
    cr_expect_eq(stats.failures_by_reason[ISA_REASON_TIMED_OUT], 1);
    cr_expect_eq(stats.losses, 1);
    cr_expect_eq(stats.drains, 1);
    cr_expect_eq(stats.reconnects, 1);
    cr_expect_eq(stats.operations_started, 3);
    cr_expect_eq(stats.operations_queued, 2);
    world_end(&world);
}

Test(pool_watchers, failures_by_reason_add_up_to_the_failures)
{
    uint64_t sum = 0;
    world_signal(&world, ISA__LINK_WANT);
    for (unsigned i = 1; i <= 30; i++) {
        fake_failed(i, (enum isa_reason)(i % ISA_REASON_COUNT), "x");
        fake_advance_ms(3200);
    }

    struct isa_conn_stats stats = world_stats(&world);

    for (int i = 0; i < ISA_REASON_COUNT; i++)
        sum += stats.failures_by_reason[i];
    cr_expect_eq(stats.failures, 30);
    cr_expect_eq(sum, 30);
    world_end(&world);
}

Test(pool_watchers, the_time_in_each_state_is_exact)
{
    fake_advance_ms(11);
    world_signal(&world, ISA__LINK_WANT);
    fake_advance_ms(22);
    world_fail();
    fake_advance_ms(400);
    fake_advance_ms(33);
    fake_up(2);
    fake_advance_ms(44);

    struct isa_conn_stats stats = world_stats(&world);

    cr_expect_eq(stats.time_in_state_us[ISA_STATE_IDLE], 11000);
    cr_expect_eq(stats.time_in_state_us[ISA_STATE_CONNECTING], 55000);
    cr_expect_eq(stats.time_in_state_us[ISA_STATE_TRANSIENT_FAILURE], 400000);
    cr_expect_eq(stats.time_in_state_us[ISA_STATE_READY], 44000);
    cr_expect_eq(stats.time_in_state_us[ISA_STATE_SHUTDOWN], 0);
    world_end(&world);
}
