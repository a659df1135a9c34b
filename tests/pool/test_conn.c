/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests of handles that never connect: opening, closing, giving back, every wrong argument.
 * Used by: ctest.
 * Must not know: grpc-core; nothing here is used, so nothing is started.
 */
#include <criterion/criterion.h>

#include <isa/isa.h>

#include <ev.h>

#include "failing_alloc.h"
#include "listener.h"

static struct ev_loop *loop;
static struct isa_conn *conn;
static struct listener listener;

static void begin(void)
{
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    failing_alloc_install();
    loop = ev_loop_new(EVFLAG_AUTO);
    cr_assert_not_null(loop);
    options.on_state = listener_hear;
    options.user = &listener;
    cr_assert_eq(isa_conn_open(loop, "host:1", &options, &conn), 0);
}

/* Give back the handle and see that nothing is left. */
static void end(void)
{
    conn = isa_conn_unref(conn);
    ev_run(loop, 0);
    ev_loop_destroy(loop);
    cr_assert_eq(failing_alloc_live(), 0, "%d allocations were left", (int)failing_alloc_live());
}

TestSuite(pool_conn, .init = begin);

/* Opening. */

Test(pool_conn, a_new_handle_is_idle_and_not_healthy)
{
    cr_expect_eq(isa_conn_state(conn), ISA_STATE_IDLE);
    cr_expect_not(isa_conn_is_healthy(conn), "it has no channel yet");
    cr_expect_str_eq(isa_conn_target(conn), "dns:///host:1");
    end();
}

Test(pool_conn, an_open_handle_lets_the_loop_return)
{
    ev_run(loop, 0);

    cr_expect_eq(listener.changes, 0);
    end();
}

Test(pool_conn, what_is_missing_is_refused)
{
    struct isa_conn *other = NULL;

    cr_expect_eq(isa_conn_open(NULL, "host:1", NULL, &other), ISA_EINVAL);
    cr_expect_eq(isa_conn_open(loop, NULL, NULL, &other), ISA_EINVAL);
    cr_expect_eq(isa_conn_open(loop, "host:1", NULL, NULL), ISA_EINVAL);

    cr_expect_null(other);
    end();
}

Test(pool_conn, a_malformed_target_is_refused)
{
    struct isa_conn *other = NULL;

    cr_expect_eq(isa_conn_open(loop, "host", NULL, &other), ISA_ETARGET);
    cr_expect_eq(isa_conn_open(loop, "host:99999", NULL, &other), ISA_ETARGET);

    cr_expect_null(other);
    end();
}

Test(pool_conn, a_setting_out_of_range_is_refused)
{
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    struct isa_conn *other = NULL;
    options.connect_timeout_ms = 99;

    cr_expect_eq(isa_conn_open(loop, "host:1", &options, &other), ISA_EINVAL);

    cr_expect_null(other);
    end();
}

Test(pool_conn, a_target_can_be_checked_and_says_what_is_wrong)
{
    char why[128] = "?";

    cr_expect_eq(isa_target_check("host:1", why, sizeof why), 0);
    cr_expect_str_eq(why, "");
    cr_expect_eq(isa_target_check("host", why, sizeof why), ISA_ETARGET);
    cr_expect_str_eq(why, "target 'host': the port is missing; write host:port");
    cr_expect_eq(isa_target_check(NULL, why, sizeof why), ISA_EINVAL);

    cr_expect_str_eq(why, "the target is NULL: pass \"host:port\"");
    end();
}

Test(pool_conn, a_target_can_be_checked_without_room_for_words)
{
    char why[] = "???";

    cr_expect_eq(isa_target_check("host", NULL, 0), ISA_ETARGET);
    cr_expect_eq(isa_target_check("host", NULL, 10), ISA_ETARGET);
    cr_expect_eq(isa_target_check("host", why, 0), ISA_ETARGET);
    cr_expect_str_eq(why, "???");
    cr_expect_eq(isa_target_check("host", why, 3), ISA_ETARGET);

    cr_expect_str_eq(why, "ta");
    end();
}

/* Closing. */

Test(pool_conn, a_close_is_heard_once_and_later)
{
    cr_assert_eq(isa_conn_close(conn, 0), 0);
    cr_expect_eq(listener.changes, 0, "not before the function has returned");
    ev_run(loop, 0);
    ev_run(loop, 0);

    cr_expect_str_eq(listener.history, "IDLE>SHUTDOWN user; ");
    end();
}

Test(pool_conn, the_grace_of_a_close_ends_with_the_last_call)
{
    cr_assert_eq(isa_conn_close(conn, 3600000), 0);

    ev_run(loop, 0);

    cr_expect_eq(listener.changes, 1, "there was none");
    end();
}

