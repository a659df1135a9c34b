/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the door of the hand-written machine.
 * Used by: feed_switch.c.
 * Must not know: generated code, beyond its enums.
 */
#ifndef BENCH_FSM_SWITCH_H
#define BENCH_FSM_SWITCH_H

#include "link.h"

enum link_result switch_dispatch(struct link *link, enum link_event ev);

#endif
