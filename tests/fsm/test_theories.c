/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: what holds for the machine after any stream of events, tried on random ones.
 * Used by: ctest.
 * Must not know: any particular story.
 */
#include <criterion/criterion.h>

#include <string.h>

#include "drive.h"

enum { SEEDS = 300, STEPS = 400 };

/* What an observer who sees only the effects believes. */
struct observer {
    enum isa__fsm_timer running; /* ISA__FSM_TIMER_COUNT: none */
    enum isa_state told;
    uint64_t dials;
    uint64_t failures;
    bool has_channel;
    bool has_finished;
};

static uint32_t draw(uint32_t *generator)
{
    *generator ^= *generator << 13;
    *generator ^= *generator >> 17;
    *generator ^= *generator << 5;
    return *generator;
}

static bool is_allowed(enum isa_state from, enum isa_state to)
{
    static const bool allowed[5][5] = {
        [ISA_STATE_IDLE] = { [ISA_STATE_CONNECTING] = true, [ISA_STATE_SHUTDOWN] = true },
        [ISA_STATE_CONNECTING] = { [ISA_STATE_READY] = true,
                                   [ISA_STATE_TRANSIENT_FAILURE] = true,
                                   [ISA_STATE_SHUTDOWN] = true },
        [ISA_STATE_READY] = { [ISA_STATE_IDLE] = true,
                              [ISA_STATE_CONNECTING] = true,
                              [ISA_STATE_TRANSIENT_FAILURE] = true,
                              [ISA_STATE_SHUTDOWN] = true },
        [ISA_STATE_TRANSIENT_FAILURE] = { [ISA_STATE_READY] = true,
                                          [ISA_STATE_CONNECTING] = true,
                                          [ISA_STATE_SHUTDOWN] = true },
    };
    return allowed[from][to];
}

static enum isa__fsm_timer timer_of(enum isa__fsm_state state)
{
    static const enum isa__fsm_timer timers[] = {
        [ISA__FSM_ST_NEW] = ISA__FSM_TIMER_COUNT,
        [ISA__FSM_ST_DORMANT] = ISA__FSM_TIMER_COUNT,
        [ISA__FSM_ST_DIALING] = ISA__FSM_TIMER_WATCHDOG,
        [ISA__FSM_ST_READY] = ISA__FSM_TIMER_IDLE,
        [ISA__FSM_ST_UNSERVING] = ISA__FSM_TIMER_WATCHDOG,
        [ISA__FSM_ST_BACKOFF] = ISA__FSM_TIMER_BACKOFF,
        [ISA__FSM_ST_HASTE] = ISA__FSM_TIMER_DIAL_FLOOR,
        [ISA__FSM_ST_DRAINING] = ISA__FSM_TIMER_DRAIN_DEADLINE,
        [ISA__FSM_ST_CLOSED] = ISA__FSM_TIMER_COUNT,
    };
    return timers[state];
}

static void observe(struct observer *observer, const struct isa__effect *effect, uint32_t seed)
{
    bool is_late = observer->has_finished && effect->kind != ISA__EFFECT_FAIL_WAITERS &&
                   !(effect->kind == ISA__EFFECT_TELL && effect->to == ISA_STATE_SHUTDOWN);
    cr_assert_not(is_late, "seed %u: effect %d after the end", seed, effect->kind);
    switch (effect->kind) {
    case ISA__EFFECT_DIAL:
        cr_assert_not(observer->has_channel, "seed %u: dials while it holds a channel", seed);
        observer->has_channel = true;
        observer->dials++;
        break;
    case ISA__EFFECT_RETIRE:
    case ISA__EFFECT_ABORT:
        observer->has_channel = false;
        break;
    case ISA__EFFECT_FAIL_TRIED_WAITERS:
        observer->failures++;
        break;
    case ISA__EFFECT_RELEASE_WAITERS:
        cr_assert(observer->has_channel, "seed %u: releases waiters to no channel", seed);
        break;
    case ISA__EFFECT_TIMER_START:
        cr_assert(observer->running == ISA__FSM_TIMER_COUNT || observer->running == effect->timer,
                  "seed %u: a second timer", seed);
        observer->running = effect->timer;
        break;
    case ISA__EFFECT_TIMER_STOP:
        cr_assert_eq(observer->running, effect->timer, "seed %u: stops what does not run", seed);
        observer->running = ISA__FSM_TIMER_COUNT;
        break;
    case ISA__EFFECT_TELL:
        cr_assert_eq(effect->from, observer->told, "seed %u: the chain of changes broke", seed);
        cr_assert(is_allowed(effect->from, effect->to), "seed %u: %s -> %s", seed,
                  isa_state_name(effect->from), isa_state_name(effect->to));
        observer->told = effect->to;
        break;
    case ISA__EFFECT_FINISH:
        observer->has_finished = true;
        break;
    case ISA__EFFECT_FAIL_IMPATIENT_WAITERS:
    case ISA__EFFECT_FAIL_WAITERS:
        break;
    }
}

