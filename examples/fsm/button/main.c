/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: a story of a bouncing contact: a click, a disturbance, a long press.
 * Used by: ctest, which compares what it prints with button.expected.
 * Must not know: how the machine works.
 */
#include "button.h"

#include <stdio.h>

static void say(const struct button *button, const char *what)
{
    printf("%4d ms: %s\n", button->now_ms, what);
}

void button_act_click(struct button *ctx)
{
    say(ctx, "click");
}

void button_act_begin_long(struct button *ctx)
{
    say(ctx, "long press");
}

void button_act_repeat_long(struct button *ctx)
{
    say(ctx, "still pressed");
}

void button_act_end_long(struct button *ctx)
{
    say(ctx, "released");
}

void button_on_is_down(struct button *ctx, enum button_is_down from, enum button_is_down to)
{
    (void)from;
    say(ctx, to == BUTTON_IS_DOWN_YES ? "down" : "up");
}

void button_arm(struct button *ctx, enum button_timer timer)
{
    static const int after_ms[BUTTON_TIMER_COUNT] = {
        [BUTTON_TIMER_SETTLED] = 10,
        [BUTTON_TIMER_LONG_ENOUGH] = 500,
        [BUTTON_TIMER_REPEAT] = 200,
    };

    ctx->due_ms[timer] = ctx->now_ms + after_ms[timer];
}

void button_disarm(struct button *ctx, enum button_timer timer)
{
    ctx->due_ms[timer] = 0;
}

void button_on_unexpected(struct button *ctx, enum button_state state, enum button_event ev)
{
    (void)state;
    say(ctx, button_event_name(ev));
}

/* Let every timer fire that is due until then. */
static void advance(struct button *button, int until_ms)
{
    for (; button->now_ms < until_ms; button->now_ms++)
        for (int t = 0; t < BUTTON_TIMER_COUNT; t++)
            if (button->due_ms[t] != 0 && button->due_ms[t] == button->now_ms)
                (void)button_dispatch(button, (enum button_event)((int)BUTTON_TM_SETTLED + t),
                                      NULL);
}

int main(void)
{
    static const struct {
        int at_ms;
        enum button_event event;
    } contact[] = {
        { 100, BUTTON_EV_MAKE }, /* bounces, then a click */
        { 102, BUTTON_EV_BREAK },  { 103, BUTTON_EV_MAKE },
        { 250, BUTTON_EV_BREAK },  { 252, BUTTON_EV_MAKE },
        { 254, BUTTON_EV_BREAK },  { 400, BUTTON_EV_MAKE }, /* a disturbance */
        { 403, BUTTON_EV_BREAK },  { 600, BUTTON_EV_MAKE }, /* a long press */
        { 1550, BUTTON_EV_BREAK },
    };
    static struct button button;

    button_init(&button);
    for (size_t i = 0; i < sizeof contact / sizeof *contact; i++) {
        advance(&button, contact[i].at_ms);
        (void)button_dispatch(&button, contact[i].event, NULL);
    }
    advance(&button, 2000);
    return 0;
}
