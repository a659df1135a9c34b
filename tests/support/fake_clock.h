/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: what the fake transport needs of its clock beyond fake_transport.h.
 * Used by: fake_transport.c.
 * Must not know: messages, channels, calls.
 */
#ifndef FAKE_CLOCK_H
#define FAKE_CLOCK_H

#include "transport.h"

#include <stdbool.h>
#include <stdint.h>

void fake_clock_set(uint64_t now_us);
uint32_t fake_clock_draw(void);
void fake_clock_timer_start(struct isa__tr_timer *timer, uint32_t delay_ms);
void fake_clock_timer_stop(struct isa__tr_timer *timer);
/* Fire the timer that is due next, at its time, if that is not after the end. */
bool fake_clock_fire_next(uint64_t end_us);

#endif
