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

/* Every error belongs to one of these; `fsm-gen --explain CODE` says more. */
#define FG_CODE_MAP(X)                                                                             \
    X(E00)                                                                                         \
    X(E01)                                                                                         \
    X(E02)                                                                                         \
    X(E03)                                                                                         \
    X(E04)                                                                                         \
    X(E05)                                                                                         \
    X(E07)                                                                                         \
    X(E09)                                                                                         \
    X(E13)                                                                                         \
    X(E14)                                                                                         \
    X(E15)                                                                                         \
    X(E16)                                                                                         \
    X(E21)                                                                                         \
    X(E23)                                                                                         \
    X(E24)                                                                                         \
    X(E25)                                                                                         \
    X(E26)                                                                                         \
    X(E28)

#define FG_CODE_ENUM(id) FG_##id,
enum fg_code { FG_CODE_MAP(FG_CODE_ENUM) FG_CODE_COUNT };
#undef FG_CODE_ENUM

/* code, name of the option, and what it warns of */
#define FG_WARNING_MAP(X)                                                                          \
    X(SHADOWED_GUARD, "W06", "shadowed-guard", "a guarded branch that can never be taken")         \
    X(UNREACHABLE, "W08", "unreachable", "a state that no path reaches")                           \
    X(DEADLINE, "W10", "deadline", "a state that can wait for its peer for ever")                  \
    X(DEAD_TRANSITION, "W11", "dead-transition", "a handler that can never run")                   \
    X(UNUSED, "W12", "unused", "a declaration or an allowed edge that nothing uses")               \
    X(LIVELOCK, "W17", "livelock", "local events that lead round in a circle")                     \
    X(DEFER, "W18", "defer", "a deferred event that may be kept for ever or refused")              \
    X(DEFER_BOUND, "W18b", "defer-bound", "a deferred user event without 'max'")                   \
    X(HIDDEN_EVENT, "W19", "hidden-event", "'otherwise ignore' that drops a user event")           \
    X(RESOURCE, "W20", "resource", "a resource that a path takes twice, loses or keeps")           \
    X(EQUIVALENT, "I22", "equivalent", "states that behave alike (off by default)")                \
    X(DOC, "W27", "doc", "a /// description that belongs to no declaration")                       \
    X(INCOMPLETE, "E03", "incomplete", "an event that a state leaves unstated, under --lax")

#define FG_WARNING_ENUM(id, code, name, text) FG_W_##id,
enum fg_warning { FG_WARNING_MAP(FG_WARNING_ENUM) FG_WARNING_COUNT };
#undef FG_WARNING_ENUM

struct fg_diag;

/* text is the whole specification and file its name as given; both are borrowed. */
struct fg_diag *fg_diag_new(struct fg_arena *arena, const char *file, const char *text);

/* Apply the part of an option after -W: "name", "no-name", "error", "error=name", "no-error=name".
 * Returns 0, or -1 when there is no such warning. */
int fg_diag_option(struct fg_diag *diag, const char *option);

void fg_error(struct fg_diag *diag, enum fg_code code, struct fg_place at, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
void fg_warn(struct fg_diag *diag, enum fg_warning which, struct fg_place at, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* Explains the error or warning reported last; silent when that one was switched off. */
void fg_note(struct fg_diag *diag, struct fg_place at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Is there no room for another message? What costs time to say may then be left out. */
bool fg_diag_is_full(const struct fg_diag *diag);

int fg_diag_errors(const struct fg_diag *diag);

/* Is this warning switched on? What it costs to find can be saved otherwise. */
bool fg_diag_wants(const struct fg_diag *diag, enum fg_warning which);

/* As text with the line and a mark, or as one JSON object for each message, a line each. */
void fg_diag_print(struct fg_diag *diag, FILE *stream);
void fg_diag_print_json(struct fg_diag *diag, FILE *stream);

#endif
