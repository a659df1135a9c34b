/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the traffic light of step 10.
 * Used by: step10.c and its generated machine.
 * Must not know: the story.
 */
#ifndef STEP10_H
#define STEP10_H

#include "step10_fsm.h"
#include "story.h"

struct light {
    struct story story;
    int granted_s;
    bool is_line_dead;
    struct light_fsm fsm;
};

#endif
