/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: what the test server and its calls are made of.
 * Used by: grpc_server.c, grpc_server_call.c.
 * Must not know: the library under test.
 */
#ifndef GRPC_SERVER_CALL_H
#define GRPC_SERVER_CALL_H

#include "grpc_server.h"
#include "tcp_peer.h"

#include <grpc/grpc.h>
#include <pthread.h>
#include <stdbool.h>

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
    unsigned pending; /* tags that core still has */
    int was_cancelled;
    bool is_held;
    bool is_answered;
    bool is_slow;
    gpr_timespec due; /* is_slow */
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
    bool is_draining;
};

/* A place for one more call. The lock is held. */
void server_await_call_locked(struct server *server);
/* One of the call's tags has come back; may free the call. The lock is held. */
void server_handle_tag_locked(const struct tag *tag, bool is_ok);
/* Answer with the request. The lock is held. */
void server_echo_locked(struct call *call);

#endif
