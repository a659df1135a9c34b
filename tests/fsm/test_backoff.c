/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests of the backoff arithmetic.
 * Used by: ctest.
 * Must not know: the machine.
 */
#include <criterion/criterion.h>

#include "backoff.h"

static const struct isa__backoff_policy policies[] = {
    { 400, 800, 1.6, ISA_JITTER_FULL },
    { 1, 1, 1., ISA_JITTER_FULL },
    { 1, 3600000, 10., ISA_JITTER_FULL },
    { 100, 30000, 2., ISA_JITTER_DECORRELATED },
    { 400, 800, 1.6, ISA_JITTER_DECORRELATED },
    { 500, 500, 3., ISA_JITTER_DECORRELATED },
    { 3600000, 3600000, 10., ISA_JITTER_FULL },
    { 3600000, 3600000, 1., ISA_JITTER_DECORRELATED },
    { 1, 3600000, 10., ISA_JITTER_DECORRELATED },
    { 400, 800, 1.6, ISA_JITTER_NONE },
    { 1, 1000, 1., ISA_JITTER_NONE },
};

enum { POLICIES = sizeof policies / sizeof *policies };

/* xorshift32, Marsaglia 2003: the same numbers on every machine. */
static uint32_t draw(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

static void fail_times(struct isa__backoff *backoff, const struct isa__backoff_policy *policy,
                       uint32_t times)
{
    isa__backoff_reset(backoff);
    for (uint32_t i = 0; i < times; i++)
        isa__backoff_next(backoff, policy, UINT32_MAX / 2);
}

Test(fsm_backoff, without_jitter_the_window_grows_by_the_factor_up_to_the_maximum)
{
    static const struct isa__backoff_policy policy = { 100, 1000, 2., ISA_JITTER_NONE };
    static const uint32_t expected[] = { 100, 200, 400, 800, 1000, 1000, 1000 };
    struct isa__backoff backoff = { 0 };

    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        cr_expect_eq(isa__backoff_next(&backoff, &policy, (uint32_t)i * 0x12345678U), expected[i],
                     "failure %zu", i);
}

Test(fsm_backoff, a_factor_of_one_keeps_the_window)
{
    static const struct isa__backoff_policy policy = { 100, 1000, 1., ISA_JITTER_NONE };
    struct isa__backoff backoff = { 0 };

    for (int i = 0; i < 100; i++)
        cr_expect_eq(isa__backoff_next(&backoff, &policy, 0), 100);
}

Test(fsm_backoff, a_long_outage_does_not_make_the_next_draw_dearer)
{
    static const struct isa__backoff_policy policy = { 100, 1000, 1., ISA_JITTER_NONE };
    struct isa__backoff backoff = { 0 };

    /* Were each failure to look back on all others, this would take an hour. */
    for (int i = 0; i < 3000000; i++)
        cr_assert_eq(isa__backoff_next(&backoff, &policy, 0), 100);
}

Test(fsm_backoff, full_jitter_covers_the_whole_window_of_every_failure)
{
    static const struct isa__backoff_policy policy = { 100, 1000, 2., ISA_JITTER_FULL };
    static const uint32_t windows[] = { 100, 200, 400, 800, 1000, 1000 };
    struct isa__backoff low = { 0 };
    struct isa__backoff high = { 0 };

    for (size_t i = 0; i < sizeof windows / sizeof *windows; i++) {
        cr_expect_eq(isa__backoff_next(&low, &policy, 0), 1, "failure %zu", i);
        cr_expect_eq(isa__backoff_next(&high, &policy, UINT32_MAX), windows[i], "failure %zu", i);
    }
}

Test(fsm_backoff, the_first_retry_is_jittered)
{
    for (int jitter = ISA_JITTER_FULL; jitter <= ISA_JITTER_DECORRELATED; jitter++) {
        const struct isa__backoff_policy policy = { 400, 1600, 2., (enum isa_jitter)jitter };
        struct isa__backoff one = { 0 };
        struct isa__backoff other = { 0 };
        cr_expect_neq(isa__backoff_next(&one, &policy, UINT32_MAX / 4),
                      isa__backoff_next(&other, &policy, UINT32_MAX / 4 * 3), "jitter %d", jitter);
    }
}

Test(fsm_backoff, decorrelated_jitter_draws_from_the_minimum_to_three_times_the_last_delay)
{
    static const struct isa__backoff_policy policy = { 100, 2000, 2., ISA_JITTER_DECORRELATED };
    static const uint32_t highest[] = { 300, 900, 2000, 2000 };
    struct isa__backoff high = { 0 };

    for (size_t i = 0; i < sizeof highest / sizeof *highest; i++) {
        struct isa__backoff low = high;
        cr_expect_eq(isa__backoff_next(&low, &policy, 0), 100, "failure %zu", i);
        cr_expect_eq(isa__backoff_next(&high, &policy, UINT32_MAX), highest[i], "failure %zu", i);
    }
}

Test(fsm_backoff, decorrelated_jitter_does_not_overflow_with_the_largest_delays)
{
    static const struct isa__backoff_policy policy = { 3600000, 3600000, 1.,
                                                       ISA_JITTER_DECORRELATED };
    struct isa__backoff backoff = { .window_ms = 3600000., .last_ms = 3600000 };

    cr_expect_eq(isa__backoff_next(&backoff, &policy, UINT32_MAX), 3600000);
}

Test(fsm_backoff, a_reset_begins_again_with_the_first_window)
{
    for (size_t i = 0; i < POLICIES; i++) {
        struct isa__backoff used;
        struct isa__backoff fresh = { 0 };
        fail_times(&used, &policies[i], 20);
        isa__backoff_reset(&used);
        cr_expect_eq(isa__backoff_next(&used, &policies[i], 0x9e3779b9U),
                     isa__backoff_next(&fresh, &policies[i], 0x9e3779b9U), "policy %zu", i);
    }
}

Test(fsm_backoff, full_jitter_is_uniform)
{
    enum { DRAWS = 200000, BUCKETS = 20, EXPECTED = DRAWS / BUCKETS };
    static const struct isa__backoff_policy policy = { 1000, 1000, 1., ISA_JITTER_FULL };
    unsigned counts[BUCKETS] = { 0 };
    uint32_t generator = 2463534242U;
    struct isa__backoff backoff = { 0 };

    for (int i = 0; i < DRAWS; i++)
        counts[(isa__backoff_next(&backoff, &policy, draw(&generator)) - 1) / (1000 / BUCKETS)]++;

    for (int i = 0; i < BUCKETS; i++) /* 5 % are five standard deviations */
        cr_expect(counts[i] > EXPECTED * 95 / 100 && counts[i] < EXPECTED * 105 / 100,
                  "%u of %d draws in bucket %d", counts[i], DRAWS, i);
}

Test(fsm_backoff, a_thousand_clients_do_not_come_back_together)
{
    enum { CLIENTS = 1000, WINDOW = 400 };
    static const struct isa__backoff_policy policy = { WINDOW, 800, 1.6, ISA_JITTER_FULL };
    unsigned at[WINDOW + 1] = { 0 };
    uint32_t generator = 88675123U;
    unsigned most = 0;

    for (int i = 0; i < CLIENTS; i++) {
        struct isa__backoff backoff = { 0 };
        at[isa__backoff_next(&backoff, &policy, draw(&generator))]++;
    }
    for (int i = 0; i <= WINDOW; i++)
        most = at[i] > most ? at[i] : most;

    cr_expect_leq(most, 12, "%u of %d clients in one millisecond", most, CLIENTS);
}

/* Theories: what holds for every policy, every length of an outage and every number drawn. */

static const uint32_t randoms[] = { 0,           1,           2,           0x3fffffffU, 0x7fffffffU,
                                    0x80000000U, 0x9e3779b9U, 0xfffffffeU, 0xffffffffU };
static const uint32_t outages[] = { 0, 1, 2, 3, 10, 50, 1000 };

enum { RANDOMS = sizeof randoms / sizeof *randoms, OUTAGES = sizeof outages / sizeof *outages };

Test(fsm_backoff, every_delay_is_from_one_to_the_maximum)
{
    for (size_t i = 0; i < (size_t)POLICIES * OUTAGES * RANDOMS; i++) {
        const struct isa__backoff_policy *policy = &policies[i % POLICIES];
        uint32_t failures = outages[i / POLICIES % OUTAGES];
        struct isa__backoff backoff;
        fail_times(&backoff, policy, failures);

        uint32_t delay = isa__backoff_next(&backoff, policy, randoms[i / POLICIES / OUTAGES]);

        cr_expect(delay >= 1 && delay <= policy->max_ms, "case %zu: %u ms", i, delay);
        cr_expect(policy->jitter == ISA_JITTER_FULL || delay >= policy->min_ms,
                  "case %zu: %u ms, below the minimum", i, delay);
    }
}

Test(fsm_backoff, a_larger_number_never_gives_a_shorter_delay)
{
    for (size_t i = 0; i < (size_t)POLICIES * OUTAGES; i++) {
        const struct isa__backoff_policy *policy = &policies[i % POLICIES];
        uint32_t last = 0;
        for (size_t j = 0; j < RANDOMS; j++) {
            struct isa__backoff backoff;
            fail_times(&backoff, policy, outages[i / POLICIES]);
            uint32_t delay = isa__backoff_next(&backoff, policy, randoms[j]);
            cr_expect_geq(delay, last, "case %zu, number %zu", i, j);
            last = delay;
        }
    }
}
