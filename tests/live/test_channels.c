/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests of several channels for one key, against a real server.
 * Used by: ctest.
 * Must not know: the rooms behind the public headers.
 */
#include "client.h"
#include "grpc_server.h"

#include <criterion/criterion.h>
#include <string.h>

enum { CALLS = 40 };

static struct client_op ops[CALLS];

static bool has_two_channels(void *arg)
{
    return client_stats(arg).channels_ready == 2;
}

static bool has_fewer_channels(void *arg)
{
    return client_stats(arg).channels_ready < 2; /* the first becomes idle too */
}

static void hold(struct client *client, struct server *server, unsigned from, unsigned to)
{
    for (unsigned i = from; i < to; i++)
        client_send(client, &ops[i], "/test.Test/Hold", "held");
    cr_assert(server_await_held(server, to));
}

static void open_pair(struct client *client, struct server *server)
{
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.max_channels = 2;
    options.calls_per_channel = 10;
    options.idle_timeout_ms = 300;
    client_open(client, server_target(server), &options);
    hold(client, server, 0, 20);
    client_await_outside(client, has_two_channels, client);
}

Test(live_channels, a_second_one_is_made_when_the_first_is_full)
{
    struct server *server = server_new(NULL);
    struct client client;
    open_pair(&client, server);

    hold(&client, server, 20, CALLS);
    cr_assert_eq(server_counts(server).connections, 2);
    server_release(server);
    client_await_all(&client);

    for (unsigned i = 0; i < CALLS; i++)
        cr_assert_eq(ops[i].status.code, ISA_STATUS_OK, "%s", ops[i].text);
    cr_assert_eq(client_count_to(&client, ISA_STATE_READY), 1, "one connection is told of");
    client_end(&client);
    server_free(server);
}

Test(live_channels, the_second_one_goes_when_it_is_idle)
{
    struct server *server = server_new(NULL);
    struct client client;
    open_pair(&client, server);
    server_release(server);
    client_await_all(&client);

    client_await_outside(&client, has_fewer_channels, &client);

    cr_assert_eq(server_counts(server).connections, 2);
    client_end(&client);
    server_free(server);
}

Test(live_channels, all_are_made_anew_after_an_outage)
{
    struct server *server = server_new(NULL);
    struct client client;
    open_pair(&client, server);
    hold(&client, server, 20, 30);

    server_down(server);
    client_await_all(&client);
    server_up(server);
    client_await_count_to(&client, ISA_STATE_READY, 2);

    for (unsigned i = 0; i < 30; i++) {
        cr_assert_eq(ops[i].status.code, ISA_STATUS_UNAVAILABLE, "%s", ops[i].text);
        cr_assert_eq(ops[i].completions, 1);
        isa_call_unref(ops[i].call);
    }
    client.ops = NULL;
    memset(ops, 0, sizeof ops);
    client_run_for(&client, 1000); /* longer than no second one is tried after a failure */
    cr_assert(server_await_cancelled(server, 30));
    hold(&client, server, 0, 20);
    client_await_outside(&client, has_two_channels, &client);
    server_release(server);
    client_await_all(&client);
    client_end(&client);
    server_free(server);
}

Test(live_channels, a_shutdown_ends_calls_on_all)
{
    struct server *server = server_new(NULL);
    struct client client;
    open_pair(&client, server);
    hold(&client, server, 20, 30);

    client_shutdown_pool(&client, 100);

    for (unsigned i = 0; i < 30; i++)
        cr_assert_eq(ops[i].completions, 1, "%s", ops[i].text);
    client_leave(&client);
    server_free(server);
}
