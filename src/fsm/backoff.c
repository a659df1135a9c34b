/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the arithmetic of backoff and jitter.
 * Used by: the machine.
 * Must not know: clocks and random sources.
 */
#include "backoff.h"

void isa__backoff_reset(struct isa__backoff *backoff)
{
    backoff->failures = 0;
    backoff->last_ms = 0;
}

static uint32_t window_ms(uint32_t failures, const struct isa__backoff_policy *policy)
{
    double window = policy->min_ms;
    for (uint32_t i = 0; i < failures && window < policy->max_ms; i++)
        window *= policy->factor;
    return window < policy->max_ms ? (uint32_t)window : policy->max_ms;
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
    uint32_t delay = window_ms(backoff->failures, policy);
    if (policy->jitter == ISA_JITTER_FULL)
        delay = uniform(1, delay, random);
    else if (policy->jitter == ISA_JITTER_DECORRELATED)
        delay = decorrelated_ms(backoff, policy, random);
    if (backoff->failures < UINT32_MAX)
        backoff->failures++;
    backoff->last_ms = delay;
    return delay;
}
