/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the second story: the lamps of one round.
 * Used by: ctest, which compares what it prints with step02.expected.
 * Must not know: how the machine works.
 */
#include "step02.h"

#include <stdio.h>

void light_act_red(struct light *ctx)
{
    (void)ctx;
    puts("(R) ( ) ( )");
}

void light_act_red_amber(struct light *ctx)
{
    (void)ctx;
    puts("(R) (A) ( )");
}

void light_act_green(struct light *ctx)
{
    (void)ctx;
    puts("( ) ( ) (G)");
}

void light_act_amber(struct light *ctx)
{
    (void)ctx;
    puts("( ) (A) ( )");
}

void light_on_unexpected(struct light *ctx, enum light_state state, enum light_event ev)
{
    (void)ctx;
    printf("unexpected: %s in %s\n", light_event_name(ev), light_state_name(state));
}

int main(void)
{
    struct light light;

    light_init(&light);
    (void)light_start(&light); /* enters RED */
    for (int i = 0; i < 4; i++)
        (void)light_switch(&light);
    return 0;
}
