/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: an allocator for the library that counts what is out and fails when told.
 * Used by: tests that look for leaks and for what happens without memory.
 * Must not know: what allocates.
 */
#ifndef FAILING_ALLOC_H
#define FAILING_ALLOC_H

#include <stdbool.h>
#include <stdint.h>

/* Give it to the library; before anything of the library exists. */
void failing_alloc_install(void);

/* Let the nth allocation from now on this thread fail, and only that one; 1 is the next. */
void failing_alloc_arm(unsigned nth);

/* The same, of whichever thread. */
void failing_alloc_arm_anywhere(unsigned nth);

/* Never mind. Returns whether the failure has happened. */
bool failing_alloc_disarm(void);

/* Allocations made so far, by all threads. */
uint64_t failing_alloc_made(void);

/* Allocations that were not released yet, by all threads. */
int64_t failing_alloc_live(void);

#endif