static void check_step(const struct drive *drive, struct observer *observer, uint32_t seed)
{
    const struct isa__tally *tally = &drive->machine.tally;
    enum isa__fsm_state state = drive_state(drive);
    cr_assert_leq(drive->effects.count, ISA__EFFECTS_MAX, "seed %u", seed);
    for (unsigned i = 0; i < drive->effects.count; i++)
        observe(observer, &drive->effects.list[i], seed);
    cr_assert_eq(observer->running, timer_of(state), "seed %u: timer %d in %s", seed,
                 observer->running, isa__fsm_state_name(state));
    cr_assert_eq(observer->told, isa__machine_state(&drive->machine), "seed %u: untold", seed);
    cr_assert_eq(observer->has_finished, state == ISA__FSM_ST_CLOSED, "seed %u", seed);
    cr_assert_eq(tally->attempts, observer->dials, "seed %u", seed);
    cr_assert_eq(tally->failures, observer->failures, "seed %u", seed);
    cr_assert(tally->reconnects <= tally->losses && tally->losses <= tally->reconnects + 1,
              "seed %u: %d reconnects of %d losses", seed, (int)tally->reconnects,
              (int)tally->losses);
    bool needs_channel = state == ISA__FSM_ST_DIALING || state == ISA__FSM_ST_READY ||
                         state == ISA__FSM_ST_UNSERVING;
    cr_assert(observer->has_channel == needs_channel || state == ISA__FSM_ST_DRAINING,
              "seed %u: channel %d in %s", seed, observer->has_channel, isa__fsm_state_name(state));
}

/* Time goes on, calls come and go. */
static void change_world(struct drive *drive, uint32_t *generator)
{
    drive->in.now_ms += draw(generator) % 4 ? draw(generator) % 20 : draw(generator) % 400000;
    drive->in.random = draw(generator);
    drive->in.calls_running = draw(generator) % 3;
    if (draw(generator) % 2)
        drive->in.last_use_ms = drive->in.now_ms;
}

/* Ends are rare, so that lives are long. */
static enum isa__fsm_event choose_event(uint32_t *generator)
{
    enum isa__fsm_event event = (enum isa__fsm_event)(draw(generator) % ISA__FSM_EVENT_COUNT);
    bool is_end = event == ISA__FSM_EV_CLOSE || event == ISA__FSM_EV_FORCE_CLOSE;
    return is_end && draw(generator) % 20 ? ISA__FSM_EV_DIAL_UP : event;
}

static void begin(struct drive *drive, struct observer *observer, uint32_t *generator,
                  uint32_t seed)
{
    *generator = seed * 2654435761U;
    drive_init(drive);
    drive->policy.backoff.jitter = (enum isa_jitter)(seed % 3);
    drive->policy.dial_floor_ms = seed % 5 ? 10 : 2000;
    *observer = (struct observer){ .running = ISA__FSM_TIMER_COUNT, .told = ISA_STATE_IDLE };
}

Test(fsm_theories, any_stream_of_events_keeps_the_invariants)
{
    for (uint32_t seed = 1; seed <= SEEDS; seed++) {
        struct drive drive;
        struct observer observer;
        uint32_t generator;
        begin(&drive, &observer, &generator, seed);

        for (int i = 0; i < STEPS; i++) {
            change_world(&drive, &generator);
            drive_step_for(&drive, choose_event(&generator), ISA_REASON_OTHER, "x");
            check_step(&drive, &observer, seed);
        }
    }
}

Test(fsm_theories, the_streams_visit_every_state)
{
    bool is_visited[ISA__FSM_STATE_COUNT] = { false };

    for (uint32_t seed = 1; seed <= SEEDS; seed++) {
        struct drive drive;
        struct observer observer;
        uint32_t generator;
        begin(&drive, &observer, &generator, seed);
        for (int i = 0; i < STEPS; i++) {
            change_world(&drive, &generator);
            drive_step_for(&drive, choose_event(&generator), ISA_REASON_OTHER, "x");
            is_visited[drive_state(&drive)] = true;
        }
    }

    for (unsigned state = 0; state < ISA__FSM_STATE_COUNT; state++)
        cr_expect(is_visited[state], "%s", isa__fsm_state_name((enum isa__fsm_state)state));
}

