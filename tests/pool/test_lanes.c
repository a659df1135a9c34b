/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests of several channels for one key: growing, choosing, shrinking, ending.
 * Used by: ctest.
 * Must not know: grpc-core.
 */
#include <criterion/criterion.h>

#include "failing_alloc.h"
#include "link_world.h"

#include <string.h>

enum { CALLS = 16 };

static struct world world;
static struct world_call calls[CALLS];
static unsigned made;

static void begin(void)
{
    world = (struct world){ .config = { .max_channels = 3, .calls_per_channel = 2 } };
    made = 0;
    world_begin(&world);
    world_connect(&world);
}

TestSuite(pool_lanes, .init = begin);

static void call(unsigned count)
{
    for (; count > 0; count--)
        world_call(&world, &calls[made++]);
}

static void answer_all(void)
{
    for (unsigned i = 0; i < made; i++) {
        if (calls[i].completions == 0)
            world_answer(&calls[i]);
    }
}

Test(pool_lanes, a_channel_is_added_when_one_has_as_many_calls_as_it_should)
{
    call(2);
    cr_expect_eq(fake_channel_count(), 1);
    call(1);

    cr_expect_eq(fake_channel_count(), 2);
    cr_expect_eq(calls[2].core.channel, 0, "it waits for the new channel");
    cr_expect_str_eq(calls[2].outcome, "pending");
    fake_up(2);
    fake_pump();
    cr_expect_eq(calls[2].core.channel, 2);
    cr_expect_eq(world.changes, 2, "nobody is told of a further channel: %s", world.history);
    answer_all();
    world_end(&world);
}

Test(pool_lanes, a_call_goes_to_the_least_loaded)
{
    call(3);
    fake_up(2);
    fake_pump();
    world_answer(&calls[0]);
    world_answer(&calls[1]);

    call(3);

    cr_expect_eq(fake_calls_on(1), 2);
    cr_expect_eq(fake_calls_on(2), 2);
    cr_expect_eq(world_stats(&world).channels_ready, 2);
    answer_all();
    world_end(&world);
}

Test(pool_lanes, there_are_never_more_than_allowed)
{
    call(3);
    fake_up(2);
    call(2);
    fake_up(3);
    call(11);

    cr_expect_eq(fake_channel_count(), 3);
    for (unsigned i = 1; i <= 3; i++)
        cr_expect_leq(fake_calls_on(i), 6, "channel %u: %u", i, fake_calls_on(i));
    answer_all();
    world_end(&world);
}

Test(pool_lanes, what_the_load_does_not_need_becomes_idle_and_goes)
{
    call(3);
    fake_up(2);
    answer_all();

    for (unsigned i = 0; i < 4; i++) { /* a light load goes on */
        fake_advance_ms(100000);
        call(1);
        cr_expect_eq(calls[made - 1].core.channel, 1);
        answer_all();
    }

    cr_expect(fake_channel(2)->is_gone);
    cr_expect_not(fake_channel(1)->is_retired);
    cr_expect_eq(world_stats(&world).channels_ready, 1);
    world_end(&world);
}

Test(pool_lanes, one_that_fails_goes_and_none_follows_at_once)
{
    call(3);
    fake_failed(2, ISA_REASON_REFUSED, "refused");
    fake_pump();

    call(1);
    cr_expect_eq(fake_channel_count(), 2);
    fake_advance_ms(3200);
    call(1);

    cr_expect_eq(fake_channel_count(), 4, "five calls need three channels");
    cr_expect_eq(world.told, ISA_STATE_READY);
    answer_all();
    world_end(&world);
}

Test(pool_lanes, one_that_is_lost_goes_and_its_calls_fail_alone)
{
    call(3);
    fake_up(2);
    call(1);
    cr_assert_eq(calls[3].core.channel, 2);

    fake_end_calls(2, ISA_STATUS_UNAVAILABLE, ISA_REASON_PEER_CLOSED, "reset");
    fake_lost(2, ISA_REASON_PEER_CLOSED, "reset");
    fake_pump();

    cr_expect_str_eq(calls[3].outcome, "UNAVAILABLE peer_closed: reset");
    cr_expect_str_eq(calls[0].outcome, "pending");
    cr_expect_eq(world.told, ISA_STATE_READY);
    cr_expect(fake_channel(2)->is_gone);
    answer_all();
    world_end(&world);
}

Test(pool_lanes, a_drained_one_lets_its_calls_finish_and_is_followed)
{
    call(3);
    fake_up(2);
    call(1);

    fake_drained(2);
    fake_pump();
    cr_expect_eq(fake_channel_count(), 3);
    cr_expect_str_eq(calls[3].outcome, "pending");
    fake_up(3);
    answer_all();

    cr_expect_str_eq(calls[3].outcome, "OK");
    world_end(&world);
}

Test(pool_lanes, a_reconnect_replaces_all)
{
    call(3);
    fake_up(2);
    call(1);

    world_signal(&world, ISA__LINK_RECONNECT);

    for (unsigned i = 0; i < made; i++)
        cr_expect_eq(calls[i].completions, 1, "call %u: %s", i, calls[i].outcome);
    cr_expect_eq(fake_channel_count(), 4);
    fake_up(3);
    fake_up(4);
    world_end(&world);
}

