/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: acceptance of epic 1: connecting, and not connecting before there is a reason to.
 * Used by: ctest.
 * Must not know: the rooms behind the public headers.
 */
#include "client.h"
#include "crowd.h"
#include "grpc_server.h"
#include "proc.h"
#include "tcp_peer.h"

#include <criterion/criterion.h>
#include <ev.h>
#include <stdlib.h>
#include <string.h>

/* E1-US1: a valid address connects; an invalid one gives an error that names target and cause. */

Test(acceptance, E1_US1_connects_to_a_valid_address)
{
    struct server *server = server_new(NULL);
    struct client client;
    client_open(&client, server_target(server), NULL);

    cr_assert_eq(isa_conn_connect(client.conn), 0);
    client_await_state(&client, ISA_STATE_READY);

    cr_assert_eq(isa_conn_state(client.conn), ISA_STATE_READY);
    cr_assert_eq(client_last(&client)->reason, ISA_REASON_CONNECTED);
    client_end(&client);
    server_free(server);
}

Test(acceptance, E1_US1_refused_names_target_and_cause)
{
    struct tcp_peer *peer = tcp_peer_new(0, tcp_accept_silently, NULL);
    tcp_peer_refuse(peer);
    struct client client;
    client_open(&client, tcp_peer_target(peer), NULL);

    struct client_op op = { 0 };
    client_do(&client, &op, "/test.Test/Echo", "x");

    cr_assert_eq(op.status.code, ISA_STATUS_UNAVAILABLE);
    cr_assert_eq(op.status.reason, ISA_REASON_REFUSED);
    cr_assert_not_null(strstr(op.text, tcp_peer_target(peer)), "%s", op.text);
    cr_assert_not_null(strstr(op.text, "Connection refused"), "%s", op.text);
    const struct isa_change *change = client_nth_to(&client, ISA_STATE_TRANSIENT_FAILURE, 0);
    cr_assert_not_null(strstr(change->text, tcp_peer_target(peer)), "%s", change->text);
    cr_assert_str_eq(isa_conn_target(client.conn) + strlen("ipv4:"), tcp_peer_target(peer));
    client_end(&client);
    tcp_peer_free(peer);
}

Test(acceptance, E1_US1_unknown_host_names_target_and_cause)
{
    struct client client;
    client_open(&client, "nosuchhost.invalid:1", NULL);

    struct client_op op = { 0 };
    client_do(&client, &op, "/test.Test/Echo", "x");
    if (op.status.reason == ISA_REASON_TIMED_OUT)
        cr_skip_test("no name server answers on this machine");

    cr_assert_eq(op.status.code, ISA_STATUS_UNAVAILABLE);
    cr_assert_eq(op.status.reason, ISA_REASON_NAME_NOT_FOUND, "%s", op.text);
    cr_assert_not_null(strstr(op.text, "nosuchhost.invalid"), "%s", op.text);
    client_end(&client);
}

static const struct {
    const char *target;
    const char *part;  /* of it, that is at fault */
    const char *cause; /* a part of the sentence */
} malformed[] = {
    { "localhost:99999", "port '99999'", "65535" },
    { "localhost:0", "port '0'", "smallest" },
    { "localhost", "'localhost'", "port is missing" },
    { "", "target", "empty" },
    { "ipv4:1.2.3:1", "'1.2.3'", "not an IPv4 address" },
    { "http://x", "scheme 'http'", "unknown" },
    { "unknown://a", "scheme 'unknown'", "unknown" },
    { "[::1", "'[::1'", "brackets" },
    { "a b:1", "'a b:1'", "a space" },
};

Test(acceptance, E1_US1_malformed_target_is_refused_at_once_with_its_cause)
{
    struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO);
    unsigned threads = proc_threads();

    for (size_t i = 0; i < sizeof malformed / sizeof *malformed; i++) {
        const char *target = malformed[i].target;
        struct isa_conn *conn = NULL;
        char why[256] = "";
        cr_expect_eq(isa_conn_open(loop, target, NULL, &conn), ISA_ETARGET, "'%s'", target);
        cr_expect_null(conn, "'%s'", target);
        cr_expect_eq(isa_target_check(target, why, sizeof why), ISA_ETARGET, "'%s'", target);
        cr_expect_not_null(strstr(why, malformed[i].part), "'%s': %s", target, why);
        cr_expect_not_null(strstr(why, malformed[i].cause), "'%s': %s", target, why);
    }

    cr_assert_eq(proc_threads(), threads, "nothing was started");
    ev_loop_destroy(loop);
}

