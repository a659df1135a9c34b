/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests of what grpc-core's texts mean.
 * Must not know: channels and calls.
 */
#include <criterion/criterion.h>

#include "core_text.h"

struct sample {
    const char *text;
    enum isa_reason reason;
};

/* As core 1.51 writes them. */
static const struct sample samples[] = {
    { "failed to connect to all addresses; last error: UNKNOWN: ipv4:127.0.0.1:1: Failed to "
      "connect to remote host: Connection refused",
      ISA_REASON_REFUSED },
    { "failed to connect to all addresses; last error: UNKNOWN: unix:/run/none: No such file or "
      "directory",
      ISA_REASON_REFUSED },
    { "DNS resolution failed for nosuchhost.invalid:1: C-ares status is not ARES_SUCCESS "
      "qtype=A name=nosuchhost.invalid is_balancer=0: Domain name not found",
      ISA_REASON_NAME_NOT_FOUND },
    { "DNS resolution failed for x:1: Timeout while contacting DNS servers",
      ISA_REASON_NAME_NOT_FOUND },
    { "failed to connect to all addresses; last error: UNKNOWN: ipv4:10.255.255.1:1: Failed to "
      "connect to remote host: No route to host",
      ISA_REASON_UNREACHABLE },
    { "ipv6:[2001:db8::1]:1: Network is unreachable", ISA_REASON_UNREACHABLE },
    { "ipv4:10.0.0.1:1: connect failed: Network is down", ISA_REASON_UNREACHABLE },
    { "failed to connect to all addresses; last error: UNAVAILABLE: ipv4:127.0.0.1:1: connection "
      "attempt timed out before receiving SETTINGS frame",
      ISA_REASON_TIMED_OUT },
    { "FD Shutdown: Deadline Exceeded", ISA_REASON_TIMED_OUT },
    { "keepalive watchdog timeout", ISA_REASON_KEEPALIVE_LOST },
    { "recvmsg:Connection timed out", ISA_REASON_KEEPALIVE_LOST },
    { "GOAWAY received; Error code: 11; Debug Text: too_many_pings", ISA_REASON_PEER_DRAINED },
    { "GOAWAY received; Error code: 0; Debug Text: max_age", ISA_REASON_PEER_DRAINED },
    { "Ssl handshake failed: SSL_ERROR_SSL: error:1416F086:SSL routines:certificate verify failed",
      ISA_REASON_TLS_REFUSED },
    { "Trying to connect an http1.x server", ISA_REASON_PROTOCOL },
    { "Failed parsing HTTP/2", ISA_REASON_PROTOCOL },
    { "x: Cannot check peer: missing selected ALPN property.", ISA_REASON_PROTOCOL },
    { "x: tcp handshaker shutdown", ISA_REASON_TIMED_OUT },
    { "x: Failed parsing HTTP/2 (Expected SETTINGS frame as the first frame, got frame type 80) "
      "(Trying to connect an http1.x server (HTTP status 400))",
      ISA_REASON_PROTOCOL },
    { "recvmsg:Connection reset by peer", ISA_REASON_PEER_CLOSED },
    { "Socket closed", ISA_REASON_PEER_CLOSED },
    { "Transport closed", ISA_REASON_PEER_CLOSED },
    { "sendmsg: Broken pipe", ISA_REASON_PEER_CLOSED },
    { "x: Peer name 127.0.0.1 is not in peer certificate", ISA_REASON_CERT_WRONG_NAME },
    { "Ssl handshake failed: SSL_ERROR_SSL: error:0A000418:SSL routines::tlsv1 alert unknown ca",
      ISA_REASON_CLIENT_CERT },
    { "Ssl handshake failed: SSL_ERROR_SSL: error:0A000410:SSL routines::sslv3 alert handshake "
      "failure",
      ISA_REASON_TLS_REFUSED },
    { "x: Handshake read failed", ISA_REASON_TIMED_OUT },
    { "", ISA_REASON_OTHER },
    { "the weather was bad", ISA_REASON_OTHER },
};

Test(transport_core_text, an_attempt_that_failed_has_its_reason)
{
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++)
        cr_expect_eq(isa__core_reason_of_attempt(samples[i].text), samples[i].reason, "%s: %s",
                     samples[i].text,
                     isa_reason_name(isa__core_reason_of_attempt(samples[i].text)));
}

