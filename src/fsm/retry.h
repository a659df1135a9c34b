/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the pure life of a call that may be tried more than once.
 * Used by: the pool, through fsm.h; the generated transitions.
 * Must not know: clocks, calls, threads. Time and randomness are passed in.
 */
#ifndef ISA_FSM_RETRY_H
#define ISA_FSM_RETRY_H

#include <isa/guard.h>

#include "backoff.h"
#include "base.h"
#include "retry_fsm.h"

/** Settings; fixed for its life. */
struct isa__retry_policy {
    struct isa__backoff_policy backoff;
    uint32_t max_attempts;
    uint32_t codes; /* worth another attempt */
};

/** What it may know about the world at one step. */
struct isa__retry_input {
    uint64_t left_us;  /* until the call's deadline */
    uint32_t random;   /* uniform over all 32 bits */
    bool is_in_budget; /* see budget.h */
    bool has_pushback; /* the service says how long to wait */
    uint32_t pushback_ms;
};

struct isa__retry {
    struct isa__retry_fsm_fsm fsm; /* the generated part */
    struct isa__retry_policy policy;
    struct isa__backoff backoff;
    uint32_t attempts;                 /* begun, the present one included */
    uint32_t delay_ms;                 /* of the present rest, or of the one that may come */
    bool is_given_up;                  /* another attempt was worth making, and was not allowed */
    const struct isa__retry_input *in; /* valid during a step only */
};

/** The first attempt is under way. */
void isa__retry_init(struct isa__retry *retry, const struct isa__retry_policy *policy);

/**
 * The attempt has ended, or the call has been stopped while it rested.
 *
 * @return whether it rests now; another attempt follows after retry->delay_ms
 */
bool isa__retry_on_end(struct isa__retry *retry, bool is_worth_another,
                       const struct isa__retry_input *in);

/** The rest is over: the next attempt begins. */
void isa__retry_on_rested(struct isa__retry *retry);

/** Whether a status is worth another attempt, by this policy. */
bool isa__retry_is_worth(const struct isa__retry_policy *policy, enum isa_status_code code,
                         enum isa_reason reason);

static inline bool isa__retry_is_resting(const struct isa__retry *retry)
{
    return isa__retry_fsm_current(retry) == ISA__RETRY_FSM_ST_RESTING;
}

#endif
