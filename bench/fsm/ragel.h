/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the door of the machine that Ragel makes.
 * Used by: feed_ragel.c, link.rl.
 * Must not know: generated code, beyond its enums.
 */
#ifndef BENCH_FSM_RAGEL_H
#define BENCH_FSM_RAGEL_H

#include "link.h"

void ragel_init(struct link *link);
void ragel_dispatch(struct link *link, enum link_event ev);

#endif
