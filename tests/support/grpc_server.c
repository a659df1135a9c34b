/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the test server's one thread, its connections, its end.
 * Used by: live and acceptance tests, through grpc_server.h.
 * Must not know: the library under test.
 */
#include "grpc_server.h"

#include "grpc_server_call.h"
#include "tcp_peer.h"

#include <grpc/grpc.h>
#include <grpc/grpc_posix.h>
#include <grpc/grpc_security.h>
#include <grpc/support/time.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { AWAIT_S = 10 };

/* When the first slow call is due; the lock is held. */
static gpr_timespec next_due_locked(const struct server *server)
{
    gpr_timespec due = gpr_inf_future(GPR_CLOCK_MONOTONIC);
    for (const struct call *call = server->calls; call; call = call->next) {
        if (call->is_slow)
            due = gpr_time_min(due, call->due);
    }
    return due;
}

static void answer_due_locked(struct server *server)
{
    gpr_timespec now = gpr_now(GPR_CLOCK_MONOTONIC);
    for (struct call *call = server->calls; call; call = call->next) {
        if (call->is_slow && gpr_time_cmp(call->due, now) <= 0)
            server_echo_locked(call);
    }
}

static void *run(void *arg)
{
    struct server *server = arg;
    for (;;) {
        pthread_mutex_lock(&server->lock);
        gpr_timespec due = next_due_locked(server);
        pthread_mutex_unlock(&server->lock);
        grpc_event event = grpc_completion_queue_next(server->queue, due, NULL);
        if (event.type == GRPC_QUEUE_SHUTDOWN)
            return NULL;
        pthread_mutex_lock(&server->lock);
        if (event.type == GRPC_OP_COMPLETE && event.tag == server)
            server->is_drained = true;
        else if (event.type == GRPC_OP_COMPLETE)
            server_handle_tag_locked(event.tag, event.success);
        answer_due_locked(server);
        if (server->is_drained && !server->calls) /* a stream may have had more to start */
            grpc_completion_queue_shutdown(server->queue);
        pthread_cond_broadcast(&server->changed);
        pthread_mutex_unlock(&server->lock);
    }
}

/* Core gets a copy of the descriptor, so that the peer can cut the connection under it. */
static bool on_accept(int fd, void *user)
{
    struct server *server = user;
    int copy = dup(fd);
    if (copy < 0)
        abort();
    grpc_server_add_channel_from_fd(server->core, copy, server->credentials);
    return true;
}

static grpc_arg int_arg(const char *key, int value)
{
    return (grpc_arg){ .type = GRPC_ARG_INTEGER, .key = (char *)key, .value.integer = value };
}

static grpc_server_credentials *make_credentials(const struct server_tls *tls)
{
    if (!tls)
        return grpc_insecure_server_credentials_create();
    grpc_ssl_pem_key_cert_pair pair = { tls->key, tls->chain };
    return grpc_ssl_server_credentials_create_ex(
        tls->client_roots, &pair, 1,
        tls->client_roots ? GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY
                          : GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE,
        NULL);
}

/* Core cannot take over a connection with TLS, and a peer is TCP only. */
static void listen_in_core(struct server *server, const struct server_options *options)
{
    char address[sizeof server->target];
    snprintf(address, sizeof address, "127.0.0.2:%u", options->port);
    const char *given = options->address ? options->address : address;
    int port = grpc_server_add_http2_port(server->core, given, server->credentials);
    if (port <= 0)
        abort();
    server->port = (uint16_t)port;
    const char *end = strrchr(given, ':');
    if (strncmp(given, "unix", 4) == 0)
        snprintf(server->target, sizeof server->target, "%s", given);
    else
        snprintf(server->target, sizeof server->target, "%.*s:%d", (int)(end - given), given, port);
}

