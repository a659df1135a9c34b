/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: text that grows, and sets of names.
 * Used by: what writes, what compares names.
 * Must not know: what the text says.
 */
#ifndef PGI_TEXT_H
#define PGI_TEXT_H

#include "arena.h"

#include <stdbool.h>

struct pgi_text {
    struct pgi_arena *arena;
    char *bytes; /* ends in a zero that size does not count; NULL when empty */
    size_t size, capacity;
};

void pgi_add_bytes(struct pgi_text *text, const char *bytes, size_t size);
void pgi_add(struct pgi_text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** Names, each with what it stands for. */
struct pgi_names {
    struct pgi_arena *arena;
    struct pgi_name **buckets;
    size_t bucket_count, count;
};

/** @return NULL and the name is in the set now; or what the same name stands for already */
const void *pgi_names_add(struct pgi_names *names, const char *name, const void *what);
/** @return NULL: not in the set */
const void *pgi_names_find(const struct pgi_names *names, const char *name);
bool pgi_names_has(const struct pgi_names *names, const char *name);

#endif
