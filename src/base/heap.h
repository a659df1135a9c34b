/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: a heap of things that are due at some time, the earliest first.
 * Used by: whoever has many things that wait, and one timer.
 * Must not know: clocks and timers. It allocates nothing: the nodes lie in the things.
 */
#ifndef ISA_HEAP_H
#define ISA_HEAP_H

#include <stdbool.h>
#include <stdint.h>

/** In a thing that waits; zero: in no heap. */
struct isa__heap_node {
    uint64_t due; /* any unit, one for all */
    struct isa__heap_node *child;
    struct isa__heap_node *next;     /* sibling */
    struct isa__heap_node *previous; /* sibling, or the parent of a first child */
    bool is_in;
};

/** Zero: empty. */
struct isa__heap {
    struct isa__heap_node *first;
};

/** A node that is in no heap. Constant time. */
void isa__heap_add(struct isa__heap *heap, struct isa__heap_node *node, uint64_t due);
/** Harmless when it is in no heap; else it is in this one. Logarithmic time, amortised. */
void isa__heap_remove(struct isa__heap *heap, struct isa__heap_node *node);

/** The earliest, if it is due at `now`; NULL: none is. */
static inline struct isa__heap_node *isa__heap_due(const struct isa__heap *heap, uint64_t now)
{
    return heap->first && heap->first->due <= now ? heap->first : 0;
}

/** When the earliest is due; UINT64_MAX: the heap is empty. */
static inline uint64_t isa__heap_next(const struct isa__heap *heap)
{
    return heap->first ? heap->first->due : UINT64_MAX;
}

#endif
