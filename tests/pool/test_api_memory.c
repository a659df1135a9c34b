/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: public functions without memory: the 1st, 2nd, ... n-th allocation of each fails.
 * Used by: ctest.
 * Must not know: where the library allocates. The peer is a socket that does not exist.
 */
#include <criterion/criterion.h>

#include <isa/isa.h>

#include <ev.h>
#include <stdio.h>

#include "failing_alloc.h"
#include "identity.h"
#include "listener.h"

static const char nowhere[] = "unix:/nonexistent/isa.sock";

static struct ev_loop *loop;
static struct listener listener;
static unsigned replies;
static enum isa_status_code reply_code;
static enum isa_reason reply_reason;

static void begin(void)
{
    failing_alloc_install();
    loop = ev_loop_new(EVFLAG_AUTO);
    cr_assert_not_null(loop);
}

static void end(void)
{
    ev_run(loop, 0);
    ev_loop_destroy(loop);
    cr_assert_eq(failing_alloc_live(), 0, "%d allocations were left", (int)failing_alloc_live());
}

static void shut_down(void)
{
    cr_assert_eq(isa_pool_shutdown(loop, 0, NULL, NULL), 0);
    end();
}

static int open_listening(const char *target, struct isa_conn **ret_conn)
{
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.on_state = listener_hear;
    options.user = &listener;
    return isa_conn_open(loop, target, &options, ret_conn);
}

/* Open until it succeeds; every failure leaves things as they were. @return failures */
static unsigned open_at_last(const char *target, struct isa_conn **ret_conn)
{
    int64_t live = failing_alloc_live();
    for (unsigned nth = 1;; nth++) {
        failing_alloc_arm(nth);
        int error = open_listening(target, ret_conn);
        bool has_failed = failing_alloc_disarm();
        cr_assert_eq(error, has_failed ? ISA_ENOMEM : 0, "allocation %u: %s", nth,
                     isa_error_name(error));
        if (!error)
            return nth - 1;
        ev_run(loop, EVRUN_NOWAIT);
        cr_assert_eq(failing_alloc_live(), live, "allocation %u left something", nth);
        cr_assert_null(*ret_conn, "outputs are untouched on failure");
    }
}

TestSuite(pool_api_memory, .init = begin);

Test(pool_api_memory, a_handle_with_tls_is_opened_whole_or_not_at_all)
{
    struct identity *ours = identity_new(NULL, "client", NULL, 1);
    struct isa_tls_options tls = ISA_TLS_OPTIONS_INIT;
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    struct isa_conn *conn = NULL;
    unsigned nth = 0;
    int error;
    tls.roots_pem = tls.chain_pem = identity_chain(ours);
    tls.key_pem = identity_key(ours);
    options.tls = &tls;

    do {
        failing_alloc_arm(++nth);
        error = isa_conn_open(loop, nowhere, &options, &conn);
        cr_assert_eq(error, failing_alloc_disarm() ? ISA_ENOMEM : 0, "allocation %u: %s", nth,
                     isa_error_name(error));
        ev_run(loop, EVRUN_NOWAIT);
        cr_assert(!error || failing_alloc_live() == 0, "allocation %u left something", nth);
    } while (error);

    cr_expect_gt(nth, 10);
    isa_conn_unref(conn);
    identity_free(ours);
    end();
}

Test(pool_api_memory, a_handle_is_opened_whole_or_not_at_all)
{
    struct isa_conn *conn = NULL;

    unsigned failures = open_at_last(nowhere, &conn);

    cr_expect_gt(failures, 5);
    cr_expect_eq(isa_conn_state(conn), ISA_STATE_IDLE);
    isa_conn_close(conn, 0);
    ev_run(loop, 0);
    cr_expect_eq(listener.changes, 1);
    isa_conn_unref(conn);
    end();
}

Test(pool_api_memory, a_handle_on_a_known_link_is_opened_whole_or_not_at_all)
{
    struct isa_pool_stats stats = ISA_POOL_STATS_INIT;
    struct isa_conn *first;
    struct isa_conn *second = NULL;
    cr_assert_eq(isa_conn_open(loop, nowhere, NULL, &first), 0);

    open_at_last(nowhere, &second);

    isa_pool_get_stats(&stats);
    cr_expect_eq(stats.keys, 1);
    cr_expect_eq(stats.handles, 2);
    cr_expect_eq(stats.opens, 2);
    isa_conn_unref(first);
    isa_conn_unref(second);
    end();
}

