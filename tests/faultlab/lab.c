/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the diary of the scenario that runs in this process, its clock, its dice, its end.
 * Used by: every file of isa-faultlab, through lab.h.
 * Must not know: the library under test.
 */
#include "lab.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { DIARY_BYTES = 64 * 1024 };

struct lab lab;
static char diary[DIARY_BYTES];
static size_t diary_used;

unsigned lab_draw(unsigned most)
{
    /* splitmix64 */
    uint64_t z = (lab.seed += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (unsigned)((z ^ (z >> 31)) % ((uint64_t)most + 1));
}

uint64_t lab_now_ms(void)
{
    static uint64_t began_ms;
    struct timespec now = { 0 };
    clock_gettime(CLOCK_MONOTONIC, &now);
    uint64_t now_ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
    if (!began_ms)
        began_ms = now_ms;
    return now_ms - began_ms;
}

void lab_note(const char *text, ...)
{
    char line[512];
    va_list list;
    uint64_t now_ms = lab_now_ms();
    int head = snprintf(line, sizeof line, "  %3u.%03u  ", (unsigned)(now_ms / 1000),
                        (unsigned)(now_ms % 1000));
    va_start(list, text);
    vsnprintf(line + head, sizeof line - (size_t)head, text, list);
    va_end(list);
    if (lab.is_verbose)
        printf("%s\n", line);
    else if (diary_used < sizeof diary)
        diary_used += (size_t)snprintf(diary + diary_used, sizeof diary - diary_used, "%s\n", line);
}

static LAB_NORETURN void end(int status)
{
    fflush(NULL);
    _exit(status); /* peers end with us; the library's threads are none of our concern any more */
}

void lab_fail(const char *text, ...)
{
    va_list list;
    fwrite(diary, 1, diary_used < sizeof diary ? diary_used : sizeof diary - 1, stdout);
    printf("  %3u.%03u  FAILED: ", (unsigned)(lab_now_ms() / 1000),
           (unsigned)(lab_now_ms() % 1000));
    va_start(list, text);
    vprintf(text, list);
    va_end(list);
    putchar('\n');
    end(EXIT_FAILURE);
}

void lab_skip(const char *text, ...)
{
    va_list list;
    printf("SKIPPED: ");
    va_start(list, text);
    vprintf(text, list);
    va_end(list);
    putchar('\n');
    end(EXIT_SKIPPED);
}
