/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests of peers whose statuses read like core's own texts about a connection.
 * Must not know: the rooms behind the public headers.
 */
#include "client.h"
#include "stream_peer.h"
#include "tcp_peer.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct stream_peer *peer;
static struct client client;

static void begin(void)
{
    peer = stream_peer_new();
    client_open(&client, stream_peer_target(peer), NULL);
}

static void end(void)
{
    client_end(&client);
    stream_peer_free(peer);
}

static void call(struct client_op *op, bool wait_for_ready)
{
    struct isa_unary unary = client_unary("/test.Test/Echo", "x");
    struct isa_call_options options = ISA_CALL_OPTIONS_INIT;
    options.wait_for_ready = wait_for_ready;
    unary.options = &options;
    cr_assert_eq(client_start(&client, op, &unary), 0);
    client_await_op(&client, op);
}

static void say(unsigned calls, const char *code, const char *message, bool closes)
{
    struct stream_answer answer = { "200", code, message, closes };
    stream_peer_say(peer, calls, &answer);
}

static const struct stream_answer forged[] = {
    { .code = "14", .message = "Transport closed" },
    { .code = "14", .message = "GOAWAY received" },
    { .code = "14", .message = "GOAWAY received; Error code: 0; Debug Text: bye" },
    { .code = "14", .message = "Socket closed" },
    { .code = "14", .message = "recvmsg:Connection reset by peer" },
    { .code = "14", .message = "keepalive watchdog timeout" },
    { .code = "14", .message = "Too many pings" },
    { .code = "14", .message = "enter idle" },
    { .code = "14", .message = "failed to connect to all addresses; last error: UNKNOWN: x" },
    { .code = "14", .message = "DNS resolution failed for x: Domain name not found" },
    { .code = "14", .message = "Stream removed (Socket closed)" },
    { .code = "14", .message = "Stream removed (GOAWAY received; Error code: 0; Debug Text: )" },
    { .code = "14", .message = "the server's certificate was issued by an unknown authority" },
    { .code = "2", .message = "Stream removed" },
    { .code = "13", .message = "Stream removed (Failed parsing HTTP/2 (x))" },
};

/* Each text without and with wait_for_ready: one call is one stream on the wire. */
Test(live_forged, a_status_that_reads_like_cores_own_is_the_peers)
{
    enum { CALLS = 2 * sizeof forged / sizeof *forged };
    struct client_op ops[CALLS] = { 0 };
    begin();

    for (size_t i = 0; i < CALLS; i++) {
        const struct stream_answer *answer = &forged[i / 2];
        say(1000, answer->code, answer->message, false);
        call(&ops[i], i % 2);
        cr_expect_eq(stream_peer_harmed(peer), 1, "%s: sent %u times", answer->message,
                     stream_peer_harmed(peer));
        cr_expect_eq(ops[i].attempts, 1, "%s", answer->message);
        cr_expect_eq((int)ops[i].status.code, (int)strtol(answer->code, NULL, 10), "%s",
                     answer->message);
        cr_expect_eq(ops[i].status.reason, ISA_REASON_NONE, "%s: %s", answer->message,
                     isa_reason_name(ops[i].status.reason));
        cr_expect_str_eq(ops[i].text, answer->message);
    }

    cr_expect_eq(client_stats(&client).attempts, 1, "the connection had no part in it");
    cr_expect_eq(isa_conn_state(client.conn), ISA_STATE_READY);
    end();
}

static bool is_harming(void *unused)
{
    (void)unused;
    return stream_peer_harmed(peer) > 0;
}

/* A call that waits for a connection is counted as queued: only the very first did. */
Test(live_forged, no_other_call_waits_because_of_it)
{
    struct client_op first = { 0 };
    struct client_op bad[50] = { 0 };
    struct client_op good[50] = { 0 };
    begin();
    call(&first, false);

    say(50, "14", "Socket closed", false);
    for (size_t i = 0; i < 50; i++)
        client_send(&client, &bad[i], "/test.Bad/Call", "x");
    client_await_outside(&client, is_harming, NULL);
    for (size_t i = 0; i < 50; i++)
        call(&good[i], false);
    client_await_all(&client);

    cr_expect_eq(client_stats(&client).operations_queued, 1);
    for (size_t i = 0; i < 50; i++)
        cr_expect_eq(bad[i].completions, 1);
    end();
}

Test(live_forged, a_code_that_grpc_does_not_define_is_unknown)
{
    struct client_op op = { 0 };
    begin();

    say(1, "99", "x", false);
    call(&op, false);

    cr_expect_eq(op.status.code, ISA_STATUS_UNKNOWN);
    cr_expect_str_eq(op.text, "x");
    end();
}

/* ---- texts that would rather be something else ------------------------------------------------- */

static char log_text[65536];

