/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: the cases of a machine (each cell with each outcome of its guards), and a tour of them. */
/* Called by: the emitter of tests. */
/* Must not know: C. */
#ifndef FG_TOUR_H
#define FG_TOUR_H

#include "plan.h"

struct fg_case {
    int leaf, event;
    const struct fg_trans *trans; /* NULL: the cell is not a handled one */
    unsigned valuation;           /* bit i: value of the i-th guard that the cell asks */
};

enum { FG_RESTART = -1 };

struct fg_tour {
    struct fg_case *cases;
    int case_count;
    int *steps; /* numbers of cases to walk through, FG_RESTART: begin anew */
    int step_count, step_room;
    int reachable; /* branches that some path takes */
};

struct fg_tour *fg_tour_new(const struct fg_model *model);

#endif
