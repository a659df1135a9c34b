/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests of certificates that are replaced while a connection is in use.
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
static struct identity *theirs;
static struct identity *ours;
static struct server *server;
static const char *dir;
static struct client client;
static struct isa_tls_options tls = ISA_TLS_OPTIONS_INIT;
static char log_text[8192];

static void on_log(enum isa_log_level level, const char *line, void *user)
{
    (void)level, (void)user;
    size_t length = strlen(log_text);
    snprintf(log_text + length, sizeof log_text - length, "%s\n", line);
}

static void start_server(uint16_t port, const struct identity *identity)
{
    struct server_tls with = { identity_chain(identity), identity_key(identity),
                               identity_chain(authority) };
    struct server_options options = { .port = port, .tls = &with };
    server = server_new(&options);
}

static void write_ours(const struct identity *identity)
{
    tls.chain_file = scratch_write(dir, "chain.pem", identity_chain(identity));
    tls.key_file = scratch_write(dir, "key.pem", identity_key(identity));
}

static void set_up(void)
{
    isa_set_log(on_log, ISA_LOG_WARNING, NULL);
    authority = identity_new(NULL, "Authority", NULL, 30);
    theirs = identity_new(authority, "server", "IP:127.0.0.2", 30);
    ours = identity_new(authority, "client", NULL, 30);
    dir = scratch_new();
    tls.roots_pem = identity_chain(authority);
    write_ours(ours);
    start_server(0, theirs);
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.tls = &tls;
    options.keep_connected = true;
    options.connect_timeout_ms = 10000; /* a busy machine takes its time over a handshake */
    client_open(&client, server_target(server), &options);
    client_await_state(&client, ISA_STATE_READY);
}

static void tear_down(void)
{
    client_end(&client);
    cr_expect(!strstr(log_text, "PRIVATE KEY"));
    server_free(server);
    identity_free(authority);
    identity_free(theirs);
    identity_free(ours);
    scratch_remove(dir);
}

/* Calls are static: the end of each test looks at them. */
TestSuite(live_tls_renew, .init = set_up, .fini = tear_down);

static bool has_renewed(void *arg)
{
    return client_stats(arg).renewals > 0;
}

static bool has_failed_to_renew(void *arg)
{
    return client_stats(arg).failed_renewals > 0;
}

Test(live_tls_renew, a_replaced_certificate_is_used_and_no_call_is_lost)
{
    static struct client_op held;
    static struct client_op after;
    struct identity *renewed = identity_new(authority, "client", NULL, 60);
    client_send(&client, &held, "/test.Test/Hold", "before");
    cr_assert(server_await_held(server, 1));
    write_ours(renewed);

    cr_assert_eq(isa_conn_renew(client.conn), 0);
    client_await_outside(&client, has_renewed, &client);
    client_await_state(&client, ISA_STATE_READY);
    client_do(&client, &after, "/test.Test/Echo", "after");
    server_release(server);
    client_await_op(&client, &held);

    cr_expect_str_eq(held.reply, "before");
    cr_expect_str_eq(after.reply, "after");
    cr_expect_eq(client_stats(&client).losses, 0);
    cr_expect_eq(client_stats(&client).failures, 0);
    identity_free(renewed);
}

Test(live_tls_renew, a_half_written_file_does_no_harm)
{
    static struct client_op op;
    char half[4096];
    snprintf(half, sizeof half, "%.150s", identity_key(ours));
    scratch_write(dir, "key.pem", half);

    cr_assert_eq(isa_conn_renew(client.conn), 0);
    client_await_outside(&client, has_failed_to_renew, &client);
    client_do(&client, &op, "/test.Test/Echo", "still here");

    cr_expect_str_eq(op.reply, "still here");
    cr_expect_eq(client_count_to(&client, ISA_STATE_CONNECTING), 1);
    cr_expect(strstr(log_text, "renewal failed, the connection stays: reason=credentials"));
    cr_expect(strstr(log_text, "key.pem': the private key is cut short or damaged"));
}

Test(live_tls_renew, a_certificate_that_the_server_refuses_does_no_harm)
{
    static struct client_op op;
    struct identity *stranger = identity_new(NULL, "Stranger", NULL, 30);
    write_ours(stranger);

    cr_assert_eq(isa_conn_renew(client.conn), 0);
    client_await_outside(&client, has_failed_to_renew, &client);
    client_do(&client, &op, "/test.Test/Echo", "still here");

    cr_expect_str_eq(op.reply, "still here");
    cr_expect(strstr(log_text, "reason=client_cert"), "%s", log_text);
    identity_free(stranger);
}

Test(live_tls_renew, a_server_that_comes_back_as_another_is_refused)
{
    static struct client_op op;
    struct identity *other = identity_new(authority, "server", "DNS:elsewhere.example", 30);
    uint16_t port = server_port(server);

    server = server_free(server);
    client_await_count_to(&client, ISA_STATE_TRANSIENT_FAILURE, 1);
    start_server(port, other);
    client_do(&client, &op, "/test.Test/Echo", "who are you");

    cr_expect_eq(op.status.code, ISA_STATUS_UNAVAILABLE);
    cr_expect_eq(op.status.reason, ISA_REASON_CERT_WRONG_NAME, "%s", op.status.message);
    server = server_free(server);
    start_server(port, theirs);
    client_await_state(&client, ISA_STATE_READY);
    identity_free(other);
}