static void on_log(enum isa_log_level level, const char *line, void *unused)
{
    (void)level, (void)unused;
    size_t length = strlen(log_text);
    snprintf(log_text + length, sizeof log_text - length, "%s|", line);
}

static bool is_plain(const char *text)
{
    for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
        if (*at < 0x20 || *at >= 0x7f)
            return false;
    }
    return true;
}

/* The peer makes its words come true. They are quoted: "x" ends no field of a log line. */
Test(live_forged, what_a_peer_says_is_escaped_in_log_and_state)
{
    static const char said[] = "Socket closed%0A%1B[31m\" reason=cert_untrusted %FF";
    struct client_op op = { 0 };
    isa_set_log(on_log, ISA_LOG_INFO, NULL);
    begin();

    say(1, "14", said, true);
    call(&op, false);
    client_await_count_to(&client, ISA_STATE_TRANSIENT_FAILURE, 1);

    const struct isa_change *change = client_nth_to(&client, ISA_STATE_TRANSIENT_FAILURE, 0);
    cr_expect_eq(change->reason, ISA_REASON_PEER_CLOSED, "%s", isa_reason_name(change->reason));
    cr_expect(is_plain(change->text), "%s", change->text);
    cr_expect_not_null(strstr(change->text, "\\x0a\\x1b[31m\\x22 reason"), "%s", change->text);
    cr_expect(is_plain(log_text), "%s", log_text);
    cr_expect_not_null(strstr(log_text, "\\x22 reason=cert_untrusted"), "%s", log_text);
    cr_expect_not_null(strstr(op.text, "\n\x1b[31m\" reason"), "the status is the peer's: %s",
                       op.text);
    end();
}

/* Debug data and garbage before SETTINGS, over plain text: no reason of TLS comes of it. */
static bool greet_with_a_forgery(int fd, void *unused)
{
    static const char bytes[] =
        "\x00\x00\x2d\x07\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02"
        "client certificate, an unknown auth\n\x1b";
    (void)unused;
    ssize_t sent = write(fd, bytes, sizeof bytes - 1);
    return sent > 0;
}

Test(live_forged, garbage_before_settings_is_a_protocol_error)
{
    struct tcp_peer *tcp = tcp_peer_new(0, greet_with_a_forgery, NULL);
    struct client_op op = { 0 };
    client_open(&client, tcp_peer_target(tcp), NULL);

    call(&op, false);

    cr_expect_eq(op.status.reason, ISA_REASON_PROTOCOL, "%s: %s", isa_reason_name(op.status.reason),
                 op.text);
    cr_expect(is_plain(op.text), "%s", op.text);
    client_end(&client);
    tcp_peer_free(tcp);
}

/* ---- a gateway that knows nothing of gRPC -------------------------------------------------------- */

static void watch_health(const struct stream_answer *answer)
{
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.health_service = "test";
    peer = stream_peer_new();
    stream_peer_say(peer, 1, answer);
    client_open(&client, stream_peer_target(peer), &options);
    isa_conn_connect(client.conn);
}

Test(live_forged, a_gateways_404_to_a_health_watch_is_no_service_that_serves)
{
    static const struct stream_answer not_found = { "404", "", "", false };
    watch_health(&not_found);

    client_await_count_to(&client, ISA_STATE_TRANSIENT_FAILURE, 1);

    cr_expect_eq(client_count_to(&client, ISA_STATE_READY), 0);
    cr_expect_eq(client_last(&client)->reason, ISA_REASON_NOT_SERVING, "%s",
                 client_last(&client)->text);
    end();
}

Test(live_forged, an_unimplemented_health_service_is_one_that_serves)
{
    static const struct stream_answer unimplemented = { "200", "12", "no such service", false };
    watch_health(&unimplemented);

    client_await_count_to(&client, ISA_STATE_READY, 1);

    cr_expect_eq(client_count_to(&client, ISA_STATE_TRANSIENT_FAILURE), 0);
    end();
}

/* ---- real ends --------------------------------------------------------------------------------- */

static enum isa_state state_then;

static void look_at_state(struct client_op *op)
{
    state_then = isa_conn_state(op->client->conn);
}

Test(live_forged, who_hears_that_a_connection_has_failed_a_call_finds_its_state_changed)
{
    enum { ROUNDS = 20 };
    struct client_op ops[ROUNDS] = { 0 };
    struct client_op next[ROUNDS] = { 0 };
    begin();

    for (unsigned i = 0; i < ROUNDS; i++) {
        ops[i].then = look_at_state;
        stream_peer_arm(peer, PHASE_AFTER_HEADERS, harm_by_close);
        call(&ops[i], false);
        cr_expect_eq(ops[i].status.reason, ISA_REASON_PEER_CLOSED, "%s", ops[i].text);
        cr_expect_neq(state_then, ISA_STATE_READY);
        call(&next[i], false);
        cr_expect_eq(next[i].status.code, ISA_STATUS_OK, "%s", next[i].text);
    }

    end();
}
