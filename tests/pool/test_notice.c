/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests of how changes travel to a handle's subscribers; the test plays the link.
 * Used by: ctest.
 * Must not know: machines, grpc-core.
 */
#include <criterion/criterion.h>

#include <isa/isa.h>

#include <ev.h>
#include <string.h>

#include "failing_alloc.h"
#include "handle.h"
#include "listener.h"

static struct ev_loop *loop;
static struct isa_conn *conn;
static struct listener listeners[3];

static void subscribe(struct listener *listener)
{
    cr_assert_eq(isa_conn_subscribe(conn, listener_hear, listener, &listener->id), 0);
}

static void begin(void)
{
    failing_alloc_install();
    loop = ev_loop_new(EVFLAG_AUTO);
    cr_assert_not_null(loop);
    cr_assert_eq(isa_conn_open(loop, "host:1", NULL, &conn), 0);
    for (int i = 0; i < 3; i++)
        subscribe(&listeners[i]);
}

static void end(void)
{
    conn = isa_conn_unref(conn);
    ev_run(loop, 0);
    ev_loop_destroy(loop);
    cr_assert_eq(failing_alloc_live(), 0, "%d allocations were left", (int)failing_alloc_live());
}

static void change(enum isa_state from, enum isa_state to, const char *text)
{
    const struct isa_change word = { .from = from,
                                     .to = to,
                                     .reason = ISA_REASON_OTHER,
                                     .text = text,
                                     .attempt = 3,
                                     .next_delay_ms = 400,
                                     .reconnects = 5,
                                     .generation = 7,
                                     .time_in_from_us = 9 };
    isa__conn_on_change(&conn->watcher, &word);
}

/* An even number of changes, after which all is as before. */
static void flap(int changes)
{
    for (int i = 0; i < changes; i += 2) {
        change(ISA_STATE_IDLE, ISA_STATE_CONNECTING, "");
        change(ISA_STATE_CONNECTING, ISA_STATE_IDLE, "");
    }
}

TestSuite(pool_notice, .init = begin);

Test(pool_notice, a_change_is_heard_on_the_loop_with_all_that_belongs_to_it)
{
    char text[] = "what core said";
    change(ISA_STATE_IDLE, ISA_STATE_CONNECTING, text);
    text[0] = '?';
    cr_expect_eq(listeners[0].changes, 0, "not before the loop runs");

    ev_run(loop, 0);

    const struct isa_change *heard = &listeners[0].last;
    cr_expect_str_eq(listeners[0].history, "IDLE>CONNECTING other; ");
    cr_expect_str_eq(heard->text, "what core said");
    cr_expect_eq(heard->attempt, 3);
    cr_expect_eq(heard->next_delay_ms, 400);
    cr_expect_eq(heard->reconnects, 5);
    cr_expect_eq(heard->generation, 7);
    cr_expect_eq(heard->time_in_from_us, 9);
    cr_expect_eq(heard->skipped, 0);
    end();
}

Test(pool_notice, every_subscriber_hears_every_change_in_order)
{
    change(ISA_STATE_IDLE, ISA_STATE_CONNECTING, "");
    change(ISA_STATE_CONNECTING, ISA_STATE_READY, "");
    change(ISA_STATE_READY, ISA_STATE_IDLE, "");

    ev_run(loop, 0);

    for (int i = 0; i < 3; i++)
        cr_expect_str_eq(listeners[i].history,
                         "IDLE>CONNECTING other; CONNECTING>READY other; READY>IDLE other; ");
    end();
}

Test(pool_notice, the_end_of_the_link_is_the_end_of_the_handle)
{
    change(ISA_STATE_IDLE, ISA_STATE_SHUTDOWN, "");

    ev_run(loop, 0);

    cr_expect_str_eq(listeners[0].history, "IDLE>SHUTDOWN other; ");
    cr_expect_eq(isa_conn_close(conn, 0), ISA_ECLOSED);
    end();
}

Test(pool_notice, nothing_is_heard_after_the_end)
{
    isa_conn_close(conn, 0);
    change(ISA_STATE_IDLE, ISA_STATE_CONNECTING, "on its way behind the close");
    change(ISA_STATE_CONNECTING, ISA_STATE_SHUTDOWN, "");

    ev_run(loop, 0);

    cr_expect_str_eq(listeners[0].history, "IDLE>SHUTDOWN user; ");
    end();
}

Test(pool_notice, changes_on_their_way_are_dropped_with_the_last_reference)
{
    change(ISA_STATE_IDLE, ISA_STATE_CONNECTING, "");
    conn = isa_conn_unref(conn);

    ev_run(loop, 0);

    cr_expect_eq(listeners[0].changes, 0);
    end();
}

