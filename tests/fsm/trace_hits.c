/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: counting what a traced machine does, and writing it to the file that FSM_COVERAGE names.
 * Used by: test_fsm_covered, each process of which writes when it ends.
 * Must not know: any test.
 */
#include "fsm.h"

#include <stdio.h>
#include <stdlib.h>

static struct isa__fsm_trace_hits hits;

void isa__fsm_on_trace(struct isa__machine *ctx, const struct isa__fsm_trace_step *step)
{
    (void)ctx;
    isa__fsm_trace_count(&hits, step);
}

__attribute__((destructor)) static void save_hits(void)
{
    const char *path = getenv("FSM_COVERAGE");
    if (path && isa__fsm_trace_save(&hits, path))
        perror(path);
}
