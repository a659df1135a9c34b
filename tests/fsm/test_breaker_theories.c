/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: what holds for a breaker after any stream of calls, tried on random ones.
 * Used by: ctest.
 * Must not know: any particular story.
 */
#include <criterion/criterion.h>

#include <string.h>

#include "fsm.h"

enum { SEEDS = 300, STEPS = 600, CALLS_MAX = 16 };

/* A breaker in random traffic, and what an observer believes. */
struct traffic {
    struct isa__breaker_policy policy;
    struct isa__breaker breaker;
    struct isa__breaker_input in;
    struct isa__breaker_output out;
    uint64_t periods[CALLS_MAX]; /* of the calls under way */
    bool is_probe[CALLS_MAX];    /* admitted in the present stay in HALF_OPEN */
    unsigned calls;
    unsigned probes;    /* of them */
    unsigned successes; /* of probes, in the present stay */
    uint64_t due_ms;    /* the timer; 0: it does not run */
    uint64_t opened_ms;
    enum isa_breaker_state told;
    uint32_t generator;
};

static uint32_t draw(struct traffic *traffic)
{
    traffic->generator ^= traffic->generator << 13;
    traffic->generator ^= traffic->generator >> 17;
    traffic->generator ^= traffic->generator << 5;
    return traffic->generator;
}

static void begin(struct traffic *traffic, uint32_t seed)
{
    memset(traffic, 0, sizeof *traffic);
    traffic->generator = seed;
    for (int i = 0; i < 8; i++)
        draw(traffic);
    traffic->policy = (struct isa__breaker_policy){
        .consecutive_failures = draw(traffic) % 3 ? 1 + draw(traffic) % 6 : ISA_NEVER,
        .failure_percent = 1 + draw(traffic) % 100,
        .min_calls = 1 + draw(traffic) % 10,
        .window_ms = 10 + draw(traffic) % 2000,
        .open_ms = 1 + draw(traffic) % 500,
        .probes = 1 + draw(traffic) % 4,
        .successes = 1 + draw(traffic) % 4,
    };
    traffic->in.now_ms = draw(traffic) % 1000000;
    isa__breaker_init(&traffic->breaker, &traffic->policy);
}

/* What every step must keep true. */
static void observe(struct traffic *traffic, uint32_t seed)
{
    const struct isa__breaker_output *out = &traffic->out;
    if (!out->has_changed) {
        cr_assert_eq(isa__breaker_state(&traffic->breaker), traffic->told, "seed %u", seed);
        return;
    }
    cr_assert_eq(out->from, traffic->told, "seed %u: a change begins where the last ended", seed);
    cr_assert_neq(out->to, out->from, "seed %u", seed);
    cr_assert_eq(out->to, isa__breaker_state(&traffic->breaker), "seed %u", seed);
    cr_assert_eq(out->open_ms > 0, out->to == ISA_BREAKER_OPEN, "seed %u: the timer", seed);
    if (out->to == ISA_BREAKER_CLOSED)
        cr_assert_geq(traffic->successes, traffic->policy.successes, "seed %u: unproved", seed);
    if (out->to == ISA_BREAKER_OPEN) {
        uint32_t least = traffic->policy.open_ms;
        cr_assert(out->open_ms >= least && out->open_ms <= least + least / 5, "seed %u", seed);
        traffic->opened_ms = traffic->in.now_ms;
        traffic->due_ms = traffic->in.now_ms + out->open_ms;
    }
    if (out->to == ISA_BREAKER_HALF_OPEN)
        cr_assert_geq(traffic->in.now_ms - traffic->opened_ms, traffic->policy.open_ms,
                      "seed %u: half-open too early", seed);
    if (out->from == ISA_BREAKER_OPEN)
        traffic->due_ms = 0;
    traffic->told = out->to;
    memset(traffic->is_probe, 0, sizeof traffic->is_probe);
    traffic->probes = 0;
    traffic->successes = 0;
}

static void admit(struct traffic *traffic, uint32_t seed)
{
    uint64_t refusals = traffic->breaker.refusals;
    uint64_t period = isa__breaker_admit(&traffic->breaker, &traffic->in, &traffic->out);
    bool is_admitted = traffic->out.is_admitted;
    observe(traffic, seed);
    cr_assert_eq(traffic->breaker.refusals, refusals + !is_admitted, "seed %u", seed);
    if (traffic->told == ISA_BREAKER_CLOSED)
        cr_assert(is_admitted, "seed %u: refused while closed", seed);
    if (traffic->told == ISA_BREAKER_OPEN)
        cr_assert_not(is_admitted, "seed %u: admitted while open", seed);
    if (!is_admitted)
        return;
    bool is_probe = traffic->told == ISA_BREAKER_HALF_OPEN;
    traffic->probes += is_probe;
    cr_assert_leq(traffic->probes, traffic->policy.probes, "seed %u: too many probes", seed);
    traffic->is_probe[traffic->calls] = is_probe;
    traffic->periods[traffic->calls++] = period;
}