Test(pool_lanes, a_close_lets_calls_on_all_finish)
{
    call(3);
    fake_up(2);
    call(1);
    atomic_store(&world.link->drain_ms, 1000);

    world_signal(&world, ISA__LINK_CLOSE);
    cr_expect_str_eq(calls[3].outcome, "pending");
    answer_all();

    cr_expect_eq(world.told, ISA_STATE_SHUTDOWN);
    cr_expect(fake_channel(1)->is_gone && fake_channel(2)->is_gone);
    world_end(&world);
}

Test(pool_lanes, a_close_ends_calls_on_all_at_the_deadline)
{
    call(3);
    fake_up(2);
    call(1);
    atomic_store(&world.link->drain_ms, 1000);
    world_signal(&world, ISA__LINK_CLOSE);

    fake_advance_ms(1000);

    for (unsigned i = 0; i < made; i++)
        cr_expect_eq(calls[i].completions, 1, "call %u: %s", i, calls[i].outcome);
    world_end(&world);
}

Test(pool_lanes, a_close_ends_one_that_was_going_by_itself_too)
{
    call(3);
    fake_up(2);
    call(1);
    fake_drained(2);
    fake_pump();
    fake_failed(3, ISA_REASON_REFUSED, "refused"); /* it goes, but for the call on channel 2 */
    fake_pump();
    cr_expect_str_eq(calls[3].outcome, "pending");
    atomic_store(&world.link->drain_ms, 1000);

    world_signal(&world, ISA__LINK_CLOSE);
    fake_advance_ms(1000);

    cr_expect_eq(calls[3].completions, 1, "%s", calls[3].outcome);
    world_end(&world);
}

Test(pool_lanes, a_force_close_ends_all)
{
    call(3);
    fake_up(2);
    call(1);

    world_signal(&world, ISA__LINK_FORCE_CLOSE);

    for (unsigned i = 0; i < made; i++)
        cr_expect_eq(calls[i].completions, 1, "call %u: %s", i, calls[i].outcome);
    world_end(&world);
}

Test(pool_lanes, waiting_calls_are_spread_as_soon_as_they_can_be)
{
    world_break();
    for (unsigned i = 0; i < 6; i++)
        world_submit(&world, &calls[made++], 30000, true);
    fake_pump();
    fake_advance_ms(10); /* the dial floor */
    fake_up(2);
    fake_pump();

    cr_expect_eq(fake_channel_count(), 4, "two are added at once: %u", fake_channel_count());
    fake_up(3);
    fake_up(4);
    call(1);
    cr_expect_gt(calls[6].core.channel, 2);
    answer_all();
    world_end(&world);
}

Test(pool_lanes, without_memory_for_another_the_calls_stay_where_they_are)
{
    for (unsigned i = 0; i < 4; i++)
        world_submit(&world, &calls[made++], 30000, false);
    failing_alloc_arm(1);
    fake_pump();
    cr_expect(failing_alloc_disarm());

    cr_expect_eq(fake_channel_count(), 1);
    cr_expect_eq(fake_calls_on(1), 4);
    answer_all();
    world_end(&world);
}

Test(pool_lanes, a_cancelled_call_leaves_its_channel)
{
    call(3);
    fake_up(2);
    call(1);

    cr_assert_eq(fake_calls_on(2), 2);

    world_cancel(&world, &calls[3]);

    cr_expect_eq(calls[3].completions, 1);
    cr_expect_eq(fake_calls_on(2), 1);
    answer_all();
    world_end(&world);
}

Test(pool_lanes, each_call_waits_for_a_channel_with_room_and_then_they_share)
{
    call(8);
    cr_expect_eq(fake_channel_count(), 3, "as many as are needed, up to max_channels");
    cr_expect_eq(fake_calls_on(1), 2);

    fake_up(2);
    fake_pump();
    cr_expect_eq(fake_calls_on(1), 2);
    cr_expect_eq(fake_calls_on(2), 2);
    fake_up(3);
    fake_pump();

    for (unsigned i = 1; i <= 3; i++)
        cr_expect_geq(fake_calls_on(i), 2, "channel %u: %u", i, fake_calls_on(i));
    cr_expect_eq(fake_calls_on(1) + fake_calls_on(2) + fake_calls_on(3), 8, "all are started");
    answer_all();
    world_end(&world);
}

Test(pool_lanes, who_waits_for_room_goes_where_a_call_has_ended)
{
    call(3);
    cr_assert_eq(calls[2].core.channel, 0);

    world_answer(&calls[0]);
    fake_pump();

    cr_expect_eq(calls[2].core.channel, 1);
    answer_all();
    fake_up(2);
    world_end(&world);
}

Test(pool_lanes, who_waits_for_a_channel_that_fails_shares_what_there_is)
{
    call(3);
    fake_failed(2, ISA_REASON_REFUSED, "refused");
    fake_pump();

    cr_expect_eq(calls[2].core.channel, 1);
    answer_all();
    world_end(&world);
}

Test(pool_lanes, a_deadline_passes_for_who_waits_for_room)
{
    call(2);
    world_submit(&world, &calls[made++], 50, true);
    fake_pump();
    fake_advance_ms(51);

    cr_expect_not_null(strstr(calls[2].outcome, "DEADLINE_EXCEEDED"), "%s", calls[2].outcome);
    cr_expect_not_null(strstr(calls[2].outcome, "waiting for a channel with room"), "%s",
                       calls[2].outcome);
    fake_up(2);
    answer_all();
    world_end(&world);
}
