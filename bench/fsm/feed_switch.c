/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the hand-written machine as a contender.
 * Used by: main.c.
 * Must not know: how the machine works.
 */
#include <string.h>

#include "contender.h"
#include "switch.h"

static void init(struct link *link)
{
    memset(&link->fsm, 0, sizeof link->fsm);
}

DEFINE_FEED(switch_dispatch)

const struct contender contender_switch = { "switch", init, feed };
