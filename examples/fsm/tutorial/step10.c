/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the tenth story: questions are lost, then answered; then the line dies.
 * Used by: ctest, which compares what it prints with step10.expected.
 * Must not know: how the machine works.
 */
#include "step10.h"

#include <stdio.h>

void light_act_red(struct light *ctx)
{
    story_say(&ctx->story, "(R) ( )");
}

void light_act_green(struct light *ctx)
{
    story_say(&ctx->story, "( ) (G)");
}

void light_act_flash(struct light *ctx)
{
    story_say(&ctx->story, "(*) ( )  flashing");
}

void light_act_dark(struct light *ctx)
{
    story_say(&ctx->story, "( ) ( )");
}

void light_act_send_ask(struct light *ctx)
{
    story_say(&ctx->story, ctx->is_line_dead ? "ASK is lost" : "ASK is sent");
}

void light_act_send_done(struct light *ctx)
{
    story_say(&ctx->story, ctx->is_line_dead ? "DONE is lost" : "DONE is sent");
}

void light_act_keep_duration(struct light *ctx, int payload)
{
    ctx->granted_s = payload;
}

void light_arm(struct light *ctx, enum light_timer timer)
{
    const int after_s[LIGHT_TIMER_COUNT] = {
        [LIGHT_TIMER_RETRY] = 2,
        [LIGHT_TIMER_PATIENCE] = 7,
        [LIGHT_TIMER_GREEN_TIME] = ctx->granted_s,
    };

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
    (void)light_dispatch(light, (enum light_event)((int)LIGHT_TM_RETRY + timer), NULL);
    return true;
}

int main(void)
{
    struct light light = { 0 };

    light_init(&light);
    light.is_line_dead = true;
    (void)light_button(&light);
    (void)wait(&light); /* asks again */
    light.is_line_dead = false;
    (void)wait(&light);
    (void)light_grant(&light, 15);
    (void)wait(&light); /* green ends */
    if (light_button(&light) == LIGHT_DEFERRED)
        story_say(&light.story, "the button is remembered");
    light.is_line_dead = true;
    (void)light_noted(&light); /* and now it asks, but nobody hears */
    while (light_current(&light) != LIGHT_ST_RED)
        (void)wait(&light);
    if (light_shut_down(&light) == LIGHT_FINAL)
        story_say(&light.story, "off");
    return 0;
}
