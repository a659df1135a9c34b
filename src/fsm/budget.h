/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the retry budget of one connection: a bucket of tokens.
 * Used by: the pool, through fsm.h.
 * Must not know: clocks, calls.
 */
#ifndef ISA_FSM_BUDGET_H
#define ISA_FSM_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

/** Thousandths of a token. max_milli 0: there is no budget, every retry is allowed. */
struct isa__budget_policy {
    uint32_t max_milli;
    uint32_t ratio_milli; /* what a success puts in */
};

struct isa__budget {
    uint32_t milli;
};

/** Full. */
void isa__budget_init(struct isa__budget *budget, const struct isa__budget_policy *policy);
/** An attempt succeeded. */
void isa__budget_put(struct isa__budget *budget, const struct isa__budget_policy *policy);
/** An attempt failed in a way that is worth a retry, made or not. */
void isa__budget_take(struct isa__budget *budget);
/** Whether a retry may be made: more than half of it is there. */
bool isa__budget_allows(const struct isa__budget *budget, const struct isa__budget_policy *policy);

#endif
