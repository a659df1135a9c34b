/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: what the grpc-core side of this room shares: the queue, its tags, a channel's calls.
 * Used by: engine.c, queue.c, channel.c, call.c.
 * Must not know: the pool.
 */
#ifndef ISA_TR_CORE_H
#define ISA_TR_CORE_H

#include "core_text.h"
#include "transport.h"

#include <grpc/grpc.h>
#include <pthread.h>
#include <stdatomic.h>

/**
 * What grpc-core hands back when something has completed; embedded in what it is about.
 *
 * fn runs on whichever thread takes completions and must be short: take notes and post a message. The
 * flag carries what was written before the start to that thread, visibly for tools that cannot see
 * into core.
 */
struct isa__tr_tag {
    void (*fn)(struct isa__tr_tag *tag, bool is_ok);
    atomic_bool is_armed;
};

static inline void *isa__tr_tag_arm(struct isa__tr_tag *tag)
{
    atomic_store_explicit(&tag->is_armed, true, memory_order_release);
    return tag;
}

/** The one completion queue; valid while the engine runs. */
grpc_completion_queue *isa__tr_queue(void);
/** Make it, and start its thread. Core is initialised. @return 0 or ISA_ESYSTEM */
int isa__tr_queue_start(void);
/** Let it run empty, join its thread, destroy it. */
void isa__tr_queue_stop(void);

/** Count channels that exist, for isa__tr_when_no_channel(). Control loop. */
void isa__tr_channel_born(void);
void isa__tr_channel_gone(void);

/** Core keeps something of a failed attempt until then, monotonic microseconds. Control loop. */
void isa__tr_core_busy_until(uint64_t until_us);

/* channel.c, for adapter.c and explain.c; what they do is with struct isa__tr_ops. */
int isa__tr_channel_open(const struct isa__tr_channel_config *config, struct isa__tr_sink *sink,
                         struct isa__tr_channel **ret_channel);
void isa__tr_channel_retire(struct isa__tr_channel *channel);
void isa__tr_channel_abort(struct isa__tr_channel *channel, const struct isa_status *status);

/* channel.c, for call.c */
grpc_channel *isa__tr_channel_core(struct isa__tr_channel *channel);
pthread_mutex_t *isa__tr_channel_lock(struct isa__tr_channel *channel);
void isa__tr_channel_add_call(struct isa__tr_channel *channel, struct isa_list *in_channel,
                              bool wants_looks);
/**
 * A call has ended with this claim about its connection. Any thread.
 *
 * @param text  the status' message; copied
 * @return whether the channel has to confirm it first: isa__tr_call_conclude() follows, on the control loop.
 *         false: it is known to have ended, or there is nothing to confirm
 */
bool isa__tr_channel_suspect(struct isa__tr_channel *channel, struct isa_list *in_channel,
                             enum isa__claim claim, const char *text);
/** The call is over. Any thread. */
void isa__tr_channel_remove_call(struct isa__tr_channel *channel, struct isa_list *in_channel);

/* call.c, for channel.c */
void isa__tr_call_attach(struct isa__tr_channel *channel, struct isa__tr_call *call,
                         uint64_t now_us);
void isa__tr_call_start(struct isa__tr_call *call, const struct isa__tr_start *start);
void isa__tr_call_cancel(struct isa__tr_call *call, const struct isa_status *status);
/** When it was started, and ended as far as core is concerned, monotonic; under the channel's lock. */
uint64_t isa__tr_call_started_us(const struct isa_list *in_channel);
uint64_t isa__tr_call_suspected_us(const struct isa_list *in_channel);
/** The end of a suspect, whose claim was confirmed or turned out to be the peer's own text. */
void isa__tr_call_conclude(struct isa_list *in_channel, bool is_confirmed);
/** While it runs, for its kind; under the channel's lock. @return whether it wants more looks */
bool isa__tr_call_look_locked(struct isa_list *in_channel);
void isa__tr_call_cancel_locked(struct isa_list *in_channel, const struct isa_status *status);

#endif
