/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the actions of every measured machine, out of sight of the code that calls them.
 * Used by: generated code and the competitors.
 * Must not know: which of them calls.
 */
#include <stdlib.h>

#include "link.h"

#define ACTION(name, number)                                                                       \
    void link_act_##name(struct link *ctx)                                                         \
    {                                                                                              \
        ctx->work = ctx->work * 33U + (number##U);                                                 \
    }

ACTION(resolve, 1)
ACTION(dial, 2)
ACTION(greet, 3)
ACTION(hold, 4)
ACTION(send, 5)
ACTION(deliver, 6)
ACTION(check_peer, 7)
ACTION(note, 8)
ACTION(drop, 9)
ACTION(fail, 10)
ACTION(reset, 11)

void link_on_unexpected(struct link *ctx, enum link_state state, enum link_event ev)
{
    (void)ctx, (void)state, (void)ev;
    abort(); /* this machine ignores what it does not handle */
}
