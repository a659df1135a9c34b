/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: tests of choices, posted events, restarted and periodic timers, guards with payloads, outer. */
/* Called by: ctest. */
/* Must not know: how the generator works. */
#include "flow_with_fsm.h"

#include <criterion/criterion.h>

#define ACTION(name)                                                                               \
    void flow_act_##name(struct flow *ctx)                                                         \
    {                                                                                              \
        record(&ctx->recorder, #name);                                                             \
    }

#define CARRIER(name)                                                                              \
    void flow_act_##name(struct flow *ctx, int payload)                                            \
    {                                                                                              \
        record(&ctx->recorder, #name "(%d)", payload);                                             \
    }

ACTION(start)
ACTION(beat)
ACTION(in_on)
ACTION(out_on)
ACTION(in_busy)
ACTION(in_calm)
ACTION(drop)
ACTION(done)
CARRIER(keep)
CARRIER(answer)
CARRIER(relay)

/* What a choice asks may be what an action before it has found out. */
void flow_act_parse(struct flow *ctx)
{
    record(&ctx->recorder, "parse");
    ctx->a = ctx->b;
}

bool flow_grd_a(const struct flow *ctx)
{
    return ctx->a;
}

bool flow_grd_is_odd(const struct flow *ctx, int payload)
{
    (void)ctx;
    return payload % 2 != 0;
}

bool flow_grd_is_large(const struct flow *ctx, int payload)
{
    (void)ctx;
    return payload >= 100;
}

static const char *timer_name(enum flow_timer timer)
{
    return flow_event_name((enum flow_event)((unsigned)FLOW_TM_HOLD + (unsigned)timer));
}

void flow_arm(struct flow *ctx, enum flow_timer timer)
{
    record(&ctx->recorder, "+%s", timer_name(timer));
}

void flow_disarm(struct flow *ctx, enum flow_timer timer)
{
    record(&ctx->recorder, "-%s", timer_name(timer));
}

void flow_on_unexpected(struct flow *ctx, enum flow_state state, enum flow_event ev)
{
    record(&ctx->recorder, "unexpected:%s/%s", flow_state_name(state), flow_event_name(ev));
}

static struct flow machine;

static void expect(enum flow_result result, const char *text, enum flow_state state)
{
    cr_expect_eq(result, FLOW_OK);
    cr_expect_str_eq(take_record(&machine.recorder), text);
    cr_expect_eq(flow_current(&machine), state, "%s", flow_state_name(flow_current(&machine)));
}

static void start_in(enum flow_state state)
{
    flow_init(&machine);
    machine.b = state == FLOW_ST_BUSY;
    (void)flow_open(&machine);
    cr_assert_eq(flow_current(&machine), state);
    (void)take_record(&machine.recorder);
}

Test(fsm_gen_flow, a_posted_event_follows_the_transition_and_a_choice_sees_its_actions)
{
    flow_init(&machine);
    machine.b = true;
    expect(flow_open(&machine), "start parse beat +hold +tick in_on in_busy done", FLOW_ST_BUSY);

    flow_init(&machine);
    machine.a = true; /* which parse changes before the choice asks */
    machine.b = false;
    expect(flow_open(&machine), "start parse drop +hold +tick +grace in_on in_calm -hold +hold",
           FLOW_ST_CALM);
}

Test(fsm_gen_flow, posted_events_come_in_their_order)
{
    start_in(FLOW_ST_CALM);

    expect(flow_open(&machine), "done -tick +tick out_on -grace -hold -tick drop", FLOW_ST_OFF);
}

Test(fsm_gen_flow, a_posted_event_takes_the_payload_along)
{
    flow_init(&machine);

    expect(flow_ask(&machine, 104), "keep(104) relay(104)", FLOW_ST_OFF);
}

Test(fsm_gen_flow, restart_starts_a_timer_anew_without_leaving)
{
    start_in(FLOW_ST_BUSY);

    expect(flow_data(&machine, 4), "keep(4) -hold +hold", FLOW_ST_BUSY);
}

Test(fsm_gen_flow, a_periodic_timer_goes_on_when_its_state_is_not_left)
{
    start_in(FLOW_ST_BUSY);
    expect(flow_tm_tick(&machine), "-tick +tick beat", FLOW_ST_BUSY);

    machine.a = false;
    expect(flow_tm_tick(&machine), "-tick +tick +grace in_calm -hold +hold", FLOW_ST_CALM);

    cr_expect_eq(flow_tm_tick(&machine), FLOW_IGNORED);
    cr_expect_str_eq(take_record(&machine.recorder), "-tick +tick");
}

Test(fsm_gen_flow, a_guard_sees_the_payload)
{
    flow_init(&machine);

    expect(flow_ask(&machine, 7), "answer(7)", FLOW_ST_OFF);
    cr_expect_eq(flow_ask(&machine, 8), FLOW_IGNORED);
}

Test(fsm_gen_flow, outer_leaves_the_event_to_the_state_around)
{
    start_in(FLOW_ST_BUSY);

    expect(flow_ask(&machine, 7), "answer(7) -hold +hold", FLOW_ST_BUSY);
    expect(flow_ask(&machine, 8), "answer(8)", FLOW_ST_BUSY);
    expect(flow_ask(&machine, 102),
           "out_on -hold -tick answer(102) +hold +tick in_on +grace in_calm -hold +hold",
           FLOW_ST_CALM);
    expect(flow_data(&machine, 2), "keep(2) -hold +hold", FLOW_ST_CALM);
    expect(flow_data(&machine, 3), "-tick +tick -grace keep(3) in_busy done", FLOW_ST_BUSY);
}
