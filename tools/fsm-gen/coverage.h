/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: how often each branch and each other cell was met, as the files of --coverage tell. */
/* Called by: main (reads them), the table and the report (show them). */
/* Must not know: who wrote them. */
#ifndef FG_COVERAGE_H
#define FG_COVERAGE_H

#include "model.h"

#include <stdint.h>

struct fg_coverage {
    uint64_t *branches; /* hits of each transition */
    uint64_t *cells;    /* [leaf * event_count + event], of cells without branches */
    int file_count;
};

struct fg_coverage *fg_coverage_new(const struct fg_model *model);

/* Add what the file tells. Returns 0, or -1 after a message with file and line on stderr. */
int fg_coverage_add(struct fg_coverage *coverage, const struct fg_model *model, const char *path);

/* How many branches were hit. */
int fg_coverage_hit(const struct fg_coverage *coverage, const struct fg_model *model);

/* How often this cell was met, by any of its branches. */
uint64_t fg_coverage_of(const struct fg_coverage *coverage, const struct fg_model *model, int leaf,
                        int event);

#endif
