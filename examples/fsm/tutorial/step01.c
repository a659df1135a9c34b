/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the first story: a switch is pressed three times.
 * Used by: ctest, which compares what it prints with step01.expected.
 * Must not know: how the machine works.
 */
#include "step01.h"

#include <stdio.h>

void light_on_unexpected(struct light *ctx, enum light_state state, enum light_event ev)
{
    (void)ctx;
    printf("unexpected: %s in %s\n", light_event_name(ev), light_state_name(state));
}

int main(void)
{
    struct light light;

    light_init(&light);
    for (int i = 0; i < 3; i++) {
        (void)light_switch(&light);
        printf("%s: %s\n", light_state_name(light_current(&light)),
               light_state_text(light_current(&light)));
    }
    return 0;
}
