/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the object that every measured machine lives in, so that all do the same work.
 * Used by: generated code, the competitors, the actions, main.c.
 * Must not know: how any of them dispatches.
 */
#ifndef BENCH_FSM_LINK_H
#define BENCH_FSM_LINK_H

#include "link_fsm.h"

struct link {
    struct link_fsm fsm;
    int ragel_state;
    uint32_t work; /* a digest of the actions and their order */
};

#endif
