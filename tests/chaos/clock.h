/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: what time it is, and letting some pass.
 * Used by: the stress and the chaos run.
 * Must not know: what is waited for.
 */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdint.h>
#include <time.h>

/* Monotonic. */
static inline uint64_t clock_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static inline void pause_us(unsigned us)
{
    struct timespec time = { us / 1000000, (long)(us % 1000000) * 1000 };
    nanosleep(&time, NULL);
}

#endif
