/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the life of a connection, told as stories to the pure machine.
 * Used by: ctest.
 * Must not know: how effects are carried out.
 */
#include <criterion/criterion.h>

#include "drive.h"

static struct drive drive;

static void begin(void)
{
    drive_init(&drive);
}

static void begin_ready(void)
{
    drive_to(&drive, ISA__FSM_ST_READY);
}

/* One outage: the READY channel breaks, so many attempts fail, the next one succeeds. */
static void live_through_outage(int failures)
{
    drive_step_for(&drive, ISA__FSM_EV_LOST, ISA_REASON_PEER_CLOSED, "");
    for (int i = 0; i < failures; i++) {
        drive_step(&drive, ISA__FSM_TM_BACKOFF);
        drive_fail(&drive);
    }
    drive_step(&drive, ISA__FSM_TM_BACKOFF);
    drive_step(&drive, ISA__FSM_EV_DIAL_UP);
}

TestSuite(fsm_machine, .init = begin);

Test(fsm_machine, begins_idle_and_unused)
{
    cr_expect_eq(drive_state(&drive), ISA__FSM_ST_NEW);
    cr_expect_eq(isa__machine_state(&drive.machine), ISA_STATE_IDLE);
}

Test(fsm_machine, dials_when_wanted)
{
    cr_expect_str_eq(drive_step(&drive, ISA__FSM_EV_WANT),
                     "start watchdog 20000; dial; tell IDLE>CONNECTING #1");

    cr_expect_eq(drive.machine.cause.reason, ISA_REASON_OPERATION);
}

Test(fsm_machine, releases_the_waiters_when_the_channel_is_up)
{
    drive_step(&drive, ISA__FSM_EV_WANT);

    cr_expect_str_eq(drive_step(&drive, ISA__FSM_EV_DIAL_UP),
                     "stop watchdog; release waiters; start idle 300000; tell CONNECTING>READY #1");

    cr_expect_eq(drive.machine.cause.reason, ISA_REASON_CONNECTED);
}

Test(fsm_machine, any_number_of_wants_is_one_attempt)
{
    for (int i = 0; i < 100; i++)
        drive_step(&drive, ISA__FSM_EV_WANT);

    cr_expect_eq(drive.machine.tally.attempts, 1);
    cr_expect_str_eq(drive.words, "");
}

Test(fsm_machine, backs_off_after_a_failure_and_says_until_when)
{
    drive_step(&drive, ISA__FSM_EV_WANT);

    cr_expect_str_eq(drive_fail(&drive),
                     "stop watchdog; retire; fail tried waiters; start backoff 400; "
                     "tell CONNECTING>TRANSIENT_FAILURE #1 next 400");

    cr_expect_eq(drive.machine.cause.reason, ISA_REASON_REFUSED);
    cr_expect_str_eq(drive.machine.cause.text, "refused");
}

Test(fsm_machine, dials_again_when_the_delay_has_passed)
{
    drive_to(&drive, ISA__FSM_ST_BACKOFF);

    cr_expect_str_eq(
        drive_step(&drive, ISA__FSM_TM_BACKOFF),
        "stop backoff; start watchdog 20000; dial; tell TRANSIENT_FAILURE>CONNECTING #2");

    cr_expect_eq(drive.machine.cause.reason, ISA_REASON_RETRY);
}

Test(fsm_machine, waits_longer_after_each_failure)
{
    static const uint32_t delays[] = { 400, 800, 1600, 3200, 3200 };
    drive_step(&drive, ISA__FSM_EV_WANT);

    for (size_t i = 0; i < sizeof delays / sizeof *delays; i++) {
        drive_fail(&drive);
        cr_expect_eq(drive.machine.next_delay_ms, delays[i], "failure %zu", i + 1);
        drive_step(&drive, ISA__FSM_TM_BACKOFF);
    }
}