static void make_core(struct server *server, const struct server_options *options)
{
    const struct {
        const char *key;
        int value; /* 0: core's default */
    } all[] = {
        { GRPC_ARG_MAX_CONNECTION_AGE_MS, options->max_age_ms },
        { GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, options->max_age_grace_ms },
        { GRPC_ARG_MAX_RECEIVE_MESSAGE_LENGTH, options->max_receive_bytes },
        { GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, options->min_ping_ms },
        { GRPC_ARG_HTTP2_MAX_PING_STRIKES, options->ping_strikes },
    };
    grpc_arg args[sizeof all / sizeof *all];
    grpc_channel_args given = { 0, args };
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (all[i].value)
            args[given.num_args++] = int_arg(all[i].key, all[i].value);
    }
    server->core = grpc_server_create(&given, NULL);
    server->queue = grpc_completion_queue_create_for_next(NULL);
    server->credentials = make_credentials(options->tls);
    grpc_server_register_completion_queue(server->core, server->queue, NULL);
    if (options->tls || options->address)
        listen_in_core(server, options);
    grpc_server_start(server->core);
}

struct server *server_new(const struct server_options *options)
{
    static const struct server_options standard;
    struct server *server = calloc(1, sizeof *server);
    if (!server)
        abort();
    if (!options)
        options = &standard;
    setenv("GRPC_VERBOSITY", "NONE", 0);
    grpc_init();
    server->health = SERVER_HEALTH_NONE;
    pthread_mutex_init(&server->lock, NULL);
    pthread_cond_init(&server->changed, NULL);
    make_core(server, options);
    pthread_mutex_lock(&server->lock);
    server_await_call_locked(server);
    pthread_mutex_unlock(&server->lock);
    if (pthread_create(&server->thread, NULL, run, server) != 0)
        abort();
    if (!server->port)
        server->peer = tcp_peer_new(options->port, on_accept, server);
    return server;
}

const char *server_target(const struct server *server)
{
    return server->peer ? tcp_peer_target(server->peer) : server->target;
}

uint16_t server_port(const struct server *server)
{
    return server->peer ? tcp_peer_port(server->peer) : server->port;
}

struct server_counts server_counts(struct server *server)
{
    pthread_mutex_lock(&server->lock);
    struct server_counts counts = server->counts;
    pthread_mutex_unlock(&server->lock);
    counts.connections = server->peer ? tcp_peer_accepted(server->peer) : 0;
    return counts;
}

static bool await_count(struct server *server, const unsigned *value, unsigned count)
{
    struct timespec limit;
    clock_gettime(CLOCK_REALTIME, &limit);
    limit.tv_sec += AWAIT_S;
    int error = 0;
    pthread_mutex_lock(&server->lock);
    while (*value < count && !error)
        error = pthread_cond_timedwait(&server->changed, &server->lock, &limit);
    bool is_reached = *value >= count;
    pthread_mutex_unlock(&server->lock);
    return is_reached;
}

bool server_await_held(struct server *server, unsigned count)
{
    return await_count(server, &server->counts.held, count);
}

bool server_await_cancelled(struct server *server, unsigned count)
{
    return await_count(server, &server->counts.cancelled, count);
}

void server_release(struct server *server)
{
    pthread_mutex_lock(&server->lock);
    for (struct call *call = server->calls; call; call = call->next) {
        if (call->is_held && call->stream.kind != STREAM_NONE)
            server_listen_locked(call);
        else if (call->is_held)
            server_echo_locked(call);
    }
    pthread_mutex_unlock(&server->lock);
}

void server_cut(struct server *server)
{
    tcp_peer_cut(server->peer);
}

void server_down(struct server *server)
{
    tcp_peer_refuse(server->peer);
    tcp_peer_cut(server->peer);
}

void server_up(struct server *server)
{
    tcp_peer_listen(server->peer);
}

void server_drain(struct server *server)
{
    if (server->peer)
        tcp_peer_refuse(server->peer);
    server->is_draining = true;
    grpc_server_shutdown_and_notify(server->core, server->queue, server);
}

struct server *server_free(struct server *server)
{
    if (!server)
        return NULL;
    if (!server->is_draining)
        server_drain(server);
    grpc_server_cancel_all_calls(server->core);
    pthread_join(server->thread, NULL);
    tcp_peer_free(server->peer);
    grpc_server_destroy(server->core);
    grpc_completion_queue_destroy(server->queue);
    grpc_server_credentials_release(server->credentials);
    grpc_shutdown();
    pthread_cond_destroy(&server->changed);
    pthread_mutex_destroy(&server->lock);
    free(server);
    return NULL;
}
