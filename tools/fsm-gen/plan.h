/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: what one transition does, step by step, and which branch a valuation of guards takes. */
/* Called by: emitters that show or test the machine, the simulator. Not by those that write its C: */
/* so the generated tests compare two accounts. Must not know: any output. */
#ifndef FG_PLAN_H
#define FG_PLAN_H

#include "model.h"

enum fg_step_kind {
    FG_STEP_ACTION,
    FG_STEP_DISARM,
    FG_STEP_BECOME,
    FG_STEP_ARM,
    FG_STEP_TELL,
    FG_STEP_POST
};

struct fg_step {
    enum fg_step_kind kind;
    int id; /* action, timer (0 is the first), leaf, event; of TELL: from */
    int to; /* of TELL, public values */
    const struct fg_project *project; /* of TELL */
};

struct fg_plan {
    struct fg_step *steps;
    int count;
};

/* Steps of a branch; none for one that ignores, defers or is unexpected. */
struct fg_plan fg_plan_branch(const struct fg_model *model, const struct fg_trans *trans);

/* Steps of the machine's start. */
struct fg_plan fg_plan_start(const struct fg_model *model);

/* The guards that a cell asks, in order of declaration; ids has room for FG_ATOM_LIMIT. */
int fg_cell_guards(const struct fg_model *model, const struct fg_cell *cell, int *ids);

bool fg_guard_holds(const struct fg_expr *expr, const bool *values);

/* The first branch whose guard holds; values has one entry for each guard of the machine. */
const struct fg_trans *fg_choose(const struct fg_model *model, const struct fg_cell *cell,
                                 const bool *values);

/* The next valuation of these guards, counting in binary; false: that was the last. */
bool fg_next_values(const int *ids, int count, bool *values);

/* For each leaf: is there a path to it from the start? */
bool *fg_reachable(const struct fg_model *model);

#endif
