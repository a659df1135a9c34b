/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: calls that come back from their channel unsent, or were cancelled too early (waiting.c).
 * Used by: ctest.
 * Must not know: grpc-core, handles.
 */
#include <criterion/criterion.h>

#include "link_world.h"

static struct world world;
static struct world_call call;
static int resubmitted; /* what isa__link_resubmit() said; 1: it was not asked */
static bool is_cancelled_in_between;

static void cancel(void)
{
    static const struct isa_status status = { .code = ISA_STATUS_CANCELLED,
                                              .reason = ISA_REASON_USER,
                                              .message = "enough" };
    isa__link_cancel(world.link, &call.link_call, &status);
}

/* What a call does that the transport could not send. */
static void on_unsent(void *owner)
{
    (void)owner;
    resubmitted = 1;
    if (!isa__link_detach(world.link, &call.link_call))
        return;
    if (is_cancelled_in_between)
        cancel();
    fake_call_init(&call.core);
    resubmitted = isa__link_resubmit(world.link, &call.link_call);
}

/* A call that runs on channel 1, and is about to come back. */
static void begin(void)
{
    world_begin(&world);
    world_connect(&world);
    world_submit(&world, &call, 1000, true);
    call.core.start.on_done = on_unsent;
    fake_call_end(&call.core, ISA_STATUS_UNAVAILABLE, ISA_REASON_PEER_CLOSED, "not sent");
}

TestSuite(pool_resubmit, .init = begin);

Test(pool_resubmit, a_call_waits_for_the_next_connection_and_runs_there)
{
    fake_lost(1, ISA_REASON_PEER_CLOSED, "Socket closed");
    fake_pump();

    cr_assert_eq(resubmitted, 0);
    fake_advance_ms(400);
    fake_up(2);

    cr_expect_eq(call.core.channel, 2);
    cr_expect_eq(call.core.start.deadline_us - fake_now_us(), 600000,
                 "what is left of its own deadline");
    world_answer(&call);
    cr_expect_str_eq(call.outcome, "OK");
    world_end(&world);
}

Test(pool_resubmit, a_call_that_comes_back_to_a_ready_link_runs_again)
{
    fake_pump();

    cr_assert_eq(resubmitted, 0);
    cr_expect_eq(call.core.channel, 1);
    world_answer(&call);
    cr_expect_str_eq(call.outcome, "OK");
    world_end(&world);
}

Test(pool_resubmit, its_deadline_still_passes)
{
    fake_lost(1, ISA_REASON_PEER_CLOSED, "Socket closed");
    fake_pump();
    while (isa__link_private_state(world.link) != ISA__FSM_ST_DIALING)
        fake_advance_ms(100);

    fake_advance_ms(1000);

    cr_expect_str_eq(call.outcome, "DEADLINE_EXCEEDED peer_closed: deadline passed while waiting "
                                   "for a connection; last failure: Socket closed");
    world_end(&world);
}

Test(pool_resubmit, a_call_that_was_cancelled_does_not_wait_again)
{
    cancel();
    fake_pump();

    cr_expect_eq(resubmitted, 1, "it completes with what it has");
    world_end(&world);
}

Test(pool_resubmit, a_call_that_is_cancelled_on_its_way_back_does_not_wait_again)
{
    is_cancelled_in_between = true;
    fake_pump();

    cr_expect_eq(resubmitted, ISA_ESTATE);
    cr_expect_eq(call.completions, 0, "it completes with what it has");
    world_end(&world);
}

Test(pool_resubmit, a_link_that_has_ended_does_not_take_it_back)
{
    isa__link_feed(world.link, ISA__FSM_EV_FORCE_CLOSE, NULL);
    fake_pump();

    cr_expect_eq(resubmitted, ISA_ECLOSED);
    world_end(&world);
}

Test(pool_resubmit, a_call_cancelled_before_it_was_submitted_is_refused)
{
    static const struct isa_status status = { .code = ISA_STATUS_CANCELLED,
                                              .reason = ISA_REASON_USER,
                                              .message = "enough" };
    struct world_call early;
    world_call_init(&world, &early, 1000, false);

    isa__link_cancel(world.link, &early.link_call, &status);

    cr_expect_eq(isa__link_submit(world.link, &early.link_call, fake_now_us()), ISA_ECLOSED);
    fake_pump();
    cr_expect_str_eq(early.outcome, "pending");
    world_answer(&call);
    world_end(&world);
}
