/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: one test for every verdict the fork runner can give; half of them fail, as they should.
 * Used by: test-runner.sh, which compares the verdicts with verdicts.txt.
 * Must not know: the library.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#include <signal.h>
#include <stdlib.h>

static int init_count;

static void count_init(void)
{
    init_count++;
}

static void fail_at_end(void)
{
    cr_assert_fail("from fini");
}

TestSuite(with_suite, .init = count_init);

Test(with_suite, runs_both_inits, .init = count_init)
{
    cr_assert_eq(init_count, 2);
}

Test(verdict, passes)
{
    cr_assert_eq(init_count, 0, "no other test's work is seen");
    cr_expect(true);
}

Test(verdict, fails_by_assert)
{
    cr_assert_eq(init_count, 1, "the count is %d", init_count);
}

Test(verdict, fails_by_expect)
{
    cr_expect(false);
    cr_expect(true);
}

Test(verdict, fails_in_fini, .fini = fail_at_end)
{
    cr_assert(true);
}

Test(verdict, fails_by_exit_status_of_a_sanitizer)
{
    exit(66);
}

Test(verdict, fails_without_the_expected_signal, .signal = SIGABRT)
{
    cr_assert(true);
}

Test(verdict, crashes)
{
    abort();
}

Test(verdict, passes_with_the_expected_signal, .signal = SIGABRT)
{
    abort();
}

Test(verdict, passes_with_the_expected_exit_status, .exit_code = 3)
{
    exit(3);
}

Test(verdict, skips)
{
    cr_skip_test("for reason %d", 1);
}

Test(verdict, is_disabled, .disabled = true)
{
    abort();
}

ParameterizedTestParameters(verdict, fails_for_the_third)
{
    static int values[] = { 1, 2, 3 };
    return cr_make_param_array(int, values, 3);
}

ParameterizedTest(int *value, verdict, fails_for_the_third)
{
    cr_assert(*value < 3);
}
