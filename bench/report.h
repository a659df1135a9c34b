/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: what the benchmark has measured, and how it is shown.
 * Used by: main.c.
 * Must not know: how anything was measured.
 */
#ifndef ISA_BENCH_REPORT_H
#define ISA_BENCH_REPORT_H

#include <stdbool.h>

enum { RUNS_MAX = 64 };

/** One figure: its runs, and what it is compared with. */
struct figure {
    const char *name;
    const char *unit;
    const char *baseline; /* what the same run measured beside it; NULL: an absolute figure */
    int percentile;       /* which of the runs is its value; 0: the median */
    double runs[RUNS_MAX];
    int count;
};

void figure_add(struct figure *figure, double value);
double figure_median(const struct figure *figure);
/** The median, or its percentile. */
double figure_value(const struct figure *figure);
double figure_min(const struct figure *figure);
double figure_max(const struct figure *figure);

/** Print a table. */
void report_print(const struct figure *const *figures, int count);
/** Write `{name: {value, min, max, unit, baseline}}`. @return false: the file cannot be written */
bool report_write(const char *path, const struct figure *const *figures, int count);

#endif
