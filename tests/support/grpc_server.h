/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: a gRPC server on grpc-core in this process, with methods that tests need.
 * Used by: live and acceptance tests.
 * Must not know: the library under test.
 *
 * Its methods, by full name:
 *   /test.Test/Echo   answers with the request
 *   /test.Test/Hold   the same, when server_release() says so
 *   /test.Test/Slow   answers with the request, which is a number, after so many milliseconds
 *   /test.Test/Fail   the request is "CODE MESSAGE": answers with that status
 *   /test.Test/Size   the request is a number: answers with so many bytes
 *   /test.Test/Header the request names a header of its own call: answers with its value
 *   /test.Stream/Count  the request is "COUNT SIZE CODE TEXT": so many messages "0", "1", ... filled
 *                       with dots to that size, then that status
 *   /test.Stream/Sum    counts messages until the half-close: answers "MESSAGES BYTES"
 *   /test.Stream/Chat   answers each message with itself, ends with OK at the half-close
 *   /test.Stream/Deaf   as Sum, but reads nothing before server_release()
 *   /grpc.health.v1.Health/Check, Watch  as server_set_health() says, for "" and "test"
 * Any other gets UNIMPLEMENTED. An "x-initial" that is sent, or else an "authorization", comes back
 * with the headers, an "x-trailing-bin" with the status.
 *
 * The server keeps grpc-core initialised and has threads of its own. A test that counts what is
 * left of the library uses a server in another process: server_child_new().
 */
#ifndef GRPC_SERVER_H
#define GRPC_SERVER_H

#include <stdbool.h>
#include <stdint.h>

struct server; /* opaque */

struct server_options {
    uint16_t port;         /* 0: a free one */
    int max_age_ms;        /* of a connection, then it is drained; 0: for ever */
    int max_age_grace_ms;  /* for the calls on it; 0: no limit */
    int max_receive_bytes; /* of a request; 0: 4 MiB */
    int min_ping_ms;       /* pings more often than this are strikes; 0: five minutes */
    int ping_strikes;      /* so many strikes bring GOAWAY too_many_pings; 0: two */
    /* Core listens itself, at an address as core writes it ("unix:/x", "[::1]:0"). Connections can
     * neither be counted nor cut then. NULL: as above, or with TLS "127.0.0.2:port". */
    const char *address;
    const struct server_tls *tls; /* NULL: plain text */
};

/* PEM texts. */
struct server_tls {
    const char *chain;
    const char *key;
    const char *client_roots; /* NULL: asks for no certificate; else it must have one of these */
};

struct server_counts {
    unsigned connections;   /* accepted */
    unsigned calls;         /* arrived */
    unsigned held;          /* waiting for server_release() at this moment */
    unsigned cancelled;     /* ended before they were answered */
    unsigned long messages; /* of streams, that core took */
    unsigned watches;       /* of health, that have begun */
};

/* Listens on loopback when it returns. NULL: defaults. */
struct server *server_new(const struct server_options *options);
const char *server_target(const struct server *server);
uint16_t server_port(const struct server *server);

struct server_counts server_counts(struct server *server);

/* Block until so many calls are held, or cancelled in all; false when that takes seconds. */
bool server_await_held(struct server *server, unsigned count);
bool server_await_cancelled(struct server *server, unsigned count);

/* What its health service says: a number of grpc.health.v1, or one of these. */
enum { SERVER_HEALTH_NONE = -1, SERVER_HEALTH_GARBAGE = -2 };
void server_set_health(struct server *server, int status); /* at first SERVER_HEALTH_NONE */
/* End every watch of health with this status. */
void server_end_watches(struct server *server, int code);

/* Answer every held call. */
void server_release(struct server *server);

/* Break every connection; new ones are accepted. */
void server_cut(struct server *server);

/* As if killed: refuse connections and break all; and back again. */
void server_down(struct server *server);
void server_up(struct server *server);

/* Refuse connections and send GOAWAY on all; calls that run may finish. There is no way back. */
void server_drain(struct server *server);

/* Ends whatever still runs. Returns NULL; takes NULL. */
struct server *server_free(struct server *server);

struct server_child; /* a server in a child process of its own; opaque */

/* Before anything in this process has used gRPC. */
struct server_child *server_child_new(void);
const char *server_child_target(const struct server_child *child);
void server_child_down(struct server_child *child);
void server_child_up(struct server_child *child);
/* Block until the server holds so many calls; false when that takes seconds. */
bool server_child_await_held(struct server_child *child, unsigned count);
void server_child_release(struct server_child *child);
struct server_child *server_child_free(struct server_child *child);

#endif
