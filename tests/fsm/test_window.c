/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests of the sliding window.
 * Used by: ctest.
 * Must not know: the breaker.
 */
#include <criterion/criterion.h>

#include "window.h"

enum { LENGTH_MS = 1000, SLICE_MS = 100 };

static void add(struct isa__window *window, uint64_t now_ms, unsigned calls, unsigned failures)
{
    for (unsigned i = 0; i < calls; i++)
        isa__window_add(window, LENGTH_MS, now_ms, i < failures);
}

static void expect(const struct isa__window *window, uint64_t now_ms, uint64_t calls,
                   uint64_t failures)
{
    struct isa__window_sum sum = isa__window_sum(window, LENGTH_MS, now_ms);
    cr_assert_eq(sum.calls, calls, "%d calls at %d", (int)sum.calls, (int)now_ms);
    cr_assert_eq(sum.failures, failures, "%d failures at %d", (int)sum.failures, (int)now_ms);
}

Test(fsm_window, is_empty_at_first_at_any_time)
{
    struct isa__window window;
    isa__window_reset(&window);

    expect(&window, 0, 0, 0);
    expect(&window, LENGTH_MS, 0, 0);
    expect(&window, UINT64_C(1) << 60, 0, 0);
}

Test(fsm_window, counts_calls_and_failures)
{
    struct isa__window window;
    isa__window_reset(&window);

    add(&window, 0, 3, 1);
    add(&window, 250, 2, 2);

    expect(&window, 250, 5, 3);
    expect(&window, LENGTH_MS - 1, 5, 3);
}

Test(fsm_window, forgets_a_slice_once_it_is_as_old_as_the_window)
{
    struct isa__window window;
    isa__window_reset(&window);
    add(&window, 7000, 3, 1);
    add(&window, 7500, 2, 2);

    expect(&window, 7999, 5, 3);
    expect(&window, 8000, 2, 2);
    expect(&window, 8499, 2, 2);
    expect(&window, 8500, 0, 0);
}

Test(fsm_window, writes_a_slice_anew_when_its_place_is_needed)
{
    struct isa__window window;
    isa__window_reset(&window);

    add(&window, 7000, 3, 1);
    add(&window, 7000 + LENGTH_MS, 1, 0);

    expect(&window, 7000 + LENGTH_MS, 1, 0);
}

Test(fsm_window, is_empty_after_a_reset)
{
    struct isa__window window;
    isa__window_reset(&window);
    add(&window, 7000, 3, 1);

    isa__window_reset(&window);

    expect(&window, 7000, 0, 0);
}

Test(fsm_window, holds_no_more_and_little_less_than_its_length)
{
    enum { CALLS = 5000 };
    uint64_t at_ms[CALLS];
    uint32_t generator = 1;
    uint64_t now_ms = 5000;
    struct isa__window window;
    isa__window_reset(&window);

    for (unsigned i = 0; i < CALLS; i++) {
        generator = generator * 1664525U + 1013904223U;
        now_ms += (generator >> 16) % 70;
        at_ms[i] = now_ms;
        add(&window, now_ms, 1, 0);
        uint64_t most = 0;
        uint64_t least = 0;
        for (unsigned j = 0; j <= i; j++) {
            most += now_ms - at_ms[j] < LENGTH_MS;
            least += now_ms - at_ms[j] < LENGTH_MS - SLICE_MS;
        }
        uint64_t calls = isa__window_sum(&window, LENGTH_MS, now_ms).calls;
        cr_assert(calls >= least && calls <= most, "call %u: %d not in %d to %d", i, (int)calls,
                  (int)least, (int)most);
    }
}