Test(transport_core_text, what_a_peer_adds_to_it_gives_no_reason)
{
    cr_expect_eq(isa__core_reason_of_attempt(
                     "failed to connect to all addresses; last error: x: GOAWAY received; Error "
                     "code: 0; Debug Text: certificate, timed out, Connection refused"),
                 ISA_REASON_PEER_DRAINED);
    cr_expect_eq(isa__core_reason_of_attempt("x: the server's certificate 'an unknown authority'"),
                 ISA_REASON_TLS_REFUSED, "whose verdict it is comes as a number");
}

/* ---- claims ------------------------------------------------------------------------------------ */

struct claim_sample {
    grpc_status_code code;
    const char *text;
    enum isa__claim claim;
    enum isa_reason reason; /* once it is confirmed; of UNSENT see above */
};

static const struct claim_sample claims_1_51[] = {
    { GRPC_STATUS_UNAVAILABLE, "failed to connect to all addresses; last error: x",
      ISA__CLAIM_UNSENT, ISA_REASON_NONE },
    { GRPC_STATUS_UNAVAILABLE, "DNS resolution failed for nosuchhost.invalid:1: x",
      ISA__CLAIM_UNSENT, ISA_REASON_NONE },
    { GRPC_STATUS_UNAVAILABLE, "Transport closed", ISA__CLAIM_UNSEEN, ISA_REASON_PEER_CLOSED },
    { GRPC_STATUS_UNAVAILABLE, "GOAWAY received", ISA__CLAIM_UNSEEN, ISA_REASON_PEER_DRAINED },
    { GRPC_STATUS_UNAVAILABLE, "recvmsg:Connection reset by peer", ISA__CLAIM_LOST,
      ISA_REASON_PEER_CLOSED },
    { GRPC_STATUS_UNAVAILABLE, "sendmsg: Broken pipe", ISA__CLAIM_LOST, ISA_REASON_PEER_CLOSED },
    { GRPC_STATUS_UNAVAILABLE, "recvmsg:Connection timed out", ISA__CLAIM_LOST,
      ISA_REASON_KEEPALIVE_LOST },
    { GRPC_STATUS_UNAVAILABLE, "Socket closed", ISA__CLAIM_LOST, ISA_REASON_PEER_CLOSED },
    { GRPC_STATUS_UNAVAILABLE, "keepalive watchdog timeout", ISA__CLAIM_LOST,
      ISA_REASON_KEEPALIVE_LOST },
    { GRPC_STATUS_UNAVAILABLE, "enter idle", ISA__CLAIM_LOST, ISA_REASON_PEER_CLOSED },
    { GRPC_STATUS_UNAVAILABLE, "Too many pings", ISA__CLAIM_LOST, ISA_REASON_TOO_MANY_PINGS },
    { GRPC_STATUS_UNAVAILABLE, "No route to host", ISA__CLAIM_LOST, ISA_REASON_UNREACHABLE },
    { GRPC_STATUS_UNAVAILABLE, "recvmsg:Network is unreachable", ISA__CLAIM_LOST,
      ISA_REASON_UNREACHABLE },
    { GRPC_STATUS_UNKNOWN, "Stream removed", ISA__CLAIM_LOST, ISA_REASON_PROTOCOL },
    { GRPC_STATUS_UNAVAILABLE, "Stream removed", ISA__CLAIM_DATA, ISA_REASON_NONE },
    { GRPC_STATUS_INTERNAL, "Socket closed", ISA__CLAIM_DATA, ISA_REASON_NONE },
    { GRPC_STATUS_UNAVAILABLE, "Transport closed by the proxy", ISA__CLAIM_DATA, ISA_REASON_NONE },
    { GRPC_STATUS_UNAVAILABLE, "GOAWAY received from the shard", ISA__CLAIM_DATA, ISA_REASON_NONE },
    { GRPC_STATUS_UNAVAILABLE, "Received RST_STREAM with error code 7", ISA__CLAIM_DATA,
      ISA_REASON_NONE },
    { GRPC_STATUS_UNAVAILABLE, "", ISA__CLAIM_DATA, ISA_REASON_NONE },
    { GRPC_STATUS_UNAVAILABLE, "the database said: Connection refused", ISA__CLAIM_DATA,
      ISA_REASON_NONE },
    { GRPC_STATUS_UNAVAILABLE, "upstream: Socket closed", ISA__CLAIM_DATA, ISA_REASON_NONE },
};

