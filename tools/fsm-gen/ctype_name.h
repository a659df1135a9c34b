/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: the spelling of C types and identifiers that come from a specification. */
/* Called by: the parser's helpers, the model, the emitters. */
/* Must not know: the specification itself. */
#ifndef FG_CTYPE_NAME_H
#define FG_CTYPE_NAME_H

#include "arena.h"

#include <stdbool.h>

/* One spelling for one type: "struct a*" and " struct  a *" become "struct a *".
 * NULL when the text is no type we can pass by value: only words and stars, and no const value. */
const char *fg_ctype_normalise(struct fg_arena *arena, const char *text);

/* Name of the union member that carries the type: "struct a *" becomes "a_ptr". */
const char *fg_ctype_member(struct fg_arena *arena, const char *type);

bool fg_ctype_is_pointer(const char *type);

/* The tag to declare before use, "struct a" in "const struct a *"; NULL: there is none. */
const char *fg_ctype_tag(struct fg_arena *arena, const char *type);

/* One word that neither C nor C++ keeps for itself. */
bool fg_is_c_name(const char *text);

const char *fg_upper(struct fg_arena *arena, const char *text);
const char *fg_lower(struct fg_arena *arena, const char *text);

#endif
