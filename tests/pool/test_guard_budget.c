/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: stories of retries with a budget, and with a breaker beside it (guard.c).
 * Used by: ctest.
 * Must not know: grpc-core, handles.
 */
#include <criterion/criterion.h>

#include "failing_alloc.h"
#include "guard_world.h"

static struct world world;
static const struct isa_retry_options retry = ISA_RETRY_OPTIONS_INIT;

/* 4 tokens: one retry is allowed, a second is not; a success is a quarter of a token. */
static void begin(const struct isa_breaker_options *breaker)
{
    struct isa_retry_budget_options budget = ISA_RETRY_BUDGET_OPTIONS_INIT;
    budget.max_tokens = 4;
    budget.token_ratio_milli = 250;
    guard_begin(&world, breaker, &budget);
    world_connect(&world);
}

/* A call with every attempt failing. */
static uint32_t fail(void)
{
    struct guarded_call call;
    guard_call(&world, &call, &retry, 30000);
    while (call.completions == 0) {
        guard_end_call(&call, ISA_STATUS_UNAVAILABLE);
        fake_advance_ms(1);
    }
    return call.link_call.attempts;
}

Test(pool_guard_budget, retries_stop_when_half_of_it_is_gone)
{
    begin(NULL);

    cr_expect_eq(fail(), 2, "the second failure leaves two of four");
    cr_expect_eq(fail(), 1);

    cr_expect_eq(world_stats(&world).retries, 1);
    cr_expect_eq(world_stats(&world).retries_denied, 2);
    world_end(&world);
}

Test(pool_guard_budget, successes_of_all_calls_fill_it_again)
{
    begin(NULL);
    fail();
    for (unsigned i = 0; i < 4; i++)
        guard_do(&world, ISA_STATUS_OK);
    cr_expect_eq(fail(), 1, "3 of 4, and the failure takes one");

    for (unsigned i = 0; i < 8; i++)
        guard_do(&world, ISA_STATUS_OK);

    cr_expect_eq(fail(), 2);
    world_end(&world);
}

Test(pool_guard_budget, a_failure_that_is_not_worth_a_retry_costs_nothing)
{
    begin(NULL);
    for (unsigned i = 0; i < 10; i++)
        guard_do(&world, ISA_STATUS_INTERNAL);

    cr_expect_eq(fail(), 2);
    world_end(&world);
}

Test(pool_guard_budget, an_open_breaker_ends_a_call_that_rests)
{
    struct isa_breaker_options breaker = ISA_BREAKER_OPTIONS_INIT;
    struct guarded_call call;
    breaker.consecutive_failures = 2;
    guard_begin(&world, &breaker, NULL);
    world_connect(&world);

    guard_call(&world, &call, &retry, 30000);
    guard_end_call(&call, ISA_STATUS_UNAVAILABLE);
    guard_do(&world, ISA_STATUS_UNAVAILABLE);
    cr_assert_eq(isa__guard_breaker_state(world.link), ISA_BREAKER_OPEN);
    fake_advance_ms(1);

    cr_expect_str_eq(call.outcome, "UNAVAILABLE breaker_open: the circuit breaker is open");
    cr_expect_eq(call.link_call.attempts, 1);
    world_end(&world);
}

Test(pool_guard_budget, each_attempt_is_an_outcome_to_the_breaker)
{
    struct isa_breaker_options breaker = ISA_BREAKER_OPTIONS_INIT;
    struct guarded_call call;
    breaker.consecutive_failures = 2;
    guard_begin(&world, &breaker, NULL);
    world_connect(&world);

    guard_call(&world, &call, &retry, 30000);
    guard_end_call(&call, ISA_STATUS_UNAVAILABLE);
    fake_advance_ms(1);
    guard_end_call(&call, ISA_STATUS_UNAVAILABLE);

    cr_expect_str_eq(guard_history(), "CLOSED>OPEN");
    fake_advance_ms(10);
    cr_expect_eq(call.completions, 1);
    world_end(&world);
}

Test(pool_guard_budget, a_guarded_link_is_made_whole_or_not_at_all)
{
    static struct isa__link_config config = { .guard.has_breaker = true };
    struct isa__link *link = NULL;
    unsigned nth = 0;
    int error;
    failing_alloc_install();

    do {
        failing_alloc_arm(++nth);
        error = isa__link_new(&fake_transport, "key\ndns:///host:1", &config, &link);
        bool has_failed = failing_alloc_disarm();
        cr_assert_eq(error, has_failed ? ISA_ENOMEM : 0, "allocation %u: %d", nth, error);
        cr_assert(!error || failing_alloc_live() == 0, "allocation %u left something", nth);
    } while (error);

    cr_expect_gt(nth, 5);
    isa__link_unref(link);
    cr_expect_eq(failing_alloc_live(), 0);
}