Test(fsm_machine, forgets_the_failures_once_a_call_was_answered)
{
    drive_to(&drive, ISA__FSM_ST_READY);

    live_through_outage(5);
    drive.in.is_answered = true;
    drive_step_for(&drive, ISA__FSM_EV_LOST, ISA_REASON_PEER_CLOSED, "");

    cr_expect_eq(drive.machine.next_delay_ms, 400);
}

Test(fsm_machine, forgets_the_failures_once_the_connection_has_stood_for_a_second)
{
    drive_to(&drive, ISA__FSM_ST_READY);

    live_through_outage(5);
    drive.in.now_ms += 1000;
    drive_step_for(&drive, ISA__FSM_EV_LOST, ISA_REASON_PEER_CLOSED, "");

    cr_expect_eq(drive.machine.next_delay_ms, 400);
}

/* Its SETTINGS came each time: that alone proves nothing. */
Test(fsm_machine, waits_longer_for_a_peer_that_ends_each_connection_at_once)
{
    static const uint32_t delays[] = { 400, 800, 1600, 3200, 3200 };
    drive_step(&drive, ISA__FSM_EV_WANT);

    for (size_t i = 0; i < sizeof delays / sizeof *delays; i++) {
        drive_step(&drive, ISA__FSM_EV_DIAL_UP);
        drive.in.now_ms += 999;
        drive_step_for(&drive, ISA__FSM_EV_LOST, ISA_REASON_PEER_CLOSED, "");
        cr_expect_eq(drive.machine.next_delay_ms, delays[i], "end %zu", i + 1);
        drive_step(&drive, ISA__FSM_TM_BACKOFF);
    }
}

Test(fsm_machine, jitters_with_the_number_it_is_given)
{
    drive.policy.backoff.jitter = ISA_JITTER_FULL;
    drive.in.random = 0x80000000U;
    drive_step(&drive, ISA__FSM_EV_WANT);

    drive_fail(&drive);

    cr_expect_eq(drive.machine.next_delay_ms, 201);
}

Test(fsm_machine, rebuilds_a_channel_that_does_not_come_up)
{
    drive_step(&drive, ISA__FSM_EV_WANT);

    cr_expect_str_eq(drive_step(&drive, ISA__FSM_TM_WATCHDOG),
                     "stop watchdog; abort; fail tried waiters; start backoff 400; "
                     "tell CONNECTING>TRANSIENT_FAILURE #1 next 400");

    cr_expect_eq(drive.machine.cause.reason, ISA_REASON_TIMED_OUT);
    cr_expect_eq(drive.machine.tally.failures, 1);
}

Test(fsm_machine, a_lost_connection_is_dialed_again_after_a_delay, .init = begin_ready)
{
    cr_expect_str_eq(
        drive_step_for(&drive, ISA__FSM_EV_LOST, ISA_REASON_KEEPALIVE_LOST, "no pong"),
        "stop idle; retire; start backoff 400; tell READY>TRANSIENT_FAILURE #0 next 400");

    cr_expect_eq(drive.machine.tally.losses, 1);
    cr_expect_eq(drive.machine.tally.reconnects, 0);
}

Test(fsm_machine, a_reconnection_counts_when_it_is_ready_again, .init = begin_ready)
{
    live_through_outage(2);

    cr_expect_eq(drive.machine.tally.losses, 1);
    cr_expect_eq(drive.machine.tally.reconnects, 1);
    cr_expect_eq(drive.machine.tally.attempts, 4);
    cr_expect_eq(drive.machine.tally.failures, 2);
}

Test(fsm_machine, counts_every_one_of_a_thousand_outages, .init = begin_ready)
{
    for (int i = 0; i < 1000; i++)
        live_through_outage(i % 3);

    cr_expect_eq(drive.machine.tally.losses, 1000);
    cr_expect_eq(drive.machine.tally.reconnects, 1000);
    cr_expect_eq(drive.machine.tally.failures, 999);
    cr_expect_eq(drive.machine.tally.attempts, 1 + 1000 + 999);
    cr_expect_eq(drive.machine.tally.unexpected, 0);
}

