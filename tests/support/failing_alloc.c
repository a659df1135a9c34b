/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the counting and failing.
 * Used by: tests, through failing_alloc.h.
 * Must not know: what allocates.
 */
#include "failing_alloc.h"

#include <isa/hooks.h>

#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { GARBAGE = 0xa5 }; /* in new memory and in old: whoever reads it shall stumble */

/* In front of every allocation. */
union head {
    size_t size_bytes;
    max_align_t alignment;
};

/* Volatile: a compiler may leave out what is written just before free(). */
static void *(*const volatile fill)(void *memory, int byte, size_t count) = memset;
static atomic_int_fast64_t live;
static atomic_uint_fast64_t made;
/* By thread: the library's own threads must not use up a failure that was meant for the caller. */
static _Thread_local unsigned countdown;
static _Thread_local bool has_failed;
/* And for all of them. */
static atomic_uint countdown_anywhere;
static atomic_bool has_failed_anywhere;

static bool is_due_anywhere(void)
{
    unsigned left = atomic_load(&countdown_anywhere);
    while (left > 0 && !atomic_compare_exchange_weak(&countdown_anywhere, &left, left - 1))
        continue;
    return left == 1;
}

static void *take(size_t size_bytes, void *user)
{
    (void)user;
    if (countdown > 0 && --countdown == 0) {
        has_failed = true;
        return NULL;
    }
    if (is_due_anywhere()) {
        atomic_store(&has_failed_anywhere, true);
        return NULL;
    }
    union head *head = malloc(sizeof *head + size_bytes);
    if (!head)
        return NULL;
    head->size_bytes = size_bytes;
    fill(head + 1, GARBAGE, size_bytes);
    atomic_fetch_add(&live, 1);
    atomic_fetch_add(&made, 1);
    return head + 1;
}

static void give_back(void *memory, void *user)
{
    (void)user;
    union head *head = (union head *)memory - 1;
    fill(memory, GARBAGE, head->size_bytes);
    atomic_fetch_sub(&live, 1);
    free(head);
}

void failing_alloc_install(void)
{
    static const struct isa_allocator allocator = { take, give_back, NULL };
    isa_set_allocator(&allocator);
}

void failing_alloc_arm(unsigned nth)
{
    countdown = nth;
    has_failed = false;
}

void failing_alloc_arm_anywhere(unsigned nth)
{
    atomic_store(&has_failed_anywhere, false);
    atomic_store(&countdown_anywhere, nth);
}

bool failing_alloc_disarm(void)
{
    countdown = 0;
    atomic_store(&countdown_anywhere, 0);
    return has_failed || atomic_load(&has_failed_anywhere);
}

int64_t failing_alloc_live(void)
{
    return atomic_load(&live);
}

uint64_t failing_alloc_made(void)
{
    return atomic_load(&made);
}
