/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the pure circuit breaker of one connection: what goes in, what comes out.
 * Used by: the pool, through fsm.h; the generated transitions.
 * Must not know: clocks, calls, threads. Time and randomness are passed in.
 */
#ifndef ISA_FSM_BREAKER_H
#define ISA_FSM_BREAKER_H

#include <isa/guard.h>

#include "base.h"
#include "breaker_fsm.h"
#include "window.h"

/** Settings; fixed for its life. As in struct isa_breaker_options, every field set. */
struct isa__breaker_policy {
    uint32_t consecutive_failures;
    uint32_t failure_percent;
    uint32_t min_calls;
    uint32_t window_ms;
    uint32_t open_ms;
    uint32_t probes;
    uint32_t successes;
    uint32_t failure_codes;
};

/** What it may know about the world at one step. */
struct isa__breaker_input {
    uint64_t now_ms; /* monotonic */
    uint32_t random; /* uniform over all 32 bits */
};

/** What one step says. */
struct isa__breaker_output {
    bool is_admitted;
    bool has_changed; /* from, to */
    bool is_stopped;  /* the timer need not fire any more */
    enum isa_breaker_state from;
    enum isa_breaker_state to;
    uint32_t open_ms; /* start the timer with this; 0: no */
};

/** How an attempt ended, to the breaker. */
enum isa__outcome {
    ISA__OUTCOME_SUCCESS,
    ISA__OUTCOME_FAILURE,
    ISA__OUTCOME_NEITHER,
};

struct isa__breaker {
    struct isa__breaker_fsm_fsm fsm; /* the generated part */
    const struct isa__breaker_policy *policy;
    struct isa__window window;   /* CLOSED */
    uint32_t failures_in_a_row;  /* CLOSED */
    uint32_t probes_running;     /* HALF_OPEN */
    uint32_t successes_in_a_row; /* HALF_OPEN */
    uint64_t period;             /* number of the stay in the present state, from 0 */
    uint64_t opens;
    uint64_t refusals;
    const struct isa__breaker_input *in; /* valid during a step only */
    struct isa__breaker_output *out;     /* valid during a step only */
};

/** Closed. The policy must outlive it. */
void isa__breaker_init(struct isa__breaker *breaker, const struct isa__breaker_policy *policy);

/**
 * An attempt wants to pass.
 *
 * @return the period, to be given to isa__breaker_report() when ret_out->is_admitted
 */
uint64_t isa__breaker_admit(struct isa__breaker *breaker, const struct isa__breaker_input *in,
                            struct isa__breaker_output *ret_out);

/** An admitted attempt has ended; of an earlier period: nothing happens. */
void isa__breaker_report(struct isa__breaker *breaker, uint64_t period, enum isa__outcome outcome,
                         const struct isa__breaker_input *in, struct isa__breaker_output *ret_out);

/** The timer has fired; nothing happens unless it is open. */
void isa__breaker_wake(struct isa__breaker *breaker, const struct isa__breaker_input *in,
                       struct isa__breaker_output *ret_out);

/** What a status says of the service. */
enum isa__outcome isa__breaker_outcome(const struct isa__breaker_policy *policy,
                                       enum isa_status_code code, enum isa_reason reason);

enum isa_breaker_state isa__breaker_state(const struct isa__breaker *breaker);

#endif
