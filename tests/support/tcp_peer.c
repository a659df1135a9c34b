/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the listener, its thread, the connections it keeps.
 * Used by: grpc_server.c, live tests, through tcp_peer.h.
 * Must not know: gRPC, the library under test.
 */
#include "tcp_peer.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Not 127.0.0.1: while the peer refuses, a client's own socket might be given its port there, and
 * connect to itself. */
#define ADDRESS "127.0.0.2"

enum { KEPT_MAX = 4096, BACKLOG = 512 };

enum command { COMMAND_REFUSE = 'r', COMMAND_LISTEN = 'l', COMMAND_CUT = 'c', COMMAND_END = 'e' };

struct tcp_peer {
    int listener;
    int control[2]; /* a command and its answer, one byte each: [0] the test, [1] the thread */
    pthread_t thread;
    uint16_t port;
    char target[32];
    tcp_accept_fn *on_accept;
    void *user;
    atomic_uint accepted;
    bool is_listening; /* thread */
    size_t kept_count; /* thread */
    int kept[KEPT_MAX];
};

static void must(bool is_done, const char *what)
{
    if (is_done)
        return;
    perror(what);
    abort();
}

static void say(int fd, const char *bytes, size_t size_bytes)
{
    must(send(fd, bytes, size_bytes, MSG_NOSIGNAL) >= 0, "send");
}

bool tcp_accept_silently(int fd, void *unused)
{
    (void)fd, (void)unused;
    return true;
}

bool tcp_accept_and_close(int fd, void *unused)
{
    (void)unused;
    close(fd);
    return false;
}

bool tcp_accept_with_garbage(int fd, void *unused)
{
    static const char garbage[] = "\x01\x02\x03 this is no frame of any kind, whatever comes next";
    (void)unused;
    say(fd, garbage, sizeof garbage);
    return true;
}

bool tcp_accept_with_http1(int fd, void *unused)
{
    static const char reply[] = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
    (void)unused;
    say(fd, reply, sizeof reply - 1);
    return true;
}

static void cut(struct tcp_peer *peer)
{
    while (peer->kept_count) {
        int fd = peer->kept[--peer->kept_count];
        shutdown(fd, SHUT_RDWR); /* also for whoever holds a copy of the descriptor */
        close(fd);
    }
}

/* A bound socket that does not listen refuses, and keeps the port. */
static void obey(struct tcp_peer *peer, enum command command)
{
    if (command == COMMAND_REFUSE && peer->is_listening)
        must(shutdown(peer->listener, SHUT_RDWR) == 0, "shutdown of a listener");
    if (command == COMMAND_LISTEN)
        must(listen(peer->listener, BACKLOG) == 0, "listen");
    if (command == COMMAND_REFUSE || command == COMMAND_LISTEN)
        peer->is_listening = command == COMMAND_LISTEN;
    if (command == COMMAND_CUT || command == COMMAND_END)
        cut(peer);
}

static void take_connection(struct tcp_peer *peer)
{
    int fd = accept(peer->listener, NULL, NULL);
    if (fd < 0)
        return;
    must(fcntl(fd, F_SETFL, O_NONBLOCK) == 0 && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0, "fcntl");
    atomic_fetch_add(&peer->accepted, 1);
    if (!peer->on_accept(fd, peer->user))
        return;
    must(peer->kept_count < KEPT_MAX, "more connections than a test peer keeps");
    peer->kept[peer->kept_count++] = fd;
}

static void *run(void *arg)
{
    struct tcp_peer *peer = arg;
    char command = 0;
    while (command != COMMAND_END) {
        struct pollfd wait[2] = { { .fd = peer->control[1], .events = POLLIN },
                                  { .fd = peer->listener, .events = POLLIN } };
        if (poll(wait, peer->is_listening ? 2 : 1, -1) < 0)
            continue;
        if (wait[1].revents && peer->is_listening)
            take_connection(peer);
        if (!wait[0].revents)
            continue;
        must(read(peer->control[1], &command, 1) == 1, "read");
        obey(peer, (enum command)command);
        must(write(peer->control[1], &command, 1) == 1, "write");
    }
    return NULL;
}

static void order(struct tcp_peer *peer, enum command command)
{
    char byte = (char)command;
    must(write(peer->control[0], &byte, 1) == 1, "write");
    must(read(peer->control[0], &byte, 1) == 1, "read");
}

static int bound_socket(uint16_t port, uint16_t *ret_port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
    socklen_t size = sizeof address;
    int on = 1;
    inet_pton(AF_INET, ADDRESS, &address.sin_addr);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(fd >= 0, "socket");
    must(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0, "SO_REUSEADDR");
    must(bind(fd, (const struct sockaddr *)&address, size) == 0, "bind to " ADDRESS);
    must(getsockname(fd, (struct sockaddr *)&address, &size) == 0, "getsockname");
    *ret_port = ntohs(address.sin_port);
    return fd;
}

/* A port that the system chose is given up by shutdown(), one that was named is kept: so it is
 * chosen with one socket and named with another. */
static void bind_listener(struct tcp_peer *peer, uint16_t port)
{
    int chooser = port ? -1 : bound_socket(0, &port);
    peer->listener = bound_socket(port, &peer->port);
    if (chooser >= 0)
        close(chooser);
    snprintf(peer->target, sizeof peer->target, ADDRESS ":%u", peer->port);
}

struct tcp_peer *tcp_peer_new(uint16_t port, tcp_accept_fn *on_accept, void *user)
{
    struct tcp_peer *peer = calloc(1, sizeof *peer);
    must(peer, "calloc");
    peer->on_accept = on_accept;
    peer->user = user;
    bind_listener(peer, port);
    must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, peer->control) == 0, "socketpair");
    must(pthread_create(&peer->thread, NULL, run, peer) == 0, "pthread_create");
    order(peer, COMMAND_LISTEN);
    return peer;
}

const char *tcp_peer_target(const struct tcp_peer *peer)
{
    return peer->target;
}

uint16_t tcp_peer_port(const struct tcp_peer *peer)
{
    return peer->port;
}

unsigned tcp_peer_accepted(const struct tcp_peer *peer)
{
    return atomic_load(&peer->accepted);
}

void tcp_peer_refuse(struct tcp_peer *peer)
{
    order(peer, COMMAND_REFUSE);
}

void tcp_peer_listen(struct tcp_peer *peer)
{
    order(peer, COMMAND_LISTEN);
}

void tcp_peer_cut(struct tcp_peer *peer)
{
    order(peer, COMMAND_CUT);
}

struct tcp_peer *tcp_peer_free(struct tcp_peer *peer)
{
    if (!peer)
        return NULL;
    order(peer, COMMAND_END);
    pthread_join(peer->thread, NULL);
    close(peer->listener);
    close(peer->control[0]);
    close(peer->control[1]);
    free(peer);
    return NULL;
}