static void end_one(struct traffic *traffic, uint32_t seed)
{
    unsigned at = draw(traffic) % traffic->calls;
    enum isa__outcome outcome = (enum isa__outcome)(draw(traffic) % 3);
    uint64_t period = traffic->periods[at];
    bool is_probe = traffic->is_probe[at];
    traffic->calls--;
    traffic->periods[at] = traffic->periods[traffic->calls];
    traffic->is_probe[at] = traffic->is_probe[traffic->calls];
    traffic->is_probe[traffic->calls] = false;
    if (is_probe) {
        traffic->probes--;
        traffic->successes += outcome == ISA__OUTCOME_SUCCESS;
    }
    isa__breaker_report(&traffic->breaker, period, outcome, &traffic->in, &traffic->out);
    if (is_probe && outcome == ISA__OUTCOME_FAILURE)
        cr_assert_eq(traffic->out.to, ISA_BREAKER_OPEN, "seed %u: a probe failed", seed);
    observe(traffic, seed);
}

static void step(struct traffic *traffic, uint32_t seed)
{
    traffic->in.random = draw(traffic);
    traffic->in.now_ms += draw(traffic) % 40;
    if (traffic->due_ms && traffic->in.now_ms >= traffic->due_ms) {
        isa__breaker_wake(&traffic->breaker, &traffic->in, &traffic->out);
        cr_assert_eq(traffic->out.to, ISA_BREAKER_HALF_OPEN, "seed %u", seed);
        observe(traffic, seed);
    } else if (traffic->calls > 0 && (draw(traffic) % 2 || traffic->calls == CALLS_MAX)) {
        end_one(traffic, seed);
    } else {
        admit(traffic, seed);
    }
}

Test(fsm_breaker_theories, what_it_promises_holds_in_any_traffic)
{
    uint64_t opens = 0;
    uint64_t refusals = 0;
    for (uint32_t seed = 1; seed <= SEEDS; seed++) {
        struct traffic traffic;
        begin(&traffic, seed);
        for (int i = 0; i < STEPS; i++)
            step(&traffic, seed);
        opens += traffic.breaker.opens;
        refusals += traffic.breaker.refusals;
    }
    cr_assert_gt(opens, SEEDS, "the traffic must be worth looking at");
    cr_assert_gt(refusals, SEEDS);
}

Test(fsm_breaker_theories, successes_alone_never_open_it)
{
    for (uint32_t seed = 1; seed <= SEEDS; seed++) {
        struct traffic traffic;
        begin(&traffic, seed);
        for (int i = 0; i < STEPS; i++) {
            traffic.in.now_ms += draw(&traffic) % 40;
            uint64_t period = isa__breaker_admit(&traffic.breaker, &traffic.in, &traffic.out);
            cr_assert(traffic.out.is_admitted);
            isa__breaker_report(&traffic.breaker, period, ISA__OUTCOME_SUCCESS, &traffic.in,
                                &traffic.out);
        }
        cr_assert_eq(traffic.breaker.opens, 0, "seed %u", seed);
    }
}

/* Whatever came before: once left alone and then answered well, it is closed again. */
Test(fsm_breaker_theories, a_service_that_answers_again_is_called_again)
{
    for (uint32_t seed = 1; seed <= SEEDS; seed++) {
        struct traffic traffic;
        begin(&traffic, seed);
        for (int i = 0; i < STEPS; i++)
            step(&traffic, seed);

        traffic.in.now_ms += 1000;
        isa__breaker_wake(&traffic.breaker, &traffic.in, &traffic.out);
        for (unsigned i = 0; i < traffic.calls; i++)
            isa__breaker_report(&traffic.breaker, traffic.periods[i], ISA__OUTCOME_NEITHER,
                                &traffic.in, &traffic.out);
        for (unsigned i = 0; i < traffic.policy.successes; i++) {
            uint64_t period = isa__breaker_admit(&traffic.breaker, &traffic.in, &traffic.out);
            cr_assert(traffic.out.is_admitted, "seed %u", seed);
            isa__breaker_report(&traffic.breaker, period, ISA__OUTCOME_SUCCESS, &traffic.in,
                                &traffic.out);
        }

        cr_assert_eq(isa__breaker_state(&traffic.breaker), ISA_BREAKER_CLOSED, "seed %u", seed);
    }
}
