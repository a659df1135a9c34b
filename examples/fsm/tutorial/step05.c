/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the fifth story: green is given again, then somebody comes.
 * Used by: ctest, which compares what it prints with step05.expected.
 * Must not know: how the machine works.
 */
#include "step05.h"

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

bool light_grd_someone_waits(const struct light *ctx)
{
    return ctx->waiting > 0;
}

void light_act_count(struct light *ctx)
{
    ctx->waiting++;
    story_say(&ctx->story, "button: one more waits");
}

void light_act_let_walk(struct light *ctx)
{
    if (ctx->waiting > 0)
        story_say(&ctx->story, "people walk");
    ctx->waiting = 0;
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

int main(void)
{
    struct light light = { 0 };

    light_init(&light);
    (void)light_start(&light);
    for (int i = 0; i < 3; i++)
        (void)wait(&light);
    (void)light_button(&light);
    for (int i = 0; i < 2; i++)
        (void)wait(&light);
    return 0;
}
