/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the traffic light of step 9.
 * Used by: step09.c and its generated machine.
 * Must not know: the story.
 */
#ifndef STEP09_H
#define STEP09_H

#include "step09_fsm.h"
#include "story.h"

struct light {
    struct story story;
    int waiting;
    bool is_green_broken;
    struct light_fsm fsm;
};

#endif
