/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: acceptance of epic 4: one pool, shared channels, their end; and of what holds for all epics.
 * Used by: ctest.
 * Must not know: the rooms behind the public headers.
 */
#include "client.h"
#include "grpc_server.h"
#include "loop_thread.h"
#include "proc.h"

#include <criterion/criterion.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct isa_pool_stats pool_stats(void)
{
    struct isa_pool_stats stats = ISA_POOL_STATS_INIT;
    cr_assert_eq(isa_pool_get_stats(&stats), 0);
    return stats;
}

/* E4-US1: one pool; the same address and settings give the same channel. */

Test(acceptance, E4_US1_equal_addresses_in_any_form_share_one_channel)
{
    struct server *server = server_new(NULL);
    char longer[64];
    snprintf(longer, sizeof longer, "ipv4:%s", server_target(server));
    struct client first;
    struct client second;
    struct client_op ops[2] = { 0 };
    client_open(&first, server_target(server), NULL);
    client_open_on(&second, first.loop, longer, NULL);

    client_do(&first, &ops[0], "/test.Test/Echo", "x");
    client_do(&second, &ops[1], "/test.Test/Echo", "y");

    cr_assert_eq(ops[1].status.code, ISA_STATUS_OK, "%s", ops[1].text);
    cr_assert_str_eq(isa_conn_target(first.conn), isa_conn_target(second.conn));
    cr_assert_eq(server_counts(server).connections, 1);
    cr_assert_eq(pool_stats().keys, 1);
    cr_assert_eq(client_stats(&first).handles, 2);
    client_close(&second);
    client_end(&first);
    client_leave(&second);
    server_free(server);
}

Test(acceptance, E4_US1_another_setting_of_the_channel_makes_another_channel)
{
    struct server *server = server_new(NULL);
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.keepalive_time_ms = 30000;
    struct client first;
    struct client second;
    struct client_op ops[2] = { 0 };
    client_open(&first, server_target(server), NULL);
    client_open_on(&second, first.loop, server_target(server), &options);

    client_do(&first, &ops[0], "/test.Test/Echo", "x");
    client_do(&second, &ops[1], "/test.Test/Echo", "y");

    cr_assert_eq(server_counts(server).connections, 2);
    cr_assert_eq(pool_stats().keys, 2);
    client_close(&second);
    client_end(&first);
    client_leave(&second);
    server_free(server);
}

Test(acceptance, E4_US1_another_setting_of_the_handle_does_not)
{
    struct server *server = server_new(NULL);
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.deadline_ms = 1234;
    struct client first;
    struct client second;
    client_open(&first, server_target(server), NULL);
    client_open_on(&second, first.loop, server_target(server), &options);

    cr_assert_eq(pool_stats().keys, 1);
    cr_assert_eq(pool_stats().shared_opens, 1);
    client_close(&second);
    client_end(&first);
    client_leave(&second);
    server_free(server);
}

struct heap {
    atomic_size_t blocks;
};

static void *take(size_t size_bytes, void *user)
{
    atomic_fetch_add(&((struct heap *)user)->blocks, 1);
    return malloc(size_bytes);
}

static void give(void *memory, void *user)
{
    atomic_fetch_sub(&((struct heap *)user)->blocks, 1);
    free(memory);
}

Test(acceptance, E4_US1_shuts_down_cleanly_with_work_in_flight)
{
    struct server_child *server = server_child_new();
    struct heap heap = { 0 };
    struct isa_allocator allocator = { take, give, &heap };
    cr_assert_eq(isa_set_allocator(&allocator), 0);
    unsigned threads = proc_threads();
    struct client client;
    static struct client_op ops[30];
    client_open(&client, server_child_target(server), NULL);
    for (unsigned i = 0; i < 30; i++)
        client_send(&client, &ops[i], "/test.Test/Hold", "x");
    cr_assert(server_child_await_held(server, 30));

    client_shutdown_pool(&client, 0);

    cr_assert_eq(proc_threads_left(threads), threads);
    cr_assert_eq(client.shutdown_count, 1);
    for (unsigned i = 0; i < 30; i++)
        cr_assert_eq(ops[i].completions, 1);
    client_leave(&client);
    cr_assert_eq(atomic_load(&heap.blocks), 0, "%zu blocks", atomic_load(&heap.blocks));
    server_child_free(server);
}

/* E4-US2: close and force_close. */

Test(acceptance, E4_US2_close_gives_back_one_share_and_leaves_the_others)
{
    struct server *server = server_new(NULL);
    struct client first;
    struct client second;
    struct client_op ops[2] = { 0 };
    client_open(&first, server_target(server), NULL);
    client_open_on(&second, first.loop, server_target(server), NULL);
    client_do(&first, &ops[0], "/test.Test/Echo", "x");

    client_close(&first);
    client_do(&second, &ops[1], "/test.Test/Echo", "y");

    cr_assert_eq(ops[1].status.code, ISA_STATUS_OK, "%s", ops[1].text);
    cr_assert_eq(second.shutdown_count, 0);
    cr_assert_eq(client_stats(&second).handles, 1);
    cr_assert_eq(server_counts(server).connections, 1);
    client_close(&second);
    client_end(&first);
    client_leave(&second);
    server_free(server);
}