Test(fsm_machine, the_attempt_number_begins_anew_after_ready, .init = begin_ready)
{
    live_through_outage(3);

    drive_step_for(&drive, ISA__FSM_EV_LOST, ISA_REASON_PEER_CLOSED, "");
    cr_expect_str_eq(
        drive_step(&drive, ISA__FSM_TM_BACKOFF),
        "stop backoff; start watchdog 20000; dial; tell TRANSIENT_FAILURE>CONNECTING #1");
}

Test(fsm_machine, a_drain_by_the_peer_is_followed_by_a_new_channel_at_once, .init = begin_ready)
{
    cr_expect_str_eq(drive_step_for(&drive, ISA__FSM_EV_DRAINED, ISA_REASON_PEER_DRAINED, ""),
                     "stop idle; retire; start watchdog 20000; dial; tell READY>CONNECTING #1");

    cr_expect_eq(drive.machine.tally.drains, 1);
    cr_expect_eq(drive.machine.tally.losses, 0);
}

Test(fsm_machine, a_drain_is_no_reconnection, .init = begin_ready)
{
    drive_step_for(&drive, ISA__FSM_EV_DRAINED, ISA_REASON_PEER_DRAINED, "");
    drive_step(&drive, ISA__FSM_EV_DIAL_UP);

    cr_expect_eq(drive.machine.tally.reconnects, 0);
    cr_expect_eq(drive.machine.tally.attempts, 2);
}

Test(fsm_machine, a_reconnect_by_the_user_replaces_the_channel, .init = begin_ready)
{
    cr_expect_str_eq(drive_step(&drive, ISA__FSM_EV_RECONNECT),
                     "stop idle; abort; start watchdog 20000; dial; tell READY>CONNECTING #1");

    cr_expect_eq(drive.machine.cause.reason, ISA_REASON_USER);
    drive_step(&drive, ISA__FSM_EV_DIAL_UP);
    cr_expect_eq(drive.machine.tally.reconnects, 1);
}

Test(fsm_machine, any_number_of_reconnects_is_one, .init = begin_ready)
{
    for (int i = 0; i < 50; i++)
        drive_step(&drive, ISA__FSM_EV_RECONNECT);
    drive_step(&drive, ISA__FSM_EV_DIAL_UP);

    cr_expect_eq(drive.machine.tally.attempts, 2);
    cr_expect_eq(drive.machine.tally.reconnects, 1);
}

Test(fsm_machine, the_first_connection_is_no_reconnection)
{
    drive_step(&drive, ISA__FSM_EV_RECONNECT);
    drive_step(&drive, ISA__FSM_EV_DIAL_UP);

    cr_expect_eq(drive.machine.tally.reconnects, 0);
}

Test(fsm_machine, a_want_that_meets_ready_releases_the_waiters, .init = begin_ready)
{
    cr_expect_str_eq(drive_step(&drive, ISA__FSM_EV_WANT), "release waiters");
}

/* Idle. */

Test(fsm_machine, disconnects_when_unused_for_the_idle_timeout, .init = begin_ready)
{
    drive.in.last_use_ms = drive.in.now_ms;
    drive.in.now_ms += 300000;

    cr_expect_str_eq(drive_step(&drive, ISA__FSM_TM_IDLE), "stop idle; retire; tell READY>IDLE #0");

    cr_expect_eq(drive_state(&drive), ISA__FSM_ST_DORMANT);
    cr_expect_eq(drive.machine.cause.reason, ISA_REASON_IDLE);
    cr_expect_eq(drive.machine.tally.losses, 0);
}

Test(fsm_machine, measures_the_idle_time_from_the_last_use, .init = begin_ready)
{
    drive.in.now_ms += 300000;
    drive.in.last_use_ms = drive.in.now_ms - 100000;

    cr_expect_str_eq(drive_step(&drive, ISA__FSM_TM_IDLE), "start idle 200000");
}

