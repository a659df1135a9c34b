/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests of the pace of reconnection on real channels: delays by request, a changed network, a
 * kept connection, pings that a server punishes.
 * Used by: ctest.
 * Must not know: the rooms behind the public headers.
 */
#include "client.h"
#include "grpc_server.h"
#include "tcp_peer.h"

#include <criterion/criterion.h>
#include <string.h>

static unsigned asked;

static uint32_t wait_a_minute(struct isa_conn *conn, const struct isa_change *change, void *user)
{
    (void)conn;
    (void)user;
    asked++;
    cr_assert_eq(change->to, ISA_STATE_TRANSIENT_FAILURE);
    cr_assert_gt(change->next_delay_ms, 0);
    return 60000;
}

static uint32_t wait_not_at_all(struct isa_conn *conn, const struct isa_change *change, void *user)
{
    (void)conn;
    (void)change;
    (void)user;
    asked++;
    return 1;
}

Test(live_policy, the_handle_says_how_long_to_wait_and_subscribers_hear_it)
{
    struct server *server = server_new(NULL);
    server_down(server);
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.on_delay = wait_a_minute;
    struct client client;
    client_open(&client, server_target(server), &options);

    cr_assert_eq(isa_conn_connect(client.conn), 0);
    client_await_state(&client, ISA_STATE_TRANSIENT_FAILURE);
    client_run_for(&client, 1200); /* twice what the library would have waited */

    cr_assert_eq(client_last(&client)->next_delay_ms, 60000);
    cr_assert_eq(client_stats(&client).attempts, 1);
    cr_assert_eq(asked, 1);
    client_end(&client);
    server_free(server);
}

Test(live_policy, an_operation_does_not_wait_for_the_delay)
{
    struct server *server = server_new(NULL);
    server_down(server);
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.on_delay = wait_a_minute;
    struct client client;
    client_open(&client, server_target(server), &options);
    cr_assert_eq(isa_conn_connect(client.conn), 0);
    client_await_state(&client, ISA_STATE_TRANSIENT_FAILURE);
    server_up(server);

    struct client_op op = { 0 };
    client_do(&client, &op, "/test.Test/Echo", "now");

    cr_assert_eq(op.status.code, ISA_STATUS_OK, "%s", op.text);
    client_end(&client);
    server_free(server);
}

Test(live_policy, the_shortest_answer_of_several_handles_counts)
{
    struct server *server = server_new(NULL);
    server_down(server);
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.on_delay = wait_a_minute;
    struct client patient;
    client_open(&patient, server_target(server), &options);
    options.on_delay = wait_not_at_all;
    struct client eager;
    client_open_on(&eager, patient.loop, server_target(server), &options);
    cr_assert_eq(isa_conn_connect(patient.conn), 0);

    client_await_count_to(&patient, ISA_STATE_TRANSIENT_FAILURE, 5);
    server_up(server);
    client_await_state(&patient, ISA_STATE_READY);

    cr_assert_geq(asked, 10, "both are asked each time: %u", asked);
    client_close(&eager);
    client_end(&patient);
    client_leave(&eager);
    server_free(server);
}

Test(live_policy, a_changed_network_ends_the_wait)
{
    struct server *server = server_new(NULL);
    server_down(server);
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.on_delay = wait_a_minute;
    struct client client;
    client_open(&client, server_target(server), &options);
    cr_assert_eq(isa_conn_connect(client.conn), 0);
    client_await_state(&client, ISA_STATE_TRANSIENT_FAILURE);
    server_up(server);

    cr_assert_eq(isa_pool_network_changed(), 0);
    client_await_state(&client, ISA_STATE_READY);

    cr_assert_eq(client_nth_to(&client, ISA_STATE_CONNECTING, 1)->reason,
                 ISA_REASON_NETWORK_CHANGED);
    client_end(&client);
    server_free(server);
}

Test(live_policy, a_changed_network_begins_a_hanging_attempt_anew)
{
    struct tcp_peer *silent = tcp_peer_new(0, tcp_accept_silently, NULL);
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.connect_timeout_ms = options.attempt_timeout_ms = 30000;
    struct client client;
    client_open(&client, tcp_peer_target(silent), &options);
    cr_assert_eq(isa_conn_connect(client.conn), 0);
    client_await_state(&client, ISA_STATE_CONNECTING);
    client_run_for(&client, 20); /* beyond the dial floor */

    cr_assert_eq(isa_pool_network_changed(), 0);
    client_await_count_to(&client, ISA_STATE_CONNECTING, 2);

    cr_assert_eq(client_last(&client)->reason, ISA_REASON_NETWORK_CHANGED);
    struct isa_conn_stats stats = client_stats(&client);
    cr_assert_eq(stats.attempts, 2);
    cr_assert_eq(stats.failures, 0);
    client_end(&client);
    tcp_peer_free(silent);
}

