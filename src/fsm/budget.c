/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the arithmetic of the retry budget, that of gRPC's retryThrottling (gRFC A6).
 * Used by: the pool.
 * Must not know: clocks, calls.
 */
#include "budget.h"

enum { TOKEN_MILLI = 1000 };

void isa__budget_init(struct isa__budget *budget, const struct isa__budget_policy *policy)
{
    budget->milli = policy->max_milli;
}

void isa__budget_put(struct isa__budget *budget, const struct isa__budget_policy *policy)
{
    uint32_t room = policy->max_milli - budget->milli;
    budget->milli += policy->ratio_milli < room ? policy->ratio_milli : room;
}

void isa__budget_take(struct isa__budget *budget)
{
    budget->milli -= budget->milli < TOKEN_MILLI ? budget->milli : TOKEN_MILLI;
}

bool isa__budget_allows(const struct isa__budget *budget, const struct isa__budget_policy *policy)
{
    return policy->max_milli == 0 || budget->milli > policy->max_milli / 2;
}
