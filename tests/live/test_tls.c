/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests of TLS as it works: who is trusted, who we are, which name, files and memory.
 * Used by: ctest.
 * Must not know: the rooms behind the public headers.
 */
#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>

#include "client.h"
#include "grpc_server.h"
#include "identity.h"

static struct identity *authority;
static struct identity *ours;
static struct identity *theirs;
static struct server *server;
static const char *dir;
static struct client client;
static struct isa_tls_options tls = ISA_TLS_OPTIONS_INIT;

static struct isa_conn_options options_with_tls(void)
{
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.tls = &tls;
    return options;
}

static void start_server(const struct identity *identity, bool wants_certificate)
{
    struct server_tls with = { identity_chain(identity), identity_key(identity),
                               wants_certificate ? identity_chain(authority) : NULL };
    struct server_options options = { .tls = &with };
    server = server_new(&options);
}

static void set_up(void)
{
    authority = identity_new(NULL, "Authority", NULL, 30);
    theirs = identity_new(authority, "server", "DNS:service.example,IP:127.0.0.2", 30);
    ours = identity_new(authority, "client", NULL, 30);
    dir = scratch_new();
    tls.roots_pem = identity_chain(authority);
}

static void tear_down(void)
{
    server_free(server);
    identity_free(authority);
    identity_free(theirs);
    identity_free(ours);
    scratch_remove(dir);
}

static void expect_echo(void)
{
    struct client_op op = { 0 };
    client_do(&client, &op, "/test.Test/Echo", "under wraps");
    cr_expect_eq(op.status.code, ISA_STATUS_OK, "%s", op.status.message);
    cr_expect_str_eq(op.reply, "under wraps");
    op.call = isa_call_unref(op.call);
    client.ops = NULL;
}

static void open_client(void)
{
    struct isa_conn_options options = options_with_tls();
    client_open(&client, server_target(server), &options);
}

TestSuite(live_tls, .init = set_up, .fini = tear_down);

Test(live_tls, a_call_goes_through_with_roots_from_memory)
{
    start_server(theirs, false);
    open_client();

    expect_echo();

    client_end(&client);
}

Test(live_tls, a_call_goes_through_with_everything_from_files)
{
    start_server(theirs, true);
    tls.roots_pem = NULL;
    tls.roots_file = scratch_write(dir, "roots.pem", identity_chain(authority));
    tls.chain_file = scratch_write(dir, "chain.pem", identity_chain(ours));
    tls.key_file = scratch_write(dir, "key.pem", identity_key(ours));
    open_client();

    expect_echo();

    client_end(&client);
}

Test(live_tls, a_server_that_wants_our_certificate_gets_it_from_memory)
{
    start_server(theirs, true);
    tls.chain_pem = identity_chain(ours);
    tls.key_pem = identity_key(ours);
    open_client();

    expect_echo();

    client_end(&client);
}

Test(live_tls, the_servers_name_can_be_another_than_the_targets)
{
    struct identity *elsewhere = identity_new(authority, "server", "DNS:elsewhere.example", 30);
    start_server(elsewhere, false);
    tls.server_name = "elsewhere.example";
    open_client();

    expect_echo();

    client_end(&client);
    identity_free(elsewhere);
}

Test(live_tls, what_was_given_may_change_after_open)
{
    char roots[4096];
    snprintf(roots, sizeof roots, "%s", identity_chain(authority));
    start_server(theirs, false);
    tls.roots_pem = roots;
    open_client();
    memset(roots, 'x', sizeof roots);

    expect_echo();

    client_end(&client);
}

Test(live_tls, a_file_that_was_replaced_counts_from_the_next_attempt_on)
{
    struct identity *stranger = identity_new(NULL, "Stranger", NULL, 30);
    start_server(theirs, false);
    tls.roots_pem = NULL;
    tls.roots_file = scratch_write(dir, "roots.pem", identity_chain(stranger));
    struct isa_conn_options options = options_with_tls();
    options.keep_connected = true;
    client_open(&client, server_target(server), &options);
    client_await_count_to(&client, ISA_STATE_TRANSIENT_FAILURE, 1);

    scratch_write(dir, "roots.pem", identity_chain(authority));

    client_await_count_to(&client, ISA_STATE_READY, 1);
    client_end(&client);
    identity_free(stranger);
}

Test(live_tls, handles_with_other_credentials_do_not_share)
{
    struct client other;
    struct isa_pool_stats stats = ISA_POOL_STATS_INIT;
    start_server(theirs, true);
    tls.chain_pem = identity_chain(ours);
    tls.key_pem = identity_key(ours);
    open_client();
    struct identity *again = identity_new(authority, "client", NULL, 30);
    tls.chain_pem = identity_chain(again);
    tls.key_pem = identity_key(again);
    struct isa_conn_options options = options_with_tls();
    client_open_on(&other, client.loop, server_target(server), &options);

    isa_pool_get_stats(&stats);

    cr_expect_eq(stats.keys, 2);
    client_close(&other);
    client_leave(&other);
    client_end(&client);
    identity_free(again);
}

Test(live_tls, handles_with_equal_credentials_share)
{
    struct client other;
    struct isa_pool_stats stats = ISA_POOL_STATS_INIT;
    char copy[4096];
    start_server(theirs, false);
    open_client();
    snprintf(copy, sizeof copy, "%s", tls.roots_pem);
    tls.roots_pem = copy;
    struct isa_conn_options options = options_with_tls();
    client_open_on(&other, client.loop, server_target(server), &options);

    isa_pool_get_stats(&stats);

    cr_expect_eq(stats.keys, 1);
    cr_expect_eq(stats.shared_opens, 1);
    client_close(&other);
    client_leave(&other);
    client_end(&client);
}
