/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the life of a link, told as stories on the fake transport.
 * Used by: ctest.
 * Must not know: grpc-core, handles.
 */
#include <criterion/criterion.h>

#include <pthread.h>

#include "link_world.h"

static struct world world = { .config.channel = { .connect_timeout_ms = 1234,
                                                  .keepalive_time_ms = 5678,
                                                  .keepalive_timeout_ms = 9012 } };

static void begin(void)
{
    world_begin(&world);
}

TestSuite(pool_link, .init = begin);

/* Connecting. */

Test(pool_link, a_new_link_has_done_nothing)
{
    cr_expect_eq(fake_channel_count(), 0);
    cr_expect_eq(fake_timers_running(), 0);
    cr_expect_eq(world.told, ISA_STATE_IDLE);
    world_end(&world);
}

Test(pool_link, the_first_call_dials_and_starts_when_the_channel_is_up)
{
    struct world_call call;

    world_call(&world, &call);
    cr_expect_eq(fake_channel_count(), 1);
    cr_expect_not(call.core.is_started);
    fake_up(1);

    cr_expect_eq(call.core.channel, 1);
    cr_expect(call.core.is_started);
    world_answer(&call);
    cr_expect_str_eq(call.outcome, "OK");
    world_end(&world);
}

Test(pool_link, the_channel_has_the_links_settings)
{
    world_signal(&world, ISA__LINK_WANT);

    cr_expect_str_eq(fake_channel(1)->config.target, "dns:///host:1");
    cr_expect_eq(fake_channel(1)->config.connect_timeout_ms, 1234);
    cr_expect_eq(fake_channel(1)->config.keepalive_time_ms, 5678);
    cr_expect_eq(fake_channel(1)->config.keepalive_timeout_ms, 9012);
    world_end(&world);
}

Test(pool_link, a_call_on_a_ready_link_starts_before_submit_returns)
{
    struct world_call call;
    world_connect(&world);

    world_submit(&world, &call, 1000, false);

    cr_expect(call.core.is_started);
    cr_expect_eq(call.core.start.deadline_us - fake_now_us(), 1000000);
    world_answer(&call);
    world_end(&world);
}

Test(pool_link, a_hundred_calls_on_a_broken_link_are_one_attempt)
{
    struct world_call calls[100];
    world_connect(&world);
    world_break();
    fake_advance_ms(100);

    for (int i = 0; i < 100; i++)
        world_submit(&world, &calls[i], 30000, false);
    fake_pump();
    cr_expect_eq(fake_channel_count(), 2);
    fake_up(2);

    for (int i = 0; i < 100; i++) {
        cr_expect_eq(calls[i].core.channel, 2, "call %d", i);
        world_answer(&calls[i]);
        cr_expect_str_eq(calls[i].outcome, "OK", "call %d", i);
    }
    cr_expect_eq(world_stats(&world).reconnects, 1);
    world_end(&world);
}

enum { THREADS = 8, CALLS_EACH = 50 };

static void *submit_many(void *calls)
{
    for (int i = 0; i < CALLS_EACH; i++)
        world_submit(&world, (struct world_call *)calls + i, 30000, false);
    return NULL;
}

Test(pool_link, calls_from_many_threads_are_one_attempt)
{
    static struct world_call calls[THREADS][CALLS_EACH];
    pthread_t threads[THREADS];

    for (int i = 0; i < THREADS; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, submit_many, calls[i]), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    fake_pump();
    cr_expect_eq(fake_channel_count(), 1);
    fake_up(1);

    for (int i = 0; i < THREADS * CALLS_EACH; i++)
        world_answer(&calls[i / CALLS_EACH][i % CALLS_EACH]);
    cr_expect_eq(world_stats(&world).operations_started, (uint64_t)THREADS * CALLS_EACH);
    world_end(&world);
}

