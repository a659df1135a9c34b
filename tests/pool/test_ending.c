/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests of what meets a link at the moment of its end: new handles, new calls (conn.c, call.c).
 * Used by: ctest.
 * Must not know: how a connection is made; the peer is a socket that does not exist.
 */
#include <criterion/criterion.h>

#include <isa/isa.h>

#include <ev.h>
#include <pthread.h>
#include <sched.h>

#include "failing_alloc.h"
#include "handle.h"
#include "listener.h"

static const char nowhere[] = "unix:/nonexistent/isa.sock";

static struct ev_loop *loop;

static struct isa_conn *open_heard(struct listener *listener)
{
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    struct isa_conn *conn;
    options.on_state = listener_hear;
    options.user = listener;
    cr_assert_eq(isa_conn_open(loop, nowhere, &options, &conn), 0);
    return conn;
}

static void begin(void)
{
    loop = ev_loop_new(EVFLAG_AUTO);
    cr_assert_not_null(loop);
}

static void end(void)
{
    cr_assert_eq(isa_pool_shutdown(loop, 0, NULL, NULL), 0);
    ev_run(loop, 0);
    ev_loop_destroy(loop);
}

TestSuite(pool_ending, .init = begin);

Test(pool_ending, the_open_after_a_forced_close_makes_a_new_link)
{
    struct listener old_listener = { .changes = 0 };
    struct listener new_listener = { .changes = 0 };
    struct isa_pool_stats stats = ISA_POOL_STATS_INIT;
    struct isa_conn *old = open_heard(&old_listener);

    cr_assert_eq(isa_conn_force_close(old), 0);
    struct isa_conn *fresh = open_heard(&new_listener);
    isa__tr_port_hold(old->port); /* the loop waits for the news */
    while (old_listener.changes == 0)
        ev_run(loop, EVRUN_ONCE);
    isa__tr_port_release(old->port);

    isa_pool_get_stats(&stats);
    cr_expect_eq(stats.shared_opens, 0);
    cr_expect_str_eq(old_listener.history, "IDLE>SHUTDOWN user; ");
    cr_expect_eq(isa_conn_state(fresh), ISA_STATE_IDLE);
    isa_conn_unref(old);
    isa_conn_unref(fresh);
    end();
}

Test(pool_ending, a_handle_opened_on_a_link_that_has_just_ended_hears_of_it)
{
    struct listener listener = { .changes = 0 };
    struct isa_conn *first;
    cr_assert_eq(isa_conn_open(loop, nowhere, NULL, &first), 0);
    atomic_store(&first->link->state, ISA__FSM_ST_CLOSED); /* as between its end and its dropping */

    struct isa_conn *second = open_heard(&listener);
    ev_run(loop, EVRUN_NOWAIT);

    cr_expect_str_eq(listener.history, "IDLE>SHUTDOWN shutdown; ");
    atomic_store(&first->link->state, ISA__FSM_ST_NEW);
    isa_conn_unref(first);
    isa_conn_unref(second);
    end();
}

static int replies;
static enum isa_status_code replied;

static void reply(struct isa_call *call, const struct isa_reply *answer, void *user)
{
    (void)call, (void)user;
    replies++;
    replied = answer->status.code;
}

static void *make_call(void *conn)
{
    static int error;
    struct isa_unary unary = ISA_UNARY_INIT;
    unary.method = "/a/b";
    unary.on_reply = reply;
    error = isa_call_unary(conn, &unary, NULL);
    return &error;
}

static bool has_calls(struct isa_conn *conn)
{
    pthread_mutex_lock(&conn->lock);
    bool has = !isa_list_is_empty(&conn->calls);
    pthread_mutex_unlock(&conn->lock);
    return has;
}

