/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: one button: its machine and when its timers fire.
 * Used by: main.c and the generated machine.
 * Must not know: how the contact is read.
 */
#ifndef BUTTON_H
#define BUTTON_H

#include "button_fsm.h"

struct button {
    int now_ms;
    int due_ms[BUTTON_TIMER_COUNT]; /* 0: does not run */
    struct button_fsm fsm;
};

#endif
