/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: tests of who answers an event in a generated machine, and of guards. */
/* Called by: ctest. */
/* Must not know: how the generator works. */
#include "lookup_with_fsm.h"

#include <criterion/criterion.h>

#define ACTION(name)                                                                               \
    void lookup_act_##name(struct lookup *ctx)                                                     \
    {                                                                                              \
        record(&ctx->recorder, #name);                                                             \
    }

ACTION(right)
ACTION(both)
ACTION(none)
ACTION(first)

void lookup_act_left(struct lookup *ctx, int payload)
{
    record(&ctx->recorder, "left(%d)", payload);
}

static int asked_a, asked_b;

bool lookup_grd_a(const struct lookup *ctx)
{
    asked_a++;
    return ctx->a;
}

bool lookup_grd_b(const struct lookup *ctx)
{
    asked_b++;
    return ctx->b;
}

void lookup_arm(struct lookup *ctx, enum lookup_timer timer)
{
    record(&ctx->recorder, "+%d", (int)timer);
}

void lookup_disarm(struct lookup *ctx, enum lookup_timer timer)
{
    record(&ctx->recorder, "-%d", (int)timer);
}

void lookup_on_unexpected(struct lookup *ctx, enum lookup_state state, enum lookup_event ev)
{
    record(&ctx->recorder, "hook:%s/%s", lookup_state_name(state), lookup_event_name(ev));
}

static struct lookup machine;

static void begin(void)
{
    lookup_init(&machine);
    machine.a = machine.b = false;
    asked_a = asked_b = 0;
}

static void begin_in_hall(void)
{
    begin();
    (void)lookup_turn(&machine);
    (void)take_record(&machine.recorder);
}

Test(fsm_gen_lookup, the_first_branch_whose_guard_holds_is_taken, .init = begin)
{
    static const struct {
        const char *text;
        enum lookup_state state;
        bool a, b;
    } cases[] = {
        { "none", LOOKUP_ST_OUTSIDE, false, false },
        { "left(3)", LOOKUP_ST_OUTSIDE, true, false },
        { "both", LOOKUP_ST_OUTSIDE, true, true },
        { "right +0", LOOKUP_ST_HALL, false, true },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        machine.a = cases[i].a;
        machine.b = cases[i].b;
        cr_expect_eq(lookup_knock(&machine, 3), LOOKUP_OK);
        cr_expect_str_eq(take_record(&machine.recorder), cases[i].text);
        cr_expect_eq(lookup_current(&machine), cases[i].state);
    }
}

Test(fsm_gen_lookup, each_guard_is_asked_at_most_once, .init = begin)
{
    (void)lookup_knock(&machine, 0);
    cr_expect_eq(asked_a, 1);
    cr_expect_eq(asked_b, 1);

    (void)lookup_push(&machine);
    cr_expect_eq(asked_a, 2);
    cr_expect_eq(asked_b, 1);
}

Test(fsm_gen_lookup, branches_may_ignore_or_be_unexpected, .init = begin)
{
    machine.a = true;
    cr_expect_eq(lookup_push(&machine), LOOKUP_IGNORED);
    machine.a = false;
    cr_expect_eq(lookup_push(&machine), LOOKUP_UNEXPECTED);

    cr_expect_str_eq(take_record(&machine.recorder), "hook:OUTSIDE/PUSH");
    cr_expect_eq(machine.fsm.ignored, 1);
}

Test(fsm_gen_lookup, the_state_comes_before_what_is_around_it, .init = begin_in_hall)
{
    cr_expect_eq(lookup_push(&machine), LOOKUP_OK);
    cr_expect_str_eq(take_record(&machine.recorder), "right");
}

Test(fsm_gen_lookup, what_is_around_it_comes_before_otherwise)
{
    cr_expect_eq(lookup_cell(LOOKUP_ST_ROOM, LOOKUP_EV_PUSH), LOOKUP_CELL_HANDLED);
    cr_expect_eq(lookup_cell(LOOKUP_ST_HALL, LOOKUP_EV_NOISE), LOOKUP_CELL_IGNORED);
}

Test(fsm_gen_lookup, the_inner_otherwise_comes_before_the_outer)
{
    cr_expect_eq(lookup_cell(LOOKUP_ST_ROOM, LOOKUP_EV_KNOCK), LOOKUP_CELL_IGNORED);
    cr_expect_eq(lookup_cell(LOOKUP_ST_HALL, LOOKUP_EV_LOST), LOOKUP_CELL_UNEXPECTED);
    cr_expect_eq(lookup_cell(LOOKUP_ST_ROOM, LOOKUP_EV_LOST), LOOKUP_CELL_UNEXPECTED);
    cr_expect_eq(lookup_cell(LOOKUP_ST_ROOM, LOOKUP_EV_NOISE), LOOKUP_CELL_UNEXPECTED);
}

Test(fsm_gen_lookup, an_unexpected_event_is_told_and_changes_nothing, .init = begin_in_hall)
{
    cr_expect_eq(lookup_lost(&machine), LOOKUP_UNEXPECTED);
    cr_expect_str_eq(take_record(&machine.recorder), "hook:HALL/LOST");
    cr_expect_eq(lookup_current(&machine), LOOKUP_ST_HALL);
}

Test(fsm_gen_lookup, a_late_timer_is_unexpected_and_changes_nothing, .init = begin_in_hall)
{
    (void)lookup_turn(&machine);
    cr_expect_str_eq(take_record(&machine.recorder), "-0");

    cr_expect_eq(lookup_tm_late(&machine), LOOKUP_UNEXPECTED);

    cr_expect_str_eq(take_record(&machine.recorder), "hook:OUTSIDE/late");
    cr_expect_eq(lookup_current(&machine), LOOKUP_ST_OUTSIDE);
    cr_expect_eq(lookup_cell(LOOKUP_ST_OUTSIDE, LOOKUP_TM_LATE), LOOKUP_CELL_UNARMED);
}

Test(fsm_gen_lookup, names_and_descriptions_can_be_asked)
{
    cr_expect_str_eq(lookup_state_name(LOOKUP_ST_HALL), "HALL");
    cr_expect_str_eq(lookup_event_name(LOOKUP_TM_LATE), "late");
    cr_expect_str_eq(lookup_state_text(LOOKUP_ST_OUTSIDE), "Nobody is in.");
    cr_expect_str_eq(lookup_state_text(LOOKUP_ST_HALL), "");
    cr_expect_str_eq(lookup_event_text(LOOKUP_EV_KNOCK), "Somebody wants in.");
    cr_expect_str_eq(lookup_event_text(LOOKUP_TM_LATE), "It took too long.");
    cr_expect_str_eq(lookup_event_text(LOOKUP_EV_RING), "Something \"odd\" \\ was heard. */ ?\?/");
}

Test(fsm_gen_lookup, numbers_out_of_range_are_harmless)
{
    cr_expect_str_eq(lookup_state_name(LOOKUP_STATE_COUNT), "?");
    cr_expect_str_eq(lookup_event_name(LOOKUP_EVENT_COUNT), "?");
    cr_expect_str_eq(lookup_state_text(LOOKUP_STATE_COUNT), "");
    cr_expect_str_eq(lookup_event_text(LOOKUP_EVENT_COUNT), "");
    cr_expect_eq(lookup_cell(LOOKUP_STATE_COUNT, LOOKUP_EV_PUSH), LOOKUP_CELL_UNEXPECTED);
    cr_expect_eq(lookup_cell(LOOKUP_ST_HALL, LOOKUP_EVENT_COUNT), LOOKUP_CELL_UNEXPECTED);
    cr_expect_null(lookup_transition(LOOKUP_TRANSITION_COUNT));
}
