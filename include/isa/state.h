/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the states of a connection and the reasons for a change, with their names.
 * Used by: conn.h, call.h; programs that log or count.
 * Must not know: handles, calls, grpc-core.
 */
#ifndef ISA_STATE_H
#define ISA_STATE_H

#include <isa/export.h>

ISA_BEGIN_DECLS

/** gRPC's five connectivity states, in the order of its specification. */
enum isa_state {
    ISA_STATE_IDLE,              /* nothing to do: not used yet, or idle for long enough */
    ISA_STATE_CONNECTING,        /* an attempt is under way */
    ISA_STATE_READY,             /* connected */
    ISA_STATE_TRANSIENT_FAILURE, /* the last attempt failed, the next one is scheduled; or not_serving */
    ISA_STATE_SHUTDOWN,          /* ended; terminal */
};

/* Why a connection changed its state. X(NAME, "name", "meaning") */
#define ISA_REASON_MAP(X)                                                                          \
    X(NONE, "none", "no change yet")                                                               \
    X(OPERATION, "operation", "an operation or isa_conn_connect() asked for a connection")         \
    X(RETRY, "retry", "the backoff delay has passed: next attempt")                                \
    X(CONNECTED, "connected", "the attempt succeeded")                                             \
    X(REFUSED, "refused", "the peer's host refused the connection: nothing listens there")         \
    X(TIMED_OUT, "timed_out", "the peer did not answer within the connect timeout")                \
    X(UNREACHABLE, "unreachable", "no route to the peer's network or host")                        \
    X(NAME_NOT_FOUND, "name_not_found", "the host name could not be resolved")                     \
    X(TLS_REFUSED, "tls_refused", "the TLS handshake failed")                                      \
    X(PROTOCOL, "protocol", "the peer answered, but does not speak gRPC over HTTP/2")              \
    X(PEER_CLOSED, "peer_closed", "the peer closed or reset the connection")                       \
    X(PEER_DRAINED, "peer_drained", "the peer sends no new calls here (GOAWAY); calls finish")     \
    X(KEEPALIVE_LOST, "keepalive_lost", "the peer did not answer a keepalive ping in time")        \
    X(TOO_MANY_PINGS, "too_many_pings", "the peer allows fewer keepalive pings; we ping less now") \
    X(NETWORK_CHANGED, "network_changed", "isa_pool_network_changed() was called")                 \
    X(IDLE, "idle", "no call for the idle timeout")                                                \
    X(USER, "user", "the program asked for it: reconnect, close or force_close")                   \
    X(SHUTDOWN, "shutdown", "the pool is shutting down, or the loop was destroyed")                \
    X(OTHER, "other", "a cause that fits none of the others; the text says it")                    \
    X(BREAKER_OPEN, "breaker_open", "the circuit breaker is open: the call was not tried")         \
    X(CERT_EXPIRED, "cert_expired", "the server's certificate has expired, or is not valid yet")   \
    X(CERT_WRONG_NAME, "cert_wrong_name", "the server's certificate is for another name")          \
    X(CERT_UNTRUSTED, "cert_untrusted", "no authority we trust vouches for the server")            \
    X(CLIENT_CERT, "client_cert", "the server wants a certificate of ours that it accepts")        \
    X(CREDENTIALS, "credentials", "our own certificate, key or roots are missing or broken")       \
    X(RENEWED, "renewed", "isa_conn_renew() was called")                                           \
    X(NOT_SERVING, "not_serving", "the service says that it takes no calls")                       \
    X(SERVING, "serving", "the service takes calls again")

enum isa_reason {
#define ISA_REASON_VALUE(name, string, meaning) ISA_REASON_##name,
    ISA_REASON_MAP(ISA_REASON_VALUE)
#undef ISA_REASON_VALUE
};

#define ISA_REASON_ADD_ONE(name, string, meaning) +1
enum { ISA_REASON_COUNT = 0 ISA_REASON_MAP(ISA_REASON_ADD_ONE) };

/**
 * Name of a state, as gRPC writes it ("TRANSIENT_FAILURE").
 *
 * @return a static string; "?" for a number that is no state
 * @thread any
 * @since  0.1
 */
ISA_API const char *isa_state_name(enum isa_state state);

/**
 * Name of a reason ("peer_drained"), for logs and metrics.
 *
 * @return a static string; "?" for a number that is no reason
 * @thread any
 * @since  0.1
 */
ISA_API const char *isa_reason_name(enum isa_reason reason);

/**
 * One phrase that says what a reason means.
 *
 * @return a static string; "?" for a number that is no reason
 * @thread any
 * @since  0.1
 */
ISA_API const char *isa_reason_text(enum isa_reason reason);

ISA_END_DECLS

#endif
