/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: how long to wait before the next attempt.
 * Used by: the machine.
 * Must not know: clocks and random sources; both come in as numbers.
 */
#ifndef ISA_FSM_BACKOFF_H
#define ISA_FSM_BACKOFF_H

#include <isa/conn.h>

#include <stdint.h>

struct isa__backoff_policy {
    uint32_t min_ms; /* first window */
    uint32_t max_ms; /* largest window */
    double factor;   /* growth of the window per failure */
    enum isa_jitter jitter;
};

struct isa__backoff {
    double window_ms; /* of the next failure; 0 after a reset: the policy's first */
    uint32_t last_ms; /* last delay drawn; 0 after a reset */
};

/** Forget all failures: the connection is READY. */
void isa__backoff_reset(struct isa__backoff *backoff);

/**
 * Draw the delay before the next attempt; the window grows.
 *
 * Full and decorrelated jitter as in Marc Brooker, "Exponential Backoff And Jitter", AWS
 * Architecture Blog, 2015. The first retry is jittered too: clients that lose one server at the same
 * moment must not come back at the same moment.
 *
 * @param random  Uniform over all 32 bits.
 * @return milliseconds, 1 to policy->max_ms
 */
uint32_t isa__backoff_next(struct isa__backoff *backoff, const struct isa__backoff_policy *policy,
                           uint32_t random);

#endif
