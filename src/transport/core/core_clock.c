/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the distance between the two clocks. Both count the same seconds, so it is taken once.
 * Must not know: what the times are for.
 */
#include "core_clock.h"

#include "base.h"

#include <stdatomic.h>

enum { US_PER_MS = 1000, US_PER_S = 1000000, NS_PER_US = 1000 };

static atomic_int_fast64_t ahead_us;

void isa__core_clock_start(void)
{
    int64_t before_us = (int64_t)isa__now_us();
    gpr_timespec core = gpr_now(GPR_CLOCK_MONOTONIC);
    int64_t core_us = core.tv_sec * US_PER_S + core.tv_nsec / NS_PER_US;
    int64_t distance_us = core_us - before_us;
    /* Core starts its own from whole seconds; what is less than a millisecond passed between the looks. */
    atomic_store(&ahead_us, distance_us / US_PER_MS * US_PER_MS);
}

gpr_timespec isa__core_deadline(uint64_t deadline_us)
{
    if (deadline_us == UINT64_MAX)
        return gpr_inf_future(GPR_CLOCK_MONOTONIC);
    int64_t core_us = (int64_t)deadline_us + atomic_load_explicit(&ahead_us, memory_order_relaxed);
    return (gpr_timespec){ .tv_sec = core_us / US_PER_S,
                           .tv_nsec = (int32_t)(core_us % US_PER_S * NS_PER_US),
                           .clock_type = GPR_CLOCK_MONOTONIC };
}
