/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests of every kind of target, and of several addresses in one.
 * Used by: ctest.
 * Must not know: the rooms behind the public headers.
 */
#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "grpc_server.h"
#include "identity.h"

enum { ROUNDS = 20 };

static struct client client;
static char text[256];

static void expect_echo_at(const char *target, const struct isa_conn_options *options)
{
    struct client_op op = { 0 };
    client_open(&client, target, options);
    client_do(&client, &op, "/test.Test/Echo", "hello");
    cr_expect_eq(op.status.code, ISA_STATUS_OK, "%s: %s", target, op.status.message);
    cr_expect_str_eq(op.reply, "hello");
    client_end(&client);
}

static void expect_echo_from(const char *address)
{
    struct server_options options = { .address = address };
    struct server *server = server_new(&options);
    expect_echo_at(server_target(server), NULL);
    server_free(server);
}

Test(live_targets, a_unix_socket)
{
    const char *dir = scratch_new();
    snprintf(text, sizeof text, "unix:%s/socket", dir);

    expect_echo_from(text);

    scratch_remove(dir);
}

Test(live_targets, an_abstract_unix_socket)
{
    snprintf(text, sizeof text, "unix-abstract:isa-test-%d", (int)getpid());

    expect_echo_from(text);
}

Test(live_targets, ipv6)
{
    if (access("/proc/net/if_inet6", R_OK) != 0)
        cr_skip_test("no IPv6 here");

    expect_echo_from("[::1]:0");
}

Test(live_targets, a_name)
{
    struct server_options options = { .address = "127.0.0.1:0" };
    struct server *server = server_new(&options);
    struct isa_conn_options robin = ISA_CONN_OPTIONS_INIT;
    robin.balancing = ISA_BALANCING_ROUND_ROBIN;
    snprintf(text, sizeof text, "dns:///localhost:%u", server_port(server));

    expect_echo_at(text, NULL);
    expect_echo_at(text, &robin);

    server_free(server);
}

Test(live_targets, tls_on_a_unix_socket_expects_localhost)
{
    const char *dir = scratch_new();
    struct identity *authority = identity_new(NULL, "Authority", NULL, 1);
    struct identity *theirs = identity_new(authority, "server", "DNS:localhost", 1);
    struct server_tls with = { identity_chain(theirs), identity_key(theirs), NULL };
    snprintf(text, sizeof text, "unix:%s/socket", dir);
    struct server_options server_options = { .address = text, .tls = &with };
    struct server *server = server_new(&server_options);
    struct isa_tls_options tls = ISA_TLS_OPTIONS_INIT;
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    tls.roots_pem = identity_chain(authority);
    options.tls = &tls;

    expect_echo_at(text, &options);

    server_free(server);
    identity_free(theirs);
    identity_free(authority);
    scratch_remove(dir);
}

static void name_both(const struct server *one, const struct server *two)
{
    snprintf(text, sizeof text, "ipv4:%s,%s", server_target(one), server_target(two));
}

Test(live_targets, the_second_address_serves_when_the_first_refuses)
{
    struct server *one = server_new(NULL);
    struct server *two = server_new(NULL);
    name_both(one, two);
    server_down(one);

    expect_echo_at(text, NULL);

    cr_expect_eq(server_counts(two).calls, 1);
    server_free(one);
    server_free(two);
}

Test(live_targets, the_second_address_serves_when_the_first_dies)
{
    struct server *one = server_new(NULL);
    struct server *two = server_new(NULL);
    struct client_op ops[2] = { 0 };
    name_both(one, two);
    client_open(&client, text, NULL);
    client_do(&client, &ops[0], "/test.Test/Echo", "x");
    cr_expect_eq(server_counts(one).calls, 1);

    server_down(one);
    client_await_count_to(&client, ISA_STATE_TRANSIENT_FAILURE, 1);
    client_do(&client, &ops[1], "/test.Test/Echo", "x");

    cr_expect_eq(ops[1].status.code, ISA_STATUS_OK, "%s", ops[1].status.message);
    cr_expect_eq(server_counts(two).calls, 1);
    client_end(&client);
    server_free(one);
    server_free(two);
}

/* One after the other. */
static void call_in_turn(struct client_op ops[ROUNDS])
{
    struct isa_call_options patient = ISA_CALL_OPTIONS_INIT;
    patient.wait_for_ready = true;
    for (int i = 0; i < ROUNDS; i++) {
        struct isa_unary unary = client_unary("/test.Test/Echo", "x");
        unary.options = &patient;
        cr_assert_eq(client_start(&client, &ops[i], &unary), 0);
        client_await_op(&client, &ops[i]);
        cr_expect_eq(ops[i].status.code, ISA_STATUS_OK, "%s", ops[i].status.message);
    }
}

static bool has_both(void *arg)
{
    struct server **servers = arg;
    return server_counts(servers[0]).connections > 0 && server_counts(servers[1]).connections > 0;
}

Test(live_targets, round_robin_goes_on_while_one_lives_and_comes_back_when_none_did)
{
    struct server *servers[2] = { server_new(NULL), server_new(NULL) };
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    static struct client_op ops[4][ROUNDS];
    options.balancing = ISA_BALANCING_ROUND_ROBIN;
    options.keep_connected = true;
    options.connect_timeout_ms = 300;
    name_both(servers[0], servers[1]);
    client_open(&client, text, &options);
    client_await_state(&client, ISA_STATE_READY);
    client_await_outside(&client, has_both, servers);
    client_run_for(&client, 50);

    call_in_turn(ops[0]);
    cr_expect_geq(server_counts(servers[0]).calls, ROUNDS / 2 - 2);
    cr_expect_geq(server_counts(servers[1]).calls, ROUNDS / 2 - 2);

    server_down(servers[0]);
    client_run_for(&client, 50);
    call_in_turn(ops[1]);
    cr_expect_eq(client_count_to(&client, ISA_STATE_TRANSIENT_FAILURE), 0, "one lives");
    cr_expect_eq(client_stats(&client).losses, 0);

    server_down(servers[1]);
    client_await_count_to(&client, ISA_STATE_TRANSIENT_FAILURE, 1);
    cr_expect_eq(client_stats(&client).losses, 1);

    server_up(servers[0]);
    client_await_state(&client, ISA_STATE_READY);
    call_in_turn(ops[2]);
    cr_expect_eq(client_stats(&client).reconnects, 1);

    unsigned before = server_counts(servers[1]).calls;
    server_up(servers[1]);
    unsigned connections = server_counts(servers[1]).connections;
    for (int i = 0; i < 100 && server_counts(servers[1]).connections == connections; i++)
        client_run_for(&client, 20);
    client_run_for(&client, 50);
    call_in_turn(ops[3]);
    cr_expect_gt(server_counts(servers[1]).calls, before, "core reconnects it by itself");
    cr_expect_eq(client_stats(&client).losses, 1);
    client_end(&client);
    server_free(servers[0]);
    server_free(servers[1]);
}