/* The link ends, and the handle hears of it, between the two steps in which a call is taken. */
Test(pool_ending, a_call_that_is_refused_by_an_ended_link_does_not_hold_its_handle)
{
    struct listener listener = { .changes = 0 };
    struct isa_conn *conn = open_heard(&listener);
    struct isa__link *link = conn->link;
    pthread_t thread;
    void *error;

    pthread_mutex_lock(&link->lock);
    cr_assert_eq(pthread_create(&thread, NULL, make_call, conn), 0);
    while (!has_calls(conn))
        sched_yield();
    atomic_store(&link->state, ISA__FSM_ST_CLOSED);
    isa__conn_on_link_end(conn, ISA_REASON_SHUTDOWN);
    pthread_mutex_unlock(&link->lock);
    pthread_join(thread, &error);
    atomic_store(&link->state, ISA__FSM_ST_NEW);
    ev_run(loop, EVRUN_NOWAIT);

    cr_expect_eq(*(int *)error, ISA_ECLOSED);
    cr_expect_eq(replies, 0);
    cr_expect_str_eq(listener.history, "IDLE>SHUTDOWN shutdown; ");
    isa_conn_unref(conn);
    end();
}

/* The handle is closed, without grace, between the two steps in which a call is taken. */
Test(pool_ending, a_call_that_meets_the_close_of_its_handle_is_refused_or_cancelled)
{
    struct listener listener = { .changes = 0 };
    struct isa_conn *conn = open_heard(&listener);
    struct isa__link *link = conn->link;
    pthread_t thread;
    void *error;

    pthread_mutex_lock(&link->lock);
    cr_assert_eq(pthread_create(&thread, NULL, make_call, conn), 0);
    while (!has_calls(conn))
        sched_yield();
    isa_conn_close(conn, 0);
    ev_run(loop, EVRUN_NOWAIT);
    pthread_mutex_unlock(&link->lock);
    pthread_join(thread, &error);
    ev_run(loop, 0);

    if (*(int *)error == 0)
        cr_expect(replies == 1 && replied == ISA_STATUS_CANCELLED, "%d replies", replies);
    else
        cr_expect(replies == 0 && *(int *)error == ISA_ECLOSED, "%d replies", replies);
    cr_expect_str_eq(listener.history, "IDLE>SHUTDOWN user; ");
    isa_conn_unref(conn);
    end();
}

static struct isa__link *ending_link;
static pthread_t caller;
static void *caller_error;

/* In ev_loop_destroy(): the link ends now, and only then the caller gets on. */
static void reply_and_end_the_link(struct isa_call *call, const struct isa_reply *answer,
                                   void *user)
{
    reply(call, answer, user);
    atomic_store(&ending_link->state, ISA__FSM_ST_CLOSED);
    pthread_mutex_unlock(&ending_link->lock);
    pthread_join(caller, &caller_error);
    atomic_store(&ending_link->state, ISA__FSM_ST_NEW);
}

static void *make_call_that_ends_its_link(void *conn)
{
    static int error;
    struct isa_unary unary = ISA_UNARY_INIT;
    struct isa_call *call = NULL;
    unary.method = "/a/b";
    unary.on_reply = reply_and_end_the_link;
    error = isa_call_unary(conn, &unary, &call);
    isa_call_unref(call);
    return &error;
}

/* The loop is destroyed, and the link ends, between the two steps in which a call is taken. */
Test(pool_ending, a_call_that_was_completed_by_the_death_of_its_loop_was_accepted)
{
    failing_alloc_install();
    struct isa_conn *conn;
    cr_assert_eq(isa_conn_open(loop, nowhere, NULL, &conn), 0);
    ending_link = conn->link;

    pthread_mutex_lock(&ending_link->lock);
    cr_assert_eq(pthread_create(&caller, NULL, make_call_that_ends_its_link, conn), 0);
    while (!has_calls(conn))
        sched_yield();
    ev_loop_destroy(loop);

    cr_expect_eq(*(int *)caller_error, 0, "%s", isa_error_name(*(int *)caller_error));
    cr_expect_eq(replies, 1);
    cr_expect_eq(replied, ISA_STATUS_CANCELLED);
    isa_conn_unref(conn);
    begin();
    end();
    cr_expect_eq(failing_alloc_live(), 0);
}
