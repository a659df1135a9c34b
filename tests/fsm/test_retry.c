/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: stories of a call that is tried more than once.
 * Used by: ctest.
 * Must not know: calls, connections.
 */
#include <criterion/criterion.h>

#include "fsm.h"

static const struct isa__retry_policy policy = {
    .backoff = { .min_ms = 100, .max_ms = 300, .factor = 2., .jitter = ISA_JITTER_FULL },
    .max_attempts = 4,
    .codes = ISA_STATUS_BIT(UNAVAILABLE) | ISA_STATUS_BIT(ABORTED),
};

/* The largest delay of each window, and time enough. */
static struct isa__retry_input easy(void)
{
    return (
        struct isa__retry_input){ .left_us = 60000000, .random = UINT32_MAX, .is_in_budget = true };
}

Test(fsm_retry, an_attempt_that_ended_well_is_the_last)
{
    struct isa__retry retry;
    struct isa__retry_input in = easy();
    isa__retry_init(&retry, &policy);

    cr_assert_not(isa__retry_on_end(&retry, false, &in));

    cr_assert_eq(retry.attempts, 1);
    cr_assert_not(retry.is_given_up);
}

Test(fsm_retry, rests_longer_each_time_until_the_attempts_are_used_up)
{
    static const uint32_t delays_ms[] = { 100, 200, 300 };
    struct isa__retry retry;
    struct isa__retry_input in = easy();
    isa__retry_init(&retry, &policy);

    for (unsigned i = 0; i < 3; i++) {
        cr_assert(isa__retry_on_end(&retry, true, &in), "attempt %u", retry.attempts);
        cr_assert_eq(retry.delay_ms, delays_ms[i], "%u ms", retry.delay_ms);
        isa__retry_on_rested(&retry);
        cr_assert_eq(retry.attempts, i + 2);
    }
    cr_assert_not(isa__retry_on_end(&retry, true, &in));
    cr_assert_eq(retry.attempts, 4);
    cr_assert(retry.is_given_up);
}

Test(fsm_retry, a_wait_is_drawn_from_the_whole_window)
{
    struct isa__retry retry;
    struct isa__retry_input in = easy();
    isa__retry_init(&retry, &policy);
    in.random = 0;

    cr_assert(isa__retry_on_end(&retry, true, &in));

    cr_assert_eq(retry.delay_ms, 1);
}

Test(fsm_retry, is_not_made_without_budget)
{
    struct isa__retry retry;
    struct isa__retry_input in = easy();
    isa__retry_init(&retry, &policy);
    in.is_in_budget = false;

    cr_assert_not(isa__retry_on_end(&retry, true, &in));

    cr_assert(retry.is_given_up);
}

Test(fsm_retry, is_not_made_when_the_wait_would_not_end_before_the_deadline)
{
    struct isa__retry retry;
    struct isa__retry_input in = easy();

    isa__retry_init(&retry, &policy);
    in.left_us = 100000;
    cr_expect_not(isa__retry_on_end(&retry, true, &in));
    isa__retry_init(&retry, &policy);
    in.left_us = 100001;
    cr_expect(isa__retry_on_end(&retry, true, &in));
}

Test(fsm_retry, that_is_stopped_while_it_rests_is_over)
{
    struct isa__retry retry;
    struct isa__retry_input in = easy();
    isa__retry_init(&retry, &policy);
    isa__retry_on_end(&retry, true, &in);

    cr_assert_not(isa__retry_on_end(&retry, true, &in));

    cr_assert_eq(isa__retry_fsm_current(&retry), ISA__RETRY_FSM_ST_DONE);
    cr_assert_eq(retry.attempts, 1);
    cr_assert_not(retry.is_given_up);
    cr_assert_not(isa__retry_on_end(&retry, true, &in), "it stays over");
}

Test(fsm_retry, a_status_is_worth_another_attempt_when_it_is_listed_and_not_our_own_doing)
{
    cr_expect(isa__retry_is_worth(&policy, ISA_STATUS_UNAVAILABLE, ISA_REASON_REFUSED));
    cr_expect(isa__retry_is_worth(&policy, ISA_STATUS_ABORTED, ISA_REASON_NONE));
    cr_expect_not(isa__retry_is_worth(&policy, ISA_STATUS_OK, ISA_REASON_NONE));
    cr_expect_not(isa__retry_is_worth(&policy, ISA_STATUS_INTERNAL, ISA_REASON_NONE));
    cr_expect_not(isa__retry_is_worth(&policy, ISA_STATUS_UNAVAILABLE, ISA_REASON_USER));
    cr_expect_not(isa__retry_is_worth(&policy, ISA_STATUS_UNAVAILABLE, ISA_REASON_SHUTDOWN));
    cr_expect_not(isa__retry_is_worth(&policy, ISA_STATUS_UNAVAILABLE, ISA_REASON_BREAKER_OPEN));
    cr_expect_not(isa__retry_is_worth(&policy, (enum isa_status_code)200, ISA_REASON_NONE));
}
