/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the traffic light of step 8.
 * Used by: step08.c and its generated machine.
 * Must not know: the story.
 */
#ifndef STEP08_H
#define STEP08_H

#include "step08_fsm.h"
#include "story.h"

struct light {
    struct story story;
    int waiting;
    bool is_green_broken;
    struct light_fsm fsm;
};

#endif
