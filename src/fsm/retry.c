/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the actions and guards that retry.fsm names.
 * Used by: the generated transitions; the pool, through isa__retry_on_end() and its sibling.
 * Must not know: how an attempt is made.
 */
#include "retry.h"

#include <assert.h>
#include <string.h>

bool isa__retry_fsm_grd_may_retry(const struct isa__retry *retry)
{
    return retry->attempts < retry->policy.max_attempts && retry->in->is_in_budget &&
           (uint64_t)retry->delay_ms * 1000 < retry->in->left_us;
}

void isa__retry_fsm_act_begin_attempt(struct isa__retry *retry)
{
    retry->attempts++;
}

void isa__retry_fsm_act_give_up(struct isa__retry *retry)
{
    retry->is_given_up = true;
}

void isa__retry_fsm_arm(struct isa__retry *retry, enum isa__retry_fsm_timer timer)
{
    (void)retry, (void)timer; /* there is one, and its delay was drawn before the step */
}

void isa__retry_fsm_disarm(struct isa__retry *retry, enum isa__retry_fsm_timer timer)
{
    (void)retry, (void)timer; /* whoever takes the call out of the list of those that rest */
}

void isa__retry_fsm_on_unexpected(struct isa__retry *retry, enum isa__retry_fsm_state state,
                                  enum isa__retry_fsm_event event)
{
    (void)retry;
    isa__log(ISA_LOG_ERROR, "fsm: unexpected %s in state %s of a retry",
             isa__retry_fsm_event_name(event), isa__retry_fsm_state_name(state));
}

void isa__retry_init(struct isa__retry *retry, const struct isa__retry_policy *policy)
{
    memset(retry, 0, sizeof *retry);
    retry->policy = *policy;
    retry->attempts = 1;
    isa__retry_fsm_init(retry);
}

bool isa__retry_on_end(struct isa__retry *retry, bool is_worth_another,
                       const struct isa__retry_input *in)
{
    enum isa__retry_fsm_event event = ISA__RETRY_FSM_EV_ENDED;
    if (isa__retry_is_resting(retry))
        event = ISA__RETRY_FSM_EV_STOP;
    else if (is_worth_another)
        event = ISA__RETRY_FSM_EV_FAILED;
    if (event == ISA__RETRY_FSM_EV_FAILED)
        retry->delay_ms = in->has_pushback ? in->pushback_ms
                                           : isa__backoff_next(&retry->backoff,
                                                               &retry->policy.backoff, in->random);
    retry->in = in;
    isa__retry_fsm_dispatch(retry, event, NULL);
    retry->in = NULL;
    return isa__retry_is_resting(retry);
}

void isa__retry_on_rested(struct isa__retry *retry)
{
    assert(isa__retry_is_resting(retry));
    isa__retry_fsm_dispatch(retry, ISA__RETRY_FSM_TM_REST, NULL);
}

bool isa__retry_is_worth(const struct isa__retry_policy *policy, enum isa_status_code code,
                         enum isa_reason reason)
{
    /* What the program or the breaker did is not undone by trying again. */
    if (reason == ISA_REASON_USER || reason == ISA_REASON_SHUTDOWN ||
        reason == ISA_REASON_BREAKER_OPEN)
        return false;
    return (unsigned)code < 32 && policy->codes >> (unsigned)code & 1U;
}