struct beat {
    ev_timer timer;
    double last_s;
    double longest_gap_s;
};

static void on_beat(struct ev_loop *loop, ev_timer *timer, int revents)
{
    struct beat *beat = timer->data;
    (void)loop, (void)revents;
    double now_s = ev_time();
    if (now_s - beat->last_s > beat->longest_gap_s)
        beat->longest_gap_s = now_s - beat->last_s;
    beat->last_s = now_s;
}

Test(acceptance, E1_US1_never_blocks_the_loop)
{
    struct tcp_peer *peer = tcp_peer_new(0, tcp_accept_silently, NULL);
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.connect_timeout_ms = 500;
    struct client client;
    client_open(&client, tcp_peer_target(peer), &options);
    struct beat beat = { .last_s = ev_time() };
    ev_timer_init(&beat.timer, on_beat, 0.002, 0.002);
    beat.timer.data = &beat;
    ev_timer_start(client.loop, &beat.timer);

    struct client_op op = { 0 };
    double before_s = ev_time();
    client_send(&client, &op, "/test.Test/Echo", "x");
    double start_s = ev_time() - before_s;
    client_await_op(&client, &op);

    cr_assert_eq(op.status.reason, ISA_REASON_TIMED_OUT, "%s", op.text);
    cr_assert_lt(start_s, 0.3, "starting took %f s", start_s);
    cr_assert_lt(beat.longest_gap_s, 0.3, "the loop stood still for %f s", beat.longest_gap_s);
    ev_timer_stop(client.loop, &beat.timer);
    client_end(&client);
    tcp_peer_free(peer);
}

/* E1-US2: a handle costs nothing until it is used; the first operation connects. */

Test(acceptance, E1_US2_a_thousand_handles_touch_no_network_and_start_no_thread)
{
    enum { HANDLES = 1000 };
    static struct isa_conn *conns[HANDLES];
    struct tcp_peer *peer = tcp_peer_new(0, tcp_accept_silently, NULL);
    struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO);
    unsigned threads = proc_threads();
    unsigned fds = proc_fds();

    for (unsigned i = 0; i < HANDLES; i++) {
        struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
        options.idle_timeout_ms = 1000 + i % 10; /* ten channels, if they were made */
        cr_assert_eq(isa_conn_open(loop, tcp_peer_target(peer), &options, &conns[i]), 0);
        cr_assert_not(isa_conn_is_healthy(conns[i]));
        cr_assert_eq(isa_conn_state(conns[i]), ISA_STATE_IDLE);
    }

    cr_assert_eq(proc_threads(), threads);
    cr_assert_eq(proc_fds(), fds);
    cr_assert_eq(tcp_peer_accepted(peer), 0);
    for (unsigned i = 0; i < HANDLES; i++)
        conns[i] = isa_conn_unref(conns[i]);
    ev_run(loop, 0);
    cr_assert_eq(proc_threads(), threads, "closing starts nothing either");
    ev_loop_destroy(loop);
    tcp_peer_free(peer);
}

Test(acceptance, E1_US2_the_first_operation_connects_and_later_ones_reuse_it)
{
    struct server *server = server_new(NULL);
    struct client client;
    client_open(&client, server_target(server), NULL);
    static struct client_op ops[100];

    unsigned connections_before = server_counts(server).connections;
    for (unsigned i = 0; i < 100; i++)
        client_do(&client, &ops[i], "/test.Test/Echo", "x");

    cr_assert_eq(connections_before, 0);
    cr_assert_eq(server_counts(server).connections, 1);
    for (unsigned i = 0; i < 100; i++)
        cr_assert_eq(ops[i].status.code, ISA_STATUS_OK, "%s", ops[i].text);
    client_end(&client);
    server_free(server);
}

Test(acceptance, E1_US2_any_thread_may_be_the_first)
{
    struct server *server = server_new(NULL);
    struct client client;
    client_open(&client, server_target(server), NULL);
    static struct crowd crowd;

    crowd_rush(&crowd, &client);

    cr_assert_eq(crowd_count(&crowd, ISA_STATUS_OK), CROWD_OPS);
    cr_assert_eq(server_counts(server).connections, 1);
    cr_assert_eq(client_stats(&client).attempts, 1);
    client_end(&client);
    server_free(server);
}
