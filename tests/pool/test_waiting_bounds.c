/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests of how much may wait for a connection, and of what a crowd that waits costs.
 * Used by: ctest.
 * Must not know: grpc-core.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "link_world.h"

enum { CROWD = 100000 };

static struct world world;
static struct world_call calls[3];

TestSuite(pool_waiting_bounds);

static void begin(uint32_t max_calls, uint32_t max_bytes)
{
    world = (struct world){ .config = { .max_waiting_calls = max_calls,
                                        .max_waiting_bytes = max_bytes } };
    world_begin(&world);
}

static void submit(struct world_call *call, size_t request_bytes)
{
    world_call_init(&world, call, 1000, true);
    call->link_call.request_bytes = request_bytes;
    cr_assert_eq(isa__link_submit(world.link, &call->link_call, fake_now_us()), 0);
    fake_pump();
}

Test(pool_waiting_bounds, one_call_too_many_is_refused_and_says_which_option_did_it)
{
    begin(2, 100);
    for (unsigned i = 0; i < 3; i++)
        submit(&calls[i], 1);

    cr_expect_str_eq(calls[1].outcome, "pending");
    cr_expect_not_null(strstr(calls[2].outcome, "RESOURCE_EXHAUSTED"), "%s", calls[2].outcome);
    cr_expect_not_null(strstr(calls[2].outcome, "max_waiting_calls"), "%s", calls[2].outcome);
    fake_advance_ms(2000);
    world_end(&world);
}

Test(pool_waiting_bounds, bytes_are_counted_and_given_back)
{
    begin(10, 100);
    submit(&calls[0], 60);
    submit(&calls[1], 60);
    cr_expect_not_null(strstr(calls[1].outcome, "max_waiting_bytes"), "%s", calls[1].outcome);

    world_cancel(&world, &calls[0]);
    submit(&calls[2], 60);

    cr_expect_str_eq(calls[2].outcome, "pending");
    fake_advance_ms(2000);
    world_end(&world);
}

Test(pool_waiting_bounds, what_runs_does_not_count)
{
    begin(1, 100);
    submit(&calls[0], 60);
    fake_up(1);
    fake_pump();
    cr_assert_eq(calls[0].core.channel, 1);
    world_break();
    submit(&calls[1], 60);

    cr_expect_str_eq(calls[1].outcome, "pending");
    fake_advance_ms(2000);
    world_end(&world);
}

static double cpu_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Each with a deadline of its own: a look at all of them at each would be five billion. */
Test(pool_waiting_bounds, a_hundred_thousand_deadlines_pass_one_by_one)
{
    struct world_call *crowd = calloc(CROWD, sizeof *crowd);
    cr_assert_not_null(crowd);
    begin(CROWD, 100);
    double before_s = cpu_s();
    for (unsigned i = 0; i < CROWD; i++) {
        world_call_init(&world, &crowd[i], 1000 + i * 7919 % CROWD, true);
        cr_assert_eq(isa__link_submit(world.link, &crowd[i].link_call, fake_now_us()), 0);
    }
    fake_pump();
    fake_advance_ms(1000 + CROWD / 2);
    unsigned ended = 0;
    for (unsigned i = 0; i < CROWD; i++)
        ended += crowd[i].completions;
    cr_expect_geq(ended, CROWD / 2);
    cr_expect_leq(ended, CROWD / 2 + 2);
    fake_advance_ms(CROWD);
    double took_s = cpu_s() - before_s;

    for (unsigned i = 0; i < CROWD; i++)
        cr_assert_eq(crowd[i].completions, 1, "call %u", i);
    cr_expect_leq(took_s, 15., "it took %.1f s of a processor", took_s);
    world_end(&world);
    free(crowd);
}