Test(pool_api_memory, a_table_that_cannot_grow_loses_nothing)
{
    enum { CONNS = 70 };
    struct isa_pool_stats stats = ISA_POOL_STATS_INIT;
    struct isa_conn *conns[CONNS] = { NULL };

    for (int i = 0; i < CONNS; i++) {
        char target[32];
        snprintf(target, sizeof target, "host:%d", i + 1);
        open_at_last(target, &conns[i]);
    }

    isa_pool_get_stats(&stats);
    cr_expect_eq(stats.keys, CONNS);
    cr_expect_eq(stats.shared_opens, 0);
    for (int i = 0; i < CONNS; i++)
        isa_conn_unref(conns[i]);
    end();
}

Test(pool_api_memory, a_subscription_is_made_or_refused)
{
    struct isa_conn *conn = NULL;
    uint64_t id = 77;
    cr_assert_eq(isa_conn_open(loop, nowhere, NULL, &conn), 0);

    failing_alloc_arm(1);
    cr_expect_eq(isa_conn_subscribe(conn, listener_hear, &listener, &id), ISA_ENOMEM);
    cr_assert(failing_alloc_disarm());
    cr_expect_eq(id, 77, "outputs are untouched on failure");
    cr_expect_eq(isa_conn_subscribe(conn, listener_hear, &listener, &id), 0);

    isa_conn_close(conn, 0);
    ev_run(loop, 0);
    cr_expect_eq(listener.changes, 1);
    isa_conn_unref(conn);
    end();
}

Test(pool_api_memory, closing_and_counting_need_no_memory)
{
    struct isa_conn_stats stats = ISA_CONN_STATS_INIT;
    struct isa_conn *conn = NULL;
    cr_assert_eq(open_listening(nowhere, &conn), 0);
    failing_alloc_arm(1);

    cr_expect_eq(isa_conn_get_stats(conn, &stats), 0);
    cr_expect_eq(isa_conn_close(conn, 1000), 0);
    ev_run(loop, 0);
    conn = isa_conn_unref(conn);
    ev_run(loop, 0);

    cr_expect_not(failing_alloc_disarm(), "something was allocated");
    cr_expect_str_eq(listener.history, "IDLE>SHUTDOWN user; ");
    end();
}

static void reply(struct isa_call *call, const struct isa_reply *answer, void *user)
{
    (void)call, (void)user;
    replies++;
    reply_code = answer->status.code;
    reply_reason = answer->status.reason;
}

Test(pool_api_memory, a_call_is_accepted_whole_or_not_at_all)
{
    struct isa_unary unary = ISA_UNARY_INIT;
    struct isa_conn *conn = NULL;
    struct isa_call *call = NULL;
    unsigned nth = 0;
    int error;
    unary.method = "/a/b";
    unary.on_reply = reply;
    unary.request_bytes = (struct isa_bytes){ "xyz", 3 };
    cr_assert_eq(isa_conn_open(loop, nowhere, NULL, &conn), 0);

    do {
        failing_alloc_arm(++nth);
        error = isa_call_unary(conn, &unary, &call);
        bool has_failed = failing_alloc_disarm();
        cr_assert_eq(error, has_failed ? ISA_ENOMEM : 0, "allocation %u: %s", nth,
                     isa_error_name(error));
        cr_assert_eq(call == NULL, error != 0);
    } while (error);
    ev_run(loop, 0);

    cr_expect_gt(nth, 2);
    cr_expect_eq(replies, 1);
    cr_expect_eq(reply_code, ISA_STATUS_UNAVAILABLE);
    cr_expect_eq(reply_reason, ISA_REASON_REFUSED);
    isa_call_unref(call);
    isa_conn_unref(conn);
    shut_down();
}

Test(pool_api_memory, a_shutdown_begins_whole_or_not_at_all)
{
    struct isa_conn *conn = NULL;
    unsigned nth = 0;
    int error;
    cr_assert_eq(open_listening(nowhere, &conn), 0);

    do {
        failing_alloc_arm(++nth);
        error = isa_pool_shutdown(loop, 0, NULL, NULL);
        bool has_failed = failing_alloc_disarm();
        cr_assert_eq(error, has_failed ? ISA_ENOMEM : 0, "allocation %u: %s", nth,
                     isa_error_name(error));
        cr_assert_eq(listener.changes, 0);
    } while (error);
    ev_run(loop, 0);

    cr_expect_str_eq(listener.history, "IDLE>SHUTDOWN shutdown; ");
    isa_conn_unref(conn);
    end();
}

Test(pool_api_memory, a_shutdown_on_a_loop_without_handles_begins_whole_or_not_at_all)
{
    unsigned nth = 0;
    int error;

    do {
        failing_alloc_arm(++nth);
        error = isa_pool_shutdown(loop, 0, NULL, NULL);
        bool has_failed = failing_alloc_disarm();
        cr_assert_eq(error, has_failed ? ISA_ENOMEM : 0, "allocation %u: %s", nth,
                     isa_error_name(error));
    } while (error);

    cr_expect_gt(nth, 1);
    end();
}
