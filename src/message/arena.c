/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: blocks that double in size, up to a bound.
 * Must not know: what lies in them.
 */
#include "arena.h"

#include <stddef.h>

enum { LEAST_BYTES = 256, MOST_BYTES = 1 << 20 };

struct isa__arena_block {
    struct isa__arena_block *next;
    max_align_t memory[];
};

void isa__arena_init(struct isa__arena *arena, size_t first_bytes, size_t budget_bytes)
{
    if (first_bytes < LEAST_BYTES)
        first_bytes = LEAST_BYTES;
    *arena = (struct isa__arena){ .next_bytes = first_bytes < MOST_BYTES ? first_bytes : MOST_BYTES,
                                  .budget_bytes = budget_bytes };
}

/* A block of its own for what is large; the rest of the one before it is lost. */
static bool add_block(struct isa__arena *arena, size_t size_bytes)
{
    if (size_bytes < arena->next_bytes)
        size_bytes = arena->next_bytes;
    struct isa__arena_block *block = isa__alloc(sizeof *block + size_bytes);
    if (!block)
        return false;
    block->next = arena->newest;
    arena->newest = block;
    arena->free = (char *)block->memory;
    arena->left_bytes = size_bytes;
    if (arena->next_bytes < MOST_BYTES)
        arena->next_bytes *= 2;
    return true;
}

void *isa__arena_alloc(struct isa__arena *arena, size_t size_bytes)
{
    enum { unit = 8 }; /* what is largest in them: pointers, 64-bit numbers, doubles */
    arena->is_over_budget = size_bytes > arena->budget_bytes;
    if (arena->is_over_budget)
        return NULL;
    size_bytes = (size_bytes + unit - 1) / unit * unit;
    if (size_bytes > arena->left_bytes && !add_block(arena, size_bytes))
        return NULL;
    void *memory = arena->free;
    arena->free += size_bytes;
    arena->left_bytes -= size_bytes;
    arena->budget_bytes -= size_bytes < arena->budget_bytes ? size_bytes : arena->budget_bytes;
    return memory;
}

void isa__arena_free(struct isa__arena_block *newest)
{
    while (newest) {
        struct isa__arena_block *next = newest->next;
        isa__free(newest);
        newest = next;
    }
}
