/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: diagnostics in the form of gcc: collected, sorted by place, printed once. */
/* Called by: lexer, parser, resolver, checks, main. */
/* Must not know: what the places mean. */
#ifndef FG_DIAG_H
#define FG_DIAG_H

#include "arena.h"

#include <stdbool.h>
#include <stdio.h>

/* One-based line and column (in bytes) of a token, and its length for the underline. */
struct fg_place {
    int line, col, len;
};

/* name of the option, and what it warns of */
#define FG_WARNING_MAP(X)                                                                          \
    X(SHADOWED_GUARD, "shadowed-guard", "a guarded branch that can never be taken")                \
    X(UNREACHABLE, "unreachable", "a state that no path reaches")                                  \
    X(DEADLINE, "deadline", "a state that can wait for its peer for ever")                         \
    X(DEAD_TRANSITION, "dead-transition", "a handler that can never run")                          \
    X(UNUSED, "unused", "a declaration or an allowed edge that nothing uses")                      \
    X(DOC, "doc", "a /// description that belongs to no declaration")

#define FG_WARNING_ENUM(id, name, text) FG_W_##id,
enum fg_warning { FG_WARNING_MAP(FG_WARNING_ENUM) FG_WARNING_COUNT };
#undef FG_WARNING_ENUM

struct fg_diag;

/* text is the whole specification and file its name as given; both are borrowed. */
struct fg_diag *fg_diag_new(struct fg_arena *arena, const char *file, const char *text);

/* Apply the part of an option after -W: "name", "no-name", "error", "error=name", "no-error=name".
 * Returns 0, or -1 when there is no such warning. */
int fg_diag_option(struct fg_diag *diag, const char *option);

void fg_error(struct fg_diag *diag, struct fg_place at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void fg_warn(struct fg_diag *diag, enum fg_warning which, struct fg_place at, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* Explains the error or warning reported last; silent when that one was switched off. */
void fg_note(struct fg_diag *diag, struct fg_place at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Is there no room for another message? What costs time to say may then be left out. */
bool fg_diag_is_full(const struct fg_diag *diag);

int fg_diag_errors(const struct fg_diag *diag);
void fg_diag_print(struct fg_diag *diag, FILE *stream);

#endif
