/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the table of words.
 * Used by: channel.c, call.c.
 * Must not know: channels and calls.
 */
#include "reason.h"

#include <string.h>

/* First match wins, so the special stands above the general. */
static const struct {
    const char *words;
    enum isa_reason reason;
} table[] = {
    { "is not in peer certificate", ISA_REASON_CERT_WRONG_NAME },
    /* Ours, see explain.c and verdict.c. */
    { " has expired; it was", ISA_REASON_CERT_EXPIRED },
    { " is not valid yet; it", ISA_REASON_CERT_EXPIRED },
    { "an unknown authority", ISA_REASON_CERT_UNTRUSTED },
    { "client certificate", ISA_REASON_CLIENT_CERT },
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
    { "timed out", ISA_REASON_TIMED_OUT },
    { "Timed out", ISA_REASON_TIMED_OUT },
    { "timeout", ISA_REASON_TIMED_OUT },
    { "Timeout", ISA_REASON_TIMED_OUT },
    { "Deadline", ISA_REASON_TIMED_OUT },
};

/* How core 1.51 begins the message of a status it has made itself: the connection could not be made,
 * or was lost. */
static const char *const unsent_words[] = {
    "failed to connect to all addresses",
    "DNS resolution failed",
};
/* The whole message, of a call that did not get onto a connection which had ended, or that the peer's
 * GOAWAY has left out: it will not be acted on, RFC 9113 section 6.8. A call that was under way when the
 * connection ended after a GOAWAY is told otherwise ("Socket closed", "recvmsg:..."). */
static const char *const unseen_words[] = { "Transport closed", "GOAWAY received" };
static const char *const lost_words[] = {
    "recvmsg:",
    "sendmsg:",
    "Socket closed",
    "Connection reset by peer",
    "Broken pipe",
    "Endpoint read failed",
    "keepalive watchdog timeout",
    "GOAWAY received",
    "enter idle",
    "Too many pings",
    /* What the system said to a write, alone. */
    "Network is unreachable",
    "Network is down",
    "No route to host",
    "Connection timed out",
};

static bool begins_with_one(const char *text, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strncmp(text, words[i], strlen(words[i])) == 0)
            return true;
    }
    return false;
}

bool isa__tr_is_unseen(const char *text)
{
    for (size_t i = 0; i < sizeof unseen_words / sizeof *unseen_words; i++) {
        if (strcmp(text, unseen_words[i]) == 0)
            return true;
    }
    return false;
}

bool isa__tr_is_unsent(const char *text)
{
    return isa__tr_is_unseen(text) ||
           begins_with_one(text, unsent_words, sizeof unsent_words / sizeof *unsent_words);
}

bool isa__tr_is_words_of_core(const char *text)
{
    return isa__tr_is_unsent(text) ||
           begins_with_one(text, lost_words, sizeof lost_words / sizeof *lost_words);
}

enum isa_reason isa__tr_reason_of(const char *text)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (strstr(text, table[i].words))
            return table[i].reason;
    }
    return ISA_REASON_OTHER;
}
