/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: what a port is made of, and what the files of this room do with it beyond transport.h.
 * Used by: port.c; engine.c, queue.c, timer.c, unary.c, stream.c.
 * Must not know: grpc-core.
 */
#ifndef ISA_TR_PORT_H
#define ISA_TR_PORT_H

#include "transport.h"

#include <ev.h>
#include <pthread.h>
#include <stdatomic.h>

/* What a port is to libev: the watchers count as nothing, so no loop lives for them alone. */
struct isa__tr_port {
    struct ev_loop *loop;
    ev_async wake;
    ev_prepare prepare;                    /* every iteration, before the loop blocks */
    ev_cleanup cleanup;                    /* the loop is being destroyed */
    _Atomic(struct isa__tr_msg *) mailbox; /* newest first */
    atomic_uint holds;
    atomic_uint senders;  /* threads that are about to wake the loop; it must not go meanwhile */
    atomic_bool is_awake; /* the loop has begun to run and `wake` is started */
    atomic_bool is_dead;
    bool may_be_followed; /* loop thread: to where it runs */
    bool is_held;         /* loop thread: our hold is counted by libev */
    bool wants_detach;    /* loop thread: the last user is gone */
    unsigned depth;       /* loop thread: drain() inside drain(), when a callback runs the loop */
    size_t weight_bytes;  /* loop thread: of what drain() has brought */
    struct isa__tr_msg *pending; /* loop thread: taken from the mailbox, oldest first */
    _Atomic(pthread_t) owner;    /* the thread that runs the loop */
    atomic_int cpu;              /* where it ran last; -1: not to be followed */
    unsigned refs;               /* under ports_lock; the attachment is one of them */
    bool is_detach_posted;       /* under ports_lock; a posted detach has a reference */
    struct isa__tr_msg detach;
    struct isa_list in_ports; /* in ports */
    struct isa_list mourners; /* of struct isa__tr_mourner.in_port; under ports_lock */
};

static inline struct ev_loop *isa__tr_port_loop(const struct isa__tr_port *port)
{
    return port->loop;
}

/** Attach isa__tr_control() to the engine's own loop, before the loop runs. Never fails. */
void isa__tr_port_control(struct ev_loop *loop);

/** What a message brought, in bytes: who takes large ones is busy with few. In the message. */
static inline void isa__tr_port_weigh(struct isa__tr_port *port, size_t size_bytes)
{
    if (!isa__tr_port_is_dead(port)) /* else it may run anywhere */
        port->weight_bytes += size_bytes;
}

/** queue.c: the loop has run so many messages in one go. On the loop. */
void isa__tr_queue_offer(struct isa__tr_port *port, unsigned messages);
/** Whether this is the queue's thread. */
bool isa__tr_queue_is_mine(void);

#endif
