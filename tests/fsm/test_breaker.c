/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: stories of a circuit breaker.
 * Used by: ctest.
 * Must not know: calls, connections.
 */
#include <criterion/criterion.h>

#include "fsm.h"

struct bench {
    struct isa__breaker_policy policy;
    struct isa__breaker breaker;
    struct isa__breaker_input in;
    struct isa__breaker_output out; /* of the last step */
};

/* By the share alone: half of at least 4 calls in 1000 ms; open for 500 ms. */
static void begin(struct bench *bench)
{
    *bench = (struct bench){
        .policy = { .consecutive_failures = ISA_NEVER,
                    .failure_percent = 50,
                    .min_calls = 4,
                    .window_ms = 1000,
                    .open_ms = 500,
                    .probes = 1,
                    .successes = 1,
                    .failure_codes = ISA_STATUS_BIT(UNAVAILABLE) },
        .in = { .now_ms = 1000000 },
    };
    isa__breaker_init(&bench->breaker, &bench->policy);
}

static void begin_by_row(struct bench *bench, uint32_t failures)
{
    begin(bench);
    bench->policy.consecutive_failures = failures;
    bench->policy.failure_percent = ISA_NEVER;
}

static bool admit(struct bench *bench, uint64_t *ret_period)
{
    *ret_period = isa__breaker_admit(&bench->breaker, &bench->in, &bench->out);
    return bench->out.is_admitted;
}

static void report(struct bench *bench, uint64_t period, enum isa__outcome outcome)
{
    isa__breaker_report(&bench->breaker, period, outcome, &bench->in, &bench->out);
}

/* A call from its beginning to its end. */
static void call(struct bench *bench, enum isa__outcome outcome)
{
    uint64_t period;
    cr_assert(admit(bench, &period));
    report(bench, period, outcome);
}

static void calls(struct bench *bench, unsigned count, enum isa__outcome outcome)
{
    for (unsigned i = 0; i < count; i++)
        call(bench, outcome);
}

static void wake(struct bench *bench)
{
    isa__breaker_wake(&bench->breaker, &bench->in, &bench->out);
}

static void expect_state(const struct bench *bench, enum isa_breaker_state state)
{
    enum isa_breaker_state actual = isa__breaker_state(&bench->breaker);
    cr_assert_eq(actual, state, "%s instead of %s", isa_breaker_state_name(actual),
                 isa_breaker_state_name(state));
}

/* Into HALF_OPEN. */
static void begin_half_open(struct bench *bench, uint32_t probes, uint32_t successes)
{
    begin_by_row(bench, 1);
    bench->policy.probes = probes;
    bench->policy.successes = successes;
    call(bench, ISA__OUTCOME_FAILURE);
    wake(bench);
    expect_state(bench, ISA_BREAKER_HALF_OPEN);
}

Test(fsm_breaker, opens_after_so_many_failures_in_a_row)
{
    struct bench bench;
    begin_by_row(&bench, 3);

    calls(&bench, 2, ISA__OUTCOME_FAILURE);
    expect_state(&bench, ISA_BREAKER_CLOSED);
    call(&bench, ISA__OUTCOME_FAILURE);

    expect_state(&bench, ISA_BREAKER_OPEN);
    cr_assert(bench.out.has_changed);
    cr_assert_eq(bench.out.from, ISA_BREAKER_CLOSED);
    cr_assert_eq(bench.out.to, ISA_BREAKER_OPEN);
    cr_assert_eq(bench.out.open_ms, 500);
    cr_assert_eq(bench.breaker.opens, 1);
}

Test(fsm_breaker, a_success_breaks_the_row)
{
    struct bench bench;
    begin_by_row(&bench, 3);

    for (unsigned i = 0; i < 10; i++) {
        calls(&bench, 2, ISA__OUTCOME_FAILURE);
        call(&bench, ISA__OUTCOME_SUCCESS);
    }

    expect_state(&bench, ISA_BREAKER_CLOSED);
}