static const struct claim_sample claims_1_83[] = {
    { GRPC_STATUS_UNAVAILABLE, "failed to connect to all addresses; last error: x",
      ISA__CLAIM_UNSENT, ISA_REASON_NONE },
    { GRPC_STATUS_UNAVAILABLE, "Stream removed (GOAWAY received; Error code: 0; Debug Text: bye)",
      ISA__CLAIM_UNSEEN, ISA_REASON_PEER_DRAINED },
    { GRPC_STATUS_UNAVAILABLE, "Stream removed (recvmsg:Connection reset by peer (104))",
      ISA__CLAIM_LOST, ISA_REASON_PEER_CLOSED },
    { GRPC_STATUS_UNAVAILABLE,
      "Stream removed (recvmsg:Connection reset by peer (104) (GOAWAY received; Error code: 0; "
      "Debug Text: bye))",
      ISA__CLAIM_LOST, ISA_REASON_PEER_CLOSED },
    { GRPC_STATUS_INTERNAL, "Stream removed (Failed parsing HTTP/2 (integer overflow))",
      ISA__CLAIM_LOST, ISA_REASON_PROTOCOL },
    { GRPC_STATUS_UNKNOWN,
      "Stream removed (Failed parsing HTTP/2 (settings frames must be a multiple of six bytes))",
      ISA__CLAIM_LOST, ISA_REASON_PROTOCOL },
    { GRPC_STATUS_UNAVAILABLE,
      "Stream removed (RST_STREAM (Received RST_STREAM with error code 7))", ISA__CLAIM_DATA,
      ISA_REASON_NONE },
    { GRPC_STATUS_UNKNOWN, "Stream removed (Data frame with END_STREAM flag received)",
      ISA__CLAIM_DATA, ISA_REASON_NONE },
};

static void expect_claims(enum isa__core_version version, const struct claim_sample *all,
                          size_t count)
{
    for (size_t i = 0; i < count; i++) {
        enum isa__claim claim = isa__core_claim(version, all[i].code, all[i].text, NULL);
        cr_expect_eq(claim, all[i].claim, "%s: %d", all[i].text, (int)claim);
        if (all[i].reason != ISA_REASON_NONE)
            cr_expect_eq(isa__core_reason_of_end(all[i].text), all[i].reason, "%s: %s", all[i].text,
                         isa_reason_name(isa__core_reason_of_end(all[i].text)));
    }
}

Test(transport_core_text, the_end_of_a_call_makes_a_claim_about_its_connection)
{
    expect_claims(ISA__CORE_1_51, claims_1_51, sizeof claims_1_51 / sizeof *claims_1_51);
    expect_claims(ISA__CORE_1_83, claims_1_83, sizeof claims_1_83 / sizeof *claims_1_83);
}

/* Nothing is sent again because of the words of a version that nobody has looked at. */
Test(transport_core_text, of_an_unknown_version_no_claim_is_that_it_was_not_sent)
{
    for (size_t i = 0; i < sizeof claims_1_51 / sizeof *claims_1_51; i++) {
        enum isa__claim claim =
            isa__core_claim(ISA__CORE_UNKNOWN, claims_1_51[i].code, claims_1_51[i].text, NULL);
        cr_expect(claim == ISA__CLAIM_DATA || claim == ISA__CLAIM_LOST, "%s", claims_1_51[i].text);
    }
}

/* 1.51 attributes to the peer what came over the wire. */
Test(transport_core_text, a_peer_that_forwards_a_failure_to_connect_has_answered)
{
    static const char error[] = "UNKNOWN:Error received from peer ipv4:192.0.2.1:1 "
                                "{grpc_status:14, grpc_message:\"x\"}";
    cr_expect_eq(isa__core_claim(ISA__CORE_1_51, GRPC_STATUS_UNAVAILABLE,
                                 "failed to connect to all addresses; x", error),
                 ISA__CLAIM_DATA);
}

Test(transport_core_text, versions_are_known_by_their_number)
{
    cr_expect_eq(isa__core_version_of("29.0.0"), ISA__CORE_1_51);
    cr_expect_eq(isa__core_version_of("56.0.0"), ISA__CORE_1_83);
    cr_expect_eq(isa__core_version_of("57.1.0"), ISA__CORE_UNKNOWN);
    cr_expect_eq(isa__core_version_of("x"), ISA__CORE_UNKNOWN);
    cr_expect_neq(isa__core_version(), ISA__CORE_UNKNOWN, "the texts of this core were looked at");
}

Test(transport_core_text, an_http_status_is_none_of_grpc)
{
    cr_expect(isa__core_is_http_status("Received http2 header with status: 404"));
    cr_expect_not(isa__core_is_http_status("unknown service grpc.health.v1.Health"));
}
