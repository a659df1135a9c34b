/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the traffic light of step 6.
 * Used by: step06.c and its generated machine.
 * Must not know: the story.
 */
#ifndef STEP06_H
#define STEP06_H

#include "step06_fsm.h"
#include "story.h"

struct light {
    struct story story;
    int waiting;
    struct light_fsm fsm;
};

#endif
