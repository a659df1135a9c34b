/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the actions and guards that breaker.fsm names, and what the breaker's states are called.
 * Used by: the generated transitions; the pool, through isa__breaker_admit() and its siblings.
 * Must not know: what is done with what a step says.
 */
#include "breaker.h"

#include <assert.h>
#include <string.h>

static_assert((int)ISA__BREAKER_FSM_CONDITION_CLOSED == (int)ISA_BREAKER_CLOSED &&
                  (int)ISA__BREAKER_FSM_CONDITION_OPEN == (int)ISA_BREAKER_OPEN &&
                  (int)ISA__BREAKER_FSM_CONDITION_HALF_OPEN == (int)ISA_BREAKER_HALF_OPEN,
              "the projection and the public enum are one");

enum { JITTER_SHARE = 5 }; /* stay open for up to a fifth longer */

static bool is_share_too_large(const struct isa__breaker *breaker)
{
    const struct isa__breaker_policy *policy = breaker->policy;
    struct isa__window_sum sum =
        isa__window_sum(&breaker->window, policy->window_ms, breaker->in->now_ms);
    uint64_t calls = sum.calls + 1; /* this one included */
    uint64_t failures = sum.failures + 1;
    return policy->failure_percent <= 100 && calls >= policy->min_calls &&
           failures * 100 >= calls * policy->failure_percent;
}

bool isa__breaker_fsm_grd_is_last_straw(const struct isa__breaker *breaker)
{
    uint32_t limit = breaker->policy->consecutive_failures;
    bool is_row_too_long = limit != ISA_NEVER && breaker->failures_in_a_row + 1 >= limit;
    return is_row_too_long || is_share_too_large(breaker);
}

bool isa__breaker_fsm_grd_is_slot_free(const struct isa__breaker *breaker)
{
    return breaker->probes_running < breaker->policy->probes;
}

bool isa__breaker_fsm_grd_is_proof(const struct isa__breaker *breaker)
{
    return breaker->successes_in_a_row + 1 >= breaker->policy->successes;
}

void isa__breaker_fsm_act_admit(struct isa__breaker *breaker)
{
    breaker->out->is_admitted = true;
}

void isa__breaker_fsm_act_refuse(struct isa__breaker *breaker)
{
    breaker->refusals++;
}

void isa__breaker_fsm_act_take_slot(struct isa__breaker *breaker)
{
    breaker->probes_running++;
}

void isa__breaker_fsm_act_free_slot(struct isa__breaker *breaker)
{
    assert(breaker->probes_running > 0);
    breaker->probes_running--;
}

static void count(struct isa__breaker *breaker, bool is_failure)
{
    isa__window_add(&breaker->window, breaker->policy->window_ms, breaker->in->now_ms, is_failure);
    if (!is_failure)
        breaker->failures_in_a_row = 0;
    else if (breaker->failures_in_a_row < UINT32_MAX - 1)
        breaker->failures_in_a_row++;
}

void isa__breaker_fsm_act_count_success(struct isa__breaker *breaker)
{
    count(breaker, false);
}

void isa__breaker_fsm_act_count_failure(struct isa__breaker *breaker)
{
    count(breaker, true);
}

void isa__breaker_fsm_act_count_proof(struct isa__breaker *breaker)
{
    breaker->successes_in_a_row++;
}

void isa__breaker_fsm_act_forget(struct isa__breaker *breaker)
{
    isa__window_reset(&breaker->window);
    breaker->failures_in_a_row = 0;
    breaker->probes_running = 0;
    breaker->successes_in_a_row = 0;
}

/* Breakers that opened together must not try together. Never earlier than asked for. */
void isa__breaker_fsm_arm(struct isa__breaker *breaker, enum isa__breaker_fsm_timer timer)
{
    uint32_t open_ms = breaker->policy->open_ms;
    uint64_t span = open_ms / JITTER_SHARE + 1;
    assert(timer == ISA__BREAKER_FSM_TIMER_OPEN_TIME);
    (void)timer;
    breaker->out->open_ms = open_ms + (uint32_t)((span * breaker->in->random) >> 32);
}

void isa__breaker_fsm_disarm(struct isa__breaker *breaker, enum isa__breaker_fsm_timer timer)
{
    (void)timer; /* there is one */
    breaker->out->is_stopped = true;
}