Test(pool_link, a_signal_rung_twice_is_heard_once)
{
    world_connect(&world);

    isa__link_signal(world.link, ISA__LINK_RECONNECT);
    isa__link_signal(world.link, ISA__LINK_RECONNECT);

    cr_expect(fake_pump_one());
    cr_expect_eq(fake_channel_count(), 2);
    cr_expect(fake_pump_one(), "the old channel goes");
    cr_expect_not(fake_pump_one(), "there is no second ring");
    world_end(&world);
}

Test(pool_link, a_signal_rung_after_it_was_heard_is_heard_again)
{
    world_connect(&world);

    world_signal(&world, ISA__LINK_RECONNECT);
    fake_up(2);
    world_signal(&world, ISA__LINK_RECONNECT);

    cr_expect_eq(fake_channel_count(), 3);
    world_end(&world);
}

/* Trouble. */

Test(pool_link, a_refused_attempt_is_repeated_with_growing_delay)
{
    static const uint32_t delays[] = { 400, 800, 1600, 3200, 3200 };
    world_signal(&world, ISA__LINK_WANT);

    for (unsigned i = 0; i < sizeof delays / sizeof *delays; i++) {
        world_fail();
        cr_expect_eq(world.last.next_delay_ms, delays[i], "failure %u", i);
        fake_advance_ms(delays[i] - 1);
        cr_expect_eq(fake_channel_count(), i + 1, "too soon after failure %u", i);
        fake_advance_ms(1);
        cr_expect_eq(fake_channel_count(), i + 2, "not again after failure %u", i);
    }
    world_end(&world);
}

Test(pool_link, a_failed_channel_is_let_go_and_never_used_again)
{
    world_signal(&world, ISA__LINK_WANT);

    world_fail();

    cr_expect(fake_channel(1)->is_gone);
    world_end(&world);
}

Test(pool_link, an_attempt_without_outcome_is_given_up_after_the_attempt_timeout)
{
    struct world_call call;
    world_call(&world, &call);

    fake_advance_ms(19999);
    cr_expect_str_eq(call.outcome, "pending");
    fake_advance_ms(1);

    cr_expect_str_eq(call.outcome, "UNAVAILABLE timed_out: "
                                   "no outcome within the attempt timeout; channel rebuilt");
    cr_expect(fake_channel(1)->is_gone);
    fake_advance_ms(400);
    cr_expect_eq(fake_channel_count(), 2);
    world_end(&world);
}

Test(pool_link, without_memory_for_a_channel_the_attempt_has_failed)
{
    struct world_call call;
    fake_refuse_channels(1);

    world_call(&world, &call);

    cr_expect_str_eq(call.outcome, "UNAVAILABLE other: out of memory");
    cr_expect_eq(world_stats(&world).failures, 1);
    cr_expect_eq(world_stats(&world).failures_by_reason[ISA_REASON_OTHER], 1);
    world_end(&world);
}

Test(pool_link, after_an_attempt_without_memory_comes_another)
{
    fake_refuse_channels(2);

    world_signal(&world, ISA__LINK_WANT);
    fake_advance_ms(400 + 800);

    cr_expect_eq(fake_channel_count(), 1);
    fake_up(1);
    cr_expect_eq(world.told, ISA_STATE_READY);
    cr_expect_eq(world_stats(&world).attempts, 3);
    world_end(&world);
}

Test(pool_link, a_close_can_overtake_an_attempt_without_memory)
{
    fake_refuse_channels(1);

    isa__link_signal(world.link, ISA__LINK_WANT);
    isa__link_signal(world.link, ISA__LINK_CLOSE);
    fake_pump();

    cr_expect_eq(isa__link_private_state(world.link), ISA__FSM_ST_CLOSED);
    cr_expect_eq(world.link->machine.tally.unexpected, 0);
    world_end(&world);
}

Test(pool_link, a_broken_connection_comes_back_without_any_call)
{
    world_connect(&world);

    world_break();
    fake_advance_ms(400);
    fake_up(2);

    cr_expect_eq(world_stats(&world).losses, 1);
    cr_expect_eq(world_stats(&world).reconnects, 1);
    world_end(&world);
}

