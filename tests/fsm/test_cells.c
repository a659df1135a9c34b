/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: every cell of the machine's table, run and compared with what the table states.
 * Used by: ctest.
 * Must not know: what the events mean.
 */
#include <criterion/criterion.h>

#include <string.h>

#include "drive.h"

enum { CELLS = ISA__FSM_STATE_COUNT * ISA__FSM_EVENT_COUNT };

/* Which timer runs in a state; ISA__FSM_TIMER_COUNT: none. */
static enum isa__fsm_timer timer_of(enum isa__fsm_state state)
{
    for (unsigned timer = 0; timer < ISA__FSM_TIMER_COUNT; timer++) {
        if (isa__fsm_cell(state, (enum isa__fsm_event)(ISA__FSM_TM_WATCHDOG + timer)) !=
            ISA__FSM_CELL_UNARMED)
            return (enum isa__fsm_timer)timer;
    }
    return ISA__FSM_TIMER_COUNT;
}

static void drain_now(struct drive *drive)
{
    drive->machine.tally.drains = 1;
    drive->machine.last_drain_ms = drive->in.now_ms;
}

/* Arrange the world so that exactly this guard decides. */
static void make_guard_true(struct drive *drive, const char *guard)
{
    drive->in.calls_running = 0;
    drive->in.last_use_ms = 0; /* long ago */
    drive->in.now_ms = drive->machine.last_dial_ms;
    if (strcmp(guard, "calls_running") == 0)
        drive->in.calls_running = 1;
    else if (strcmp(guard, "floor_passed") == 0)
        drive->in.now_ms += drive->policy.dial_floor_ms;
    else if (strcmp(guard, "drained_lately") == 0)
        drain_now(drive);
    else if (strcmp(guard, "in_use") == 0)
        drive->in.last_use_ms = drive->in.now_ms;
    else
        cr_assert(*guard == '\0' || strcmp(guard, "else") == 0, "no test for guard %s", guard);
}

static enum isa__fsm_result dispatch(struct drive *drive, enum isa__fsm_event event)
{
    static const struct isa__cause cause = { ISA_REASON_OTHER, "a cell" };
    return isa__machine_step(&drive->machine, event, &cause, &drive->in, &drive->effects);
}

static unsigned count_effects(const struct drive *drive, enum isa__effect_kind kind,
                              enum isa__fsm_timer timer)
{
    unsigned count = 0;
    for (unsigned i = 0; i < drive->effects.count; i++) {
        const struct isa__effect *effect = &drive->effects.list[i];
        count += effect->kind == kind && effect->timer == timer;
    }
    return count;
}

static void expect_timers(const struct drive *drive, const struct isa__fsm_tinfo *info)
{
    enum isa__fsm_timer before = timer_of(info->from);
    enum isa__fsm_timer after = timer_of(info->to);
    if (info->internal)
        return;
    if (before != ISA__FSM_TIMER_COUNT)
        cr_expect_eq(count_effects(drive, ISA__EFFECT_TIMER_STOP, before), 1, "%s", info->place);
    if (after != ISA__FSM_TIMER_COUNT)
        cr_expect_eq(count_effects(drive, ISA__EFFECT_TIMER_START, after), 1, "%s", info->place);
}

Test(fsm_cells, every_state_is_reached_by_its_road)
{
    for (unsigned state = 0; state < ISA__FSM_STATE_COUNT; state++) {
        struct drive drive;
        drive_to(&drive, (enum isa__fsm_state)state);
        cr_expect_eq(drive_state(&drive), state, "%s",
                     isa__fsm_state_name((enum isa__fsm_state)state));
    }
}

Test(fsm_cells, every_branch_leads_where_the_table_says)
{
    for (unsigned tid = 0; tid < ISA__FSM_TRANSITION_COUNT; tid++) {
        const struct isa__fsm_tinfo *info = isa__fsm_transition(tid);
        struct drive drive;
        drive_to(&drive, info->from);
        make_guard_true(&drive, info->guard);

        enum isa__fsm_result result = dispatch(&drive, info->event);

        cr_expect_eq(result, info->result, "%s: result %d", info->place, result);
        cr_expect_eq(drive_state(&drive), info->to, "%s: now %s", info->place,
                     isa__fsm_state_name(drive_state(&drive)));
        cr_expect_eq(drive.machine.tally.unexpected, 0, "%s", info->place);
        expect_timers(&drive, info);
    }
}

Test(fsm_cells, a_branch_tells_exactly_the_changes_users_see)
{
    for (unsigned tid = 0; tid < ISA__FSM_TRANSITION_COUNT; tid++) {
        const struct isa__fsm_tinfo *info = isa__fsm_transition(tid);
        enum isa_state from = isa__machine_public(info->from);
        enum isa_state to = isa__machine_public(info->to);
        struct drive drive;
        drive_to(&drive, info->from);
        make_guard_true(&drive, info->guard);

        dispatch(&drive, info->event);

        unsigned tells = count_effects(&drive, ISA__EFFECT_TELL, (enum isa__fsm_timer)0);
        cr_expect_eq(tells, from == to ? 0 : 1, "%s: %u", info->place, tells);
        for (unsigned i = 0; i < drive.effects.count; i++) {
            const struct isa__effect *effect = &drive.effects.list[i];
            if (effect->kind == ISA__EFFECT_TELL)
                cr_expect(effect->from == from && effect->to == to, "%s", info->place);
        }
    }
}

