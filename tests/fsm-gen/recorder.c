/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: the record of what a test machine did, as one line of words. */
/* Called by: the tests of generated machines. */
/* Must not know: any machine. */
#include "recorder.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add(struct recorder *recorder, const char *fmt, va_list args)
{
    const size_t used = strlen(recorder->text), space = used > 0 ? 1 : 0;
    const size_t left = sizeof(recorder->text) - used;
    int len;

    if (left < 2)
        abort();
    if (space > 0)
        memcpy(recorder->text + used, " ", 2);
    len = vsnprintf(recorder->text + used + space, left - space, fmt, args);
    if (len < 0 || (size_t)len >= left - space)
        abort();
}

void record(struct recorder *recorder, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    add(recorder, fmt, args);
    va_end(args);
}

const char *take_record(struct recorder *recorder)
{
    static char taken[sizeof(recorder->text)];

    memcpy(taken, recorder->text, sizeof(taken));
    recorder->text[0] = '\0';
    return taken;
}
