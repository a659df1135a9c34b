/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests of what the library tells of itself: counts, the pool's contents, the log, and that it
 * prints nothing.
 * Used by: ctest.
 * Must not know: the rooms behind the public headers.
 */
#include "client.h"
#include "grpc_server.h"
#include "proc.h"
#include "tcp_peer.h"

#include <criterion/criterion.h>
#include <ev.h>
#include <stdatomic.h>
#include <string.h>

Test(live_stats, are_exact_after_a_known_story)
{
    struct server *server = server_new(NULL);
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.backoff_min_ms = options.backoff_max_ms = 60000;
    options.backoff_jitter = ISA_JITTER_NONE; /* only operations dial */
    struct client client;
    client_open(&client, server_target(server), &options);
    struct client_op ops[6] = { 0 };

    client_do(&client, &ops[0], "/test.Test/Echo", "ok");
    client_do(&client, &ops[1], "/test.Test/Fail", "5 not there");
    server_down(server);
    client_await_state(&client, ISA_STATE_TRANSIENT_FAILURE);
    client_do(&client, &ops[2], "/test.Test/Echo", "refused");
    client_do(&client, &ops[3], "/test.Test/Echo", "refused");
    server_up(server);
    client_do(&client, &ops[4], "/test.Test/Echo", "back");
    client_do(&client, &ops[5], "/test.Test/Echo", "ok");

    struct isa_conn_stats stats = client_stats(&client);
    cr_assert_eq(stats.attempts, 4);
    cr_assert_eq(stats.failures, 2);
    cr_assert_eq(stats.failures_by_reason[ISA_REASON_REFUSED], 2);
    cr_assert_eq(stats.losses, 1);
    cr_assert_eq(stats.drains, 0);
    cr_assert_eq(stats.reconnects, 1);
    cr_assert_eq(stats.generation, 4);
    cr_assert_eq(stats.operations_started, 6);
    cr_assert_eq(stats.operations_ok, 3);
    cr_assert_eq(stats.operations_failed, 3);
    cr_assert_eq(stats.operations_queued, 4, "the first one, and those that met an outage");
    cr_assert_eq(stats.handles, 1);
    cr_assert_gt(stats.time_in_state_us[ISA_STATE_READY], 0);
    cr_assert_gt(stats.time_in_state_us[ISA_STATE_TRANSIENT_FAILURE], 0);
    cr_assert_eq(stats.time_in_state_us[ISA_STATE_SHUTDOWN], 0);
    client_end(&client);
    server_free(server);
}

static struct isa_pool_stats pool_stats(void)
{
    struct isa_pool_stats stats = ISA_POOL_STATS_INIT;
    cr_assert_eq(isa_pool_get_stats(&stats), 0);
    return stats;
}

Test(live_stats, of_the_pool_follow_handles_and_channels)
{
    struct server *server = server_new(NULL);
    struct tcp_peer *peer = tcp_peer_new(0, tcp_accept_silently, NULL);
    struct client first;
    struct client second;
    struct client third;
    client_open(&first, server_target(server), NULL);
    client_open_on(&second, first.loop, server_target(server), NULL);
    client_open_on(&third, first.loop, tcp_peer_target(peer), NULL);

    struct isa_pool_stats opened = pool_stats();
    struct client_op op = { 0 };
    client_do(&first, &op, "/test.Test/Echo", "x");
    struct isa_pool_stats used = pool_stats();
    client_close(&third);
    struct isa_pool_stats closed = pool_stats();

    cr_assert_eq(opened.keys, 2);
    cr_assert_eq(opened.handles, 3);
    cr_assert_eq(opened.opens, 3);
    cr_assert_eq(opened.shared_opens, 1);
    cr_assert_eq(opened.channels, 0);
    cr_assert_eq(opened.ready, 0);
    cr_assert_eq(used.channels, 1);
    cr_assert_eq(used.ready, 1);
    cr_assert_eq(closed.handles, 2);
    cr_assert_eq(closed.keys, 1);
    cr_assert_eq(closed.opens, 3);
    client_close(&second);
    client_end(&first);
    cr_assert_eq(pool_stats().handles, 0);
    cr_assert_eq(pool_stats().keys, 0);
    cr_assert_eq(pool_stats().channels, 0);
    client_leave(&second);
    client_leave(&third);
    tcp_peer_free(peer);
    server_free(server);
}