Test(live_policy, a_changed_network_moves_new_calls_and_spares_the_running_ones)
{
    struct server *server = server_new(NULL);
    struct client client;
    client_open(&client, server_target(server), NULL);
    struct client_op running = { 0 };
    client_send(&client, &running, "/test.Test/Hold", "old");
    cr_assert(server_await_held(server, 1));
    client_run_for(&client, 20); /* beyond the dial floor */

    cr_assert_eq(isa_pool_network_changed(), 0);
    client_await_count_to(&client, ISA_STATE_READY, 2);
    struct client_op next = { 0 };
    client_do(&client, &next, "/test.Test/Echo", "new");
    cr_assert_eq(running.completions, 0);
    server_release(server);
    client_await_all(&client);

    cr_assert_eq(running.status.code, ISA_STATUS_OK, "%s", running.text);
    cr_assert_eq(next.status.code, ISA_STATUS_OK, "%s", next.text);
    cr_assert_eq(server_counts(server).connections, 2);
    struct isa_conn_stats stats = client_stats(&client);
    cr_assert_eq(stats.losses + stats.drains + stats.reconnects, 0);
    client_end(&client);
    server_free(server);
}

Test(live_policy, a_kept_connection_stands_before_the_first_call_and_is_never_idle)
{
    struct server *server = server_new(NULL);
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.keep_connected = true;
    options.idle_timeout_ms = 100;
    struct client client;
    client_open(&client, server_target(server), &options);

    client_await_state(&client, ISA_STATE_READY);
    client_run_for(&client, 500);

    cr_assert_eq(client_last(&client)->to, ISA_STATE_READY);
    cr_assert_eq(server_counts(server).connections, 1);
    cr_assert_eq(server_counts(server).calls, 0);
    client_end(&client);
    server_free(server);
}

Test(live_policy, pings_that_the_server_punishes_get_their_reason_and_become_fewer)
{
    struct server_options strict = { .min_ping_ms = 60000, .ping_strikes = 1 };
    struct server *server = server_new(&strict);
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.keepalive_time_ms = 1000;
    struct client client;
    client_open(&client, server_target(server), &options);
    struct client_op op = { 0 };
    client_send(&client, &op, "/test.Test/Hold", "quiet");
    cr_assert(server_await_held(server, 1));

    client_await_op(&client, &op);
    client_await_count_to(&client, ISA_STATE_READY, 2);

    cr_assert_eq(op.status.code, ISA_STATUS_UNAVAILABLE, "%s", op.text);
    cr_assert_eq(op.status.reason, ISA_REASON_TOO_MANY_PINGS, "%s", op.text);
    const struct isa_change *end = client_nth_to(&client, ISA_STATE_TRANSIENT_FAILURE, 0);
    if (!end)
        end = client_nth_to(&client, ISA_STATE_CONNECTING, 1);
    cr_assert_eq(end->reason, ISA_REASON_TOO_MANY_PINGS, "%s %s", isa_reason_name(end->reason),
                 end->text);
    cr_assert_eq(client_stats(&client).keepalive_time_ms, 2000);
    client_end(&client);
    server_free(server);
}

Test(live_policy, options_say_what_is_wrong_with_them)
{
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    char why[200];

    cr_assert_eq(isa_conn_options_check(NULL, why, sizeof why), 0);
    cr_assert_str_empty(why);
    options.keepalive_time_ms = 999;
    cr_assert_eq(isa_conn_options_check(&options, why, sizeof why), ISA_EINVAL);
    cr_assert_str_eq(why, "keepalive_time_ms is 999: its range is 1000 to 2147483647, or 0 for the "
                          "default");
    options.keepalive_time_ms = 5000;
    cr_assert_eq(isa_conn_options_check(&options, why, sizeof why), 0);
    cr_assert_not_null(strstr(why, "too_many_pings"), "%s", why);
    options.reserved[3] = true;
    cr_assert_eq(isa_conn_options_check(&options, why, sizeof why), ISA_EUNKNOWN_OPTION);
    cr_assert_not_null(strstr(why, "reserved[3]"), "%s", why);
    cr_assert_eq(isa_conn_options_check(&options, NULL, 0), ISA_EUNKNOWN_OPTION);
}
