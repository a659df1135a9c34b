/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: calls that wait for a connection: what they wait for, and how it ends.
 * Used by: ctest.
 * Must not know: grpc-core, handles.
 */
#include <criterion/criterion.h>

#include "link_world.h"

static struct world world;

static void begin(void)
{
    world_begin(&world);
}

TestSuite(pool_waiting, .init = begin);

/* One fresh attempt. */

Test(pool_waiting, a_call_fails_with_the_cause_of_its_attempt)
{
    struct world_call call;
    world_call(&world, &call);

    world_fail();

    cr_expect_str_eq(call.outcome, "UNAVAILABLE refused: Connection refused");
    world_end(&world);
}

Test(pool_waiting, a_cause_without_words_is_told_by_its_meaning)
{
    struct world_call call;
    world_call(&world, &call);

    fake_failed(1, ISA_REASON_UNREACHABLE, "");

    cr_expect_str_eq(call.outcome,
                     "UNAVAILABLE unreachable: no route to the peer's network or host");
    fake_pump();
    world_end(&world);
}

Test(pool_waiting, a_call_that_comes_while_dialing_fails_only_with_an_attempt_of_its_own)
{
    struct world_call first;
    struct world_call second;
    world_call(&world, &first);
    fake_advance_ms(1000);
    world_call(&world, &second);

    world_fail();

    cr_expect_str_eq(first.outcome, "UNAVAILABLE refused: Connection refused");
    cr_expect_str_eq(second.outcome, "pending", "the attempt began before it came");
    cr_expect_eq(fake_channel_count(), 2);
    fake_failed(2, ISA_REASON_UNREACHABLE, "No route to host");
    cr_expect_str_eq(second.outcome, "UNAVAILABLE unreachable: No route to host");
    fake_pump();
    world_end(&world);
}

Test(pool_waiting, a_call_that_comes_while_dialing_goes_on_with_that_attempt)
{
    struct world_call call;
    world_signal(&world, ISA__LINK_WANT);
    fake_advance_ms(1000);
    world_call(&world, &call);

    fake_up(1);
    world_answer(&call);

    cr_expect_str_eq(call.outcome, "OK");
    cr_expect_eq(fake_channel_count(), 1);
    world_end(&world);
}

Test(pool_waiting, a_call_that_meets_backoff_gets_an_attempt_of_its_own)
{
    struct world_call call;
    world_signal(&world, ISA__LINK_WANT);
    world_fail();
    fake_advance_ms(100);

    world_call(&world, &call);

    cr_expect_str_eq(call.outcome, "pending", "the old failure is not its failure");
    cr_expect_eq(fake_channel_count(), 2);
    fake_failed(2, ISA_REASON_UNREACHABLE, "No route to host");
    cr_expect_str_eq(call.outcome, "UNAVAILABLE unreachable: No route to host");
    fake_pump();
    world_end(&world);
}

Test(pool_waiting, a_call_before_the_floor_waits_for_the_floor)
{
    struct world_call call;
    world_signal(&world, ISA__LINK_WANT);
    world_fail();

    world_call(&world, &call);
    cr_expect_eq(fake_channel_count(), 1);
    fake_advance_ms(10);

    cr_expect_eq(fake_channel_count(), 2);
    fake_up(2);
    world_answer(&call);
    cr_expect_str_eq(call.outcome, "OK");
    world_end(&world);
}

Test(pool_waiting, no_number_of_calls_dials_more_often_than_the_floor)
{
    struct world_call calls[100];
    world_signal(&world, ISA__LINK_WANT);

    for (int i = 0; i < 100; i++) {
        world_call(&world, &calls[i]);
        if (!fake_channel(fake_channel_count())->is_over)
            world_fail();
        fake_advance_ms(1);
    }

    cr_expect_eq(fake_channel_count(), 1 + 10, "%u in 100 ms", fake_channel_count());
    world_end(&world);
}

