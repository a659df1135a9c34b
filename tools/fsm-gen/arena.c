/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: all memory of one run, freed at once at its end. */
/* Called by: every other file of fsm-gen. */
/* Must not know: what is stored. */
#include "arena.h"

#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK_BYTES = 64 * 1024 };

/* A specification of 1024 states by 1024 events stays well below this. */
static const size_t LIMIT_BYTES = (size_t)512 * 1024 * 1024;

struct chunk {
    struct chunk *next;
    size_t used, size;
    alignas(max_align_t) unsigned char data[];
};

struct fg_arena {
    struct chunk *chunks;
    size_t total;
};

static _Noreturn void give_up(const char *why)
{
    (void)fprintf(stderr, "fsm-gen: %s\n", why);
    exit(2);
}

struct fg_arena *fg_arena_new(void)
{
    struct fg_arena *arena = calloc(1, sizeof(*arena));

    if (arena == NULL)
        give_up("out of memory");
    return arena;
}

void fg_arena_free(struct fg_arena *arena)
{
    if (arena == NULL)
        return;
    while (arena->chunks != NULL) {
        struct chunk *next = arena->chunks->next;

        free(arena->chunks);
        arena->chunks = next;
    }
    free(arena);
}

static struct chunk *add_chunk(struct fg_arena *arena, size_t need)
{
    size_t size = need > CHUNK_BYTES ? need : CHUNK_BYTES;
    struct chunk *chunk;

    if (size > LIMIT_BYTES || arena->total > LIMIT_BYTES - size)
        give_up("the specification is too large");
    chunk = calloc(1, sizeof(*chunk) + size);
    if (chunk == NULL)
        give_up("out of memory");
    chunk->size = size;
    chunk->next = arena->chunks;
    arena->chunks = chunk;
    arena->total += size;
    return chunk;
}

void *fg_arena_alloc(struct fg_arena *arena, size_t count, size_t size_bytes)
{
    const size_t align = alignof(max_align_t);
    struct chunk *chunk = arena->chunks;
    size_t need;

    if (size_bytes != 0 && count > LIMIT_BYTES / size_bytes)
        give_up("the specification is too large");
    need = (count * size_bytes + align - 1) / align * align;
    if (chunk == NULL || chunk->size - chunk->used < need)
        chunk = add_chunk(arena, need);
    chunk->used += need;
    return chunk->data + chunk->used - need;
}

char *fg_arena_strndup(struct fg_arena *arena, const char *text, size_t len)
{
    char *copy = fg_arena_alloc(arena, len + 1, 1);

    memcpy(copy, text, len);
    return copy;
}

char *fg_arena_vprintf(struct fg_arena *arena, const char *fmt, va_list args)
{
    va_list again;
    char *text;
    int len;

    va_copy(again, args);
    len = vsnprintf(NULL, 0, fmt, args);
    if (len < 0)
        give_up("cannot format a text");
    text = fg_arena_alloc(arena, (size_t)len + 1, 1);
    (void)vsnprintf(text, (size_t)len + 1, fmt, again);
    va_end(again);
    return text;
}

char *fg_arena_printf(struct fg_arena *arena, const char *fmt, ...)
{
    va_list args;
    char *text;

    va_start(args, fmt);
    text = fg_arena_vprintf(arena, fmt, args);
    va_end(args);
    return text;
}
