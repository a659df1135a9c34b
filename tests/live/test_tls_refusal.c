/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests of what is said of each way in which TLS refuses a connection.
 * Used by: ctest.
 * Must not know: the rooms behind the public headers.
 */
#include <criterion/criterion.h>

#include <stdio.h>
#include <string.h>

#include "client.h"
#include "grpc_server.h"
#include "identity.h"
#include "tcp_peer.h"

static struct identity *authority;
static struct identity *stranger;
static struct identity *theirs;
static struct identity *ours;
static struct server *server;
static const char *dir;
static struct client client;
static struct isa_tls_options tls = ISA_TLS_OPTIONS_INIT;

static void set_up(void)
{
    authority = identity_new(NULL, "Authority", NULL, 30);
    stranger = identity_new(NULL, "Stranger", NULL, 30);
    ours = identity_new(authority, "client", NULL, 30);
    dir = scratch_new();
    tls.roots_pem = identity_chain(authority);
}

static void tear_down(void)
{
    server_free(server);
    identity_free(authority);
    identity_free(stranger);
    identity_free(theirs);
    identity_free(ours);
    scratch_remove(dir);
}

TestSuite(live_tls_refusal, .init = set_up, .fini = tear_down);

static void start_server(struct identity *identity, bool wants_certificate)
{
    theirs = identity;
    struct server_tls with = { identity_chain(theirs), identity_key(theirs),
                               wants_certificate ? identity_chain(authority) : NULL };
    struct server_options options = { .tls = &with };
    server = server_new(&options);
}

/* The first attempt fails with this reason and these words, and so does a call. */
static void expect_refusal_at(const char *target, const struct isa_tls_options *with,
                              enum isa_reason reason, const char *words)
{
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    struct client_op op = { 0 };
    options.tls = with;
    options.connect_timeout_ms = 10000; /* a busy machine takes its time over a handshake */
    client_open(&client, target, &options);

    client_do(&client, &op, "/test.Test/Echo", "x");

    const struct isa_change *change = client_nth_to(&client, ISA_STATE_TRANSIENT_FAILURE, 0);
    cr_expect_eq(op.status.code, ISA_STATUS_UNAVAILABLE);
    cr_expect_eq(op.status.reason, reason, "%s", isa_reason_name(op.status.reason));
    cr_expect(strstr(op.status.message, words), "'%s' lacks '%s'", op.status.message, words);
    cr_assert_not_null(change);
    cr_expect_eq(change->reason, reason, "%s", isa_reason_name(change->reason));
    cr_expect(!strstr(op.status.message, "PRIVATE KEY"));
    client_end(&client);
}

static void expect_refusal(enum isa_reason reason, const char *words)
{
    expect_refusal_at(server_target(server), &tls, reason, words);
}

Test(live_tls_refusal, an_expired_certificate)
{
    start_server(identity_new(authority, "server", "IP:127.0.0.2", -2), false);

    expect_refusal(ISA_REASON_CERT_EXPIRED,
                   "the server's certificate 'server' has expired; it was valid until ");
}

Test(live_tls_refusal, a_certificate_that_is_not_valid_yet)
{
    start_server(identity_new_later(authority, "server", "IP:127.0.0.2", 3), false);

    expect_refusal(ISA_REASON_CERT_EXPIRED, "the server's certificate 'server' is not valid yet");
}

Test(live_tls_refusal, a_certificate_for_another_name)
{
    start_server(identity_new(authority, "server", "DNS:elsewhere.example", 30), false);

    expect_refusal(ISA_REASON_CERT_WRONG_NAME,
                   "127.0.0.2 is not in peer certificate (tls.server_name says which name to "
                   "expect instead)");
}

Test(live_tls_refusal, an_unknown_authority)
{
    start_server(identity_new(stranger, "server", "IP:127.0.0.2", 30), false);

    expect_refusal(ISA_REASON_CERT_UNTRUSTED, "the server's certificate 'server' was issued by "
                                              "'Stranger', an unknown authority");
}

Test(live_tls_refusal, a_certificate_that_vouches_for_itself)
{
    start_server(identity_new(NULL, "server", "IP:127.0.0.2", 30), false);

    expect_refusal(ISA_REASON_CERT_UNTRUSTED, "the server's certificate 'server' vouches for "
                                              "itself, and is an unknown authority");
}

Test(live_tls_refusal, the_systems_authorities_do_not_know_ours)
{
    start_server(identity_new(authority, "server", "IP:127.0.0.2", 30), false);
    tls.roots_pem = NULL;

    expect_refusal(ISA_REASON_CERT_UNTRUSTED, "was issued by 'Authority', an unknown authority");
}

