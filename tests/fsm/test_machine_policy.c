/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests of the pace of reconnection: dear failures, drains, network changes, delays by request.
 * Used by: ctest.
 * Must not know: how an effect is carried out.
 */
#include <criterion/criterion.h>

#include <string.h>

#include "drive.h"

static struct drive drive;

static void begin(void)
{
    drive_init(&drive);
}

static void begin_ready(void)
{
    drive_init(&drive);
    drive_to(&drive, ISA__FSM_ST_READY);
}

TestSuite(fsm_policy, .init = begin);

Test(fsm_policy, what_is_dear_waits_longer_than_what_is_cheap)
{
    static const struct {
        enum isa_reason reason;
        uint32_t delay_ms;
    } cases[] = {
        { ISA_REASON_REFUSED, 400 },      { ISA_REASON_UNREACHABLE, 400 },
        { ISA_REASON_PEER_CLOSED, 400 },  { ISA_REASON_OTHER, 400 },
        { ISA_REASON_TIMED_OUT, 1000 },   { ISA_REASON_NAME_NOT_FOUND, 1000 },
        { ISA_REASON_TLS_REFUSED, 1000 }, { ISA_REASON_PROTOCOL, 1000 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        drive_init(&drive);
        drive.policy.dear_factor = 2.5;
        drive_step(&drive, ISA__FSM_EV_WANT);

        drive_step_for(&drive, ISA__FSM_EV_DIAL_FAILED, cases[i].reason, "");

        cr_expect_eq(drive.machine.next_delay_ms, cases[i].delay_ms, "%s: %u ms",
                     isa_reason_name(cases[i].reason), drive.machine.next_delay_ms);
    }
}

Test(fsm_policy, a_dear_failure_does_not_widen_the_window_of_a_cheap_one)
{
    drive.policy.dear_factor = 10.;
    drive_step(&drive, ISA__FSM_EV_WANT);
    drive_step_for(&drive, ISA__FSM_EV_DIAL_FAILED, ISA_REASON_TIMED_OUT, "");
    drive_step(&drive, ISA__FSM_TM_BACKOFF);

    drive_step_for(&drive, ISA__FSM_EV_DIAL_FAILED, ISA_REASON_REFUSED, "");

    cr_expect_eq(drive.machine.next_delay_ms, 800);
}

Test(fsm_policy, the_watchdog_is_counted_and_says_so)
{
    drive_step(&drive, ISA__FSM_EV_WANT);

    drive_step(&drive, ISA__FSM_TM_WATCHDOG);

    cr_expect_eq(drive.machine.tally.rebuilds, 1);
    cr_expect_eq(drive.machine.tally.failures, 1);
    cr_expect_not_null(strstr(drive.machine.cause.text, "rebuilt"));
}

/* Drains. */

static const char *drain_again_after_ms(uint32_t ms)
{
    drive_step_for(&drive, ISA__FSM_EV_DRAINED, ISA_REASON_PEER_DRAINED, "");
    drive_step(&drive, ISA__FSM_EV_DIAL_UP);
    drive.in.now_ms += ms;
    return drive_step_for(&drive, ISA__FSM_EV_DRAINED, ISA_REASON_PEER_DRAINED, "");
}

Test(fsm_policy, a_peer_that_drains_every_connection_is_not_stormed, .init = begin_ready)
{
    cr_expect_str_eq(
        drain_again_after_ms(399),
        "stop idle; retire; start backoff 400; tell READY>TRANSIENT_FAILURE #0 next 400");

    cr_expect_eq(drive.machine.tally.drains, 2);
    cr_expect_eq(drive.machine.tally.losses, 0);
}

Test(fsm_policy, a_drain_well_after_the_last_is_followed_at_once, .init = begin_ready)
{
    cr_expect_str_eq(drain_again_after_ms(400),
                     "stop idle; retire; start watchdog 20000; dial; tell READY>CONNECTING #1");
}

/* The network changed. */

Test(fsm_policy, a_new_network_ends_the_wait)
{
    drive_to(&drive, ISA__FSM_ST_BACKOFF);
    drive.in.now_ms += 10;

    cr_expect_str_eq(
        drive_step(&drive, ISA__FSM_EV_NETWORK_CHANGED),
        "stop backoff; start watchdog 20000; dial; tell TRANSIENT_FAILURE>CONNECTING #2");
    cr_expect_eq(drive.machine.cause.reason, ISA_REASON_NETWORK_CHANGED);
}

Test(fsm_policy, a_new_network_keeps_the_dial_floor_and_its_reason)
{
    drive_to(&drive, ISA__FSM_ST_BACKOFF);
    drive.in.now_ms = drive.machine.last_dial_ms + 4;

    cr_expect_str_eq(drive_step(&drive, ISA__FSM_EV_NETWORK_CHANGED),
                     "stop backoff; start dial_floor 6");
    drive.in.now_ms += 6;
    drive_step(&drive, ISA__FSM_TM_DIAL_FLOOR);

    cr_expect_eq(drive_state(&drive), ISA__FSM_ST_DIALING);
    cr_expect_eq(drive.machine.cause.reason, ISA_REASON_NETWORK_CHANGED);
}

Test(fsm_policy, a_new_network_begins_the_attempt_anew)
{
    drive_step(&drive, ISA__FSM_EV_WANT);
    drive.in.now_ms += 10;

    cr_expect_str_eq(drive_step(&drive, ISA__FSM_EV_NETWORK_CHANGED),
                     "stop watchdog; abort; start dial_floor 0; "
                     "tell CONNECTING>TRANSIENT_FAILURE #1");
    drive_step(&drive, ISA__FSM_TM_DIAL_FLOOR);
    cr_expect_eq(drive.machine.cause.reason, ISA_REASON_NETWORK_CHANGED);
    cr_expect_eq(drive.machine.tally.attempts, 2);
    cr_expect_eq(drive.machine.tally.failures, 0);
}

Test(fsm_policy, a_new_network_replaces_the_connection_and_spares_its_calls, .init = begin_ready)
{
    drive.in.now_ms += 10;

    cr_expect_str_eq(drive_step(&drive, ISA__FSM_EV_NETWORK_CHANGED),
                     "stop idle; retire; start watchdog 20000; dial; tell READY>CONNECTING #1");
    cr_expect_eq(drive.machine.tally.losses + drive.machine.tally.drains, 0);
}

Test(fsm_policy, any_number_of_network_changes_at_once_is_one, .init = begin_ready)
{
    drive.in.now_ms += 10;

    for (int i = 0; i < 100; i++)
        drive_step(&drive, ISA__FSM_EV_NETWORK_CHANGED);

    cr_expect_eq(drive.machine.tally.attempts, 2);
}

/* Renewal. */

Test(fsm_policy, a_renewal_replaces_the_connection_and_spares_its_calls, .init = begin_ready)
{
    cr_expect_str_eq(drive_step(&drive, ISA__FSM_EV_RENEW),
                     "stop idle; retire; start watchdog 20000; dial; tell READY>CONNECTING #1");
    cr_expect_eq(drive.machine.cause.reason, ISA_REASON_RENEWED);
    cr_expect_eq(drive.machine.tally.losses + drive.machine.tally.drains, 0);
}

Test(fsm_policy, a_renewal_begins_the_attempt_anew_even_within_the_dial_floor)
{
    drive_step(&drive, ISA__FSM_EV_WANT);
    drive.in.now_ms += 4;

    cr_expect_str_eq(drive_step(&drive, ISA__FSM_EV_RENEW),
                     "stop watchdog; abort; start dial_floor 6; "
                     "tell CONNECTING>TRANSIENT_FAILURE #1");
    drive.in.now_ms += 6;
    drive_step(&drive, ISA__FSM_TM_DIAL_FLOOR);
    cr_expect_eq(drive.machine.cause.reason, ISA_REASON_RENEWED);
    cr_expect_eq(drive.machine.tally.failures, 0);
}

/* A service that is there and wants no calls. */

Test(fsm_policy, a_service_that_does_not_serve_is_waited_for)
{
    drive_step(&drive, ISA__FSM_EV_WANT);

    cr_expect_str_eq(drive_step_for(&drive, ISA__FSM_EV_UNHEALTHY, ISA_REASON_NOT_SERVING, ""),
                     "stop watchdog; fail impatient waiters; start watchdog 20000; "
                     "tell CONNECTING>TRANSIENT_FAILURE #1");
    cr_expect_str_eq(drive_step(&drive, ISA__FSM_EV_WANT), "fail impatient waiters");
    cr_expect_str_eq(drive_step(&drive, ISA__FSM_EV_HEALTHY),
                     "stop watchdog; release waiters; start idle 300000; "
                     "tell TRANSIENT_FAILURE>READY #1");
    cr_expect_eq(drive.machine.cause.reason, ISA_REASON_SERVING);
    cr_expect_eq(drive.machine.tally.failures + drive.machine.tally.losses, 0);
}

Test(fsm_policy, another_server_is_looked_for_when_a_service_does_not_come_to_serve)
{
    drive_to(&drive, ISA__FSM_ST_UNSERVING);

    cr_expect_str_eq(drive_step(&drive, ISA__FSM_TM_WATCHDOG),
                     "stop watchdog; retire; start watchdog 20000; dial; "
                     "tell TRANSIENT_FAILURE>CONNECTING #2");
    cr_expect_eq(drive.machine.cause.reason, ISA_REASON_RETRY);
    cr_expect_eq(drive.machine.tally.rebuilds, 0);
}

/* Delays by request. */

Test(fsm_policy, a_handle_that_wants_to_answer_gets_the_time)
{
    drive.policy.backoff.min_ms = 1;
    drive.in.asks_delay = true;
    drive_step(&drive, ISA__FSM_EV_WANT);
    drive.in.now_ms += 100;

    drive_fail(&drive);

    cr_expect_eq(drive.machine.next_delay_ms, 50);
}

Test(fsm_policy, waits_as_long_as_the_handle_says)
{
    drive_to(&drive, ISA__FSM_ST_BACKOFF);
    drive.in.delay_ms = 7777;

    cr_expect_str_eq(drive_step(&drive, ISA__FSM_EV_DELAY), "start backoff 7777");

    cr_expect_eq(drive.machine.next_delay_ms, 7777);
}

Test(fsm_policy, no_answer_goes_below_the_dial_floor)
{
    drive_to(&drive, ISA__FSM_ST_BACKOFF);
    drive.in.now_ms = drive.machine.last_dial_ms + 3;
    drive.in.delay_ms = 1;

    cr_expect_str_eq(drive_step(&drive, ISA__FSM_EV_DELAY), "start backoff 7");
}

/* Kept connected. */

Test(fsm_policy, a_kept_connection_is_never_idle, .init = begin_ready)
{
    drive.policy.keep_connected = true;

    for (int i = 0; i < 3; i++) {
        drive.in.now_ms += 300000;
        cr_expect_str_eq(drive_step(&drive, ISA__FSM_TM_IDLE), "start idle 300000");
    }

    cr_expect_eq(drive_state(&drive), ISA__FSM_ST_READY);
}
