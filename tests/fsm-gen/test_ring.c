/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: tests of run to completion, overflow and final states in generated machines. */
/* Called by: ctest. */
/* Must not know: how the generator works. */
#include "ring_with_fsm.h"
#include "unqueued_with_fsm.h"

#include <criterion/criterion.h>

void ring_act_send_both(struct ring *ctx)
{
    const enum ring_result one = ring_one(ctx, 1), two = ring_two(ctx, 2);

    record(&ctx->recorder, "send:%d,%d@%s", one == RING_QUEUED, two == RING_QUEUED,
           ring_state_name(ring_current(ctx)));
}

void ring_act_enter_b(struct ring *ctx)
{
    record(&ctx->recorder, "enter_b");
}

void ring_act_one(struct ring *ctx, int payload)
{
    record(&ctx->recorder, "one(%d)@%s", payload, ring_state_name(ring_current(ctx)));
}

void ring_act_two(struct ring *ctx, int payload)
{
    record(&ctx->recorder, "two(%d)@%s", payload, ring_state_name(ring_current(ctx)));
}

void ring_act_flood(struct ring *ctx, int payload)
{
    for (int i = 0; i < payload; i++)
        record(&ctx->recorder, "%s", ring_one(ctx, i) == RING_QUEUED ? "queued" : "lost");
}

void ring_act_send_end(struct ring *ctx)
{
    (void)ring_end(ctx);
    (void)ring_one(ctx, 5);
}

void ring_act_send_bad(struct ring *ctx)
{
    (void)ring_dispatch(ctx, RING_EVENT_COUNT, NULL);
}

void ring_act_enter_done(struct ring *ctx)
{
    record(&ctx->recorder, "enter_done");
}

void ring_on_unexpected(struct ring *ctx, enum ring_state state, enum ring_event ev)
{
    record(&ctx->recorder, "hook:%s/%s", ring_state_name(state), ring_event_name(ev));
}

void unqueued_act_send_one(struct unqueued *ctx)
{
    record(&ctx->recorder, "%s", unqueued_one(ctx) == UNQUEUED_OVERFLOW ? "refused" : "taken");
}

void unqueued_on_unexpected(struct unqueued *ctx, enum unqueued_state state, enum unqueued_event ev)
{
    record(&ctx->recorder, "hook:%s/%s", unqueued_state_name(state), unqueued_event_name(ev));
}

static struct ring machine;

Test(fsm_gen_ring, events_sent_by_actions_wait_until_the_transition_is_complete)
{
    ring_init(&machine);

    cr_expect_eq(ring_go(&machine), RING_OK);

    cr_expect_str_eq(take_record(&machine.recorder), "send:1,1@A enter_b one(1)@B two(2)@B");
    cr_expect_eq(ring_current(&machine), RING_ST_A);
}

Test(fsm_gen_ring, the_ring_holds_what_was_declared_and_no_more)
{
    ring_init(&machine);

    cr_expect_eq(ring_flood(&machine, 2), RING_OK);
    cr_expect_str_eq(take_record(&machine.recorder), "queued queued");
    cr_expect_eq(RING_QUEUE_MAX, 2);
}

Test(fsm_gen_ring, an_event_without_room_is_reported_by_hook_and_result)
{
    ring_init(&machine);

    cr_expect_eq(ring_flood(&machine, 3), RING_OVERFLOW);
    cr_expect_str_eq(take_record(&machine.recorder), "queued queued hook:A/ONE lost");
}

Test(fsm_gen_ring, after_an_overflow_the_ring_is_whole_again)
{
    ring_init(&machine);
    (void)ring_flood(&machine, 5);
    (void)take_record(&machine.recorder);

    cr_expect_eq(ring_flood(&machine, 1), RING_OK);
    cr_expect_eq(ring_go(&machine), RING_OK);
    cr_expect_str_eq(take_record(&machine.recorder), "queued send:1,1@A enter_b one(1)@B two(2)@B");
}

Test(fsm_gen_ring, ignored_events_are_counted)
{
    ring_init(&machine);

    cr_expect_eq(ring_one(&machine, 0), RING_IGNORED);
    (void)ring_flood(&machine, 2);

    cr_expect_eq(machine.fsm.ignored, 3);
}

Test(fsm_gen_ring, entering_a_final_state_is_told_once)
{
    ring_init(&machine);

    cr_expect_eq(ring_finish(&machine), RING_FINAL);
    cr_expect_str_eq(take_record(&machine.recorder), "enter_done");
    cr_expect_eq(ring_finish(&machine), RING_IGNORED);
    cr_expect_eq(ring_one(&machine, 3), RING_OK);
}

Test(fsm_gen_ring, a_final_state_reached_by_a_queued_event_is_told_to_the_outer_caller)
{
    ring_init(&machine);

    cr_expect_eq(ring_hurry(&machine), RING_FINAL);
    cr_expect_str_eq(take_record(&machine.recorder), "enter_done one(5)@DONE");
}

Test(fsm_gen_ring, a_number_that_is_no_event_is_unexpected)
{
    ring_init(&machine);

    cr_expect_eq(ring_dispatch(&machine, RING_EVENT_COUNT, NULL), RING_UNEXPECTED);
    cr_expect_str_eq(take_record(&machine.recorder), "hook:A/?");
    cr_expect_eq(ring_bad(&machine), RING_OK);
    cr_expect_str_eq(take_record(&machine.recorder), "hook:A/?");
}

Test(fsm_gen_ring, without_a_ring_every_nested_event_is_refused)
{
    static struct unqueued plain;
    unqueued_init(&plain);

    cr_expect_eq(unqueued_go(&plain), UNQUEUED_OVERFLOW);

    cr_expect_str_eq(take_record(&plain.recorder), "hook:A/ONE refused");
    cr_expect_eq(unqueued_current(&plain), UNQUEUED_ST_B);
    cr_expect_eq(unqueued_go(&plain), UNQUEUED_OK);
}
