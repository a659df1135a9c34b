/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests of the pool's end where a first use and a last close meet.
 * Used by: ctest.
 * Must not know: what links do; nothing here connects.
 */
#include "handle.h"
#include "registry.h"

#include <criterion/criterion.h>

#include <ev.h>
#include <isa/isa.h>

static void count_done(void *user)
{
    ++*(int *)user;
}

/* What two threads do when one closes a handle while the other one's first use of it has begun. */
Test(pool_life, a_first_use_after_the_last_close_leaves_no_link_behind)
{
    struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO);
    struct isa_conn *conn = NULL;
    int done = 0;
    cr_assert_eq(isa_conn_open(loop, "host:1", NULL, &conn), 0);
    struct isa__link *link = isa__link_ref(conn->link);
    cr_assert_eq(isa_conn_close(conn, 0), 0);
    ev_run(loop, 0);
    cr_assert_eq(isa__registry_handles(link), 0);

    cr_expect_eq(isa__registry_engage(link), 0);
    isa__link_signal(link, ISA__LINK_WANT);

    cr_assert_eq(isa_pool_shutdown(loop, 0, count_done, &done), 0);
    ev_run(loop, 0);
    cr_expect_eq(done, 1);
    cr_expect_eq(isa__link_private_state(link), ISA__FSM_ST_CLOSED);
    isa__link_unref(link);
    isa_conn_unref(conn);
    ev_loop_destroy(loop);
}
