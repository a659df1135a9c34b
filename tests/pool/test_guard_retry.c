/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: stories of calls that are tried again (guard.c).
 * Used by: ctest.
 * Must not know: grpc-core, handles.
 */
#include <criterion/criterion.h>

#include "guard_world.h"

static struct world world;
static struct guarded_call call;
static struct isa_retry_options retry = ISA_RETRY_OPTIONS_INIT;

/* Waits of 100, 200, 400 ms: the largest of each window. */
static void begin(void)
{
    guard_begin(&world, NULL, NULL);
    world_connect(&world);
    fake_set_random(UINT32_MAX);
    retry.max_attempts = 4;
}

TestSuite(pool_guard_retry, .init = begin);

Test(pool_guard_retry, a_call_is_tried_again_after_a_wait)
{
    guard_call(&world, &call, &retry, 30000);
    guard_end_call(&call, ISA_STATUS_UNAVAILABLE);

    fake_advance_ms(99);
    cr_expect_eq(fake_calls_on(1), 0, "it rests");
    fake_advance_ms(1);
    cr_expect_eq(fake_calls_on(1), 1);
    cr_expect_eq(call.core.start.deadline_us - fake_now_us(), 29900000,
                 "what is left of its deadline");
    guard_end_call(&call, ISA_STATUS_OK);

    cr_expect_str_eq(call.outcome, "OK");
    cr_expect_eq(call.link_call.attempts, 2);
    cr_expect_eq(world_stats(&world).retries, 1);
    cr_expect_eq(world_stats(&world).operations_started, 1, "it is one operation");
    world_end(&world);
}

Test(pool_guard_retry, ends_with_the_last_status_when_the_attempts_are_used_up)
{
    guard_call(&world, &call, &retry, 30000);
    for (unsigned i = 0; i < 3; i++) {
        guard_end_call(&call, ISA_STATUS_UNAVAILABLE);
        fake_advance_ms(i == 0 ? 100 : i == 1 ? 200 : 400);
        cr_assert_eq(fake_calls_on(1), 1, "after attempt %u", i + 1);
    }
    guard_end_call(&call, ISA_STATUS_UNAVAILABLE);

    cr_expect_str_eq(call.outcome, "UNAVAILABLE none: UNAVAILABLE");
    cr_expect_eq(call.link_call.attempts, 4);
    world_end(&world);
}

Test(pool_guard_retry, a_status_that_is_not_listed_is_final)
{
    guard_call(&world, &call, &retry, 30000);

    guard_end_call(&call, ISA_STATUS_INTERNAL);

    cr_expect_str_eq(call.outcome, "INTERNAL none: INTERNAL");
    cr_expect_eq(call.link_call.attempts, 1);
    world_end(&world);
}

Test(pool_guard_retry, a_connection_that_fails_is_a_failed_attempt)
{
    world_break();
    guard_call(&world, &call, &retry, 30000);
    while (isa__link_private_state(world.link) != ISA__FSM_ST_DIALING)
        fake_advance_ms(1);
    world_fail();
    cr_expect_str_eq(call.outcome, "pending");

    while (isa__link_private_state(world.link) != ISA__FSM_ST_DIALING)
        fake_advance_ms(1);
    fake_up(fake_channel_count());
    fake_advance_ms(100);

    cr_expect_eq(fake_calls_on(fake_channel_count()), 1);
    guard_end_call(&call, ISA_STATUS_OK);
    cr_expect_str_eq(call.outcome, "OK");
    cr_expect_eq(call.link_call.attempts, 2);
    world_end(&world);
}

Test(pool_guard_retry, a_wait_that_would_pass_the_deadline_is_not_made)
{
    guard_call(&world, &call, &retry, 100);

    guard_end_call(&call, ISA_STATUS_UNAVAILABLE);

    cr_expect_str_eq(call.outcome, "UNAVAILABLE none: UNAVAILABLE", "at once, with the cause");
    world_end(&world);
}

Test(pool_guard_retry, a_call_that_rests_can_be_cancelled)
{
    guard_call(&world, &call, &retry, 30000);
    guard_end_call(&call, ISA_STATUS_UNAVAILABLE);

    guard_cancel(&world, &call);

    cr_expect_str_eq(call.outcome, "CANCELLED user: enough");
    fake_advance_ms(1000);
    cr_expect_eq(fake_calls_on(1), 0);
    world_end(&world);
}

Test(pool_guard_retry, a_call_that_was_cancelled_does_not_rest)
{
    static const struct isa_status status = { .code = ISA_STATUS_CANCELLED,
                                              .reason = ISA_REASON_USER,
                                              .message = "enough" };
    guard_call(&world, &call, &retry, 30000);
    fake_call_end(&call.core, ISA_STATUS_UNAVAILABLE, ISA_REASON_NONE, "late");

    isa__link_cancel(world.link, &call.link_call, &status);
    fake_pump();

    cr_expect_str_eq(call.outcome, "UNAVAILABLE none: late", "its real outcome was on its way");
    world_end(&world);
}

Test(pool_guard_retry, calls_that_rest_end_with_their_link)
{
    guard_call(&world, &call, &retry, 30000);
    guard_end_call(&call, ISA_STATUS_UNAVAILABLE);

    world_signal(&world, ISA__LINK_FORCE_CLOSE);

    cr_expect_str_eq(call.outcome, "UNAVAILABLE user: connection force-closed");
    world_end(&world);
}

Test(pool_guard_retry, calls_that_rest_end_when_their_link_drains)
{
    struct guarded_call other;
    guard_call(&world, &other, NULL, 30000);
    guard_call(&world, &call, &retry, 30000);
    guard_end_call(&call, ISA_STATUS_UNAVAILABLE);
    atomic_store(&world.link->drain_ms, 1000);

    world_signal(&world, ISA__LINK_CLOSE);

    cr_expect_eq(isa__link_private_state(world.link), ISA__FSM_ST_DRAINING);
    cr_expect_eq(call.completions, 1);
    cr_expect_str_eq(other.outcome, "pending", "it runs, and may finish");
    guard_end_call(&other, ISA_STATUS_OK);
    world_end(&world);
}

Test(pool_guard_retry, many_calls_rest_each_for_its_own_time)
{
    enum { CALLS = 20 };
    static struct guarded_call calls[CALLS];
    fake_set_random(0); /* 1 ms */
    for (unsigned i = 0; i < CALLS; i++) {
        fake_set_random(i << 27); /* a thirty-second of the window more each */
        guard_call(&world, &calls[i], &retry, 30000);
        guard_end_call(&calls[i], ISA_STATUS_UNAVAILABLE);
    }

    for (unsigned ms = 0; ms < 101; ms++) {
        unsigned due = 0;
        for (unsigned i = 0; i < CALLS; i++)
            due += calls[i].retry.delay_ms <= ms;
        cr_assert_eq(fake_calls_on(1), due, "after %u ms", ms);
        fake_advance_ms(1);
    }

    for (unsigned i = 0; i < CALLS; i++) {
        guard_end_call(&calls[i], ISA_STATUS_OK);
        cr_expect_str_eq(calls[i].outcome, "OK");
    }
    world_end(&world);
}

Test(pool_guard_retry, without_retry_one_attempt_is_made)
{
    guard_call(&world, &call, NULL, 30000);

    guard_end_call(&call, ISA_STATUS_UNAVAILABLE);

    cr_expect_eq(call.completions, 1);
    cr_expect_eq(call.link_call.attempts, 1);
    cr_expect_null(atomic_load(&world.link->guard), "and no guard is made");
    world_end(&world);
}