Test(live_stats, count_a_call_that_ended_with_its_loop)
{
    struct server *server = server_new(NULL);
    struct client doomed;
    struct client client;
    client_open(&doomed, server_target(server), NULL);
    client_open(&client, server_target(server), NULL);
    struct client_op op = { 0 };
    client_send(&doomed, &op, "/test.Test/Hold", "x");
    cr_assert(server_await_held(server, 1));

    ev_loop_destroy(doomed.loop);
    doomed.has_own_loop = false;

    struct isa_conn_stats stats = client_stats(&client);
    cr_assert_eq(stats.operations_started, 1);
    cr_assert_eq(stats.operations_failed, 1);
    cr_assert_eq(stats.handles, 1);
    client_leave(&doomed);
    client_end(&client);
    server_free(server);
}

struct log_count {
    atomic_uint lines;
    atomic_uint about_target;
    const char *target;
};

static void count_line(enum isa_log_level level, const char *line, void *user)
{
    struct log_count *count = user;
    (void)level;
    atomic_fetch_add(&count->lines, 1);
    if (strstr(line, count->target))
        atomic_fetch_add(&count->about_target, 1);
}

Test(live_log, receives_every_change_of_state_with_its_target)
{
    struct server *server = server_new(NULL);
    struct log_count count = { .target = server_target(server) };
    cr_assert_eq(isa_set_log(count_line, ISA_LOG_INFO, &count), 0);
    struct client client;
    client_open(&client, server_target(server), NULL);

    struct client_op op = { 0 };
    client_do(&client, &op, "/test.Test/Echo", "x");

    cr_assert_geq(atomic_load(&count.about_target), 2, "CONNECTING and READY");
    client_end(&client);
    server_free(server);
}

Test(live_log, receives_what_core_says_at_debug_level)
{
    struct log_count count = { .target = "core: " };
    cr_assert_eq(isa_set_log(count_line, ISA_LOG_DEBUG, &count), 0);
    struct client client;
    client_open(&client, "unix:/nonexistent/isa.sock", NULL);

    struct client_op op = { 0 };
    client_do(&client, &op, "/test.Test/Echo", "x");

    cr_assert_gt(atomic_load(&count.about_target), 0);
    client_end(&client);
}

/* A life with everything that could make a library talk: failures, garbage, a shutdown. */
static int live_loudly(void *arg)
{
    struct tcp_peer *garbage = tcp_peer_new(0, tcp_accept_with_garbage, NULL);
    struct tcp_peer *closed = tcp_peer_new(0, tcp_accept_silently, NULL);
    tcp_peer_refuse(closed);
    const char *targets[3] = { arg, tcp_peer_target(garbage), tcp_peer_target(closed) };
    struct client clients[3];
    struct client_op ops[3] = { 0 };
    struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO);
    for (unsigned i = 0; i < 3; i++) {
        client_open_on(&clients[i], loop, targets[i], NULL);
        client_do(&clients[i], &ops[i], "/test.Test/Echo", "x");
        client_close(&clients[i]);
    }
    client_shutdown_pool(&clients[0], 0);
    ev_loop_destroy(loop);
    return ops[0].status.code != ISA_STATUS_OK || ops[1].status.reason != ISA_REASON_PROTOCOL ||
           ops[2].status.reason != ISA_REASON_REFUSED;
}

Test(live_log, is_silent_without_a_hook)
{
    struct server_child *server = server_child_new();

    struct proc_result result = proc_run(live_loudly, (void *)server_child_target(server), 20);

    cr_assert_eq(result.signal, 0, "%s", result.output);
    cr_assert_eq(result.exit_status, 0, "%s", result.output);
    cr_assert_eq(result.output_bytes, 0, "it said: %s", result.output);
    server_child_free(server);
}
