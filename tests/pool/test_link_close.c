/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the end of a link, told as stories on the fake transport (link.c).
 * Used by: ctest.
 * Must not know: grpc-core, handles.
 */
#include <criterion/criterion.h>

#include "link_world.h"

static struct world world;

static void begin(void)
{
    world_begin(&world);
}

static void close_link(uint32_t drain_ms)
{
    atomic_store(&world.link->drain_ms, drain_ms);
    world_signal(&world, ISA__LINK_CLOSE);
}

TestSuite(pool_link_close, .init = begin);

Test(pool_link_close, a_link_that_did_nothing_closes_at_once)
{
    close_link(5000);

    cr_expect_str_eq(world.history, "IDLE>SHUTDOWN shutdown");
    cr_expect_eq(isa__link_private_state(world.link), ISA__FSM_ST_CLOSED);
    world_end(&world);
}

Test(pool_link_close, without_running_calls_the_channel_goes_at_once)
{
    world_connect(&world);

    close_link(5000);

    cr_expect_eq(isa__link_private_state(world.link), ISA__FSM_ST_CLOSED);
    cr_expect(fake_channel(1)->is_gone);
    cr_expect_eq(fake_timers_running(), 0);
    world_end(&world);
}

Test(pool_link_close, running_calls_may_finish)
{
    struct world_call call;
    world_connect(&world);
    world_call(&world, &call);

    close_link(5000);
    fake_advance_ms(4999);
    cr_expect_str_eq(call.outcome, "pending");
    world_answer(&call);

    cr_expect_str_eq(call.outcome, "OK");
    cr_expect_eq(isa__link_private_state(world.link), ISA__FSM_ST_CLOSED);
    world_end(&world);
}

Test(pool_link_close, the_last_of_several_running_calls_is_waited_for)
{
    struct world_call calls[2];
    world_connect(&world);
    world_call(&world, &calls[0]);
    world_call(&world, &calls[1]);

    close_link(5000);
    world_answer(&calls[0]);
    cr_expect_eq(isa__link_private_state(world.link), ISA__FSM_ST_DRAINING);
    world_answer(&calls[1]);

    cr_expect_eq(isa__link_private_state(world.link), ISA__FSM_ST_CLOSED);
    world_end(&world);
}

Test(pool_link_close, running_calls_end_at_the_drain_deadline)
{
    struct world_call call;
    world_connect(&world);
    world_call(&world, &call);

    close_link(5000);
    fake_advance_ms(5000);

    cr_expect_str_eq(call.outcome, "CANCELLED shutdown: the pool is shutting down, or the loop "
                                   "was destroyed");
    cr_expect(fake_channel(1)->is_gone);
    world_end(&world);
}

Test(pool_link_close, calls_on_a_drained_channel_may_finish_too)
{
    struct world_call call;
    world_connect(&world);
    world_call(&world, &call);
    fake_drained(1);

    close_link(5000);
    cr_expect_eq(isa__link_private_state(world.link), ISA__FSM_ST_DRAINING);
    world_answer(&call);

    cr_expect_str_eq(call.outcome, "OK");
    cr_expect_eq(isa__link_private_state(world.link), ISA__FSM_ST_CLOSED);
    world_end(&world);
}

Test(pool_link_close, calls_on_a_drained_channel_end_at_the_deadline_too)
{
    struct world_call call;
    world_connect(&world);
    world_call(&world, &call);
    fake_drained(1);
    fake_up(2);

    close_link(5000);
    fake_advance_ms(5000);

    cr_expect_neq(call.completions, 0);
    cr_expect(fake_channel(1)->is_gone);
    cr_expect(fake_channel(2)->is_gone);
    world_end(&world);
}

Test(pool_link_close, a_loss_while_draining_spares_calls_on_a_drained_channel)
{
    struct world_call call;
    world_connect(&world);
    world_call(&world, &call);
    fake_drained(1);
    fake_up(2);
    close_link(5000);

    fake_lost(2, ISA_REASON_PEER_CLOSED, "Socket closed");
    fake_pump();
    cr_expect_str_eq(call.outcome, "pending");
    world_answer(&call);

    cr_expect_str_eq(call.outcome, "OK");
    cr_expect_eq(isa__link_private_state(world.link), ISA__FSM_ST_CLOSED);
    world_end(&world);
}

Test(pool_link_close, a_closing_link_takes_no_call)
{
    struct world_call running;
    struct world_call late;
    world_connect(&world);
    world_call(&world, &running);
    close_link(5000);

    world_call_init(&world, &late, 1000, false);

    cr_expect_eq(isa__link_submit(world.link, &late.link_call, fake_now_us()), ISA_ECLOSED);
    fake_pump();
    cr_expect_str_eq(late.outcome, "pending");
    world_answer(&running);
    world_end(&world);
}

