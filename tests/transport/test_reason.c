/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests of what grpc-core's words mean.
 * Used by: ctest.
 * Must not know: channels and calls.
 */
#include <criterion/criterion.h>

#include "reason.h"

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
    { "GOAWAY received; Error code: 11; Debug Text: too_many_pings", ISA_REASON_TOO_MANY_PINGS },
    { "GOAWAY received; Error code: 0; Debug Text: max_age", ISA_REASON_PEER_DRAINED },
    { "Ssl handshake failed: SSL_ERROR_SSL: error:1416F086:SSL routines:certificate verify failed",
      ISA_REASON_TLS_REFUSED },
    { "Trying to connect an http1.x server", ISA_REASON_PROTOCOL },
    { "Failed parsing HTTP/2", ISA_REASON_PROTOCOL },
    { "recvmsg:Connection reset by peer", ISA_REASON_PEER_CLOSED },
    { "Socket closed", ISA_REASON_PEER_CLOSED },
    { "Transport closed", ISA_REASON_PEER_CLOSED },
    { "sendmsg: Broken pipe", ISA_REASON_PEER_CLOSED },
    { "enter idle", ISA_REASON_PEER_CLOSED },
    { "Stream removed", ISA_REASON_PROTOCOL },
    { "x: Peer name 127.0.0.1 is not in peer certificate", ISA_REASON_CERT_WRONG_NAME },
    { "x: the server's certificate 'a' has expired; it was valid until y",
      ISA_REASON_CERT_EXPIRED },
    { "x: the server's certificate 'a' is not valid yet; it will be from y",
      ISA_REASON_CERT_EXPIRED },
    { "x: the server's certificate 'a' was issued by 'b', an unknown authority",
      ISA_REASON_CERT_UNTRUSTED },
    { "x: Socket closed (most likely the server wants a client certificate)",
      ISA_REASON_CLIENT_CERT },
    { "Ssl handshake failed: SSL_ERROR_SSL: error:0A000418:SSL routines::tlsv1 alert unknown ca",
      ISA_REASON_CLIENT_CERT },
    { "Ssl handshake failed: SSL_ERROR_SSL: error:0A000410:SSL routines::sslv3 alert handshake "
      "failure",
      ISA_REASON_TLS_REFUSED },
    { "x: Handshake read failed", ISA_REASON_TIMED_OUT },
    { "", ISA_REASON_OTHER },
    { "the weather was bad", ISA_REASON_OTHER },
};

Test(transport_reason, the_words_of_core_have_their_reasons)
{
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++)
        cr_expect_eq(isa__tr_reason_of(samples[i].text), samples[i].reason, "%s: %s",
                     samples[i].text, isa_reason_name(isa__tr_reason_of(samples[i].text)));
}

Test(transport_reason, core_speaks_of_connections)
{
    static const char *const texts[] = {
        "failed to connect to all addresses; last error: UNKNOWN: Connection refused",
        "DNS resolution failed for nosuchhost.invalid:1: x",
        "recvmsg:Connection reset by peer",
        "sendmsg: Broken pipe",
        "Socket closed",
        "keepalive watchdog timeout",
        "GOAWAY received; Error code: 0; Debug Text: max_age",
        "enter idle",
        "Too many pings",
        "Network is unreachable",
        "No route to host",
    };

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        cr_expect(isa__tr_is_words_of_core(texts[i]), "%s", texts[i]);
}

Test(transport_reason, core_says_of_what_the_service_has_not_seen)
{
    cr_expect(isa__tr_is_unseen("Transport closed"));
    cr_expect(isa__tr_is_unseen("GOAWAY received"));
    cr_expect_not(isa__tr_is_unseen("Transport closed by the proxy"));
    cr_expect_not(isa__tr_is_unseen("GOAWAY received; Error code: 0; Debug Text: max_age"));
    cr_expect_not(isa__tr_is_unseen("Socket closed"));
    cr_expect_not(isa__tr_is_unseen("failed to connect to all addresses"));
    cr_expect(isa__tr_is_unsent("Transport closed"));
    cr_expect(isa__tr_is_unsent("failed to connect to all addresses; last error: x"));
    cr_expect_not(isa__tr_is_unsent("Socket closed"));
}

Test(transport_reason, a_service_speaks_for_itself)
{
    static const char *const texts[] = {
        "",
        "no leader",
        "the database said: Connection refused",
        "upstream: Socket closed",
        "failed to connect to the shard",
    };

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        cr_expect_not(isa__tr_is_words_of_core(texts[i]), "%s", texts[i]);
}