Test(fsm_breaker, opens_when_the_share_of_failures_is_reached)
{
    struct bench bench;
    begin(&bench);

    calls(&bench, 6, ISA__OUTCOME_SUCCESS);
    calls(&bench, 5, ISA__OUTCOME_FAILURE);
    expect_state(&bench, ISA_BREAKER_CLOSED);
    call(&bench, ISA__OUTCOME_FAILURE);

    expect_state(&bench, ISA_BREAKER_OPEN);
}

Test(fsm_breaker, few_calls_are_no_share)
{
    struct bench bench;
    begin(&bench);

    calls(&bench, 3, ISA__OUTCOME_FAILURE);
    expect_state(&bench, ISA_BREAKER_CLOSED);
    call(&bench, ISA__OUTCOME_FAILURE);

    expect_state(&bench, ISA_BREAKER_OPEN);
}

Test(fsm_breaker, failures_that_have_left_the_window_do_not_count)
{
    struct bench bench;
    begin(&bench);

    calls(&bench, 3, ISA__OUTCOME_FAILURE);
    bench.in.now_ms += 1000;
    calls(&bench, 3, ISA__OUTCOME_FAILURE);
    expect_state(&bench, ISA_BREAKER_CLOSED);
    bench.in.now_ms += 850;
    call(&bench, ISA__OUTCOME_FAILURE);

    expect_state(&bench, ISA_BREAKER_OPEN);
}

Test(fsm_breaker, cancelled_calls_count_neither_way)
{
    struct bench bench;
    begin_by_row(&bench, 3);

    calls(&bench, 2, ISA__OUTCOME_FAILURE);
    calls(&bench, 50, ISA__OUTCOME_NEITHER);
    expect_state(&bench, ISA_BREAKER_CLOSED);
    call(&bench, ISA__OUTCOME_FAILURE);

    expect_state(&bench, ISA_BREAKER_OPEN);
}

Test(fsm_breaker, admits_nothing_while_it_is_open)
{
    struct bench bench;
    uint64_t period;
    begin_by_row(&bench, 1);
    call(&bench, ISA__OUTCOME_FAILURE);

    for (unsigned i = 0; i < 5; i++)
        cr_assert_not(admit(&bench, &period));

    cr_assert_eq(bench.breaker.refusals, 5);
}

Test(fsm_breaker, stays_open_for_up_to_a_fifth_longer)
{
    struct bench bench;
    begin_by_row(&bench, 1);
    bench.in.random = UINT32_MAX;

    call(&bench, ISA__OUTCOME_FAILURE);

    cr_assert_eq(bench.out.open_ms, 600);
}

Test(fsm_breaker, is_half_open_when_the_time_has_passed)
{
    struct bench bench;
    begin_by_row(&bench, 1);
    call(&bench, ISA__OUTCOME_FAILURE);

    wake(&bench);

    expect_state(&bench, ISA_BREAKER_HALF_OPEN);
    cr_assert(bench.out.has_changed);
    wake(&bench);
    expect_state(&bench, ISA_BREAKER_HALF_OPEN);
    cr_assert_not(bench.out.has_changed, "a timer that fires late changes nothing");
}

Test(fsm_breaker, half_open_admits_so_many_probes_at_once)
{
    struct bench bench;
    uint64_t period;
    begin_half_open(&bench, 2, 3);

    cr_assert(admit(&bench, &period));
    cr_assert(admit(&bench, &period));
    cr_assert_not(admit(&bench, &period));
    report(&bench, period, ISA__OUTCOME_SUCCESS);
    cr_assert(admit(&bench, &period), "a probe that ended makes room");
    cr_assert_not(admit(&bench, &period));
}

Test(fsm_breaker, closes_after_so_many_successes)
{
    struct bench bench;
    begin_half_open(&bench, 1, 3);

    calls(&bench, 2, ISA__OUTCOME_SUCCESS);
    expect_state(&bench, ISA_BREAKER_HALF_OPEN);
    call(&bench, ISA__OUTCOME_SUCCESS);

    expect_state(&bench, ISA_BREAKER_CLOSED);
}

