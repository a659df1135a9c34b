/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: stories of a link with a circuit breaker (guard.c).
 * Used by: ctest.
 * Must not know: grpc-core, handles.
 */
#include <criterion/criterion.h>

#include "guard_world.h"

static struct world world;

/* Opens after 3 failures in a row, for 500 ms; one probe. */
static void begin(void)
{
    struct isa_breaker_options breaker = ISA_BREAKER_OPTIONS_INIT;
    breaker.consecutive_failures = 3;
    breaker.open_ms = 500;
    guard_begin(&world, &breaker, NULL);
    world_connect(&world);
}

static void open_breaker(void)
{
    for (unsigned i = 0; i < 3; i++)
        guard_do(&world, ISA_STATUS_UNAVAILABLE);
    cr_assert_eq(isa__guard_breaker_state(world.link), ISA_BREAKER_OPEN);
}

TestSuite(pool_guard_breaker, .init = begin);

Test(pool_guard_breaker, opens_and_refuses_calls_at_once_with_its_own_reason)
{
    struct guarded_call call;
    open_breaker();

    guard_call(&world, &call, NULL, 30000);

    cr_expect_str_eq(call.outcome, "UNAVAILABLE breaker_open: the circuit breaker is open");
    cr_expect_eq(call.link_call.attempts, 0);
    cr_expect_eq(fake_calls_on(1), 0);
    cr_expect_str_eq(guard_history(), "CLOSED>OPEN");
    cr_expect_eq(guard_last_change()->open_ms, 500);
    world_end(&world);
}

Test(pool_guard_breaker, is_half_open_when_its_time_has_passed_without_any_call)
{
    open_breaker();

    fake_advance_ms(499);
    cr_expect_eq(isa__guard_breaker_state(world.link), ISA_BREAKER_OPEN);
    fake_advance_ms(1);

    cr_expect_eq(isa__guard_breaker_state(world.link), ISA_BREAKER_HALF_OPEN);
    cr_expect_str_eq(guard_history(), "CLOSED>OPEN; OPEN>HALF_OPEN");
    world_end(&world);
}

Test(pool_guard_breaker, half_open_lets_one_probe_pass_and_closes_with_it)
{
    struct guarded_call probe;
    struct guarded_call other;
    open_breaker();
    fake_advance_ms(500);

    guard_call(&world, &probe, NULL, 30000);
    guard_call(&world, &other, NULL, 30000);
    cr_expect_str_eq(probe.outcome, "pending");
    cr_expect_str_eq(other.outcome, "UNAVAILABLE breaker_open: the circuit breaker is open");
    guard_end_call(&probe, ISA_STATUS_OK);

    cr_expect_str_eq(guard_history(), "CLOSED>OPEN; OPEN>HALF_OPEN; HALF_OPEN>CLOSED");
    guard_do(&world, ISA_STATUS_OK);
    world_end(&world);
}

Test(pool_guard_breaker, a_failed_probe_opens_it_for_another_time)
{
    open_breaker();
    fake_advance_ms(500);

    guard_do(&world, ISA_STATUS_UNAVAILABLE);
    cr_expect_eq(isa__guard_breaker_state(world.link), ISA_BREAKER_OPEN);
    fake_advance_ms(500);

    cr_expect_str_eq(guard_history(),
                     "CLOSED>OPEN; OPEN>HALF_OPEN; HALF_OPEN>OPEN; OPEN>HALF_OPEN");
    world_end(&world);
}

Test(pool_guard_breaker, a_cancelled_probe_makes_room_for_another)
{
    struct guarded_call probe;
    struct guarded_call other;
    open_breaker();
    fake_advance_ms(500);

    guard_call(&world, &probe, NULL, 30000);
    guard_cancel(&world, &probe);
    cr_expect_str_eq(probe.outcome, "CANCELLED user: enough");
    guard_call(&world, &other, NULL, 30000);

    cr_expect_str_eq(other.outcome, "pending");
    guard_end_call(&other, ISA_STATUS_OK);
    cr_expect_eq(isa__guard_breaker_state(world.link), ISA_BREAKER_CLOSED);
    world_end(&world);
}

Test(pool_guard_breaker, counts_calls_that_found_no_connection)
{
    struct guarded_call calls[3];
    world_break();
    for (unsigned i = 0; i < 3; i++)
        guard_call(&world, &calls[i], NULL, 30000);
    while (isa__link_private_state(world.link) != ISA__FSM_ST_DIALING)
        fake_advance_ms(10);

    world_fail();

    cr_expect_str_eq(calls[2].outcome, "UNAVAILABLE refused: Connection refused");
    cr_expect_eq(isa__guard_breaker_state(world.link), ISA_BREAKER_OPEN);
    world_end(&world);
}

Test(pool_guard_breaker, counts_deadlines_and_not_answers)
{
    struct guarded_call call;
    guard_do(&world, ISA_STATUS_DEADLINE_EXCEEDED);
    guard_do(&world, ISA_STATUS_UNAVAILABLE);
    guard_do(&world, ISA_STATUS_INTERNAL); /* it has answered */
    guard_do(&world, ISA_STATUS_DEADLINE_EXCEEDED);
    guard_do(&world, ISA_STATUS_UNAVAILABLE);
    cr_expect_eq(isa__guard_breaker_state(world.link), ISA_BREAKER_CLOSED);
    guard_do(&world, ISA_STATUS_DEADLINE_EXCEEDED);

    guard_call(&world, &call, NULL, 30000);

    cr_expect_str_eq(call.outcome, "UNAVAILABLE breaker_open: the circuit breaker is open");
    world_end(&world);
}

Test(pool_guard_breaker, open_does_not_dial)
{
    struct guarded_call call;
    open_breaker();
    world_break();
    cr_assert_eq(isa__link_private_state(world.link), ISA__FSM_ST_BACKOFF);

    guard_call(&world, &call, NULL, 30000);

    cr_expect_eq(isa__link_private_state(world.link), ISA__FSM_ST_BACKOFF);
    cr_expect_eq(call.completions, 1);
    world_end(&world);
}

Test(pool_guard_breaker, what_it_does_is_counted)
{
    struct guarded_call call;
    open_breaker();
    guard_call(&world, &call, NULL, 30000);
    guard_call(&world, &call, NULL, 30000);

    struct isa_conn_stats stats = world_stats(&world);

    cr_expect_eq(stats.breaker_opens, 1);
    cr_expect_eq(stats.breaker_refusals, 2);
    cr_expect_eq(stats.operations_started, 5);
    world_end(&world);
}

Test(pool_guard_breaker, a_link_that_ends_while_it_is_open_leaves_nothing)
{
    open_breaker();

    world_end(&world);
}

Test(pool_guard_breaker, a_link_that_has_ended_takes_no_call)
{
    struct guarded_call call;
    guard_call(&world, &call, NULL, 30000);
    world_signal(&world, ISA__LINK_FORCE_CLOSE);

    cr_expect_eq(call.completions, 1, "the link's end has ended it");
    call.link_call.is_attached = false;
    cr_expect_eq(isa__guard_submit(world.link, &call.link_call, fake_now_us()), ISA_ECLOSED);
    world_end(&world);
}