Test(fsm_theories, the_same_stream_gives_the_same_effects)
{
    for (uint32_t seed = 1; seed <= SEEDS; seed++) {
        struct drive one;
        struct drive other;
        struct observer observer;
        uint32_t generators[2];
        begin(&one, &observer, &generators[0], seed);
        begin(&other, &observer, &generators[1], seed);

        for (int i = 0; i < STEPS; i++) {
            change_world(&one, &generators[0]);
            change_world(&other, &generators[1]);
            drive_step_for(&one, choose_event(&generators[0]), ISA_REASON_OTHER, "x");
            drive_step_for(&other, choose_event(&generators[1]), ISA_REASON_OTHER, "x");
            cr_assert_str_eq(one.words, other.words, "seed %u, step %d", seed, i);
        }
    }
}

/* A broken peer, impatient operations: time passes to the next operation or to the next timer. */
static void live_under_pressure(struct drive *drive, uint64_t *due_ms, uint32_t *generator)
{
    bool is_wanted = draw(generator) % 2;
    uint64_t now_ms = drive->in.now_ms + draw(generator) % 50;
    drive->in.random = draw(generator);
    if (drive_state(drive) == ISA__FSM_ST_DIALING) {
        drive_fail(drive);
    } else if (is_wanted && now_ms < *due_ms) {
        drive->in.now_ms = now_ms;
        drive_step(drive, ISA__FSM_EV_WANT);
    } else {
        drive->in.now_ms = *due_ms;
        drive_step(drive, drive_state(drive) == ISA__FSM_ST_HASTE ? ISA__FSM_TM_DIAL_FLOOR
                                                                  : ISA__FSM_TM_BACKOFF);
    }
    for (unsigned i = 0; i < drive->effects.count; i++) {
        if (drive->effects.list[i].kind == ISA__EFFECT_TIMER_START)
            *due_ms = drive->in.now_ms + drive->effects.list[i].delay_ms;
    }
}

Test(fsm_theories, operations_and_failures_never_dial_before_the_floor)
{
    enum { FLOOR_MS = 300 };
    for (uint32_t seed = 1; seed <= SEEDS; seed++) {
        struct drive drive;
        struct observer observer;
        uint32_t generator;
        uint64_t due_ms = 0;
        begin(&drive, &observer, &generator, seed);
        drive.policy.dial_floor_ms = FLOOR_MS;
        drive_step(&drive, ISA__FSM_EV_WANT);

        for (int i = 0; i < STEPS; i++) {
            uint64_t last_ms = drive.machine.last_dial_ms;
            uint64_t attempts = drive.machine.tally.attempts;
            live_under_pressure(&drive, &due_ms, &generator);
            if (drive.machine.tally.attempts > attempts)
                cr_assert_geq(drive.in.now_ms - last_ms, FLOOR_MS, "seed %u, step %d", seed, i);
        }
        cr_assert_gt(drive.machine.tally.attempts, 10, "seed %u", seed);
    }
}

static void expect_end(const struct drive *closed, enum isa__fsm_event event, uint32_t seed)
{
    struct drive drive = *closed;
    drive.machine.policy = &drive.policy;
    drive.in.calls_running = 0;
    drive_step(&drive, event);
    cr_assert_eq(drive_state(&drive), ISA__FSM_ST_CLOSED, "seed %u: %s does not end it", seed,
                 isa__fsm_event_name(event));
}

Test(fsm_theories, a_close_always_leads_to_the_end)
{
    for (uint32_t seed = 1; seed <= SEEDS; seed++) {
        struct drive drive;
        struct observer observer;
        uint32_t generator;
        begin(&drive, &observer, &generator, seed);
        for (uint32_t left = draw(&generator) % STEPS; left > 0; left--) {
            change_world(&drive, &generator);
            drive_step_for(&drive, choose_event(&generator), ISA_REASON_OTHER, "x");
        }

        change_world(&drive, &generator);
        drive_step(&drive, ISA__FSM_EV_CLOSE);

        if (drive_state(&drive) == ISA__FSM_ST_CLOSED)
            continue;
        cr_assert_eq(drive_state(&drive), ISA__FSM_ST_DRAINING, "seed %u", seed);
        expect_end(&drive, ISA__FSM_EV_CALLS_ZERO, seed);
        expect_end(&drive, ISA__FSM_TM_DRAIN_DEADLINE, seed);
        expect_end(&drive, ISA__FSM_EV_FORCE_CLOSE, seed);
    }
}
