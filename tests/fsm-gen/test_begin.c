/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: tests of a generated machine's start, and of payloads by value. */
/* Called by: ctest. */
/* Must not know: how the generator works. */
#include "begin_with_fsm.h"

#include <criterion/criterion.h>

void begin_act_enter_outer(struct begin *ctx)
{
    record(&ctx->recorder, "outer@%s", begin_state_name(begin_current(ctx)));
    if (ctx->a)
        record(&ctx->recorder, "%s", begin_sent(ctx) == BEGIN_QUEUED ? "queued" : "lost");
}

void begin_act_enter_inner(struct begin *ctx)
{
    record(&ctx->recorder, "inner@%s", begin_state_name(begin_current(ctx)));
}

void begin_act_move(struct begin *ctx, struct point payload)
{
    record(&ctx->recorder, "move(%d,%d)", payload.x, payload.y);
}

void begin_act_paint(struct begin *ctx, enum colour payload)
{
    record(&ctx->recorder, "paint(%d)", (int)payload);
}

void begin_act_look(struct begin *ctx, const struct point *payload)
{
    record(&ctx->recorder, "look(%d,%d)", payload->x, payload->y);
}

void begin_arm(struct begin *ctx, enum begin_timer timer)
{
    record(&ctx->recorder, timer == BEGIN_TIMER_OUTER ? "+outer" : "+inner");
}

void begin_disarm(struct begin *ctx, enum begin_timer timer)
{
    record(&ctx->recorder, timer == BEGIN_TIMER_OUTER ? "-outer" : "-inner");
}

void begin_on_unexpected(struct begin *ctx, enum begin_state state, enum begin_event ev)
{
    record(&ctx->recorder, "hook:%s/%s", begin_state_name(state), begin_event_name(ev));
}

static struct begin machine;

Test(fsm_gen_begin, start_arms_and_enters_the_first_state)
{
    begin_init(&machine);
    cr_expect_str_eq(take_record(&machine.recorder), "");

    cr_expect_eq(begin_start(&machine), BEGIN_OK);

    cr_expect_str_eq(take_record(&machine.recorder), "+outer +inner outer@ONE inner@ONE");
}

Test(fsm_gen_begin, what_the_first_entry_sends_runs_when_the_start_is_complete)
{
    begin_init(&machine);
    machine.a = true;

    cr_expect_eq(begin_start(&machine), BEGIN_OK);

    cr_expect_str_eq(take_record(&machine.recorder),
                     "+outer +inner outer@ONE queued inner@ONE -inner");
    cr_expect_eq(begin_current(&machine), BEGIN_ST_TWO);
}

Test(fsm_gen_begin, payloads_arrive_by_value_or_pointer)
{
    const struct point there = { 3, 4 };
    begin_init(&machine);

    (void)begin_move(&machine, (struct point){ 1, 2 });
    (void)begin_colour(&machine, COLOUR_BLUE);
    (void)begin_look(&machine, &there);

    cr_expect_str_eq(take_record(&machine.recorder), "move(1,2) paint(1) look(3,4)");
}