Test(pool_notice, changes_on_their_way_are_freed_with_the_loop)
{
    change(ISA_STATE_IDLE, ISA_STATE_CONNECTING, "");

    ev_loop_destroy(loop);

    cr_expect_str_eq(listeners[0].history, "IDLE>SHUTDOWN shutdown; ");
    isa_conn_unref(conn);
    cr_expect_eq(failing_alloc_live(), 0);
}

/* A loop that falls behind. */

Test(pool_notice, a_loop_that_falls_behind_hears_the_rest_as_one_change)
{
    flap(64);
    flap(10);
    change(ISA_STATE_IDLE, ISA_STATE_CONNECTING, "the last");

    ev_run(loop, 0);

    cr_expect_eq(listeners[0].changes, 65);
    cr_expect_eq(listeners[0].last.to, ISA_STATE_CONNECTING);
    cr_expect_eq(listeners[0].last.from, ISA_STATE_IDLE);
    cr_expect_eq(listeners[0].last.skipped, 10);
    end();
}

Test(pool_notice, a_rest_that_ends_where_it_began_is_no_change)
{
    flap(64);
    flap(10);

    ev_run(loop, 0);

    cr_expect_eq(listeners[0].changes, 64);
    end();
}

Test(pool_notice, the_end_is_not_lost_in_the_rest)
{
    flap(64);
    flap(10);
    change(ISA_STATE_IDLE, ISA_STATE_SHUTDOWN, "");

    ev_run(loop, 0);

    cr_expect_eq(listeners[0].changes, 65);
    cr_expect_eq(listeners[0].last.to, ISA_STATE_SHUTDOWN);
    end();
}

Test(pool_notice, a_loop_that_has_caught_up_hears_each_change_again)
{
    flap(80);
    ev_run(loop, 0);
    unsigned before = listeners[0].changes;

    flap(10);
    ev_run(loop, 0);

    cr_expect_eq(listeners[0].changes, before + 10);
    end();
}

Test(pool_notice, without_memory_a_change_loses_its_text_and_nothing_else)
{
    failing_alloc_arm(1);
    change(ISA_STATE_IDLE, ISA_STATE_CONNECTING, "no memory for this");
    cr_assert(failing_alloc_disarm());

    ev_run(loop, 0);

    cr_expect_str_eq(listeners[0].history, "IDLE>CONNECTING other; ");
    cr_expect_str_eq(listeners[0].text, "");
    cr_expect_eq(listeners[0].last.attempt, 3);
    end();
}

/* Subscribing inside callbacks. */

Test(pool_notice, every_subscription_has_its_own_number)
{
    cr_expect_neq(listeners[0].id, listeners[1].id);
    cr_expect_neq(listeners[1].id, listeners[2].id);
    cr_expect_eq(isa_conn_unsubscribe(conn, listeners[2].id + 1), ISA_EINVAL);
    end();
}

Test(pool_notice, one_that_unsubscribed_hears_nothing_not_even_what_is_on_its_way)
{
    change(ISA_STATE_IDLE, ISA_STATE_CONNECTING, "");

    cr_expect_eq(isa_conn_unsubscribe(conn, listeners[1].id), 0);
    cr_expect_eq(isa_conn_unsubscribe(conn, listeners[1].id), ISA_EINVAL);
    ev_run(loop, 0);

    cr_expect_eq(listeners[0].changes, 1);
    cr_expect_eq(listeners[1].changes, 0);
    cr_expect_eq(listeners[2].changes, 1);
    end();
}

static struct listener *victim;

static void take_away(struct listener *unused, struct isa_conn *of)
{
    (void)unused;
    isa_conn_unsubscribe(of, victim->id);
}

Test(pool_notice, a_subscriber_may_take_any_away_while_it_hears)
{
    for (int i = 0; i < 3; i++) {
        struct listener fresh = { .changes = 0 };
        victim = &listeners[i];
        listeners[1].then = take_away;
        change(ISA_STATE_IDLE, ISA_STATE_CONNECTING, "");
        change(ISA_STATE_CONNECTING, ISA_STATE_IDLE, "");
        ev_run(loop, 0);

        cr_expect_eq(listeners[i].changes, i == 2 ? 0 : 1, "listener %d", i);
        isa_conn_unsubscribe(conn, listeners[1].id);
        for (int j = 0; j < 3; j++) {
            isa_conn_unsubscribe(conn, listeners[j].id);
            listeners[j] = fresh;
            subscribe(&listeners[j]);
        }
    }
    end();
}

