/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the traffic light of step 4.
 * Used by: step04.c and its generated machine.
 * Must not know: the story.
 */
#ifndef STEP04_H
#define STEP04_H

#include "step04_fsm.h"
#include "story.h"

struct light {
    struct story story;
    struct light_fsm fsm;
};

#endif
