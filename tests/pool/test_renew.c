/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: a channel replaced without harm to calls, told as stories on the fake transport.
 * Used by: ctest.
 * Must not know: grpc-core, handles, certificates.
 */
#include <criterion/criterion.h>

#include "failing_alloc.h"
#include "link_world.h"

static struct world world;

static void begin(void)
{
    world_begin(&world);
}

static void begin_ready(void)
{
    begin();
    world_connect(&world);
}

Test(pool_renew, a_new_channel_is_tried_while_calls_use_the_old_one, .init = begin_ready)
{
    struct world_call before;
    struct world_call during;
    world_call(&world, &before);

    world_signal(&world, ISA__LINK_RENEW);
    world_call(&world, &during);

    cr_expect_eq(fake_channel_count(), 2);
    cr_expect_eq(during.core.channel, 1);
    cr_expect_eq(world.told, ISA_STATE_READY);
    world_answer(&before);
    world_answer(&during);
    world_end(&world);
}

Test(pool_renew, once_it_stands_new_calls_go_there_and_old_ones_finish, .init = begin_ready)
{
    struct world_call before;
    struct world_call after;
    world_call(&world, &before);
    world_signal(&world, ISA__LINK_RENEW);

    fake_up(2);
    world_call(&world, &after);

    cr_expect_str_eq(world.history, "IDLE>CONNECTING operation; CONNECTING>READY connected; "
                                    "READY>CONNECTING renewed; CONNECTING>READY connected");
    cr_expect_eq(before.core.channel, 1);
    cr_expect_eq(after.core.channel, 2);
    cr_expect(fake_channel(1)->is_retired);
    world_answer(&before);
    world_answer(&after);
    cr_expect_str_eq(before.outcome, "OK");
    cr_expect_str_eq(after.outcome, "OK");
    cr_expect(fake_channel(1)->is_gone);
    struct isa_conn_stats stats = world_stats(&world);
    cr_expect_eq(stats.renewals, 1);
    cr_expect_eq(stats.failed_renewals, 0);
    cr_expect_eq(stats.losses + stats.drains + stats.failures + stats.reconnects, 0);
    world_end(&world);
}

Test(pool_renew, one_that_fails_leaves_the_connection_as_it_was, .init = begin_ready)
{
    struct world_call call;
    world_signal(&world, ISA__LINK_RENEW);

    fake_failed(2, ISA_REASON_CREDENTIALS, "half-written");
    fake_pump();
    world_call(&world, &call);

    cr_expect_eq(call.core.channel, 1);
    cr_expect_eq(world.told, ISA_STATE_READY);
    cr_expect_eq(world.changes, 2, "%s", world.history);
    cr_expect_eq(world_stats(&world).failed_renewals, 1);
    cr_expect_eq(world_stats(&world).failures, 0);
    world_answer(&call);
    world_end(&world);
}

Test(pool_renew, asking_again_begins_again_with_what_there_is_now, .init = begin_ready)
{
    world_signal(&world, ISA__LINK_RENEW);
    world_signal(&world, ISA__LINK_RENEW);

    cr_expect(fake_channel(2)->is_gone);
    fake_up(3);
    fake_pump();

    cr_expect(fake_channel(1)->is_gone);
    cr_expect_eq(world_stats(&world).renewals, 1);
    cr_expect_eq(world_stats(&world).attempts, 2);
    world_end(&world);
}

Test(pool_renew, a_connection_that_breaks_meanwhile_ends_the_trial, .init = begin_ready)
{
    world_signal(&world, ISA__LINK_RENEW);

    fake_lost(1, ISA_REASON_PEER_CLOSED, "Socket closed");
    fake_pump();

    cr_expect(fake_channel(2)->is_gone);
    cr_expect_eq(world.told, ISA_STATE_TRANSIENT_FAILURE);
    world_end(&world);
}

Test(pool_renew, a_connection_that_is_drained_meanwhile_goes_on_with_the_trial, .init = begin_ready)
{
    world_signal(&world, ISA__LINK_RENEW);

    fake_drained(1);
    fake_pump();
    cr_expect_eq(fake_channel_count(), 2);
    fake_up(2);

    cr_expect_eq(world.told, ISA_STATE_READY);
    cr_expect_eq(world_stats(&world).drains, 1);
    world_end(&world);
}

Test(pool_renew, a_close_meanwhile_ends_the_trial, .init = begin_ready)
{
    world_signal(&world, ISA__LINK_RENEW);

    world_signal(&world, ISA__LINK_CLOSE);

    cr_expect(fake_channel(2)->is_gone);
    world_end(&world);
}

Test(pool_renew, an_attempt_under_way_begins_again, .init = begin)
{
    struct world_call call;
    world_call(&world, &call);

    world_signal(&world, ISA__LINK_RENEW);
    fake_advance_ms(10);

    cr_expect(fake_channel(1)->is_gone);
    cr_expect_eq(fake_channel_count(), 2);
    cr_expect_str_eq(call.outcome, "pending");
    fake_up(2);
    world_answer(&call);
    cr_expect_str_eq(call.outcome, "OK");
    world_end(&world);
}

Test(pool_renew, a_wait_for_the_next_attempt_is_over, .init = begin)
{
    world_signal(&world, ISA__LINK_WANT);
    world_fail();
    fake_advance_ms(20);

    world_signal(&world, ISA__LINK_RENEW);

    cr_expect_eq(fake_channel_count(), 2);
    cr_expect_eq(world.last.reason, ISA_REASON_RENEWED);
    world_end(&world);
}

Test(pool_renew, what_sleeps_sleeps_on, .init = begin)
{
    world_signal(&world, ISA__LINK_RENEW);

    cr_expect_eq(fake_channel_count(), 0);
    world_end(&world);
}

Test(pool_renew, without_memory_the_connection_stays, .init = begin_ready)
{
    struct world_call call;
    fake_refuse_channels(1);

    world_signal(&world, ISA__LINK_RENEW);
    failing_alloc_arm(1);
    world_signal(&world, ISA__LINK_RENEW);
    cr_assert(failing_alloc_disarm());

    cr_expect_eq(world_stats(&world).failed_renewals, 2);
    world_call(&world, &call);
    cr_expect_eq(call.core.channel, 1);
    world_answer(&call);
    world_end(&world);
}
