/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the arithmetic of the sliding window.
 * Used by: the breaker.
 * Must not know: clocks; what a failure is.
 */
#include "window.h"

#include <string.h>

void isa__window_reset(struct isa__window *window)
{
    memset(window, 0, sizeof *window);
}

/* From ISA__WINDOW_SLICES on, so that a slice that was never written is too old at any time. */
static uint64_t number_at(uint32_t window_ms, uint64_t now_ms)
{
    uint32_t slice_ms = window_ms / ISA__WINDOW_SLICES;
    return now_ms / (slice_ms ? slice_ms : 1) + ISA__WINDOW_SLICES;
}

void isa__window_add(struct isa__window *window, uint32_t window_ms, uint64_t now_ms,
                     bool is_failure)
{
    uint64_t number = number_at(window_ms, now_ms);
    struct isa__window_slice *slice = &window->slices[number % ISA__WINDOW_SLICES];
    if (slice->number != number)
        *slice = (struct isa__window_slice){ .number = number };
    slice->calls++;
    slice->failures += is_failure;
}

struct isa__window_sum isa__window_sum(const struct isa__window *window, uint32_t window_ms,
                                       uint64_t now_ms)
{
    uint64_t newest = number_at(window_ms, now_ms);
    struct isa__window_sum sum = { 0, 0 };
    for (unsigned i = 0; i < ISA__WINDOW_SLICES; i++) {
        const struct isa__window_slice *slice = &window->slices[i];
        if (slice->number + ISA__WINDOW_SLICES <= newest)
            continue;
        sum.calls += slice->calls;
        sum.failures += slice->failures;
    }
    return sum;
}
