/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: a link without memory: the 1st, 2nd, ... n-th allocation fails.
 * Used by: ctest.
 * Must not know: where a link allocates.
 */
#include <criterion/criterion.h>

#include "failing_alloc.h"
#include "link_world.h"

Test(pool_link_memory, a_link_is_made_whole_or_not_at_all)
{
    static const struct isa__link_config config;
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

    cr_expect_gt(nth, 3);
    isa__link_unref(link);
    cr_expect_eq(failing_alloc_live(), 0);
}

static bool is_dialing(const struct world *world)
{
    unsigned number = fake_channel_count();
    return isa__link_private_state(world->link) == ISA__FSM_ST_DIALING && number > 0 &&
           !fake_channel(number)->is_over;
}

static void make_ready(const struct world *world)
{
    while (isa__link_private_state(world->link) != ISA__FSM_ST_READY) {
        if (is_dialing(world))
            fake_up(fake_channel_count());
        else
            fake_advance_ms(100);
    }
}

/* Refused, connected, broken, connected again, idle, woken up. */
static void live(struct world *world)
{
    struct world_call calls[2];
    world_submit(world, &calls[0], 30000, true);
    fake_pump();
    if (is_dialing(world))
        world_fail();
    make_ready(world);
    world_answer(&calls[0]);
    world_break();
    make_ready(world);
    fake_advance_ms(300000);
    world_submit(world, &calls[1], 30000, true);
    fake_pump();
    make_ready(world);
    world_answer(&calls[1]);
    cr_assert_str_eq(calls[0].outcome, "OK");
    cr_assert_str_eq(calls[1].outcome, "OK");
}

Test(pool_link_memory, a_missing_allocation_delays_a_link_and_nothing_else)
{
    unsigned nth = 0;
    bool has_failed;

    do {
        struct world world = { .changes = 0 };
        world_begin(&world);
        failing_alloc_arm(++nth);
        live(&world);
        has_failed = failing_alloc_disarm();
        cr_assert_eq(world.link->machine.tally.unexpected, 0, "allocation %u", nth);
        world_end(&world);
    } while (has_failed);

    cr_expect_gt(nth, 5, "only %u allocations", nth - 1);
}

Test(pool_link_memory, without_memory_for_its_words_a_failure_is_told_by_its_meaning)
{
    struct world world = { .changes = 0 };
    struct world_call call;
    world_begin(&world);
    world_submit(&world, &call, 300, true);
    fake_pump();

    failing_alloc_arm(1);
    world_fail();
    cr_assert(failing_alloc_disarm());
    fake_advance_ms(300);

    cr_expect_str_eq(call.outcome,
                     "DEADLINE_EXCEEDED refused: deadline passed while waiting for a connection; "
                     "last failure: the peer's host refused the connection: nothing listens there");
    world_end(&world);
}
