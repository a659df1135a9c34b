/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the traffic light of step 5.
 * Used by: step05.c and its generated machine.
 * Must not know: the story.
 */
#ifndef STEP05_H
#define STEP05_H

#include "step05_fsm.h"
#include "story.h"

struct light {
    struct story story;
    int waiting;
    struct light_fsm fsm;
};

#endif