Test(live_tls_refusal, an_authority_that_has_expired)
{
    struct identity *old = identity_new(NULL, "Old authority", NULL, -1);
    start_server(identity_new(old, "server", "IP:127.0.0.2", 30), false);
    tls.roots_pem = identity_chain(old);

    expect_refusal(ISA_REASON_CERT_EXPIRED, "the certificate of the server's authority 'Old "
                                            "authority' has expired; it was valid until ");
    identity_free(old);
}

Test(live_tls_refusal, a_server_that_wants_a_certificate_and_gets_none)
{
    start_server(identity_new(authority, "server", "IP:127.0.0.2", 30), true);

    expect_refusal(ISA_REASON_CLIENT_CERT,
                   "most likely the server wants a client certificate, and none is set");
}

Test(live_tls_refusal, a_server_that_does_not_accept_our_certificate)
{
    struct identity *other = identity_new(stranger, "client", NULL, 30);
    start_server(identity_new(authority, "server", "IP:127.0.0.2", 30), true);
    tls.chain_pem = identity_chain(other);
    tls.key_pem = identity_key(other);

    expect_refusal(ISA_REASON_CLIENT_CERT,
                   "most likely the server does not accept our client certificate");
    identity_free(other);
}

Test(live_tls_refusal, a_server_that_speaks_plain_text)
{
    server = server_new(NULL);

    expect_refusal(ISA_REASON_TLS_REFUSED,
                   "wrong version number (what the server answers is not TLS; is it a plain-text "
                   "one?)");
}

Test(live_tls_refusal, a_tls_server_that_is_spoken_to_in_plain_text)
{
    start_server(identity_new(authority, "server", "IP:127.0.0.2", 30), false);

    expect_refusal_at(server_target(server), NULL, ISA_REASON_PEER_CLOSED,
                      "(before the server spoke HTTP/2; does it expect TLS?)");
}

Test(live_tls_refusal, a_peer_that_closes_in_the_handshake)
{
    struct tcp_peer *peer = tcp_peer_new(0, tcp_accept_and_close, NULL);

    expect_refusal_at(tcp_peer_target(peer), &tls, ISA_REASON_PEER_CLOSED,
                      "(during the TLS handshake; does the server speak TLS?)");

    tcp_peer_free(peer);
}

Test(live_tls_refusal, a_peer_that_is_silent_in_the_handshake)
{
    struct tcp_peer *peer = tcp_peer_new(0, tcp_accept_silently, NULL);
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.tls = &tls;
    options.connect_timeout_ms = 150;
    options.keep_connected = true;
    client_open(&client, tcp_peer_target(peer), &options);

    client_await_count_to(&client, ISA_STATE_TRANSIENT_FAILURE, 1);

    const struct isa_change *change = client_nth_to(&client, ISA_STATE_TRANSIENT_FAILURE, 0);
    cr_expect_eq(change->reason, ISA_REASON_TIMED_OUT, "%s", change->text);
    client_end(&client);
    tcp_peer_free(peer);
}

Test(live_tls_refusal, a_file_of_ours_that_is_missing)
{
    start_server(identity_new(authority, "server", "IP:127.0.0.2", 30), false);
    tls.roots_pem = NULL;
    tls.roots_file = "/nonexistent/roots.pem";

    expect_refusal(ISA_REASON_CREDENTIALS,
                   "tls.roots_file '/nonexistent/roots.pem': No such file or directory");
}

Test(live_tls_refusal, a_file_of_ours_that_is_half_written)
{
    char half[4096];
    snprintf(half, sizeof half, "%.200s", identity_chain(authority));
    start_server(identity_new(authority, "server", "IP:127.0.0.2", 30), false);
    tls.roots_pem = NULL;
    tls.roots_file = scratch_write(dir, "half.pem", half);

    expect_refusal(ISA_REASON_CREDENTIALS,
                   "half.pem': certificate 1 of 1 is cut short or damaged; was it half-written?");
}

Test(live_tls_refusal, an_end_in_the_middle_of_an_explanation)
{
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.tls = &tls;
    options.keep_connected = true;
    start_server(identity_new(authority, "server", "IP:127.0.0.2", -2), false);

    for (unsigned ms = 0; ms < 12; ms++) {
        client_open(&client, server_target(server), &options);
        client_run_for(&client, ms);
        client_end(&client);
    }
}
