/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: memory that is given back all at once.
 * Called by: every file of the plugin.
 * Must not know: what it is used for.
 */
#include "arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK_BYTES = 64 * 1024, ALIGNMENT = alignof(max_align_t) };

struct chunk {
    struct chunk *next;
    max_align_t memory[]; /* zeroed, and used from its start */
};

struct pgi_arena {
    struct chunk *chunks; /* the newest first; the others are full */
    size_t used, size;    /* bytes of the newest */
    ProtobufCAllocator allocator;
};

static void *need(void *memory)
{
    if (memory == NULL) {
        (void)fputs("protoc-gen-isa: out of memory\n", stderr);
        exit(1);
    }
    return memory;
}

static void *allocate(void *arena, size_t size_bytes)
{
    return pgi_alloc(arena, size_bytes);
}

static void free_later(void *arena, void *memory)
{
    (void)arena, (void)memory;
}

struct pgi_arena *pgi_arena_new(void)
{
    struct pgi_arena *arena = need(calloc(1, sizeof(*arena)));

    arena->allocator = (ProtobufCAllocator){ allocate, free_later, arena };
    return arena;
}

void pgi_arena_free(struct pgi_arena *arena)
{
    struct chunk *next;

    for (struct chunk *chunk = arena->chunks; chunk != NULL; chunk = next) {
        next = chunk->next;
        free(chunk);
    }
    free(arena);
}

void *pgi_alloc(struct pgi_arena *arena, size_t size_bytes)
{
    void *memory;

    if (size_bytes > SIZE_MAX / 4)
        return need(NULL);
    size_bytes = (size_bytes + ALIGNMENT) / ALIGNMENT * ALIGNMENT; /* never none */
    if (arena->size - arena->used < size_bytes) {
        struct chunk *chunk;

        arena->size = size_bytes > CHUNK_BYTES / 4 ? size_bytes : CHUNK_BYTES;
        arena->used = 0;
        chunk = need(calloc(1, sizeof(*chunk) + arena->size));
        chunk->next = arena->chunks;
        arena->chunks = chunk;
    }
    memory = (char *)arena->chunks->memory + arena->used;
    arena->used += size_bytes;
    return memory;
}

char *pgi_copy(struct pgi_arena *arena, const char *text, size_t size_bytes)
{
    char *copy = pgi_alloc(arena, size_bytes + 1);

    if (size_bytes > 0)
        memcpy(copy, text, size_bytes);
    return copy;
}

char *pgi_format(struct pgi_arena *arena, const char *format, ...)
{
    va_list arguments, again;
    char *text;
    int size;

    va_start(arguments, format);
    va_copy(again, arguments);
    size = vsnprintf(NULL, 0, format, arguments);
    text = pgi_alloc(arena, size < 0 ? 1 : (size_t)size + 1);
    if (size > 0)
        (void)vsnprintf(text, (size_t)size + 1, format, again);
    va_end(again);
    va_end(arguments);
    return text;
}

ProtobufCAllocator *pgi_arena_allocator(struct pgi_arena *arena)
{
    return &arena->allocator;
}
