/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: tests of the order of one transition in a generated machine. */
/* Called by: ctest. */
/* Must not know: how the generator works. */
#include "order_with_fsm.h"

#include <criterion/criterion.h>

#define ACTION(name)                                                                               \
    void order_act_##name(struct order *ctx)                                                       \
    {                                                                                              \
        record(&ctx->recorder, #name "@%s", order_state_name(order_current(ctx)));                 \
    }

ACTION(in_a)
ACTION(out_a)
ACTION(in_a1)
ACTION(out_a1)
ACTION(in_a2)
ACTION(out_a2)
ACTION(in_b)
ACTION(out_b)
ACTION(in_b1)
ACTION(move)
ACTION(more)

void order_act_note(struct order *ctx, int payload)
{
    record(&ctx->recorder, "note(%d)@%s", payload, order_state_name(order_current(ctx)));
}

static const char *timer_name(enum order_timer timer)
{
    return order_event_name((enum order_event)((unsigned)ORDER_TM_TA + (unsigned)timer));
}

void order_arm(struct order *ctx, enum order_timer timer)
{
    record(&ctx->recorder, "+%s", timer_name(timer));
}

void order_disarm(struct order *ctx, enum order_timer timer)
{
    record(&ctx->recorder, "-%s", timer_name(timer));
}

void order_on_where(struct order *ctx, enum order_where from, enum order_where to)
{
    record(&ctx->recorder, "where:%d>%d", (int)from, (int)to);
}

void order_on_unexpected(struct order *ctx, enum order_state state, enum order_event ev)
{
    record(&ctx->recorder, "unexpected:%s/%s", order_state_name(state), order_event_name(ev));
}

static struct order machine;

static void expect(enum order_result result, const char *text, enum order_state state)
{
    cr_expect_eq(result, ORDER_OK);
    cr_expect_str_eq(take_record(&machine.recorder), text);
    cr_expect_eq(order_current(&machine), state);
}

static void start_in_a1(void)
{
    order_init(&machine);
    cr_assert_eq(order_move(&machine), ORDER_OK);
    (void)take_record(&machine.recorder);
}

Test(fsm_gen_order, init_runs_nothing)
{
    order_init(&machine);

    cr_expect_str_eq(take_record(&machine.recorder), "");
    cr_expect_eq(order_current(&machine), ORDER_ST_START);
    cr_expect_eq(order_current(&machine), 0);
}

Test(fsm_gen_order, entering_a_composite_arms_and_enters_outer_to_inner_then_projects)
{
    order_init(&machine);

    expect(order_move(&machine), "+ta +ta1 in_a@A1 in_a1@A1 where:0>1", ORDER_ST_A1);
}

Test(fsm_gen_order, entering_an_inner_state_enters_what_is_around_it)
{
    order_init(&machine);

    expect(order_up(&machine), "+ta +ta2 in_a@A2 in_a2@A2 where:0>1", ORDER_ST_A2);
}

Test(fsm_gen_order, leaving_exits_and_disarms_inner_to_outer_before_the_actions)
{
    start_in_a1();

    expect(order_home(&machine), "out_a1@A1 out_a@A1 -ta1 -ta move@A1 more@A1 where:1>0",
           ORDER_ST_START);
}

Test(fsm_gen_order, siblings_leave_their_parent_alone)
{
    start_in_a1();

    expect(order_move(&machine), "out_a1@A1 -ta1 move@A1 +ta2 in_a2@A2", ORDER_ST_A2);
}

Test(fsm_gen_order, a_transition_to_itself_is_external)
{
    start_in_a1();

    expect(order_self(&machine), "out_a1@A1 -ta1 move@A1 +ta1 in_a1@A1", ORDER_ST_A1);
}

Test(fsm_gen_order, a_transition_to_the_enclosing_state_re_enters_it)
{
    start_in_a1();

    expect(order_outer(&machine), "out_a1@A1 out_a@A1 -ta1 -ta +ta +ta1 in_a@A1 in_a1@A1",
           ORDER_ST_A1);
}

Test(fsm_gen_order, a_transition_leaves_the_state_that_has_the_handler)
{
    start_in_a1();

    expect(order_up(&machine), "out_a1@A1 out_a@A1 -ta1 -ta move@A1 +ta +ta2 in_a@A2 in_a2@A2",
           ORDER_ST_A2);
    expect(order_up(&machine), "out_a2@A2 out_a@A2 -ta2 -ta move@A2 +ta +ta2 in_a@A2 in_a2@A2",
           ORDER_ST_A2);
}

Test(fsm_gen_order, an_internal_transition_stays_in_the_state_that_has_the_handler)
{
    start_in_a1();

    expect(order_inside(&machine), "out_a1@A1 -ta1 move@A1 +ta2 in_a2@A2", ORDER_ST_A2);
    expect(order_inside(&machine), "out_a2@A2 -ta2 move@A2 +ta2 in_a2@A2", ORDER_ST_A2);
}

Test(fsm_gen_order, an_internal_transition_outwards_stays_in_its_target)
{
    start_in_a1();

    expect(order_again(&machine), "out_a1@A1 -ta1 move@A1 +ta1 in_a1@A1", ORDER_ST_A1);
}

Test(fsm_gen_order, an_internal_handler_runs_its_action_only)
{
    start_in_a1();

    expect(order_note(&machine, 7), "note(7)@A1", ORDER_ST_A1);
    expect(order_tm_ta1(&machine), "more@A1", ORDER_ST_A1);
}

Test(fsm_gen_order, between_composites_everything_happens_in_order)
{
    start_in_a1();
    (void)order_move(&machine);
    (void)take_record(&machine.recorder);

    expect(order_move(&machine),
           "out_a2@A2 out_a@A2 -ta2 -ta move@A2 +tb +tb1 in_b@B1 in_b1@B1 where:1>2", ORDER_ST_B1);
    expect(order_move(&machine), "out_b@B1 -tb1 -tb move@B1 +ta +ta2 in_a@A2 in_a2@A2 where:2>1",
           ORDER_ST_A2);
}

Test(fsm_gen_order, a_composite_timer_ends_any_state_inside)
{
    start_in_a1();

    expect(order_tm_ta(&machine), "out_a1@A1 out_a@A1 -ta1 -ta where:1>0", ORDER_ST_START);
}