Test(fsm_machine, is_not_idle_while_a_call_runs, .init = begin_ready)
{
    drive.in.now_ms += 10000000;
    drive.in.calls_running = 1;

    cr_expect_str_eq(drive_step(&drive, ISA__FSM_TM_IDLE), "start idle 300000");
}

Test(fsm_machine, wakes_up_when_wanted)
{
    drive_to(&drive, ISA__FSM_ST_DORMANT);

    cr_expect_str_eq(drive_step(&drive, ISA__FSM_EV_WANT),
                     "start watchdog 20000; dial; tell IDLE>CONNECTING #1");
}

/* The floor between two attempts. */

Test(fsm_machine, an_operation_that_meets_backoff_dials_at_once)
{
    drive_to(&drive, ISA__FSM_ST_BACKOFF);
    drive.in.now_ms += 10;

    cr_expect_str_eq(
        drive_step(&drive, ISA__FSM_EV_WANT),
        "stop backoff; start watchdog 20000; dial; tell TRANSIENT_FAILURE>CONNECTING #2");
}

Test(fsm_machine, an_operation_never_dials_before_the_floor)
{
    drive_to(&drive, ISA__FSM_ST_BACKOFF);
    drive.in.now_ms += 4;

    cr_expect_str_eq(drive_step(&drive, ISA__FSM_EV_WANT), "stop backoff; start dial_floor 6");

    cr_expect_eq(drive_state(&drive), ISA__FSM_ST_HASTE);
    cr_expect_eq(drive.machine.tally.attempts, 1);
}

Test(fsm_machine, an_operation_dials_at_the_floor_and_is_the_reason)
{
    drive_to(&drive, ISA__FSM_ST_BACKOFF);
    drive_step(&drive, ISA__FSM_EV_WANT);
    drive.in.now_ms += 10;

    cr_expect_str_eq(
        drive_step(&drive, ISA__FSM_TM_DIAL_FLOOR),
        "stop dial_floor; start watchdog 20000; dial; tell TRANSIENT_FAILURE>CONNECTING #2");
    cr_expect_eq(drive.machine.cause.reason, ISA_REASON_OPERATION);
}

Test(fsm_machine, more_operations_do_not_hasten_it_further)
{
    drive_to(&drive, ISA__FSM_ST_BACKOFF);
    drive.in.now_ms += 4;
    drive_step(&drive, ISA__FSM_EV_WANT);
    drive.in.now_ms += 1;

    const char *words = drive_step(&drive, ISA__FSM_EV_WANT);

    cr_expect_str_eq(words, "", "still ten after the last attempt");
}

Test(fsm_machine, a_delay_shorter_than_the_floor_ends_at_the_floor)
{
    drive.policy.dial_floor_ms = 1000;
    drive_step(&drive, ISA__FSM_EV_WANT);
    drive.in.now_ms += 100;

    drive_fail(&drive);

    cr_expect_eq(drive.machine.next_delay_ms, 900);
}

Test(fsm_machine, an_operation_never_puts_the_next_attempt_off)
{
    drive.policy.dial_floor_ms = 500;
    drive_step(&drive, ISA__FSM_EV_WANT);
    drive_fail(&drive); /* in 500 ms, not 400 */
    drive.in.now_ms += 300;

    cr_expect_str_eq(drive_step(&drive, ISA__FSM_EV_WANT), "stop backoff; start dial_floor 200");
}

/* What is out of order. */

Test(fsm_machine, an_impossible_event_changes_nothing_and_is_counted, .init = begin_ready)
{
    cr_expect_str_eq(drive_step(&drive, ISA__FSM_EV_DIAL_UP), "");

    cr_expect_eq(drive_state(&drive), ISA__FSM_ST_READY);
    cr_expect_eq(drive.machine.tally.unexpected, 1);
}

Test(fsm_machine, a_clock_that_goes_back_is_no_time_passed)
{
    drive_to(&drive, ISA__FSM_ST_BACKOFF);
    drive.in.now_ms -= 5000;

    cr_expect_str_eq(drive_step(&drive, ISA__FSM_EV_WANT), "stop backoff; start dial_floor 10");
}