/* Reconnecting, draining. */

Test(pool_link, a_reconnect_ends_running_calls_with_a_text_that_says_so)
{
    struct world_call call;
    world_connect(&world);
    world_call(&world, &call);

    world_signal(&world, ISA__LINK_RECONNECT);

    cr_expect_str_eq(call.outcome, "UNAVAILABLE user: reconnect asked for");
    cr_expect(fake_channel(1)->is_gone);
    world_end(&world);
}

Test(pool_link, a_reconnect_moves_waiting_calls_to_the_new_channel)
{
    struct world_call call;
    world_signal(&world, ISA__LINK_WANT);
    world_fail();
    world_submit(&world, &call, 30000, true);
    fake_pump();

    world_signal(&world, ISA__LINK_RECONNECT);
    fake_up(2);

    cr_expect_eq(call.core.channel, 2);
    world_answer(&call);
    world_end(&world);
}

Test(pool_link, fifty_reconnects_are_one)
{
    world_connect(&world);

    for (int i = 0; i < 50; i++)
        world_signal(&world, ISA__LINK_RECONNECT);
    fake_up(2);

    cr_expect_eq(fake_channel_count(), 2);
    cr_expect_eq(world_stats(&world).reconnects, 1);
    world_end(&world);
}

Test(pool_link, a_drain_keeps_running_calls_on_the_old_channel)
{
    struct world_call call;
    world_connect(&world);
    world_call(&world, &call);

    fake_drained(1);
    fake_pump();
    fake_up(2);

    cr_expect_str_eq(call.outcome, "pending");
    cr_expect_not(fake_channel(1)->is_gone);
    world_answer(&call);
    cr_expect_str_eq(call.outcome, "OK");
    cr_expect(fake_channel(1)->is_gone);
    world_end(&world);
}

Test(pool_link, a_drain_starts_new_calls_on_the_new_channel)
{
    struct world_call call;
    world_connect(&world);
    fake_drained(1);

    world_call(&world, &call);
    fake_up(2);

    cr_expect_eq(call.core.channel, 2);
    world_answer(&call);
    world_end(&world);
}

Test(pool_link, a_reconnect_spares_calls_on_a_drained_channel)
{
    struct world_call call;
    world_connect(&world);
    world_call(&world, &call);
    fake_drained(1);
    fake_up(2);

    world_signal(&world, ISA__LINK_RECONNECT);

    cr_expect_str_eq(call.outcome, "pending");
    world_answer(&call);
    world_end(&world);
}

/* Idle. */

Test(pool_link, an_unused_connection_is_let_go_after_the_idle_timeout)
{
    world_connect(&world);

    fake_advance_ms(299999);
    cr_expect_eq(world.told, ISA_STATE_READY);
    fake_advance_ms(1);

    cr_expect_eq(world.told, ISA_STATE_IDLE);
    cr_expect(fake_channel(1)->is_gone);
    cr_expect_eq(fake_timers_running(), 0);
    world_end(&world);
}

Test(pool_link, the_idle_time_begins_with_the_end_of_the_last_call)
{
    struct world_call call;
    world_connect(&world);
    world_call(&world, &call);
    fake_advance_ms(500000);
    world_answer(&call);

    fake_advance_ms(299999);
    cr_expect_eq(world.told, ISA_STATE_READY);
    fake_advance_ms(1);

    cr_expect_eq(world.told, ISA_STATE_IDLE);
    world_end(&world);
}

Test(pool_link, a_call_wakes_an_idle_link_and_that_is_no_reconnection)
{
    struct world_call call;
    world_connect(&world);
    fake_advance_ms(300000);

    world_call(&world, &call);
    fake_up(2);

    world_answer(&call);
    cr_expect_str_eq(call.outcome, "OK");
    cr_expect_eq(world_stats(&world).reconnects, 0);
    cr_expect_eq(world_stats(&world).losses, 0);
    world_end(&world);
}
