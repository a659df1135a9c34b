/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the end of a connection, told as stories to the pure machine (machine.c).
 * Used by: ctest.
 * Must not know: how effects are carried out.
 */
#include <criterion/criterion.h>

#include "drive.h"

static struct drive drive;

static void begin_ready(void)
{
    drive_to(&drive, ISA__FSM_ST_READY);
}

TestSuite(fsm_machine_close, .init = begin_ready);

Test(fsm_machine_close, closes_at_once_when_nothing_runs)
{
    cr_expect_str_eq(drive_step(&drive, ISA__FSM_EV_CLOSE),
                     "stop idle; retire; finish; tell READY>SHUTDOWN #0");

    cr_expect_eq(drive_state(&drive), ISA__FSM_ST_CLOSED);
    cr_expect_eq(drive.machine.cause.reason, ISA_REASON_SHUTDOWN);
}

Test(fsm_machine_close, lets_running_calls_finish_when_it_closes)
{
    drive.in.calls_running = 2;

    cr_expect_str_eq(drive_step(&drive, ISA__FSM_EV_CLOSE),
                     "stop idle; start drain_deadline 5000; tell READY>SHUTDOWN #0");
    drive.in.calls_running = 0;
    cr_expect_str_eq(drive_step(&drive, ISA__FSM_EV_CALLS_ZERO),
                     "stop drain_deadline; retire; finish");
}

Test(fsm_machine_close, ends_running_calls_at_the_drain_deadline)
{
    drive.in.calls_running = 2;
    drive_step(&drive, ISA__FSM_EV_CLOSE);

    cr_expect_str_eq(drive_step(&drive, ISA__FSM_TM_DRAIN_DEADLINE),
                     "stop drain_deadline; abort; finish");
}

Test(fsm_machine_close, a_connection_lost_while_draining_is_the_end_and_no_loss)
{
    drive.in.calls_running = 2;
    drive_step(&drive, ISA__FSM_EV_CLOSE);
    drive.in.calls_running = 0;

    cr_expect_str_eq(drive_step_for(&drive, ISA__FSM_EV_LOST, ISA_REASON_PEER_CLOSED, ""),
                     "stop drain_deadline; retire; finish");

    cr_expect_eq(drive.machine.tally.losses, 0);
}

Test(fsm_machine_close, a_connection_lost_while_draining_lets_other_calls_finish)
{
    drive.in.calls_running = 2;
    drive_step(&drive, ISA__FSM_EV_CLOSE);

    cr_expect_str_eq(drive_step_for(&drive, ISA__FSM_EV_LOST, ISA_REASON_PEER_CLOSED, ""),
                     "retire");

    cr_expect_eq(drive_state(&drive), ISA__FSM_ST_DRAINING);
}

Test(fsm_machine_close, closing_while_dialing_fails_the_waiters)
{
    drive_to(&drive, ISA__FSM_ST_DIALING);

    cr_expect_str_eq(drive_step(&drive, ISA__FSM_EV_CLOSE),
                     "stop watchdog; abort; fail waiters; finish; tell CONNECTING>SHUTDOWN #1");
}

Test(fsm_machine_close, closing_while_dialing_waits_for_calls_on_a_drained_channel)
{
    drive.in.calls_running = 1;
    drive_step_for(&drive, ISA__FSM_EV_DRAINED, ISA_REASON_PEER_DRAINED, "");

    cr_expect_str_eq(drive_step(&drive, ISA__FSM_EV_CLOSE),
                     "stop watchdog; abort; fail waiters; start drain_deadline 5000; "
                     "tell CONNECTING>SHUTDOWN #1");
}

Test(fsm_machine_close, closing_in_backoff_fails_the_waiters)
{
    drive_to(&drive, ISA__FSM_ST_BACKOFF);

    cr_expect_str_eq(drive_step(&drive, ISA__FSM_EV_CLOSE),
                     "stop backoff; fail waiters; finish; tell TRANSIENT_FAILURE>SHUTDOWN #1");
}

Test(fsm_machine_close, a_forced_close_does_not_wait_for_running_calls)
{
    drive.in.calls_running = 2;

    cr_expect_str_eq(drive_step(&drive, ISA__FSM_EV_FORCE_CLOSE),
                     "stop idle; abort; finish; tell READY>SHUTDOWN #0");

    cr_expect_eq(drive.machine.cause.reason, ISA_REASON_USER);
}

Test(fsm_machine_close, whoever_comes_after_the_end_is_refused)
{
    drive_to(&drive, ISA__FSM_ST_CLOSED);

    cr_expect_str_eq(drive_step(&drive, ISA__FSM_EV_WANT), "fail waiters");

    cr_expect_eq(drive.machine.cause.reason, ISA_REASON_SHUTDOWN);
}
