/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the phrases of grpc-core 1.51 and 1.83, and of what they quote: OpenSSL, the C library.
 * Must not know: channels and calls.
 */
#include "core_text.h"

#include <string.h>

struct phrase {
    const char *words;
    enum isa_reason reason;
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Anywhere in the text of a failed attempt. First match wins, so the special stands above the general. */
static const struct phrase attempt_phrases[] = {
    { "is not in peer certificate", ISA_REASON_CERT_WRONG_NAME },
    /* What the server says of our certificate, RFC 8446 section 6.2 as OpenSSL words it. */
    { "alert certificate", ISA_REASON_CLIENT_CERT },
    { "alert bad certificate", ISA_REASON_CLIENT_CERT },
    { "alert unsupported certificate", ISA_REASON_CLIENT_CERT },
    { "alert unknown ca", ISA_REASON_CLIENT_CERT },
    { "alert access denied", ISA_REASON_CLIENT_CERT },
    { "DNS resolution failed", ISA_REASON_NAME_NOT_FOUND },
    { "Domain name not found", ISA_REASON_NAME_NOT_FOUND },
    { "Connection refused", ISA_REASON_REFUSED },
    { "No such file or directory", ISA_REASON_REFUSED }, /* a unix socket nobody has bound */
    { "No route to host", ISA_REASON_UNREACHABLE },
    { "Network is unreachable", ISA_REASON_UNREACHABLE },
    { "Host is unreachable", ISA_REASON_UNREACHABLE },
    { "Network is down", ISA_REASON_UNREACHABLE },
    { "keepalive watchdog timeout", ISA_REASON_KEEPALIVE_LOST },
    /* Keepalive sets TCP_USER_TIMEOUT too, and with data unacknowledged that strikes first. */
    { "recvmsg:Connection timed out", ISA_REASON_KEEPALIVE_LOST },
    { "sendmsg:Connection timed out", ISA_REASON_KEEPALIVE_LOST },
    { "too_many_pings", ISA_REASON_TOO_MANY_PINGS },
    { "Too many pings", ISA_REASON_TOO_MANY_PINGS }, /* a server of core says so to its calls */
    { "GOAWAY", ISA_REASON_PEER_DRAINED },
    { "ALPN", ISA_REASON_PROTOCOL }, /* the handshake succeeded; HTTP/2 is not spoken there */
    { "SSL", ISA_REASON_TLS_REFUSED },
    { "Ssl", ISA_REASON_TLS_REFUSED },
    { "certificate", ISA_REASON_TLS_REFUSED },
    { "http1.x server", ISA_REASON_PROTOCOL },
    { "HTTP/1", ISA_REASON_PROTOCOL },
    { "Connect string mismatch", ISA_REASON_PROTOCOL },
    { "Expected SETTINGS frame", ISA_REASON_PROTOCOL },
    { "Frame size", ISA_REASON_PROTOCOL },
    { "Failed parsing HTTP/2", ISA_REASON_PROTOCOL },
    { "Stream removed", ISA_REASON_PROTOCOL }, /* core gave the connection up */
    { "Connection reset by peer", ISA_REASON_PEER_CLOSED },
    { "Transport closed", ISA_REASON_PEER_CLOSED },
    { "Socket closed", ISA_REASON_PEER_CLOSED },
    { "Broken pipe", ISA_REASON_PEER_CLOSED },
    { "Connection closed", ISA_REASON_PEER_CLOSED },
    { "Endpoint read failed", ISA_REASON_PEER_CLOSED },
    { "EOF", ISA_REASON_PEER_CLOSED },
    { "enter idle", ISA_REASON_PEER_CLOSED }, /* closed when the grace after GOAWAY was over */
    /* A read that failed by itself brings its own words: this one was ended by the connect timeout. */
    { "Handshake read failed", ISA_REASON_TIMED_OUT },
    { "tcp handshaker shutdown", ISA_REASON_TIMED_OUT },
    { "timed out", ISA_REASON_TIMED_OUT },
    { "Timed out", ISA_REASON_TIMED_OUT },
    { "timeout", ISA_REASON_TIMED_OUT },
    { "Timeout", ISA_REASON_TIMED_OUT },
    { "Deadline", ISA_REASON_TIMED_OUT },
};

/* How the end of a connection begins that core has seen itself, in a call that ran on it. */
static const struct phrase end_phrases[] = {
    { "keepalive watchdog timeout", ISA_REASON_KEEPALIVE_LOST },
    { "recvmsg:Connection timed out", ISA_REASON_KEEPALIVE_LOST },
    { "sendmsg:Connection timed out", ISA_REASON_KEEPALIVE_LOST },
    { "keepalive timeout", ISA_REASON_KEEPALIVE_LOST },
    { "ping timeout", ISA_REASON_KEEPALIVE_LOST },
    { "Too many pings", ISA_REASON_TOO_MANY_PINGS }, /* a server of core says so to its calls */
    { "Failed parsing HTTP/2", ISA_REASON_PROTOCOL },
    { "recvmsg:Network is", ISA_REASON_UNREACHABLE }, /* unreachable, or down */
    { "sendmsg:Network is", ISA_REASON_UNREACHABLE },
    { "recvmsg:No route to host", ISA_REASON_UNREACHABLE },
    { "sendmsg:No route to host", ISA_REASON_UNREACHABLE },
    { "recvmsg:", ISA_REASON_PEER_CLOSED },
    { "sendmsg:", ISA_REASON_PEER_CLOSED },
    { "Socket closed", ISA_REASON_PEER_CLOSED },
    { "Connection reset by peer", ISA_REASON_PEER_CLOSED },
    { "Broken pipe", ISA_REASON_PEER_CLOSED },
    { "Endpoint read failed", ISA_REASON_PEER_CLOSED },
    { "EOF", ISA_REASON_PEER_CLOSED },
    { "enter idle", ISA_REASON_PEER_CLOSED }, /* closed when the grace after GOAWAY was over */
    /* What the system said to a write, alone. */
    { "Network is unreachable", ISA_REASON_UNREACHABLE },
    { "Network is down", ISA_REASON_UNREACHABLE },
    { "No route to host", ISA_REASON_UNREACHABLE },
    { "Connection timed out", ISA_REASON_KEEPALIVE_LOST },
};

static bool begins_with(const char *text, const char *words)
{
    return strncmp(text, words, strlen(words)) == 0;
}

/* After 1.51 the end of a stream is told as "Stream removed (CAUSE)". */
static const char *cause_in(const char *text)
{
    static const char wrapping[] = "Stream removed (";
    return begins_with(text, wrapping) ? text + strlen(wrapping) : text;
}

static const struct phrase *end_phrase_of(const char *cause)
{
    for (size_t i = 0; i < COUNT(end_phrases); i++) {
        if (begins_with(cause, end_phrases[i].words))
            return &end_phrases[i];
    }
    return NULL;
}

/* 1.51 says no more of a connection that it gave up because of wrong frames; the code is UNKNOWN then. */
static bool is_given_up(grpc_status_code code, const char *text)
{
    return code == GRPC_STATUS_UNKNOWN && strcmp(text, "Stream removed") == 0;
}

/* A GOAWAY has left the call out. 1.51 says so in two words, later ones quote the peer behind them. */
static bool is_left_out(const char *cause)
{
    return strcmp(cause, "GOAWAY received") == 0 ||
           begins_with(cause, "GOAWAY received; Error code: ");
}

static enum isa__claim claim_of_unavailable(const char *text)
{
    const char *cause = cause_in(text);
    if (begins_with(text, "failed to connect to all addresses") ||
        begins_with(text, "DNS resolution failed"))
        return ISA__CLAIM_UNSENT;
    if (strcmp(cause, "Transport closed") == 0 || begins_with(cause, "Transport closed (") ||
        is_left_out(cause))
        return ISA__CLAIM_UNSEEN;
    return end_phrase_of(cause) ? ISA__CLAIM_LOST : ISA__CLAIM_DATA;
}

static enum isa__claim claim_of(grpc_status_code code, const char *text)
{
    if (code == GRPC_STATUS_UNAVAILABLE)
        return claim_of_unavailable(text);
    if (is_given_up(code, text))
        return ISA__CLAIM_LOST;
    /* After 1.51 the code of a connection that core gave up depends on what was wrong. */
    return cause_in(text) != text && begins_with(cause_in(text), "Failed parsing HTTP/2")
               ? ISA__CLAIM_LOST
               : ISA__CLAIM_DATA;
}

/* 1.51 attributes to the peer what came over the wire, and what the end of a connection made of a stream;
 * not what it decided before. Later versions attribute nothing. */
static bool is_from_wire(enum isa__core_version version, const char *error_string)
{
    return version == ISA__CORE_1_51 && error_string &&
           strstr(error_string, "Error received from peer");
}

enum isa__claim isa__core_claim(enum isa__core_version version, grpc_status_code code,
                                const char *text, const char *error_string)
{
    enum isa__claim claim = claim_of(code, text);
    if (claim == ISA__CLAIM_UNSENT && is_from_wire(version, error_string))
        return ISA__CLAIM_DATA;
    if (version == ISA__CORE_UNKNOWN && claim != ISA__CLAIM_DATA)
        return ISA__CLAIM_LOST;
    return claim;
}

bool isa__core_is_http_status(const char *text)
{
    return begins_with(text, "Received http2 header with status: ");
}

enum isa_reason isa__core_reason_of_attempt(const char *text)
{
    for (size_t i = 0; i < COUNT(attempt_phrases); i++) {
        const char *at = strstr(text, attempt_phrases[i].words);
        const char *quoted = strstr(text, "Debug Text:"); /* from here on the peer speaks */
        if (at && (!quoted || at < quoted))
            return attempt_phrases[i].reason;
    }
    return ISA_REASON_OTHER;
}

enum isa_reason isa__core_reason_of_end(const char *text)
{
    const char *cause = cause_in(text);
    if (is_left_out(cause))
        return ISA_REASON_PEER_DRAINED;
    if (strcmp(text, "Stream removed") == 0)
        return ISA_REASON_PROTOCOL;
    const struct phrase *phrase = end_phrase_of(cause);
    return phrase ? phrase->reason : ISA_REASON_PEER_CLOSED;
}
