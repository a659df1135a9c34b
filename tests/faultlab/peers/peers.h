/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: peers: processes that play the other side of a connection, and misbehave when told to.
 * Used by: the fault laboratory's scenarios, chaos runs.
 * Must not know: the library under test.
 *
 * A peer is the program isa-faultlab-peer, found beside the running program. It is started by fork
 * and exec, so that this works after grpc-core has been used. It ends with the thread that started it.
 *
 * Kinds, their settings, and the words they obey (each also obeys what stands in its source file):
 *   grpc    a server of grpc-core with the methods of tests/support/grpc_server.h
 *           max_age_ms= max_age_grace_ms= max_receive_bytes= min_ping_ms= ping_strikes=
 *           held N | release | cut | down | up | drain | connections | calls
 *   raw     mode=NAME: wrong HTTP/2 bytes; `isa-faultlab-peer modes` lists the names
 *           connections | headers
 *   proxy   to=PORT: stands before a server of loopback, and listens at its port, or, if given,
 *           at unix=PATH, or address=127.x.y.z at=PORT
 *           delay MS JITTER_MS | stall up|down|both | heal | cut | reset | refuse | listen |
 *           connections
 *   dns     a name server: each name has the address told last
 *           answer ADDRESS | answer none | silence | questions
 *   python  a server of Debian's python3-grpcio with the methods Echo, Hold and Slow
 *           release | drain
 */
#ifndef PEERS_H
#define PEERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define PEER_PRINTF(at, first) __attribute__((format(printf, at, first)))
#else
#define PEER_PRINTF(at, first)
#endif

struct peer; /* opaque */

/*
 * Start "KIND [setting=value]..."; it listens when this returns. With the setting netns=1 it lives in
 * a network namespace of its own. Never NULL: says why on stderr and ends the process.
 */
struct peer *peer_new(const char *words, ...) PEER_PRINTF(1, 2);

/* "127.0.0.2:port"; the same for life, across restarts; nobody else is given the port. */
const char *peer_target(const struct peer *peer);
uint16_t peer_port(const struct peer *peer);
int peer_pid(const struct peer *peer);

/* Say a line; the answer is a number, or 0. */
unsigned peer_tell(struct peer *peer, const char *line, ...) PEER_PRINTF(2, 3);

/* SIGSTOP and SIGCONT. A stopped peer does not answer a line. */
void peer_stop(struct peer *peer);
void peer_continue(struct peer *peer);

/* SIGKILL; it is gone when this returns. */
void peer_kill(struct peer *peer);
/* Start it again at its address, as it was, or as something else; it listens when this returns. */
void peer_restart(struct peer *peer);
void peer_restart_as(struct peer *peer, const char *words, ...) PEER_PRINTF(2, 3);

/* Returns NULL; takes NULL. */
struct peer *peer_free(struct peer *peer);

/* Whether the kind python can run on this machine. */
bool peer_has_python(void);

/* Run a program to its end: its exit status, or -1. The words are divided at spaces. */
int peer_run(const char *words, ...) PEER_PRINTF(1, 2);

#endif
