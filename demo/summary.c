/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the promises, how each is judged, and the file of figures.
 * Used by: main.c, through summary.h.
 * Must not know: how the figures came about.
 */
#include "summary.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define READY_WITHIN_MS 1000.0

static bool judge(bool is_kept, const char *promise)
{
    printf("  %-6s %s\n", is_kept ? "ok" : "BROKEN", promise);
    return is_kept;
}

static void print_operations(const struct book *book)
{
    printf("operations     %" PRIu64 " started, %" PRIu64 " succeeded, %" PRIu64 " failed\n",
           book->started, book->ok, book->failed);
    for (size_t i = 0; i < book->tally_count; i++) {
        const struct tally *tally = &book->tallies[i];
        printf("  %6" PRIu64 " x %s (%s): %s\n", tally->count, isa_status_name((int)tally->code),
               isa_reason_name(tally->reason), tally->text);
    }
    if (book->up > 0)
        printf("while up       %.3f %% of %" PRIu64 " operations succeeded\n",
               100.0 * (double)(book->up - book->up_failed) / (double)book->up, book->up);
    if (book->up_failed > 0)
        printf("  the first that did not: %s\n", book->up_text);
}

static int compare(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static double longest(const struct figures *figures)
{
    double most = 0;
    for (uint32_t i = 0; i < figures->rounds_done; i++)
        if (figures->ready_after_ms[i] > most)
            most = figures->ready_after_ms[i];
    return most;
}

static void print_return(const struct figures *figures)
{
    uint32_t count = figures->rounds_done;
    printf("reconnections  %" PRIu64 " (outages: %" PRIu32 ")\n", figures->reconnects, count);
    if (count == 0)
        return;
    if (count == 1) {
        printf("READY          %.1f ms after etcd's port accepted again\n",
               figures->ready_after_ms[0]);
        return;
    }
    double *sorted = calloc(count, sizeof *sorted);
    if (sorted == NULL)
        return;
    memcpy(sorted, figures->ready_after_ms, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, compare);
    printf("READY          min %.1f, median %.1f, max %.1f ms after etcd's port accepted again\n",
           sorted[0], sorted[count / 2], sorted[count - 1]);
    free(sorted);
}

bool summary_print(const struct figures *figures)
{
    const struct book *book = figures->book;
    uint32_t rounds = figures->options->rounds;
    bool is_kept = true;

    puts("\nSummary");
    print_operations(book);
    print_return(figures);
    puts("promises");
    is_kept &= judge(figures->rounds_done == rounds && figures->reconnects == rounds,
                     "each outage ended in one reconnection");
    is_kept &= judge(figures->rounds_done == rounds && longest(figures) <= READY_WITHIN_MS,
                     "READY within 1 s of etcd's return");
    is_kept &= judge(book->refused == 0 && book->started > 0, "every operation was accepted");
    is_kept &= judge(book_count_incomplete(book) == 0 && book->repeated == 0,
                     "every operation completed exactly once");
    is_kept &= judge(book->up > 0 && book->up_failed == 0,
                     "no operation failed while etcd was up, those in flight at a kill aside");
    is_kept &= judge(figures->losses_while_up == 0, "no connection was lost while etcd was up");
    is_kept &= judge(book->ok > 0 && book->wrong_values == 0, "every get returned what was put");
    is_kept &= judge(book->closed_texts == 0, "no status speaks of a closed channel");
    is_kept &= judge(figures->shutdown_ms >= 0, "the pool shut down and said so");
    if (figures->trouble != NULL)
        printf("stopped early: %s\n", figures->trouble);
    is_kept &= figures->trouble == NULL;
    puts(is_kept ? "All promises kept." : "NOT all promises kept.");
    return is_kept;
}

static void write_figures(FILE *out, const struct figures *figures, bool is_passed)
{
    const struct book *book = figures->book;
    fprintf(out, "{\n  \"rounds\": %" PRIu32 ",\n  \"down_ms\": %" PRIu32 ",\n",
            figures->rounds_done, figures->options->down_ms);
    fprintf(out, "  \"traffic_when_down\": %s,\n  \"ready_after_return_ms\": [",
            figures->options->traffic_when_down ? "true" : "false");
    for (uint32_t i = 0; i < figures->rounds_done; i++)
        fprintf(out, "%s%.3f", i > 0 ? ", " : "", figures->ready_after_ms[i]);
    fprintf(out, "],\n  \"reconnects\": %" PRIu64 ",\n  \"started\": %" PRIu64 ",\n",
            figures->reconnects, book->started);
    fprintf(out, "  \"ok\": %" PRIu64 ",\n  \"failed\": %" PRIu64 ",\n", book->ok, book->failed);
    fprintf(out, "  \"started_up\": %" PRIu64 ",\n  \"failed_up\": %" PRIu64 ",\n", book->up,
            book->up_failed);
    fprintf(out, "  \"passed\": %s\n}\n", is_passed ? "true" : "false");
}

int summary_write_json(const struct figures *figures, bool is_passed)
{
    FILE *out = fopen(figures->options->json_path, "w");
    if (out != NULL)
        write_figures(out, figures, is_passed);
    bool is_lost = out == NULL || ferror(out);
    if (out != NULL)
        is_lost |= fclose(out) != 0;
    if (!is_lost)
        return 0;
    fprintf(stderr, "isa-demo: %s: %s\n", figures->options->json_path, strerror(errno));
    return -1;
}
