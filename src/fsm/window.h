/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: a sliding window of calls and failures.
 * Used by: the breaker.
 * Must not know: clocks; what a failure is.
 */
#ifndef ISA_FSM_WINDOW_H
#define ISA_FSM_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

enum { ISA__WINDOW_SLICES = 10 };

struct isa__window_slice {
    uint64_t number; /* of the stretch of time it counts; 0: none yet */
    uint32_t calls;
    uint32_t failures;
};

/* Memory does not depend on the traffic: the window moves on by a tenth of its length. */
struct isa__window {
    struct isa__window_slice slices[ISA__WINDOW_SLICES];
};

struct isa__window_sum {
    uint64_t calls;
    uint64_t failures;
};

/** Forget everything. */
void isa__window_reset(struct isa__window *window);
/** Write down one call. `now_ms` never goes back. */
void isa__window_add(struct isa__window *window, uint32_t window_ms, uint64_t now_ms,
                     bool is_failure);
/** What the last window_ms hold, or up to a tenth of it less. */
struct isa__window_sum isa__window_sum(const struct isa__window *window, uint32_t window_ms,
                                       uint64_t now_ms);

#endif
