/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: a TCP listener on loopback that can go down and come back at the same port; peers that are
 * silent, close at once, or speak something else.
 * Used by: grpc_server.c, live tests.
 * Must not know: gRPC, the library under test.
 */
#ifndef TCP_PEER_H
#define TCP_PEER_H

#include <stdbool.h>
#include <stdint.h>

struct tcp_peer; /* opaque */

/* What to do with a connection; runs on the peer's thread. true: the peer keeps the descriptor, cuts
 * and closes it; false: it is closed already. */
typedef bool tcp_accept_fn(int fd, void *user);

bool tcp_accept_silently(int fd, void *unused);
bool tcp_accept_and_close(int fd, void *unused);
bool tcp_accept_with_garbage(int fd, void *unused);
bool tcp_accept_with_http1(int fd, void *unused);

/* Listens when it returns. port 0: a free one. Never NULL: a machine without loopback aborts. */
struct tcp_peer *tcp_peer_new(uint16_t port, tcp_accept_fn *on_accept, void *user);

/* "127.0.0.2:port"; the same for life, lives as long as the object. */
const char *tcp_peer_target(const struct tcp_peer *peer);
uint16_t tcp_peer_port(const struct tcp_peer *peer);

/* Connections accepted so far. */
unsigned tcp_peer_accepted(const struct tcp_peer *peer);

/* Refuse connections from now on, and listen again. The port stays ours in between. */
void tcp_peer_refuse(struct tcp_peer *peer);
void tcp_peer_listen(struct tcp_peer *peer);

/* Break every connection that was kept. */
void tcp_peer_cut(struct tcp_peer *peer);

/* Returns NULL; takes NULL. */
struct tcp_peer *tcp_peer_free(struct tcp_peer *peer);

#endif
