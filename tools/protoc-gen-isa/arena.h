/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: memory that is given back all at once.
 * Used by: every file of the plugin; protobuf-c through pgi_arena_allocator().
 * Must not know: what it is used for.
 */
#ifndef PGI_ARENA_H
#define PGI_ARENA_H

#include <protobuf-c/protobuf-c.h>

#include <stddef.h>

struct pgi_arena;

struct pgi_arena *pgi_arena_new(void);
void pgi_arena_free(struct pgi_arena *arena);
/** Zeroed memory; the program ends when there is none. */
void *pgi_alloc(struct pgi_arena *arena, size_t size_bytes);
char *pgi_copy(struct pgi_arena *arena, const char *text, size_t size_bytes);
char *pgi_format(struct pgi_arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/** Memory for protobuf-c; what it frees stays until the arena goes. */
ProtobufCAllocator *pgi_arena_allocator(struct pgi_arena *arena);

#endif
