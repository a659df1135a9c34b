/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the third story: the light runs by itself.
 * Used by: ctest, which compares what it prints with step03.expected.
 * Must not know: how the machine works.
 */
#include "step03.h"

#include <stdio.h>

/* How long each state lasts. */
static const int after_s[LIGHT_STATE_COUNT] = {
    [LIGHT_ST_RED] = 20,
    [LIGHT_ST_RED_AMBER] = 2,
    [LIGHT_ST_GREEN] = 30,
    [LIGHT_ST_AMBER] = 3,
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
    story_arm(&ctx->story, (int)timer, after_s[light_current(ctx)]);
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

int main(void)
{
    struct light light = { 0 };

    light_init(&light);
    (void)light_start(&light);
    for (int i = 0; i < 5 && story_next(&light.story) >= 0; i++)
        (void)light_tm_next(&light);
    return 0;
}
