/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the two formats, aligned text and JSON, and the clock they quote.
 * Used by: watch.c, through print.h.
 * Must not know: loops, who opened the handle, when to stop.
 */
#include "print.h"
#include "text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

enum { NOTE_SIZE = 600, TIME_SIZE = 40, STATE_WIDTH = 17, REASON_WIDTH = 14 };

/* Milliseconds of the second that has begun; ret_seconds is that second. */
static unsigned now(time_t *ret_seconds)
{
    struct timespec time = { 0 };
    clock_gettime(CLOCK_REALTIME, &time);
    *ret_seconds = time.tv_sec;
    return (unsigned)(time.tv_nsec / 1000000);
}

static void write_local_time(char clock[TIME_SIZE])
{
    time_t seconds = 0;
    unsigned ms = now(&seconds);
    struct tm local = { 0 };
    char second[TIME_SIZE / 2];
    localtime_r(&seconds, &local);
    strftime(second, sizeof second, "%H:%M:%S", &local);
    snprintf(clock, TIME_SIZE, "%s.%03u", second, ms);
}

static void begin_json(const char *target)
{
    time_t seconds = 0;
    unsigned ms = now(&seconds);
    struct tm utc = { 0 };
    char clock[TIME_SIZE];
    gmtime_r(&seconds, &utc);
    strftime(clock, sizeof clock, "%Y-%m-%dT%H:%M:%S", &utc);
    errno = 0;
    printf("{\"time\":\"%s.%03uZ\",\"target\":", clock, ms);
    text_put_json(stdout, target);
}

/* The newline may have flushed already: errno is from whichever write failed. */
static int end_line(void)
{
    putchar('\n');
    if (fflush(stdout) == 0 && !ferror(stdout))
        return 0;
    return errno != 0 ? errno : EIO;
}

struct print_label print_label_of(const char *target)
{
    struct print_label label;
    label.width = text_escape(label.text, sizeof label.text, target);
    return label;
}

int print_text(const struct print_label *label, size_t width, const struct isa_change *change)
{
    char clock[TIME_SIZE], next[24] = "-", note[NOTE_SIZE];
    write_local_time(clock);
    if (change->to == ISA_STATE_TRANSIENT_FAILURE)
        snprintf(next, sizeof next, "%" PRIu32 " ms", change->next_delay_ms);
    text_escape(note, sizeof note,
                change->text[0] != '\0' ? change->text : isa_reason_text(change->reason));

    errno = 0;
    printf("%s  %s%*s  %*s -> %-*s  %-*s  attempt %-3" PRIu32 "  next %-8s  reconnects %-3" PRIu64
           "  %s",
           clock, label->text, (int)(width - label->width), "", STATE_WIDTH,
           isa_state_name(change->from), STATE_WIDTH, isa_state_name(change->to), REASON_WIDTH,
           isa_reason_name(change->reason), change->attempt, next, change->reconnects, note);
    if (change->skipped > 0)
        printf(" (%" PRIu32 " changes merged)", change->skipped);
    return end_line();
}

int print_json(const char *target, const struct isa_change *change)
{
    begin_json(target);
    printf(",\"from\":\"%s\",\"to\":\"%s\"", isa_state_name(change->from),
           isa_state_name(change->to));
    printf(",\"reason\":\"%s\",\"text\":", isa_reason_name(change->reason));
    text_put_json(stdout, change->text);
    printf(",\"attempt\":%" PRIu32 ",\"next_delay_ms\":%" PRIu32 ",\"reconnects\":%" PRIu64
           ",\"generation\":%" PRIu64 "}",
           change->attempt, change->next_delay_ms, change->reconnects, change->generation);
    return end_line();
}

int print_health_text(const struct print_label *label, size_t width, const char *service,
                      const struct isa_health_change *change)
{
    char clock[TIME_SIZE], note[NOTE_SIZE];
    write_local_time(clock);
    text_escape(note, sizeof note, change->why.message[0] != '\0' ? change->why.message : service);

    errno = 0;
    printf("%s  %s%*s  %*s -> %-*s  %-*s  %s", clock, label->text, (int)(width - label->width), "",
           STATE_WIDTH, isa_health_name(change->from), STATE_WIDTH, isa_health_name(change->to),
           REASON_WIDTH, "health", note);
    return end_line();
}

int print_health_json(const char *target, const char *service,
                      const struct isa_health_change *change)
{
    begin_json(target);
    printf(",\"service\":");
    text_put_json(stdout, service);
    printf(",\"health_from\":\"%s\",\"health_to\":\"%s\"", isa_health_name(change->from),
           isa_health_name(change->to));
    printf(",\"status\":\"%s\",\"text\":", isa_status_name((int)change->why.code));
    text_put_json(stdout, change->why.message);
    putchar('}');
    return end_line();
}
