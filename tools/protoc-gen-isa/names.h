/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: how names of a .proto become names of C: protobuf-c's rules for types, descriptors and members,
 *       and ours for functions.
 * Used by: what writes C, what looks for names that collide.
 * Must not know: descriptors.
 *
 * A full name is "package.Outer.Inner", without a dot in front.
 */
#ifndef PGI_NAMES_H
#define PGI_NAMES_H

#include "arena.h"

#include <stdbool.h>

/** "a.b_c.FooBar" -> "A__BC__FooBar": types. */
char *pgi_type_name(struct pgi_arena *arena, const char *full_name);
/** "a.b_c.FooBar" -> "a__b_c__foo_bar": functions and descriptors of messages. */
char *pgi_lower_name(struct pgi_arena *arena, const char *full_name);
/** "a.b_c.FooBar" -> "A__B_C__FOO_BAR": macros and enumerators. */
char *pgi_upper_name(struct pgi_arena *arena, const char *full_name);
/** "a.Foo.BarBaz" -> "a_foo_bar_baz": functions that call. Never a word of C or C++. */
char *pgi_function_name(struct pgi_arena *arena, const char *full_name);
/** The member of a struct for a field of this name, as protobuf-c 1.4 writes it. */
char *pgi_member_name(struct pgi_arena *arena, const char *field);
/** It cannot be a member: a word of C or C++, a type of the struct, or a macro of libc. */
bool pgi_is_reserved(const char *member);
/** A name as protobuf has them. */
bool pgi_is_name(const char *name);
/** "dir/foo.proto" -> "dir/foo". */
char *pgi_file_stem(struct pgi_arena *arena, const char *file);
/** "dir/foo.proto" -> "dir_2ffoo_2eproto". */
char *pgi_file_guard(struct pgi_arena *arena, const char *file);

#endif
