/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: a map from names to things, and the search for a name of like spelling. */
/* Called by: the resolver and the check of generated names. */
/* Must not know: what the things are. */
#ifndef FG_MAP_H
#define FG_MAP_H

#include "arena.h"

struct fg_map;

struct fg_map *fg_map_new(struct fg_arena *arena);

/* Returns what the name already stands for, and then changes nothing; else NULL. */
void *fg_map_put(struct fg_map *map, const char *name, void *value);
void *fg_map_get(const struct fg_map *map, const char *name);

/* The nearest known name at most two edits away (one, when the name is short); NULL: none. */
const char *fg_map_suggest(const struct fg_map *map, const char *name);

#endif
