/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: what was seen that must not be; how a run says so and how often.
 * Used by: the stress and the chaos run, from any thread.
 * Must not know: what the promises are.
 */
#ifndef VERDICT_H
#define VERDICT_H

#include <stdbool.h>
#include <stdint.h>

/* Once, before other threads run: what a violation is printed with, so that it can be repeated. */
void verdict_begin(uint64_t seed);

/* Say what must not be. Counted; the first few are printed. */
void violation(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same, unless it holds. */
#define must_hold(claim, ...)                                                                      \
    do {                                                                                           \
        if (!(claim))                                                                              \
            violation(__VA_ARGS__);                                                                \
    } while (0)

unsigned verdict_count(void);

/* Whether a text says that a channel is closed: no user may ever read that. */
bool says_closed_channel(const char *text);

#endif