Test(fsm_breaker, opens_again_after_one_failed_probe)
{
    struct bench bench;
    begin_half_open(&bench, 1, 3);

    calls(&bench, 2, ISA__OUTCOME_SUCCESS);
    call(&bench, ISA__OUTCOME_FAILURE);

    expect_state(&bench, ISA_BREAKER_OPEN);
    cr_assert_eq(bench.out.open_ms, 500, "the time starts anew");
    cr_assert_eq(bench.breaker.opens, 2);
}

Test(fsm_breaker, a_cancelled_probe_makes_room_and_proves_nothing)
{
    struct bench bench;
    begin_half_open(&bench, 1, 1);

    calls(&bench, 5, ISA__OUTCOME_NEITHER);

    expect_state(&bench, ISA_BREAKER_HALF_OPEN);
}

Test(fsm_breaker, counts_anew_after_closing)
{
    struct bench bench;
    begin(&bench);
    calls(&bench, 4, ISA__OUTCOME_FAILURE);
    wake(&bench);
    call(&bench, ISA__OUTCOME_SUCCESS);
    expect_state(&bench, ISA_BREAKER_CLOSED);

    calls(&bench, 3, ISA__OUTCOME_FAILURE);

    expect_state(&bench, ISA_BREAKER_CLOSED);
}

Test(fsm_breaker, the_end_of_a_call_from_before_a_change_says_nothing)
{
    struct bench bench;
    uint64_t early;
    uint64_t probe;
    begin_by_row(&bench, 1);
    cr_assert(admit(&bench, &early));
    call(&bench, ISA__OUTCOME_FAILURE);

    report(&bench, early, ISA__OUTCOME_SUCCESS);
    expect_state(&bench, ISA_BREAKER_OPEN);
    wake(&bench);
    cr_assert(admit(&bench, &probe));
    report(&bench, early, ISA__OUTCOME_FAILURE);
    report(&bench, early, ISA__OUTCOME_SUCCESS);
    expect_state(&bench, ISA_BREAKER_HALF_OPEN);
    cr_assert_not(admit(&bench, &early), "the slot is still the probe's");
    report(&bench, probe, ISA__OUTCOME_SUCCESS);

    expect_state(&bench, ISA_BREAKER_CLOSED);
}

Test(fsm_breaker, a_status_counts_by_the_mask_unless_the_program_brought_it_about)
{
    struct bench bench;
    begin(&bench);
    const struct isa__breaker_policy *policy = &bench.policy;

    cr_expect_eq(isa__breaker_outcome(policy, ISA_STATUS_OK, ISA_REASON_NONE),
                 ISA__OUTCOME_SUCCESS);
    cr_expect_eq(isa__breaker_outcome(policy, ISA_STATUS_NOT_FOUND, ISA_REASON_NONE),
                 ISA__OUTCOME_SUCCESS, "the service has answered");
    cr_expect_eq(isa__breaker_outcome(policy, ISA_STATUS_UNAVAILABLE, ISA_REASON_REFUSED),
                 ISA__OUTCOME_FAILURE);
    cr_expect_eq(isa__breaker_outcome(policy, ISA_STATUS_UNAVAILABLE, ISA_REASON_NONE),
                 ISA__OUTCOME_FAILURE);
    cr_expect_eq(isa__breaker_outcome(policy, ISA_STATUS_UNAVAILABLE, ISA_REASON_USER),
                 ISA__OUTCOME_NEITHER);
    cr_expect_eq(isa__breaker_outcome(policy, ISA_STATUS_CANCELLED, ISA_REASON_NONE),
                 ISA__OUTCOME_NEITHER);
    cr_expect_eq(isa__breaker_outcome(policy, (enum isa_status_code)99, ISA_REASON_NONE),
                 ISA__OUTCOME_SUCCESS, "a code that no mask can hold");
}

Test(fsm_breaker, every_state_has_a_name)
{
    cr_expect_str_eq(isa_breaker_state_name(ISA_BREAKER_CLOSED), "CLOSED");
    cr_expect_str_eq(isa_breaker_state_name(ISA_BREAKER_OPEN), "OPEN");
    cr_expect_str_eq(isa_breaker_state_name(ISA_BREAKER_HALF_OPEN), "HALF_OPEN");
    cr_expect_str_eq(isa_breaker_state_name((enum isa_breaker_state)3), "?");
}