Test(acceptance, E4_US2_force_close_ends_the_channel_for_all)
{
    struct server *server = server_new(NULL);
    struct client first;
    struct client second;
    struct client_op op = { 0 };
    client_open(&first, server_target(server), NULL);
    client_open_on(&second, first.loop, server_target(server), NULL);
    client_send(&second, &op, "/test.Test/Hold", "x");
    cr_assert(server_await_held(server, 1));

    cr_assert_eq(isa_conn_force_close(first.conn), 0);
    client_await_state(&first, ISA_STATE_SHUTDOWN);
    client_await_state(&second, ISA_STATE_SHUTDOWN);

    cr_assert_eq(op.completions, 1);
    cr_assert_eq(op.status.code, ISA_STATUS_UNAVAILABLE, "%s", op.text);
    cr_assert_eq(pool_stats().keys, 0);
    cr_assert_eq(pool_stats().handles, 0);
    client_end(&first);
    client_leave(&second);
    server_free(server);
}

Test(acceptance, E4_US2_leaks_nothing_over_many_lives)
{
    struct heap heap = { 0 };
    struct isa_allocator allocator = { take, give, &heap };
    cr_assert_eq(isa_set_allocator(&allocator), 0);
    struct server *server = server_new(NULL);
    struct client keeper;
    client_open(&keeper, server_target(server), NULL);
    static struct client lives[50];
    static struct client_op ops[50];

    for (unsigned i = 0; i < 50; i++) {
        client_open_on(&lives[i], keeper.loop, server_target(server), NULL);
        client_do(&lives[i], &ops[i], "/test.Test/Echo", "x");
        if (i % 2) {
            client_close(&lives[i]);
        } else {
            cr_assert_eq(isa_conn_force_close(lives[i].conn), 0);
            client_await_state(&lives[i], ISA_STATE_SHUTDOWN);
        }
        client_leave(&lives[i]);
    }
    client_end(&keeper);

    cr_assert_eq(atomic_load(&heap.blocks), 0, "%zu blocks", atomic_load(&heap.blocks));
    server_free(server);
}

/* For all epics: every accepted operation completes exactly once; the terminal callback comes
 * exactly once, and nothing after it. client_check() looks at all three. */

static unsigned draw(unsigned *state, unsigned below)
{
    *state = *state * 1664525u + 1013904223u;
    return (*state >> 16) % below;
}

static void start_one(struct client *client, struct client_op *op, unsigned *random)
{
    static const char *const methods[] = { "/test.Test/Echo", "/test.Test/Hold", "/test.Test/Slow",
                                           "/test.Test/Fail" };
    unsigned which = draw(random, 4);
    struct isa_unary unary = client_unary(methods[which], which == 3 ? "9 no" : "3");
    struct isa_call_options call_options = ISA_CALL_OPTIONS_INIT;
    unary.options = &call_options;
    call_options.wait_for_ready = draw(random, 2);
    call_options.deadline_ms = 1 + draw(random, 200);
    cr_assert_eq(client_start(client, op, &unary), 0);
    if (draw(random, 4) == 0)
        isa_call_cancel(op->call);
}

Test(acceptance, invariants_hold_through_a_storm)
{
    enum { OPS = 1000 };
    unsigned random = 20240717;
    struct server *server = server_new(NULL);
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.backoff_min_ms = options.backoff_max_ms = 5;
    struct client client;
    static struct client_op ops[OPS];
    client_open(&client, server_target(server), &options);

    for (unsigned i = 0; i < OPS; i++) {
        start_one(&client, &ops[i], &random);
        if (draw(&random, 50) == 0)
            server_cut(server);
        if (draw(&random, 50) == 0)
            server_release(server);
        if (draw(&random, 100) == 0)
            cr_assert_eq(isa_conn_reconnect(client.conn), 0);
        if (draw(&random, 20) == 0)
            client_run_for(&client, 1 + draw(&random, 5));
    }
    cr_assert_eq(isa_conn_close(client.conn, 20), 0);
    client_await_state(&client, ISA_STATE_SHUTDOWN);
    client_run_for(&client, 50);

    cr_assert_eq(client.started, OPS);
    for (unsigned i = 0; i < OPS; i++) {
        cr_assert_eq(ops[i].completions, 1, "operation %u", i);
        cr_assert_null(strstr(ops[i].text, "hannel is closed"), "%s", ops[i].text);
    }
    struct isa_conn_stats stats = client_stats(&client);
    cr_assert_eq(stats.operations_started, OPS);
    cr_assert_eq(stats.operations_ok + stats.operations_failed, OPS);
    cr_assert_leq(stats.reconnects, stats.losses);
    client_end(&client);
    server_free(server);
}