Test(pool_link_close, a_call_taken_before_the_close_was_heard_is_refused)
{
    struct world_call call;

    isa__link_signal(world.link, ISA__LINK_CLOSE);
    world_submit(&world, &call, 1000, true);
    fake_pump();

    cr_expect_str_eq(call.outcome, "CANCELLED shutdown: "
                                   "the connection was closed before the call could start");
    world_end(&world);
}

Test(pool_link_close, a_close_while_dialing_refuses_the_waiting_calls)
{
    struct world_call call;
    world_call(&world, &call);

    close_link(5000);

    cr_expect_str_eq(call.outcome, "CANCELLED shutdown: the pool is shutting down, or the loop "
                                   "was destroyed");
    cr_expect(fake_channel(1)->is_gone);
    world_end(&world);
}

Test(pool_link_close, a_close_in_backoff_refuses_the_calls_that_wait_for_ready)
{
    struct world_call call;
    world_submit(&world, &call, 30000, true);
    fake_pump();
    world_fail();

    close_link(0);

    cr_expect_eq(call.completions, 1);
    cr_expect_eq(fake_timers_running(), 0);
    world_end(&world);
}

Test(pool_link_close, a_forced_close_ends_running_and_waiting_calls)
{
    struct world_call running;
    struct world_call waiting;
    world_connect(&world);
    world_call(&world, &running);
    fake_drained(1);
    world_call(&world, &waiting);

    world_signal(&world, ISA__LINK_FORCE_CLOSE);

    cr_expect_str_eq(running.outcome, "UNAVAILABLE user: connection force-closed");
    cr_expect_str_eq(waiting.outcome, "UNAVAILABLE user: connection force-closed");
    cr_expect(fake_channel(1)->is_gone);
    cr_expect(fake_channel(2)->is_gone);
    world_end(&world);
}

Test(pool_link_close, a_second_close_changes_nothing)
{
    world_connect(&world);

    close_link(5000);
    close_link(5000);
    world_signal(&world, ISA__LINK_FORCE_CLOSE);

    cr_expect_str_eq(world.history, "IDLE>CONNECTING operation; CONNECTING>READY connected; "
                                    "READY>SHUTDOWN shutdown");
    world_end(&world);
}

Test(pool_link_close, signals_after_the_end_change_nothing)
{
    close_link(0);

    for (int signal = 0; signal < ISA__LINK_SIGNAL_COUNT; signal++)
        world_signal(&world, (enum isa__link_signal)signal);

    cr_expect_eq(fake_channel_count(), 0);
    cr_expect_eq(world.changes, 1);
    cr_expect_eq(world.link->machine.tally.unexpected, 0);
    world_end(&world);
}

/* The race: the call ends on another thread between the guard and the new state. */

static struct world_call *ends_in_between;

static uint32_t end_call_then_draw(void)
{
    struct world_call *call = ends_in_between;
    ends_in_between = NULL;
    if (call)
        fake_call_end(&call->core, ISA_STATUS_OK, ISA_REASON_NONE, "");
    return fake_transport.random();
}

Test(pool_link_races, a_call_that_ends_while_the_close_is_decided_does_not_hold_the_link)
{
    struct isa__tr_ops ops = fake_transport;
    struct world_call call;
    ops.random = end_call_then_draw;
    world_begin_on(&world, &ops);
    world_connect(&world);
    world_call(&world, &call);

    ends_in_between = &call;
    close_link(5000);

    cr_expect_eq(isa__link_private_state(world.link), ISA__FSM_ST_CLOSED);
    world_end(&world);
}

/* Without handles. */

Test(pool_link_close, a_ready_link_without_handles_lingers_and_then_closes)
{
    world_connect(&world);

    world_signal(&world, ISA__LINK_UNUSED);
    fake_advance_ms(9999);
    cr_expect_eq(world.told, ISA_STATE_READY);
    fake_advance_ms(1);

    cr_expect_eq(world.told, ISA_STATE_SHUTDOWN);
    cr_expect(fake_channel(1)->is_gone);
    world_end(&world);
}

Test(pool_link_close, a_lingering_link_that_is_used_again_stays)
{
    world_connect(&world);
    world_signal(&world, ISA__LINK_UNUSED);
    fake_advance_ms(5000);

    world.link->handles = 1;
    fake_advance_ms(20000);

    cr_expect_eq(world.told, ISA_STATE_READY);
    world_end(&world);
}

Test(pool_link_close, a_link_that_is_not_ready_does_not_linger)
{
    world_signal(&world, ISA__LINK_WANT);
    world_fail();

    world_signal(&world, ISA__LINK_UNUSED);

    cr_expect_eq(world.told, ISA_STATE_SHUTDOWN);
    world_end(&world);
}

Test(pool_link_close, a_link_with_a_new_handle_ignores_that_it_was_unused)
{
    world_signal(&world, ISA__LINK_WANT);
    world.link->handles = 1;

    world_signal(&world, ISA__LINK_UNUSED);

    cr_expect_eq(world.told, ISA_STATE_CONNECTING);
    world_end(&world);
}
