/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: a machine with its input and its last effects, and how effects are written as words.
 * Used by: the tests of this room.
 * Must not know: which effects are right.
 */
#ifndef DRIVE_H
#define DRIVE_H

#include "fsm.h"

#include <stdint.h>

struct drive {
    struct isa__policy policy;
    struct isa__machine machine;
    struct isa__input in;
    struct isa__effects effects; /* of the last step */
    char words[1024];            /* the same, as in "stop idle; retire; start backoff 400" */
};

/** Windows of 400 ms doubling to 3200 without jitter, floor 10, watchdog 20000, idle 300000. */
static inline void drive_init(struct drive *drive)
{
    *drive = (struct drive){
        .policy = { .backoff = { 400, 3200, 2., ISA_JITTER_NONE },
                    .dear_factor = 1.,
                    .dial_floor_ms = 10,
                    .attempt_timeout_ms = 20000,
                    .idle_timeout_ms = 300000 },
        .in = { .now_ms = 1000000, .drain_ms = 5000 },
    };
    isa__machine_init(&drive->machine, &drive->policy);
}

static inline const char *drive_timer_name(enum isa__fsm_timer timer)
{
    return isa__fsm_event_name(
        (enum isa__fsm_event)((unsigned)ISA__FSM_TM_WATCHDOG + (unsigned)timer));
}

static inline void drive_write_tell(struct isa__text *words, const struct isa__effect *effect)
{
    isa__text_add(words, "tell %s>%s #%u", isa_state_name(effect->from), isa_state_name(effect->to),
                  effect->attempt);
    if (effect->delay_ms)
        isa__text_add(words, " next %u", effect->delay_ms);
}

static inline void drive_write_effect(struct isa__text *words, const struct isa__effect *effect)
{
    static const char *const names[] = {
        [ISA__EFFECT_DIAL] = "dial",
        [ISA__EFFECT_RETIRE] = "retire",
        [ISA__EFFECT_ABORT] = "abort",
        [ISA__EFFECT_RELEASE_WAITERS] = "release waiters",
        [ISA__EFFECT_FAIL_TRIED_WAITERS] = "fail tried waiters",
        [ISA__EFFECT_FAIL_IMPATIENT_WAITERS] = "fail impatient waiters",
        [ISA__EFFECT_FAIL_WAITERS] = "fail waiters",
        [ISA__EFFECT_TIMER_START] = "start",
        [ISA__EFFECT_TIMER_STOP] = "stop",
        [ISA__EFFECT_TELL] = "tell",
        [ISA__EFFECT_FINISH] = "finish",
    };
    if (effect->kind == ISA__EFFECT_TELL)
        drive_write_tell(words, effect);
    else if (effect->kind == ISA__EFFECT_TIMER_START)
        isa__text_add(words, "start %s %u", drive_timer_name(effect->timer), effect->delay_ms);
    else if (effect->kind == ISA__EFFECT_TIMER_STOP)
        isa__text_add(words, "stop %s", drive_timer_name(effect->timer));
    else
        isa__text_add(words, "%s", names[effect->kind]);
}

/** One step with a cause. @return the effects in words */
static inline const char *drive_step_for(struct drive *drive, enum isa__fsm_event event,
                                         enum isa_reason reason, const char *text)
{
    struct isa__cause cause = { reason, text };
    struct isa__text words;
    isa__machine_step(&drive->machine, event, text ? &cause : NULL, &drive->in, &drive->effects);
    isa__text_init(&words, drive->words, sizeof drive->words);
    for (unsigned i = 0; i < drive->effects.count; i++) {
        isa__text_add(&words, "%s", i ? "; " : "");
        drive_write_effect(&words, &drive->effects.list[i]);
    }
    return drive->words;
}

static inline const char *drive_step(struct drive *drive, enum isa__fsm_event event)
{
    return drive_step_for(drive, event, ISA_REASON_NONE, NULL);
}

static inline const char *drive_fail(struct drive *drive)
{
    return drive_step_for(drive, ISA__FSM_EV_DIAL_FAILED, ISA_REASON_REFUSED, "refused");
}

static inline enum isa__fsm_state drive_state(const struct drive *drive)
{
    return isa__fsm_current(&drive->machine);
}

/** Lead a fresh machine into a state by the shortest road. */
static inline void drive_to(struct drive *drive, enum isa__fsm_state state)
{
    drive_init(drive);
    if (state == ISA__FSM_ST_CLOSED)
        drive_step(drive, ISA__FSM_EV_FORCE_CLOSE);
    if (state == ISA__FSM_ST_NEW || state == ISA__FSM_ST_CLOSED)
        return;
    drive_step(drive, ISA__FSM_EV_WANT);
    bool is_failed = state == ISA__FSM_ST_BACKOFF || state == ISA__FSM_ST_HASTE;
    if (is_failed)
        drive_fail(drive);
    if (state == ISA__FSM_ST_HASTE)
        drive_step(drive, ISA__FSM_EV_WANT);
    if (state == ISA__FSM_ST_DIALING || is_failed)
        return;
    if (state == ISA__FSM_ST_UNSERVING) {
        drive_step_for(drive, ISA__FSM_EV_UNHEALTHY, ISA_REASON_NOT_SERVING, "");
        return;
    }
    drive_step(drive, ISA__FSM_EV_DIAL_UP);
    if (state == ISA__FSM_ST_DORMANT)
        drive_step(drive, ISA__FSM_TM_IDLE);
    if (state != ISA__FSM_ST_DRAINING)
        return;
    drive->in.calls_running = 1;
    drive_step(drive, ISA__FSM_EV_CLOSE);
    drive->in.calls_running = 0;
}

#endif
