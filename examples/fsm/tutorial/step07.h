/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the traffic light of step 7.
 * Used by: step07.c and its generated machine.
 * Must not know: the story.
 */
#ifndef STEP07_H
#define STEP07_H

#include "step07_fsm.h"
#include "story.h"

struct light {
    struct story story;
    int waiting;
    bool is_green_broken;
    struct light_fsm fsm;
};

#endif
