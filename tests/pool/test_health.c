/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: questions about health without memory: made whole or not at all, and nothing is left.
 * Used by: ctest.
 * Must not know: where the library allocates. The peer is a socket that does not exist.
 */
#include <criterion/criterion.h>

#include <isa/isa.h>

#include <ev.h>

#include "failing_alloc.h"

static const char nowhere[] = "unix:/nonexistent/isa.sock";

static struct ev_loop *loop;
static struct isa_conn *conn;
static unsigned ends;

static void on_change(struct isa_call *call, const struct isa_health_change *change, void *user)
{
    (void)call, (void)change, (void)user;
    cr_assert_fail("nobody is there");
}

static void on_end(struct isa_call *call, const struct isa_reply *reply, void *user)
{
    (void)call, (void)user;
    ends++;
    cr_expect_eq(reply->status.code, ISA_STATUS_CANCELLED);
}

static void on_health(struct isa_call *call, enum isa_health health, const struct isa_reply *reply,
                      void *user)
{
    (void)call, (void)user;
    ends++;
    cr_expect_eq(health, ISA_HEALTH_UNKNOWN);
    cr_expect_eq(reply->status.code, ISA_STATUS_UNAVAILABLE);
}

static void begin(void)
{
    failing_alloc_install();
    loop = ev_loop_new(EVFLAG_AUTO);
    cr_assert_not_null(loop);
    cr_assert_eq(isa_conn_open(loop, nowhere, NULL, &conn), 0);
}

static void end(void)
{
    isa_conn_unref(conn);
    cr_assert_eq(isa_pool_shutdown(loop, 0, NULL, NULL), 0);
    ev_run(loop, 0);
    ev_loop_destroy(loop);
    cr_assert_eq(failing_alloc_live(), 0, "%d allocations were left", (int)failing_alloc_live());
}

TestSuite(pool_health, .init = begin, .fini = end);

Test(pool_health, a_watch_is_accepted_whole_or_not_at_all)
{
    struct isa_health_watch_options watch = ISA_HEALTH_WATCH_OPTIONS_INIT;
    struct isa_call *call = NULL;
    unsigned nth = 0;
    int error;
    watch.service = "a.B";
    watch.on_change = on_change;
    watch.on_end = on_end;

    do {
        failing_alloc_arm(++nth);
        error = isa_health_watch(conn, &watch, &call);
        bool has_failed = failing_alloc_disarm();
        cr_assert_eq(error, has_failed ? ISA_ENOMEM : 0, "allocation %u: %s", nth,
                     isa_error_name(error));
        cr_assert_eq(call == NULL, error != 0);
    } while (error);
    isa_call_cancel(call);
    ev_run(loop, 0);

    cr_expect_gt(nth, 5);
    cr_expect_eq(ends, 1);
    isa_call_unref(call);
}

Test(pool_health, a_check_is_accepted_whole_or_not_at_all)
{
    struct isa_health_check_options check = ISA_HEALTH_CHECK_OPTIONS_INIT;
    unsigned nth = 0;
    int error;
    check.on_health = on_health;

    do {
        failing_alloc_arm(++nth);
        error = isa_health_check(conn, &check, NULL);
        bool has_failed = failing_alloc_disarm();
        cr_assert_eq(error, has_failed ? ISA_ENOMEM : 0, "allocation %u: %s", nth,
                     isa_error_name(error));
    } while (error);
    ev_run(loop, 0);

    cr_expect_gt(nth, 3);
    cr_expect_eq(ends, 1);
}
