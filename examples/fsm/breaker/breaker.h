/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: one circuit breaker: its machine and what its guard looks at.
 * Used by: main.c and the generated machine.
 * Must not know: what is called.
 */
#ifndef BREAKER_H
#define BREAKER_H

#include "breaker_fsm.h"

struct breaker {
    int failures; /* in a row */
    bool is_armed[BREAKER_TIMER_COUNT];
    struct breaker_fsm fsm;
};

#endif
