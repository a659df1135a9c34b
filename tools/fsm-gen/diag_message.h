/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: what is kept of a message until it is printed. */
/* Called by: diag (fills it), diag_text and diag_json (print it). */
/* Must not know: how messages look. */
#ifndef FG_DIAG_MESSAGE_H
#define FG_DIAG_MESSAGE_H

#include "diag.h"

enum { FG_MESSAGE_LIMIT = 200 };

enum fg_severity { FG_SEV_NOTE, FG_SEV_WARNING, FG_SEV_ERROR };

struct fg_message {
    struct fg_message *notes, *last_note;
    const char *text;
    const char *code; /* NULL: of a note that belongs to another message */
    const char *flag; /* name of the warning; NULL: cannot be switched off */
    struct fg_place at;
    enum fg_severity severity;
    int seq;
    struct fg_message *next;
};

struct fg_diag {
    struct fg_arena *arena;
    const char *file, *text;
    struct fg_message *messages[FG_MESSAGE_LIMIT];
    struct fg_message *last;
    int count, dropped, errors;
    bool all_errors;
    bool off[FG_WARNING_COUNT], error[FG_WARNING_COUNT], never_error[FG_WARNING_COUNT];
};

const char *fg_severity_name(enum fg_severity severity);

/* Bring messages into the order of their places. */
void fg_diag_sort(struct fg_diag *diag);

#endif
