/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the layout of the demo's live output.
 * Used by: main.c, through show.h.
 * Must not know: what the demo does next.
 */
#include "show.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

enum { SHOWN_ATTEMPTS = 3 };

double show_clock_ms(void)
{
    static double start_ms;
    struct timespec now = { 0 };
    clock_gettime(CLOCK_MONOTONIC, &now);
    double ms = (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
    if (start_ms <= 0)
        start_ms = ms;
    return ms - start_ms;
}

static void show_time(void)
{
    printf("%8.3f s  ", show_clock_ms() / 1e3);
}

void show_step(const char *format, ...)
{
    va_list arguments;
    show_time();
    fputs("== ", stdout);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
    fflush(stdout);
}

void show_change(struct show *show, const struct isa_change *change)
{
    bool is_retry = change->to == ISA_STATE_CONNECTING || change->to == ISA_STATE_TRANSIENT_FAILURE;
    if (is_retry && change->attempt > SHOWN_ATTEMPTS && !show->every_change) {
        show->hidden++;
        return;
    }
    show_time();
    printf("%s -> %s (%s)  attempt %" PRIu32, isa_state_name(change->from),
           isa_state_name(change->to), isa_reason_name(change->reason), change->attempt);
    if (change->to == ISA_STATE_TRANSIENT_FAILURE)
        printf("  next in %" PRIu32 " ms", change->next_delay_ms);
    printf("  reconnects %" PRIu64, change->reconnects);
    if (change->skipped > 0)
        printf("  merged %" PRIu32, change->skipped);
    printf("%s%s\n", change->text[0] != '\0' ? "  " : "", change->text);
    fflush(stdout);
}

void show_progress(struct show *show, const struct book *book, enum isa_state state)
{
    show_time();
    printf("   %" PRIu64 " operations: %" PRIu64 " ok, %" PRIu64 " failed, %" PRIu64 " pending; %s",
           book->started, book->ok, book->failed, book->pending, isa_state_name(state));
    if (show->hidden > 0)
        printf("; %" PRIu64 " more changes like those", show->hidden);
    show->hidden = 0;
    putchar('\n');
    fflush(stdout);
}