void isa__breaker_fsm_on_condition(struct isa__breaker *breaker, enum isa__breaker_fsm_public from,
                                   enum isa__breaker_fsm_public to)
{
    struct isa__breaker_output *out = breaker->out;
    out->has_changed = true;
    out->from = (enum isa_breaker_state)from;
    out->to = (enum isa_breaker_state)to;
    breaker->period++;
    breaker->opens += out->to == ISA_BREAKER_OPEN;
}

void isa__breaker_fsm_on_unexpected(struct isa__breaker *breaker, enum isa__breaker_fsm_state state,
                                    enum isa__breaker_fsm_event event)
{
    (void)breaker;
    isa__log(ISA_LOG_ERROR, "fsm: unexpected %s in state %s of a breaker",
             isa__breaker_fsm_event_name(event), isa__breaker_fsm_state_name(state));
}

void isa__breaker_init(struct isa__breaker *breaker, const struct isa__breaker_policy *policy)
{
    memset(breaker, 0, sizeof *breaker);
    breaker->policy = policy;
    isa__breaker_fsm_init(breaker);
}

static void step(struct isa__breaker *breaker, enum isa__breaker_fsm_event event,
                 const struct isa__breaker_input *in, struct isa__breaker_output *ret_out)
{
    *ret_out = (struct isa__breaker_output){ 0 };
    breaker->in = in;
    breaker->out = ret_out;
    isa__breaker_fsm_dispatch(breaker, event, NULL);
    breaker->in = NULL;
    breaker->out = NULL;
}

uint64_t isa__breaker_admit(struct isa__breaker *breaker, const struct isa__breaker_input *in,
                            struct isa__breaker_output *ret_out)
{
    step(breaker, ISA__BREAKER_FSM_EV_CALL, in, ret_out);
    return breaker->period;
}

void isa__breaker_report(struct isa__breaker *breaker, uint64_t period, enum isa__outcome outcome,
                         const struct isa__breaker_input *in, struct isa__breaker_output *ret_out)
{
    static const enum isa__breaker_fsm_event events[] = {
        [ISA__OUTCOME_SUCCESS] = ISA__BREAKER_FSM_EV_SUCCESS,
        [ISA__OUTCOME_FAILURE] = ISA__BREAKER_FSM_EV_FAILURE,
        [ISA__OUTCOME_NEITHER] = ISA__BREAKER_FSM_EV_NEITHER,
    };
    *ret_out = (struct isa__breaker_output){ 0 };
    if (period == breaker->period)
        step(breaker, events[outcome], in, ret_out);
}

void isa__breaker_wake(struct isa__breaker *breaker, const struct isa__breaker_input *in,
                       struct isa__breaker_output *ret_out)
{
    *ret_out = (struct isa__breaker_output){ 0 };
    if (isa__breaker_state(breaker) == ISA_BREAKER_OPEN)
        step(breaker, ISA__BREAKER_FSM_TM_OPEN_TIME, in, ret_out);
}

enum isa__outcome isa__breaker_outcome(const struct isa__breaker_policy *policy,
                                       enum isa_status_code code, enum isa_reason reason)
{
    /* The program ended it, or its connection: nobody asked the service. */
    if (code == ISA_STATUS_CANCELLED || reason == ISA_REASON_USER || reason == ISA_REASON_SHUTDOWN)
        return ISA__OUTCOME_NEITHER;
    if ((unsigned)code < 32 && policy->failure_codes >> (unsigned)code & 1U)
        return ISA__OUTCOME_FAILURE;
    return ISA__OUTCOME_SUCCESS;
}

enum isa_breaker_state isa__breaker_state(const struct isa__breaker *breaker)
{
    return (enum isa_breaker_state)isa__breaker_fsm_condition(isa__breaker_fsm_current(breaker));
}

const char *isa_breaker_state_name(enum isa_breaker_state state)
{
    switch (state) {
    case ISA_BREAKER_CLOSED:
        return "CLOSED";
    case ISA_BREAKER_OPEN:
        return "OPEN";
    case ISA_BREAKER_HALF_OPEN:
        return "HALF_OPEN";
    }
    return "?";
}
