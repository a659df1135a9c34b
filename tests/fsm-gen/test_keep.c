/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: tests of deferred events in a generated machine. */
/* Called by: ctest. */
/* Must not know: how the generator works. */
#include "keep_with_fsm.h"

#include <criterion/criterion.h>

void keep_act_job(struct keep *ctx, int payload)
{
    record(&ctx->recorder, "job(%d)@%s", payload, keep_state_name(keep_current(ctx)));
}

void keep_act_note(struct keep *ctx, int payload)
{
    record(&ctx->recorder, "note(%d)@%s", payload, keep_state_name(keep_current(ctx)));
}

void keep_act_send_job(struct keep *ctx)
{
    if (ctx->b)
        record(&ctx->recorder, "%s", keep_job(ctx, 99) == KEEP_QUEUED ? "queued" : "lost");
}

bool keep_grd_a(const struct keep *ctx)
{
    return ctx->a;
}

void keep_on_unexpected(struct keep *ctx, enum keep_state state, enum keep_event ev)
{
    record(&ctx->recorder, "hook:%s/%s", keep_state_name(state), keep_event_name(ev));
}

static struct keep machine;

static void begin(void)
{
    keep_init(&machine);
    machine.a = machine.b = false;
}

Test(fsm_gen_keep, deferred_events_are_replayed_in_order_with_their_payload, .init = begin)
{
    cr_expect_eq(keep_job(&machine, 1), KEEP_DEFERRED);
    cr_expect_eq(keep_job(&machine, 2), KEEP_DEFERRED);
    cr_expect_eq(keep_job(&machine, 3), KEEP_DEFERRED);
    cr_expect_str_eq(take_record(&machine.recorder), "");

    cr_expect_eq(keep_done(&machine), KEEP_OK);

    cr_expect_str_eq(take_record(&machine.recorder), "job(1)@READY job(2)@READY job(3)@READY");
}

Test(fsm_gen_keep, a_transition_to_the_same_state_replays_nothing, .init = begin)
{
    (void)keep_next(&machine);
    (void)keep_job(&machine, 1);
    machine.a = true; /* from now on the state would take it */

    cr_expect_eq(keep_again(&machine), KEEP_OK);
    cr_expect_str_eq(take_record(&machine.recorder), "");

    (void)keep_next(&machine);
    cr_expect_str_eq(take_record(&machine.recorder), "job(1)@READY");
}

Test(fsm_gen_keep, each_event_has_its_own_bound, .init = begin)
{
    for (int i = 0; i < 3; i++)
        cr_expect_eq(keep_job(&machine, i), KEEP_DEFERRED);
    cr_expect_eq(keep_note(&machine, 7), KEEP_DEFERRED);

    cr_expect_eq(keep_job(&machine, 4), KEEP_OVERFLOW);

    cr_expect_str_eq(take_record(&machine.recorder), "hook:BUSY/JOB");
    cr_expect_eq(keep_done(&machine), KEEP_OK);
    cr_expect_str_eq(take_record(&machine.recorder),
                     "job(0)@READY job(1)@READY job(2)@READY note(7)@READY");
}

Test(fsm_gen_keep, what_is_deferred_again_keeps_its_turn, .init = begin)
{
    (void)keep_note(&machine, 1);
    (void)keep_job(&machine, 2);
    (void)keep_job(&machine, 3);
    machine.a = true;

    (void)keep_next(&machine);
    cr_expect_str_eq(take_record(&machine.recorder), "job(2)@HALF job(3)@HALF");
    (void)keep_note(&machine, 4);
    (void)keep_next(&machine);

    /* note(1) goes back to BUSY, where note(4) waits on. */
    cr_expect_str_eq(take_record(&machine.recorder), "note(1)@READY");
    cr_expect_eq(keep_current(&machine), KEEP_ST_BUSY);
    (void)keep_done(&machine);
    cr_expect_str_eq(take_record(&machine.recorder), "note(4)@READY");
}

Test(fsm_gen_keep, a_guarded_branch_may_defer, .init = begin)
{
    (void)keep_next(&machine);

    cr_expect_eq(keep_job(&machine, 1), KEEP_DEFERRED);
    machine.a = true;
    cr_expect_eq(keep_job(&machine, 2), KEEP_OK);

    cr_expect_str_eq(take_record(&machine.recorder), "job(2)@HALF");
    (void)keep_next(&machine);
    cr_expect_str_eq(take_record(&machine.recorder), "job(1)@READY");
}

Test(fsm_gen_keep, events_sent_by_actions_run_before_deferred_ones, .init = begin)
{
    (void)keep_job(&machine, 1);
    machine.a = machine.b = true;

    (void)keep_next(&machine);

    cr_expect_str_eq(take_record(&machine.recorder), "queued job(99)@HALF job(1)@HALF");
}

Test(fsm_gen_keep, a_sent_event_that_is_deferred_waits_behind_older_ones, .init = begin)
{
    (void)keep_job(&machine, 1);
    machine.b = true;

    (void)keep_next(&machine);
    cr_expect_str_eq(take_record(&machine.recorder), "queued");
    (void)keep_next(&machine);

    cr_expect_str_eq(take_record(&machine.recorder), "job(1)@READY job(99)@READY");
}

Test(fsm_gen_keep, a_state_change_in_the_middle_of_a_replay_begins_it_anew, .init = begin)
{
    (void)keep_job(&machine, 1);
    (void)keep_note(&machine, 2);
    (void)keep_job(&machine, 3);

    (void)keep_done(&machine);
    cr_expect_str_eq(take_record(&machine.recorder), "job(1)@READY note(2)@READY");
    cr_expect_eq(keep_current(&machine), KEEP_ST_BUSY);
    (void)keep_done(&machine);

    cr_expect_str_eq(take_record(&machine.recorder), "job(3)@READY");
}

Test(fsm_gen_keep, a_final_state_gets_what_was_deferred, .init = begin)
{
    (void)keep_job(&machine, 1);

    cr_expect_eq(keep_last(&machine), KEEP_FINAL);

    cr_expect_str_eq(take_record(&machine.recorder), "job(1)@OVER");
}

Test(fsm_gen_keep, the_header_tells_which_events_may_be_deferred)
{
    cr_expect(KEEP_DEFERRABLE(KEEP_EV_JOB));
    cr_expect(KEEP_DEFERRABLE(KEEP_EV_NOTE));
    cr_expect_not(KEEP_DEFERRABLE(KEEP_EV_NEXT));
    cr_expect_eq(KEEP_DEFER_MAX, 3 + 2);
    cr_expect_eq(keep_cell(KEEP_ST_BUSY, KEEP_EV_JOB), KEEP_CELL_DEFERRED);
    cr_expect_eq(keep_cell(KEEP_ST_HALF, KEEP_EV_JOB), KEEP_CELL_HANDLED);
}
