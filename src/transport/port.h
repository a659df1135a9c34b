/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: what the files of this room may know of a port beyond transport.h.
 * Used by: engine.c, queue.c, timer.c.
 * Must not know: grpc-core.
 */
#ifndef ISA_TR_PORT_H
#define ISA_TR_PORT_H

#include "transport.h"

#include <ev.h>
#include <stdatomic.h>

struct ev_loop *isa__tr_port_loop(const struct isa__tr_port *port);
/** Attach isa__tr_control() to the engine's own loop, before the loop runs. Never fails. */
void isa__tr_port_control(struct ev_loop *loop);

/** What a message brought, in bytes: who takes large ones is busy with few. On the loop, in the message. */
void isa__tr_port_weigh(struct isa__tr_port *port, size_t size_bytes);

/** queue.c: the loop has run so many messages in one go. On the loop. */
void isa__tr_queue_offer(struct isa__tr_port *port, unsigned messages);
/** Whether this is the queue's thread. */
bool isa__tr_queue_is_mine(void);

#endif
