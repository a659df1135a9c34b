/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: medians, the table, the JSON file.
 * Used by: main.c.
 * Must not know: how anything was measured.
 */
#include "report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void figure_add(struct figure *figure, double value)
{
    if (figure->count < RUNS_MAX)
        figure->runs[figure->count++] = value;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static double rank(const struct figure *figure, int at)
{
    double sorted[RUNS_MAX];
    memcpy(sorted, figure->runs, sizeof sorted);
    qsort(sorted, (size_t)figure->count, sizeof *sorted, compare);
    return sorted[at];
}

double figure_median(const struct figure *figure)
{
    return rank(figure, figure->count / 2);
}

double figure_value(const struct figure *figure)
{
    return rank(figure, figure->count * (figure->percentile ? figure->percentile : 50) / 100);
}

double figure_min(const struct figure *figure)
{
    return rank(figure, 0);
}

double figure_max(const struct figure *figure)
{
    return rank(figure, figure->count - 1);
}

void report_print(const struct figure *const *figures, int count)
{
    printf("%-28s %10s %10s %10s %-6s %s\n", "figure", "value", "min", "max", "unit", "against");
    for (int i = 0; i < count; i++) {
        const struct figure *f = figures[i];
        printf("%-28s %10.3f %10.3f %10.3f %-6s %s\n", f->name, figure_value(f), figure_min(f),
               figure_max(f), f->unit, f->baseline ? f->baseline : "-");
    }
}

bool report_write(const char *path, const struct figure *const *figures, int count)
{
    FILE *file = fopen(path, "w");
    if (!file)
        return false;
    fprintf(file, "{\n");
    for (int i = 0; i < count; i++) {
        const struct figure *f = figures[i];
        fprintf(file,
                "  \"%s\": {\"value\": %.4f, \"min\": %.4f, \"max\": %.4f, \"unit\": \"%s\", "
                "\"baseline\": \"%s\"}%s\n",
                f->name, figure_value(f), figure_min(f), figure_max(f), f->unit,
                f->baseline ? f->baseline : "", i + 1 < count ? "," : "");
    }
    fprintf(file, "}\n");
    return fclose(file) == 0;
}
