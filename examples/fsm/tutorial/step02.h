/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the traffic light of step 2.
 * Used by: step02.c and its generated machine.
 * Must not know: the story.
 */
#ifndef STEP02_H
#define STEP02_H

#include "step02_fsm.h"

struct light {
    struct light_fsm fsm;
};

#endif
