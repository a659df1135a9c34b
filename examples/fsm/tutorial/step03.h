/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the traffic light of step 3.
 * Used by: step03.c and its generated machine.
 * Must not know: the story.
 */
#ifndef STEP03_H
#define STEP03_H

#include "step03_fsm.h"
#include "story.h"

struct light {
    struct story story;
    struct light_fsm fsm;
};

#endif
