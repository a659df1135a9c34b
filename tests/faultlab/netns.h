/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: two network namespaces joined by a pair of interfaces: ours, and a server's.
 * Used by: family_net.c.
 * Must not know: the library under test.
 */
#ifndef NETNS_H
#define NETNS_H

#include "peers/peers.h"

/*
 * From now on this process lives in a network of its own, at 192.0.2.1, and a gRPC server lives
 * behind the wire at 192.0.2.2. Nothing else can be reached. Skips the scenario, with the reason,
 * where the machine does not allow that. Before anything of the library was used. All of it
 * disappears with the two processes.
 */
struct peer *netns_new(void);
#define NETNS_PORT "7000"
#define NETNS_TARGET "192.0.2.2:" NETNS_PORT

/* Run a command in our network, or in the server's; it must succeed. The words are divided at
 * spaces. */
void netns_here(const char *command, ...) PEER_PRINTF(1, 2);
void netns_there(const struct peer *server, const char *command, ...) PEER_PRINTF(2, 3);

/* What passes no more, silently, and passes again. */
enum netns_cut { NETNS_TO_SERVER = 1, NETNS_FROM_SERVER = 2, NETNS_BOTH = 3 };
void netns_cut(const struct peer *server, enum netns_cut cut);
void netns_heal(const struct peer *server, enum netns_cut cut);

#endif
