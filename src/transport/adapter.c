/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the transport on grpc-core, as the pool sees it.
 * Used by: the pool, as isa__tr_core.
 * Must not know: machines.
 */
#include "core.h"

#include <sys/random.h>

static void timer_start(struct isa__tr_timer *timer, uint32_t delay_ms)
{
    isa__tr_timer_start(timer, isa__tr_control(), delay_ms);
}

static void post(struct isa__tr_msg *msg)
{
    isa__tr_port_post(isa__tr_control(), msg);
}

/* The system's own generator: processes forked from one parent must not draw the same jitter. */
static uint32_t draw(void)
{
    uint32_t random = 0;
    if (getrandom(&random, sizeof random, GRND_NONBLOCK) != (ssize_t)sizeof random)
        random = (uint32_t)(isa__now_us() * UINT64_C(2654435761)); /* early in the machine's boot */
    return random;
}

const struct isa__tr_ops isa__tr_core = {
    .now_us = isa__now_us,
    .random = draw,
    .timer_start = timer_start,
    .timer_stop = isa__tr_timer_stop,
    .post = post,
    .channel_open = isa__tr_channel_open,
    .channel_retire = isa__tr_channel_retire,
    .channel_abort = isa__tr_channel_abort,
    .call_attach = isa__tr_call_attach,
    .call_start = isa__tr_call_start,
    .call_cancel = isa__tr_call_cancel,
};