Test(pool_conn, a_closed_handle_says_so_at_once)
{
    isa_conn_close(conn, 1000);

    cr_expect_eq(isa_conn_state(conn), ISA_STATE_SHUTDOWN);
    cr_expect_not(isa_conn_is_healthy(conn));
    cr_expect_str_eq(isa_conn_target(conn), "dns:///host:1");
    end();
}

static void reply(struct isa_call *call, const struct isa_reply *answer, void *user)
{
    (void)call, (void)answer, (void)user;
    cr_assert_fail("nothing was accepted, so nothing completes");
}

Test(pool_conn, a_closed_handle_takes_nothing)
{
    struct isa_unary unary = ISA_UNARY_INIT;
    struct isa_call *call = NULL;
    unary.method = "/a/b";
    unary.on_reply = reply;
    isa_conn_close(conn, 0);

    cr_expect_eq(isa_conn_close(conn, 0), ISA_ECLOSED);
    cr_expect_eq(isa_conn_connect(conn), ISA_ECLOSED);
    cr_expect_eq(isa_conn_reconnect(conn), ISA_ECLOSED);
    cr_expect_eq(isa_conn_force_close(conn), ISA_ECLOSED);
    cr_expect_eq(isa_call_unary(conn, &unary, &call), ISA_ECLOSED);
    ev_run(loop, 0);
    cr_expect_eq(isa_conn_subscribe(conn, listener_hear, &listener, NULL), ISA_ECLOSED);

    cr_expect_null(call);
    cr_expect_eq(listener.changes, 1);
    end();
}

Test(pool_conn, counts_can_be_asked_of_a_closed_handle)
{
    struct isa_conn_stats stats = ISA_CONN_STATS_INIT;
    isa_conn_close(conn, 0);
    ev_run(loop, 0);

    cr_expect_eq(isa_conn_get_stats(conn, &stats), 0);

    cr_expect_eq(stats.handles, 0);
    cr_expect_eq(stats.attempts, 0);
    end();
}

Test(pool_conn, closing_one_handle_leaves_the_others)
{
    struct isa_conn *other;
    cr_assert_eq(isa_conn_open(loop, "host:1", NULL, &other), 0);

    isa_conn_close(other, 0);
    ev_run(loop, 0);

    cr_expect_eq(isa_conn_state(conn), ISA_STATE_IDLE);
    cr_expect_eq(listener.changes, 0);
    isa_conn_unref(other);
    end();
}

/* Giving back. */

Test(pool_conn, the_last_reference_closes_without_a_callback)
{
    conn = isa_conn_unref(conn);
    cr_expect_null(conn);
    ev_run(loop, 0);

    cr_expect_eq(listener.changes, 0);
    end();
}

Test(pool_conn, another_reference_keeps_it_open)
{
    cr_assert_eq(isa_conn_ref(conn), conn);

    isa_conn_unref(conn);
    ev_run(loop, 0);

    cr_expect_eq(isa_conn_state(conn), ISA_STATE_IDLE);
    end();
}

Test(pool_conn, a_handle_given_back_while_closing_still_hears_the_end)
{
    isa_conn_close(conn, 0);

    conn = isa_conn_unref(conn);
    ev_run(loop, 0);

    cr_expect_str_eq(listener.history, "IDLE>SHUTDOWN user; ");
    end();
}

Test(pool_conn, a_handle_can_be_given_back_before_its_loop_ever_runs)
{
    conn = isa_conn_unref(conn);

    ev_loop_destroy(loop);

    cr_expect_eq(listener.changes, 0);
    cr_expect_eq(failing_alloc_live(), 0);
}

static void give_back(struct listener *unused, struct isa_conn *of)
{
    (void)unused;
    conn = isa_conn_unref(of);
}

Test(pool_conn, a_handle_can_be_given_back_in_its_last_callback)
{
    listener.then = give_back;
    isa_conn_close(conn, 0);

    ev_run(loop, 0);

    cr_expect_eq(listener.changes, 1);
    cr_expect_null(conn);
    end();
}

static void use_everything(struct listener *unused, struct isa_conn *of)
{
    struct isa_conn_stats stats = ISA_CONN_STATS_INIT;
    (void)unused;
    cr_expect_eq(isa_conn_close(of, 0), ISA_ECLOSED);
    cr_expect_eq(isa_conn_connect(of), ISA_ECLOSED);
    cr_expect_eq(isa_conn_get_stats(of, &stats), 0);
    cr_expect_eq(isa_conn_state(of), ISA_STATE_SHUTDOWN);
    isa_conn_unref(isa_conn_ref(of));
}

