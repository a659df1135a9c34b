/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the count of violations, and their lines on stderr.
 * Used by: the stress and the chaos run, through verdict.h.
 * Must not know: what the promises are.
 */
#include "verdict.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum { PRINTED_MAX = 25, LINE_BYTES = 512 };

static uint64_t run_seed;
static atomic_uint count;

void verdict_begin(uint64_t seed)
{
    run_seed = seed;
    atomic_store(&count, 0);
}

void violation(const char *format, ...)
{
    char line[LINE_BYTES];
    va_list arguments;
    if (atomic_fetch_add(&count, 1) >= PRINTED_MAX)
        return;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    fprintf(stderr, "VIOLATION (seed %" PRIu64 "): %s\n", run_seed, line);
}

unsigned verdict_count(void)
{
    return atomic_load(&count);
}

static bool begins_with(const char *text, const char *word)
{
    while (*word && tolower((unsigned char)*text) == *word) {
        text++;
        word++;
    }
    return *word == '\0';
}

bool says_closed_channel(const char *text)
{
    for (; *text; text++) {
        if (begins_with(text, "channel is closed") || begins_with(text, "channel closed"))
            return true;
    }
    return false;
}
