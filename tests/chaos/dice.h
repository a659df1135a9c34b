/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: numbers that look random and come again with the same seed.
 * Used by: the stress and the chaos run; each thread has a dice of its own.
 * Must not know: what is decided with them.
 */
#ifndef DICE_H
#define DICE_H

#include <stdbool.h>
#include <stdint.h>

struct dice {
    uint64_t state;
};

/* splitmix64: any seed will do, also one that differs from another in one bit only. */
static inline uint64_t dice_roll(struct dice *dice)
{
    uint64_t z = dice->state += 0x9e3779b97f4a7c15U;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
    z = (z ^ z >> 27) * 0x94d049bb133111ebU;
    return z ^ z >> 31;
}

static inline struct dice dice_of(uint64_t seed, uint64_t thread)
{
    struct dice dice = { seed * 1000003U + thread };
    dice_roll(&dice);
    return dice;
}

/* 0 to n - 1. */
static inline unsigned dice_below(struct dice *dice, unsigned n)
{
    return (unsigned)(dice_roll(dice) >> 32) % n;
}

static inline bool dice_one_in(struct dice *dice, unsigned n)
{
    return dice_below(dice, n) == 0;
}

#endif
