/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: calls that come when a call has met a break, and the channel has not told it yet (waiting.c).
 * Used by: ctest.
 * Must not know: grpc-core, handles.
 */
#include <criterion/criterion.h>

#include "link_world.h"

enum { DOUBT_MS = 20 };

static struct world world;
static struct world_call first;
static struct world_call next;

/* The first call has failed; the channel is silent. */
static void begin(void)
{
    world_begin(&world);
    world_connect(&world);
    world_call(&world, &first);
    fake_call_end(&first.core, ISA_STATUS_UNAVAILABLE, ISA_REASON_PEER_CLOSED, "Socket closed");
    world_call(&world, &next);
}

TestSuite(pool_doubt, .init = begin);

Test(pool_doubt, the_next_call_is_not_put_on_the_same_channel)
{
    cr_expect_str_eq(first.outcome, "UNAVAILABLE peer_closed: Socket closed");
    cr_expect_str_eq(next.outcome, "pending");
    cr_expect_eq(fake_calls_on(1), 0);
    world_end(&world);
}

Test(pool_doubt, a_loss_is_followed_by_an_attempt_at_once_for_who_waits)
{
    fake_advance_ms(10); /* the dial floor */

    fake_lost(1, ISA_REASON_PEER_CLOSED, "Socket closed");
    fake_pump();
    cr_assert_eq(fake_channel_count(), 2, "%s", world.history);
    fake_up(2);
    fake_pump();

    cr_expect_eq(next.core.channel, 2);
    world_answer(&next);
    cr_expect_str_eq(next.outcome, "OK");
    world_end(&world);
}

Test(pool_doubt, it_fails_with_the_attempt_that_begins_after_it)
{
    fake_advance_ms(10);
    fake_lost(1, ISA_REASON_PEER_CLOSED, "Socket closed");
    fake_pump();

    fake_failed(2, ISA_REASON_REFUSED, "Connection refused");
    fake_pump();

    cr_expect_str_eq(next.outcome, "UNAVAILABLE refused: Connection refused");
    world_end(&world);
}

Test(pool_doubt, a_drain_takes_who_waits_to_the_next_channel)
{
    fake_advance_ms(10);
    fake_drained(1);
    fake_pump();
    fake_up(2);
    fake_pump();

    cr_expect_eq(next.core.channel, 2);
    world_answer(&next);
    world_end(&world);
}

Test(pool_doubt, a_false_alarm_is_over_soon)
{
    fake_advance_ms(DOUBT_MS);
    fake_pump();

    cr_expect_eq(next.core.channel, 1);
    world_answer(&next);
    cr_expect_str_eq(next.outcome, "OK");
    cr_expect_eq(world.changes, 2, "%s", world.history);
    world_end(&world);
}

Test(pool_doubt, a_deadline_passes_in_it)
{
    struct world_call hasty;
    world_submit(&world, &hasty, 5, false);
    fake_pump();

    fake_advance_ms(5);
    fake_pump();

    cr_expect(hasty.completions == 1, "%s", hasty.outcome);
    cr_expect_str_eq(next.outcome, "pending");
    world_end(&world);
}

Test(pool_doubt, a_status_of_the_service_itself_is_none)
{
    struct world_call other;
    fake_advance_ms(DOUBT_MS);
    fake_pump();
    fake_call_end(&next.core, ISA_STATUS_UNAVAILABLE, ISA_REASON_NONE, "closed for lunch");
    fake_pump();

    world_call(&world, &other);

    cr_expect_eq(other.core.channel, 1);
    world_answer(&other);
    world_end(&world);
}

Test(pool_doubt, a_close_ends_who_waits)
{
    world_signal(&world, ISA__LINK_FORCE_CLOSE);

    cr_expect_eq(next.completions, 1);
    world_end(&world);
}
