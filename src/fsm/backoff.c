/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the arithmetic of backoff and jitter.
 * Used by: the machine.
 * Must not know: clocks and random sources.
 */
#include "backoff.h"

void isa__backoff_reset(struct isa__backoff *backoff)
{
    backoff->window_ms = 0.;
    backoff->last_ms = 0;
}

/* The window of this failure; grows it for the next. */
static uint32_t take_window_ms(struct isa__backoff *backoff,
                               const struct isa__backoff_policy *policy)
{
    double window = backoff->window_ms > 0. ? backoff->window_ms : policy->min_ms;
    double grown = window * policy->factor;
    backoff->window_ms = grown < policy->max_ms ? grown : policy->max_ms;
    return (uint32_t)window;
}

/* Uniform in [low, high]; the bias of a 64-bit product is below 2^-32. */
static uint32_t uniform(uint32_t low, uint32_t high, uint32_t random)
{
    uint64_t span = (uint64_t)high - low + 1;
    return low + (uint32_t)((span * random) >> 32);
}

static uint32_t decorrelated_ms(const struct isa__backoff *backoff,
                                const struct isa__backoff_policy *policy, uint32_t random)
{
    uint64_t last = backoff->last_ms ? backoff->last_ms : policy->min_ms;
    uint64_t high = last * 3 < policy->max_ms ? last * 3 : policy->max_ms;
    return uniform(policy->min_ms, high < policy->min_ms ? policy->min_ms : (uint32_t)high, random);
}

uint32_t isa__backoff_next(struct isa__backoff *backoff, const struct isa__backoff_policy *policy,
                           uint32_t random)
{
    uint32_t delay = take_window_ms(backoff, policy);
    if (policy->jitter == ISA_JITTER_FULL)
        delay = uniform(1, delay, random);
    else if (policy->jitter == ISA_JITTER_DECORRELATED)
        delay = decorrelated_ms(backoff, policy, random);
    backoff->last_ms = delay;
    return delay;
}