Test(fsm_cells, every_handled_cell_has_a_branch_and_no_other_has)
{
    bool has_branch[ISA__FSM_STATE_COUNT][ISA__FSM_EVENT_COUNT] = { { false } };
    for (unsigned tid = 0; tid < ISA__FSM_TRANSITION_COUNT; tid++) {
        const struct isa__fsm_tinfo *info = isa__fsm_transition(tid);
        has_branch[info->from][info->event] = true;
    }

    for (unsigned cell = 0; cell < CELLS; cell++) {
        enum isa__fsm_state state = (enum isa__fsm_state)(cell / ISA__FSM_EVENT_COUNT);
        enum isa__fsm_event event = (enum isa__fsm_event)(cell % ISA__FSM_EVENT_COUNT);
        bool is_handled = isa__fsm_cell(state, event) == ISA__FSM_CELL_HANDLED;
        cr_expect_eq(has_branch[state][event], is_handled, "%s in %s", isa__fsm_event_name(event),
                     isa__fsm_state_name(state));
    }
}

Test(fsm_cells, a_guarded_cell_ends_with_else_and_another_cell_has_one_branch)
{
    for (unsigned tid = 0; tid < ISA__FSM_TRANSITION_COUNT; tid++) {
        const struct isa__fsm_tinfo *info = isa__fsm_transition(tid);
        const struct isa__fsm_tinfo *next = isa__fsm_transition(tid + 1);
        bool is_last = !next || next->from != info->from || next->event != info->event;
        bool is_open = *info->guard == '\0' || strcmp(info->guard, "else") == 0;
        cr_expect_eq(is_last, is_open, "%s", info->place);
    }
}

Test(fsm_cells, an_ignored_event_changes_nothing_but_its_count)
{
    unsigned seen = 0;
    for (unsigned cell = 0; cell < CELLS; cell++) {
        enum isa__fsm_state state = (enum isa__fsm_state)(cell / ISA__FSM_EVENT_COUNT);
        enum isa__fsm_event event = (enum isa__fsm_event)(cell % ISA__FSM_EVENT_COUNT);
        struct drive drive;
        if (isa__fsm_cell(state, event) != ISA__FSM_CELL_IGNORED)
            continue;
        seen++;
        drive_to(&drive, state);
        uint32_t before = drive.machine.fsm.ignored;

        cr_expect_eq(dispatch(&drive, event), ISA__FSM_IGNORED);

        cr_expect_eq(drive_state(&drive), state);
        cr_expect_eq(drive.effects.count, 0);
        cr_expect_eq(drive.machine.fsm.ignored, before + 1);
        cr_expect_eq(drive.machine.tally.unexpected, 0);
    }
    cr_expect_gt(seen, 0);
}

Test(fsm_cells, an_impossible_event_leaves_the_state_alone_and_is_counted)
{
    unsigned seen = 0;
    for (unsigned cell = 0; cell < CELLS; cell++) {
        enum isa__fsm_state state = (enum isa__fsm_state)(cell / ISA__FSM_EVENT_COUNT);
        enum isa__fsm_event event = (enum isa__fsm_event)(cell % ISA__FSM_EVENT_COUNT);
        enum isa__fsm_cell_kind kind = isa__fsm_cell(state, event);
        struct drive drive;
        if (kind != ISA__FSM_CELL_UNEXPECTED && kind != ISA__FSM_CELL_UNARMED)
            continue;
        seen++;
        drive_to(&drive, state);

        cr_expect_eq(dispatch(&drive, event), ISA__FSM_UNEXPECTED);

        cr_expect_eq(drive_state(&drive), state);
        cr_expect_eq(drive.effects.count, 0);
        cr_expect_eq(drive.machine.tally.unexpected, 1);
    }
    cr_expect_gt(seen, 0);
}

Test(fsm_cells, a_number_that_is_no_event_is_impossible_everywhere)
{
    for (unsigned state = 0; state < ISA__FSM_STATE_COUNT; state++) {
        struct drive drive;
        drive_to(&drive, (enum isa__fsm_state)state);

        cr_expect_eq(dispatch(&drive, ISA__FSM_EVENT_COUNT), ISA__FSM_UNEXPECTED);

        cr_expect_eq(drive_state(&drive), state);
    }
}

Test(fsm_cells, no_state_arms_more_than_one_timer)
{
    for (unsigned state = 0; state < ISA__FSM_STATE_COUNT; state++) {
        unsigned armed = 0;
        for (unsigned event = ISA__FSM_TM_WATCHDOG; event < ISA__FSM_EVENT_COUNT; event++)
            armed += isa__fsm_cell((enum isa__fsm_state)state, (enum isa__fsm_event)event) !=
                     ISA__FSM_CELL_UNARMED;
        cr_expect_leq(armed, 1, "%s", isa__fsm_state_name((enum isa__fsm_state)state));
    }
}

Test(fsm_cells, every_private_state_has_a_public_one)
{
    static const enum isa_state expected[] = {
        [ISA__FSM_ST_NEW] = ISA_STATE_IDLE,
        [ISA__FSM_ST_DORMANT] = ISA_STATE_IDLE,
        [ISA__FSM_ST_DIALING] = ISA_STATE_CONNECTING,
        [ISA__FSM_ST_READY] = ISA_STATE_READY,
        [ISA__FSM_ST_UNSERVING] = ISA_STATE_TRANSIENT_FAILURE,
        [ISA__FSM_ST_BACKOFF] = ISA_STATE_TRANSIENT_FAILURE,
        [ISA__FSM_ST_HASTE] = ISA_STATE_TRANSIENT_FAILURE,
        [ISA__FSM_ST_DRAINING] = ISA_STATE_SHUTDOWN,
        [ISA__FSM_ST_CLOSED] = ISA_STATE_SHUTDOWN,
    };

    for (unsigned state = 0; state < ISA__FSM_STATE_COUNT; state++)
        cr_expect_eq(isa__machine_public((enum isa__fsm_state)state), expected[state], "%s",
                     isa__fsm_state_name((enum isa__fsm_state)state));
}
