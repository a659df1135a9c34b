/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the memory of one message, given back as a whole.
 * Must not know: what lies in it.
 */
#ifndef ISA_MESSAGE_ARENA_H
#define ISA_MESSAGE_ARENA_H

#include "base.h"

struct isa__arena_block;

struct isa__arena {
    struct isa__arena_block *newest;
    char *free;          /* in the newest block */
    size_t left_bytes;   /* from there on */
    size_t next_bytes;   /* size of the next block */
    size_t budget_bytes; /* what may still be allocated */
    bool is_over_budget; /* why the last one gave NULL; else memory ran out */
};

/** @param first_bytes  A guess of what will be needed. */
void isa__arena_init(struct isa__arena *arena, size_t first_bytes, size_t budget_bytes);
/** Zero; aligned for what protobuf-c has in its structs. NULL: over budget, or out of memory. */
void *isa__arena_alloc(struct isa__arena *arena, size_t size_bytes);
/** All blocks, by the newest one. NULL is fine. */
void isa__arena_free(struct isa__arena_block *newest);

#endif
