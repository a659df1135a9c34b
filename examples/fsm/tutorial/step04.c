/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the fourth story: somebody presses the button, twice.
 * Used by: ctest, which compares what it prints with step04.expected.
 * Must not know: how the machine works.
 */
#include "step04.h"

#include <stdio.h>

static const int after_s[LIGHT_TIMER_COUNT] = {
    [LIGHT_TIMER_RED_TIME] = 20,
    [LIGHT_TIMER_CHANGE] = 2,
    [LIGHT_TIMER_GREEN_TIME] = 30,
};

void light_act_red(struct light *ctx)
{
    story_say(&ctx->story, "(R) ( ) ( )");
}

void light_act_red_amber(struct light *ctx)
{
    story_say(&ctx->story, "(R) (A) ( )");
}

void light_act_green(struct light *ctx)
{
    story_say(&ctx->story, "( ) ( ) (G)");
}

void light_act_amber(struct light *ctx)
{
    story_say(&ctx->story, "( ) (A) ( )");
}

void light_arm(struct light *ctx, enum light_timer timer)
{
    story_arm(&ctx->story, (int)timer, after_s[timer]);
}

void light_disarm(struct light *ctx, enum light_timer timer)
{
    story_disarm(&ctx->story, (int)timer);
}

void light_on_unexpected(struct light *ctx, enum light_state state, enum light_event ev)
{
    (void)ctx;
    printf("unexpected: %s in %s\n", light_event_name(ev), light_state_name(state));
}

/* Let the timer that is due first fire. */
static bool wait(struct light *light)
{
    const int timer = story_next(&light->story);

    if (timer < 0)
        return false;
    (void)light_dispatch(light, (enum light_event)((int)LIGHT_TM_RED_TIME + timer), NULL);
    return true;
}

static void press(struct light *light)
{
    story_say(&light->story, light_button(light) == LIGHT_IGNORED ? "button: no use" : "button");
}

int main(void)
{
    struct light light = { 0 };

    light_init(&light);
    (void)light_start(&light);
    press(&light);
    while (light_current(&light) != LIGHT_ST_GREEN)
        (void)wait(&light);
    press(&light);
    (void)wait(&light);
    return 0;
}