Test(pool_waiting, a_call_taken_in_the_last_moment_of_an_attempt_gets_the_next)
{
    struct world_call call;
    world_signal(&world, ISA__LINK_WANT);

    world_submit(&world, &call, 30000, false);
    fake_failed(1, ISA_REASON_REFUSED, "Connection refused");
    fake_pump();
    cr_expect_str_eq(call.outcome, "pending");
    fake_advance_ms(10);
    fake_up(2);
    world_answer(&call);

    cr_expect_str_eq(call.outcome, "OK");
    cr_expect_eq(call.completions, 1);
    world_end(&world);
}

Test(pool_waiting, a_call_that_meets_a_broken_link_goes_on_when_it_comes_back)
{
    struct world_call call;
    world_connect(&world);
    world_break();
    fake_advance_ms(20);

    world_call(&world, &call);
    fake_up(2);
    world_answer(&call);

    cr_expect_str_eq(call.outcome, "OK");
    cr_expect_eq(world_stats(&world).operations_queued, 1);
    world_end(&world);
}

/* Until READY. */

Test(pool_waiting, wait_for_ready_outlives_failures)
{
    struct world_call call;
    world_submit(&world, &call, 30000, true);
    fake_pump();

    for (int i = 0; i < 3; i++) {
        world_fail();
        fake_advance_ms(3200);
    }
    cr_expect_str_eq(call.outcome, "pending");
    fake_up(4);
    world_answer(&call);

    cr_expect_str_eq(call.outcome, "OK");
    world_end(&world);
}

Test(pool_waiting, only_those_that_had_their_attempt_fail)
{
    struct world_call tried;
    struct world_call patient;
    world_submit(&world, &patient, 30000, true);
    world_call(&world, &tried);

    world_fail();

    cr_expect_eq(tried.completions, 1);
    cr_expect_eq(patient.completions, 0);
    world_end(&world);
}

Test(pool_waiting, calls_start_in_the_order_of_submission)
{
    struct world_call calls[10];
    for (int i = 0; i < 10; i++)
        world_submit(&world, &calls[i], 30000, i % 2);
    fake_pump();

    fake_up(1);

    int at = 0;
    isa_list_each(node, after, &fake_channel(1)->calls)
    {
        cr_expect_eq(isa__container(node, struct fake_call, in_channel), &calls[at].core,
                     "place %d", at);
        at++;
    }
    cr_expect_eq(at, 10);
    for (int i = 0; i < 10; i++)
        world_answer(&calls[i]);
    world_end(&world);
}

/* Deadlines. */

Test(pool_waiting, a_deadline_that_passes_names_the_last_failure)
{
    struct world_call call;
    world_submit(&world, &call, 700, true);
    fake_pump();
    world_fail();
    fake_advance_ms(400);

    fake_advance_ms(299);
    cr_expect_str_eq(call.outcome, "pending");
    fake_advance_ms(1);

    cr_expect_str_eq(call.outcome, "DEADLINE_EXCEEDED refused: deadline passed while waiting for a "
                                   "connection; last failure: Connection refused");
    world_end(&world);
}

Test(pool_waiting, a_deadline_that_passes_during_the_first_attempt_says_that)
{
    struct world_call call;
    world_submit(&world, &call, 700, false);
    fake_pump();

    fake_advance_ms(700);

    cr_expect_str_eq(call.outcome, "DEADLINE_EXCEEDED none: deadline passed while waiting for a "
                                   "connection; no attempt has failed yet");
    world_end(&world);
}

Test(pool_waiting, a_deadline_that_passes_does_not_end_the_attempt)
{
    struct world_call call;
    world_submit(&world, &call, 700, false);
    fake_pump();

    fake_advance_ms(700);
    fake_up(1);

    cr_expect_eq(world.told, ISA_STATE_READY);
    cr_expect_eq(call.completions, 1);
    world_end(&world);
}

