/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests of the retry budget.
 * Used by: ctest.
 * Must not know: calls.
 */
#include <criterion/criterion.h>

#include "budget.h"

static const struct isa__budget_policy ten = { 10000, 100 };

static void take(struct isa__budget *budget, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        isa__budget_take(budget);
}

Test(fsm_budget, allows_until_half_of_it_is_gone)
{
    struct isa__budget budget;
    isa__budget_init(&budget, &ten);

    take(&budget, 4);
    cr_expect(isa__budget_allows(&budget, &ten), "6 of 10 are there");
    take(&budget, 1);
    cr_expect_not(isa__budget_allows(&budget, &ten), "half is not more than half");
}

Test(fsm_budget, is_filled_by_successes)
{
    struct isa__budget budget;
    isa__budget_init(&budget, &ten);
    take(&budget, 6);

    for (unsigned i = 0; i < 10; i++) {
        cr_assert_not(isa__budget_allows(&budget, &ten), "after %u successes", i);
        isa__budget_put(&budget, &ten);
    }
    cr_assert_not(isa__budget_allows(&budget, &ten), "5.0 of 10");
    isa__budget_put(&budget, &ten);
    cr_assert(isa__budget_allows(&budget, &ten), "5.1 of 10");
}

Test(fsm_budget, never_holds_more_than_its_size_nor_less_than_nothing)
{
    struct isa__budget budget;
    isa__budget_init(&budget, &ten);

    isa__budget_put(&budget, &ten);
    cr_expect_eq(budget.milli, 10000);
    take(&budget, 1);
    for (unsigned i = 0; i < 11; i++)
        isa__budget_put(&budget, &ten);
    cr_expect_eq(budget.milli, 10000);
    take(&budget, 100);
    cr_expect_eq(budget.milli, 0);
}

Test(fsm_budget, that_is_none_allows_everything)
{
    static const struct isa__budget_policy none = { 0, 0 };
    struct isa__budget budget;
    isa__budget_init(&budget, &none);

    take(&budget, 100);
    isa__budget_put(&budget, &none);

    cr_assert(isa__budget_allows(&budget, &none));
}

Test(fsm_budget, caps_retries_to_a_share_of_the_successes)
{
    enum { ROUNDS = 10000 };
    struct isa__budget budget;
    uint64_t successes = 0;
    uint64_t retries = 0;
    uint32_t generator = 7;
    isa__budget_init(&budget, &ten);

    for (unsigned i = 0; i < ROUNDS; i++) {
        generator = generator * 1664525U + 1013904223U;
        bool is_failure = (generator >> 16) % 100 < 9;
        while (is_failure) {
            isa__budget_take(&budget);
            if (!isa__budget_allows(&budget, &ten))
                break;
            retries++;
            generator = generator * 1664525U + 1013904223U;
            is_failure = (generator >> 16) % 100 < 9;
        }
        if (!is_failure) {
            isa__budget_put(&budget, &ten);
            successes++;
        }
    }

    cr_assert_gt(retries, 100);
    cr_assert_leq(retries, 5 + successes / 10, "%d retries, %d successes", (int)retries,
                  (int)successes);
}
