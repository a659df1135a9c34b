/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: the generated timers on a real libev loop. */
/* Called by: ctest. */
/* Must not know: how long anything takes, beyond that one timer is far longer than the other. */
#include "lamp_with_fsm.h"

#include <criterion/criterion.h>

enum { BLINKS = 3 };

void lamp_act_count(struct lamp *ctx)
{
    ctx->count++;
}

bool lamp_grd_enough(const struct lamp *ctx)
{
    return ctx->count >= BLINKS;
}

double lamp_timer_after(const struct lamp *ctx, enum lamp_timer timer)
{
    return timer == LAMP_TIMER_BLINK ? ctx->blink_after : ctx->limit_after;
}

void lamp_libev_ended(struct lamp *ctx)
{
    ctx->ended++;
    ev_break(ctx->loop, EVBREAK_ALL);
}

void lamp_on_unexpected(struct lamp *ctx, enum lamp_state state, enum lamp_event ev)
{
    cr_assert_fail("%p: %s in %s", (void *)ctx, lamp_event_name(ev), lamp_state_name(state));
}

static struct lamp lamp;

static void begin(double blink_after, double limit_after)
{
    lamp.loop = ev_loop_new(EVFLAG_AUTO);
    lamp.blink_after = blink_after;
    lamp.limit_after = limit_after;
    lamp_init(&lamp);
    lamp_libev_init(&lamp);
    cr_assert_eq(lamp_begin(&lamp), LAMP_OK);
}

static void end(void)
{
    lamp_libev_stop(&lamp);
    ev_loop_destroy(lamp.loop);
}

Test(fsm_gen_libev, timers_fire_in_the_loop_until_the_end, .fini = end)
{
    begin(0.001, 1000.);

    ev_run(lamp.loop, 0);

    cr_assert_eq(lamp.ended, 1);
    cr_assert_eq(lamp.count, BLINKS + 1, "the guard is asked before the way out counts");
    cr_assert_eq(lamp_current(&lamp), LAMP_ST_OVER);
    cr_assert_not(ev_is_active(&lamp.timers[LAMP_TIMER_LIMIT]), "cancelled on the way out");
}

Test(fsm_gen_libev, the_timer_around_fires_where_the_inner_one_does_not_run, .fini = end)
{
    begin(1000., 0.001);

    ev_run(lamp.loop, 0);

    cr_assert_eq(lamp.ended, 1);
    cr_assert_eq(lamp.count, 0);
}

Test(fsm_gen_libev, a_timer_that_is_pending_is_cancelled_too, .fini = end)
{
    begin(1000., 1000.);
    (void)lamp_tm_blink(&lamp);
    ev_feed_event(lamp.loop, &lamp.timers[LAMP_TIMER_BLINK], EV_TIMER);

    cr_assert_eq(lamp_hold(&lamp), LAMP_OK);
    ev_run(lamp.loop, EVRUN_NOWAIT);

    cr_assert_eq(lamp_current(&lamp), LAMP_ST_HELD);
}

Test(fsm_gen_libev, tells_how_long_a_timer_has_to_run, .fini = end)
{
    begin(1000., 2000.);

    cr_assert_gt(lamp_libev_remaining(&lamp, LAMP_TIMER_BLINK), 900.);
    cr_assert_gt(lamp_libev_remaining(&lamp, LAMP_TIMER_LIMIT), 1900.);
    (void)lamp_tm_limit(&lamp);
    cr_assert_eq(lamp_libev_remaining(&lamp, LAMP_TIMER_LIMIT), 0.);
}