static void add_third(struct listener *listener, struct isa_conn *of)
{
    listener->then = NULL;
    isa_conn_subscribe(of, listener_hear, &listeners[2], &listeners[2].id);
}

Test(pool_notice, a_subscriber_may_add_another_while_it_hears)
{
    isa_conn_unsubscribe(conn, listeners[2].id);
    listeners[0].then = add_third;
    change(ISA_STATE_IDLE, ISA_STATE_CONNECTING, "");
    ev_run(loop, 0);

    change(ISA_STATE_CONNECTING, ISA_STATE_READY, "");
    ev_run(loop, 0);

    cr_expect_eq(listeners[2].last.to, ISA_STATE_READY);
    cr_expect_eq(listeners[1].changes, 2);
    end();
}

static void close_it(struct listener *unused, struct isa_conn *of)
{
    (void)unused;
    isa_conn_close(of, 0);
}

Test(pool_notice, a_subscriber_may_close_the_handle)
{
    listeners[0].then = close_it;
    change(ISA_STATE_IDLE, ISA_STATE_CONNECTING, "");

    ev_run(loop, 0);

    for (int i = 0; i < 3; i++)
        cr_expect_str_eq(listeners[i].history, "IDLE>CONNECTING other; CONNECTING>SHUTDOWN user; ");
    end();
}

static void give_back(struct listener *unused, struct isa_conn *of)
{
    (void)unused;
    conn = isa_conn_unref(of);
}

Test(pool_notice, a_subscriber_may_give_the_handle_back)
{
    listeners[0].then = give_back;
    change(ISA_STATE_IDLE, ISA_STATE_CONNECTING, "");
    change(ISA_STATE_CONNECTING, ISA_STATE_READY, "");

    ev_run(loop, 0);

    cr_expect_eq(listeners[0].changes, 1, "nobody wants to hear of it any more");
    end();
}

static void run_loop(struct listener *listener, struct isa_conn *of)
{
    (void)of;
    listener->then = NULL;
    ev_run(loop, EVRUN_NOWAIT);
}

Test(pool_notice, a_subscriber_may_run_the_loop_and_all_still_hear_in_order)
{
    listeners[0].then = run_loop;
    change(ISA_STATE_IDLE, ISA_STATE_CONNECTING, "");
    change(ISA_STATE_CONNECTING, ISA_STATE_READY, "");

    ev_run(loop, 0);

    for (int i = 0; i < 3; i++)
        cr_expect_str_eq(listeners[i].history, "IDLE>CONNECTING other; CONNECTING>READY other; ",
                         "listener %d", i);
    end();
}

static const char whole_story[] =
    "IDLE>CONNECTING other; CONNECTING>READY other; READY>TRANSIENT_FAILURE other; ";

static void tell_story(void)
{
    change(ISA_STATE_IDLE, ISA_STATE_CONNECTING, "");
    change(ISA_STATE_CONNECTING, ISA_STATE_READY, "");
    change(ISA_STATE_READY, ISA_STATE_TRANSIENT_FAILURE, "");
}

Test(pool_notice, several_subscribers_may_run_the_loop_and_all_still_hear_in_order)
{
    for (int i = 0; i < 3; i++)
        listeners[i].then = run_loop;
    tell_story();

    ev_run(loop, 0);

    for (int i = 0; i < 3; i++)
        cr_expect_str_eq(listeners[i].history, whole_story, "listener %d", i);
    end();
}

static uint32_t delay_and_run_loop(struct isa_conn *asked, const struct isa_change *told,
                                   void *user)
{
    (void)asked, (void)user;
    ev_run(loop, EVRUN_NOWAIT);
    return told->next_delay_ms + 1;
}

Test(pool_notice, who_is_asked_for_a_delay_may_run_the_loop_and_all_still_hear_in_order)
{
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.on_delay = delay_and_run_loop;
    isa_conn_unref(conn);
    cr_assert_eq(isa_conn_open(loop, "host:1", &options, &conn), 0);
    subscribe(&listeners[0]);
    tell_story();
    change(ISA_STATE_TRANSIENT_FAILURE, ISA_STATE_CONNECTING, "");

    ev_run(loop, 0);

    cr_expect_str_eq(
        listeners[0].history,
        "IDLE>CONNECTING other; CONNECTING>READY other; READY>TRANSIENT_FAILURE other; "
        "TRANSIENT_FAILURE>CONNECTING other; ");
    end();
}