Test(pool_conn, every_function_may_be_called_in_the_last_callback)
{
    listener.then = use_everything;
    isa_conn_close(conn, 0);

    ev_run(loop, 0);

    cr_expect_eq(listener.changes, 1);
    end();
}

/* The loop's end. */

Test(pool_conn, a_destroyed_loop_ends_its_handles)
{
    ev_loop_destroy(loop);

    cr_expect_str_eq(listener.history, "IDLE>SHUTDOWN shutdown; ");
    cr_expect_eq(isa_conn_state(conn), ISA_STATE_SHUTDOWN);
    cr_expect_eq(isa_conn_close(conn, 0), ISA_ECLOSED);
    isa_conn_unref(conn);
    cr_expect_eq(failing_alloc_live(), 0);
}

Test(pool_conn, a_loop_destroyed_during_a_close_ends_it_once)
{
    isa_conn_close(conn, 1000);

    ev_loop_destroy(loop);

    cr_expect_str_eq(listener.history, "IDLE>SHUTDOWN user; ");
    isa_conn_unref(conn);
    cr_expect_eq(failing_alloc_live(), 0);
}

Test(pool_conn, a_destroyed_loop_leaves_the_handles_of_other_loops)
{
    struct ev_loop *other_loop = ev_loop_new(EVFLAG_AUTO);
    struct listener other_listener = { .changes = 0 };
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    struct isa_conn *other;
    options.on_state = listener_hear;
    options.user = &other_listener;
    cr_assert_eq(isa_conn_open(other_loop, "host:1", &options, &other), 0);

    ev_loop_destroy(other_loop);

    cr_expect_eq(other_listener.changes, 1);
    cr_expect_eq(listener.changes, 0);
    cr_expect_eq(isa_conn_state(conn), ISA_STATE_IDLE);
    isa_conn_unref(other);
    end();
}

Test(pool_conn, a_handle_that_is_gone_has_no_part_in_the_end_of_its_loop)
{
    struct isa_conn *other;
    cr_assert_eq(isa_conn_open(loop, "host:2", NULL, &other), 0);
    isa_conn_unref(other);
    ev_run(loop, 0);

    ev_loop_destroy(loop);

    cr_expect_eq(listener.changes, 1);
    isa_conn_unref(conn);
    cr_expect_eq(failing_alloc_live(), 0);
}

Test(pool_conn, a_handle_can_be_given_back_in_the_callback_of_a_destroyed_loop)
{
    listener.then = give_back;

    ev_loop_destroy(loop);

    cr_expect_eq(listener.changes, 1);
    cr_expect_eq(failing_alloc_live(), 0);
}

/* Nothing at all. */

Test(pool_conn, null_is_refused_or_harmless_everywhere)
{
    struct isa_conn_stats stats = ISA_CONN_STATS_INIT;

    cr_expect_null(isa_conn_ref(NULL));
    cr_expect_null(isa_conn_unref(NULL));
    cr_expect_eq(isa_conn_connect(NULL), ISA_EINVAL);
    cr_expect_eq(isa_conn_reconnect(NULL), ISA_EINVAL);
    cr_expect_eq(isa_conn_close(NULL, 0), ISA_EINVAL);
    cr_expect_eq(isa_conn_force_close(NULL), ISA_EINVAL);
    cr_expect_eq(isa_conn_state(NULL), ISA_STATE_SHUTDOWN);
    cr_expect_not(isa_conn_is_healthy(NULL));
    cr_expect_str_eq(isa_conn_target(NULL), "");
    cr_expect_eq(isa_conn_subscribe(NULL, listener_hear, NULL, NULL), ISA_EINVAL);
    cr_expect_eq(isa_conn_subscribe(conn, NULL, NULL, NULL), ISA_EINVAL);
    cr_expect_eq(isa_conn_unsubscribe(NULL, 1), ISA_EINVAL);
    cr_expect_eq(isa_conn_get_stats(NULL, &stats), ISA_EINVAL);
    cr_expect_eq(isa_conn_get_stats(conn, NULL), ISA_EINVAL);
    end();
}

Test(pool_conn, counts_need_a_struct_of_this_version)
{
    struct isa_conn_stats stats = ISA_CONN_STATS_INIT;

    stats.size--;
    cr_expect_eq(isa_conn_get_stats(conn, &stats), ISA_EINVAL);
    stats.size += 2;

    cr_expect_eq(isa_conn_get_stats(conn, &stats), ISA_EUNKNOWN_OPTION);
    end();
}
