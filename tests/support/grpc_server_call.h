/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: what the test server and its calls are made of.
 * Used by: grpc_server.c, the other grpc_server*.c.
 * Must not know: the library under test.
 */
#ifndef GRPC_SERVER_CALL_H
#define GRPC_SERVER_CALL_H

#include "grpc_server.h"
#include "tcp_peer.h"

#include <grpc/grpc.h>
#include <pthread.h>
#include <stdbool.h>

enum { SERVER_TEXT_BYTES = 1024 };

enum stream_kind { STREAM_NONE, STREAM_COUNT, STREAM_SUM, STREAM_CHAT, STREAM_WATCH };

struct call;

struct tag {
    void (*fn)(struct call *call, bool is_ok);
    struct call *call;
};

/* One call; first an empty place for the next one that arrives. All of it under the server's lock. */
struct call {
    struct server *server;
    struct call *next; /* in server.calls */
    grpc_call *core;
    grpc_call_details details;
    grpc_metadata_array metadata;
    grpc_byte_buffer *request;
    struct tag arrived;
    struct tag read;
    struct tag closed;
    struct tag answered;
    struct tag greeted;
    struct tag sent;
    unsigned pending; /* tags that core still has */
    int was_cancelled;
    bool is_held;
    bool is_answered;
    bool is_slow;
    gpr_timespec due; /* is_slow */
    bool has_greeted; /* the headers are on their way */
    struct {
        enum stream_kind kind;
        unsigned long left;
        unsigned long messages;
        size_t size_bytes;
        int code;
        char text[64];
    } stream;
    struct {
        bool has_begun;
        bool is_known;
        bool is_sending;
        int told;
    } watch;
};

struct server {
    struct tcp_peer *peer; /* NULL: core listens itself */
    char target[256];      /* then */
    uint16_t port;
    grpc_server *core;
    grpc_completion_queue *queue;
    grpc_server_credentials *credentials;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct call *calls;
    struct server_counts counts;
    int health;
    bool is_draining;
    bool is_drained;
};

/* A place for one more call. The lock is held. */
void server_await_call_locked(struct server *server);
/* One of the call's tags has come back; may free the call. The lock is held. */
void server_handle_tag_locked(const struct tag *tag, bool is_ok);
/* Answer with the request. The lock is held. */
void server_echo_locked(struct call *call);

/* Start something; the tag comes back. The lock is held. */
void server_start_locked(struct call *call, const grpc_op *ops, size_t count, struct tag *tag);
/* Send the headers, with the "x-initial" or "authorization" that came. The lock is held. */
void server_greet_locked(struct call *call);
/* The last words, with the "x-trailing-bin" that came; reply may be NULL. The lock is held. */
void server_finish_locked(struct call *call, grpc_byte_buffer *reply, grpc_status_code code,
                          const char *text);
/* The request as a string, cut to fit. */
void server_read_text(struct call *call, char text[SERVER_TEXT_BYTES]);

/* grpc_server_health.c */
/* Answer a Check. The lock is held. */
void server_check_health_locked(struct call *call);
/* Whether it is a Watch, and there is a health service; then it has begun. The lock is held. */
bool server_begin_watch_locked(struct call *call);

/* grpc_server_stream.c */
/* Whether its method is a stream; then it has begun. The lock is held. */
bool server_begin_stream_locked(struct call *call);
/* A stream that was held begins to read. The lock is held. */
void server_listen_locked(struct call *call);

#endif
