/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: all memory of one run, freed at once at its end. */
/* Called by: every other file of fsm-gen. */
/* Must not know: what is stored. */
#ifndef FG_ARENA_H
#define FG_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct fg_arena;

struct fg_arena *fg_arena_new(void);
void fg_arena_free(struct fg_arena *arena);

/* Zeroed memory. Never NULL: when memory is short, or a specification needs absurdly much of it,
 * the program says so and ends with status 2. */
void *fg_arena_alloc(struct fg_arena *arena, size_t count, size_t size_bytes);

char *fg_arena_strndup(struct fg_arena *arena, const char *text, size_t len);
char *fg_arena_vprintf(struct fg_arena *arena, const char *fmt, va_list args);
char *fg_arena_printf(struct fg_arena *arena, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#define FG_NEW(arena, type) ((type *)fg_arena_alloc((arena), 1, sizeof(type)))
#define FG_NEW_ARRAY(arena, count, type)                                                           \
    ((type *)fg_arena_alloc((arena), (size_t)(count), sizeof(type)))

#endif