Test(pool_waiting, deadlines_pass_each_at_its_time_whatever_their_order)
{
    static const uint32_t deadlines[] = { 500, 100, 900, 300, 100 };
    struct world_call calls[5];
    for (int i = 0; i < 5; i++)
        world_submit(&world, &calls[i], deadlines[i], true);
    fake_pump();

    for (uint32_t now_ms = 100; now_ms <= 900; now_ms += 100) {
        fake_advance_ms(100);
        for (int i = 0; i < 5; i++)
            cr_expect_eq(calls[i].completions, deadlines[i] <= now_ms, "call %d at %u", i, now_ms);
    }
    world_end(&world);
}

Test(pool_waiting, a_deadline_beyond_an_hour_is_kept)
{
    struct world_call call;
    world_submit(&world, &call, 4 * 3600000, true);
    fake_pump();

    fake_advance_ms(4 * 3600000 - 1);
    cr_expect_str_eq(call.outcome, "pending");
    fake_advance_ms(1);

    cr_expect_eq(call.completions, 1);
    world_end(&world);
}

Test(pool_waiting, a_call_starts_with_what_is_left_of_its_deadline)
{
    struct world_call call;
    world_submit(&world, &call, 1000, false);
    fake_pump();
    fake_advance_ms(300);

    fake_up(1);

    cr_expect_eq(call.core.start.deadline_us - fake_now_us(), 700000);
    fake_advance_ms(5000);
    cr_expect_eq(call.completions, 0, "from here on its deadline is the transport's business");
    world_answer(&call);
    world_end(&world);
}

Test(pool_waiting, the_expiry_timer_rests_when_nobody_waits)
{
    struct world_call call;
    world_submit(&world, &call, 1000, false);
    fake_pump();
    fake_up(1);
    world_answer(&call);

    fake_advance_ms(2000);

    cr_expect_eq(fake_timers_running(), 1, "the idle timer");
    world_end(&world);
}

/* Cancelling. */

Test(pool_waiting, a_waiting_call_can_be_cancelled)
{
    struct world_call call;
    world_call(&world, &call);

    world_cancel(&world, &call);
    fake_up(1);

    cr_expect_str_eq(call.outcome, "CANCELLED user: enough");
    cr_expect_eq(fake_calls_on(1), 0);
    world_end(&world);
}

Test(pool_waiting, a_call_can_be_cancelled_before_the_link_has_heard_of_it)
{
    struct world_call call;
    world_submit(&world, &call, 30000, false);

    world_cancel(&world, &call);

    cr_expect_str_eq(call.outcome, "CANCELLED user: enough");
    world_end(&world);
}

Test(pool_waiting, a_running_call_can_be_cancelled)
{
    struct world_call call;
    world_connect(&world);
    world_call(&world, &call);

    world_cancel(&world, &call);

    cr_expect_str_eq(call.outcome, "CANCELLED user: enough");
    cr_expect_eq(fake_calls_on(1), 0);
    world_end(&world);
}

Test(pool_waiting, cancelling_a_completed_call_does_nothing)
{
    struct world_call refused;
    struct world_call answered;
    world_call(&world, &refused);
    world_fail();
    world_cancel(&world, &refused);
    fake_advance_ms(400);
    fake_up(2);
    world_call(&world, &answered);
    world_answer(&answered);
    world_cancel(&world, &answered);

    cr_expect_str_eq(refused.outcome, "UNAVAILABLE refused: Connection refused");
    cr_expect_str_eq(answered.outcome, "OK");
    world_end(&world);
}

Test(pool_waiting, cancelling_one_call_leaves_the_others)
{
    struct world_call calls[3];
    for (int i = 0; i < 3; i++)
        world_call(&world, &calls[i]);

    world_cancel(&world, &calls[1]);
    fake_up(1);

    cr_expect_eq(fake_calls_on(1), 2);
    world_answer(&calls[0]);
    world_answer(&calls[2]);
    world_end(&world);
}
