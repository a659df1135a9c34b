/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the traffic light of step 1.
 * Used by: step01.c and its generated machine.
 * Must not know: the story.
 */
#ifndef STEP01_H
#define STEP01_H

#include "step01_fsm.h"

struct light {
    struct light_fsm fsm;
};

#endif
