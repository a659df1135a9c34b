/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: diagnostics in the form of gcc: collected, sorted by place, printed once. */
/* Called by: lexer, parser, resolver, checks, main. */
/* Must not know: what the places mean. */
#include "diag_message.h"

#include <stdlib.h>
#include <string.h>

#define WARNING_ROW(id, code, name, text) { code, name },
static const struct {
    const char *code, *name;
} warnings[] = { FG_WARNING_MAP(WARNING_ROW) };
#undef WARNING_ROW

#define CODE_NAME(id) #id,
static const char *const code_names[] = { FG_CODE_MAP(CODE_NAME) };
#undef CODE_NAME

struct fg_diag *fg_diag_new(struct fg_arena *arena, const char *file, const char *text)
{
    struct fg_diag *diag = FG_NEW(arena, struct fg_diag);

    diag->arena = arena;
    diag->file = file;
    diag->text = text;
    diag->off[FG_W_EQUIVALENT] = true;
    return diag;
}

static int find_warning(const char *name)
{
    for (int i = 0; i < FG_WARNING_COUNT; i++)
        if (strcmp(warnings[i].name, name) == 0)
            return i;
    return -1;
}

static bool strip_prefix(const char **text, const char *prefix)
{
    const size_t len = strlen(prefix);

    if (strncmp(*text, prefix, len) != 0)
        return false;
    *text += len;
    return true;
}

int fg_diag_option(struct fg_diag *diag, const char *option)
{
    bool *flags = NULL;
    bool value = true;
    int which;

    if (strcmp(option, "error") == 0) {
        diag->all_errors = true;
        return 0;
    }
    if (strip_prefix(&option, "no-error=")) {
        flags = diag->never_error;
    } else if (strip_prefix(&option, "error=")) {
        flags = diag->error;
    } else {
        flags = diag->off;
        value = strip_prefix(&option, "no-");
    }
    which = find_warning(option);
    if (which < 0)
        return -1;
    flags[which] = value;
    return 0;
}

static struct fg_message *new_message(struct fg_diag *diag, enum fg_severity severity,
                                      struct fg_place at, const char *fmt, va_list args)
{
    struct fg_message *m = FG_NEW(diag->arena, struct fg_message);

    m->severity = severity;
    m->at = at;
    m->text = fg_arena_vprintf(diag->arena, fmt, args);
    return m;
}

bool fg_diag_is_full(const struct fg_diag *diag)
{
    return diag->count == FG_MESSAGE_LIMIT;
}

/* Returns NULL when there are so many messages already that nobody reads one more. */
static struct fg_message *add(struct fg_diag *diag, enum fg_severity severity, struct fg_place at,
                              const char *fmt, va_list args)
{
    if (severity == FG_SEV_ERROR)
        diag->errors++;
    diag->last = NULL;
    if (fg_diag_is_full(diag)) {
        diag->dropped++;
        return NULL;
    }
    diag->last = new_message(diag, severity, at, fmt, args);
    diag->last->seq = diag->count;
    diag->messages[diag->count++] = diag->last;
    return diag->last;
}

void fg_error(struct fg_diag *diag, enum fg_code code, struct fg_place at, const char *fmt, ...)
{
    struct fg_message *m;
    va_list args;

    va_start(args, fmt);
    m = add(diag, FG_SEV_ERROR, at, fmt, args);
    va_end(args);
    if (m != NULL)
        m->code = code_names[code];
}

bool fg_diag_wants(const struct fg_diag *diag, enum fg_warning which)
{
    return !diag->off[which];
}

void fg_warn(struct fg_diag *diag, enum fg_warning which, struct fg_place at, const char *fmt, ...)
{
    const bool is_error = (diag->all_errors || diag->error[which]) && !diag->never_error[which];
    enum fg_severity severity = which == FG_W_EQUIVALENT ? FG_SEV_NOTE : FG_SEV_WARNING;
    struct fg_message *m;
    va_list args;

    diag->last = NULL;
    if (diag->off[which])
        return;
    va_start(args, fmt);
    m = add(diag, is_error ? FG_SEV_ERROR : severity, at, fmt, args);
    va_end(args);
    if (m == NULL)
        return;
    m->code = warnings[which].code;
    m->flag = warnings[which].name;
}

void fg_note(struct fg_diag *diag, struct fg_place at, const char *fmt, ...)
{
    struct fg_message *owner = diag->last, *m;
    va_list args;

    if (owner == NULL)
        return;
    va_start(args, fmt);
    m = new_message(diag, FG_SEV_NOTE, at, fmt, args);
    va_end(args);
    if (owner->last_note == NULL)
        owner->notes = m;
    else
        owner->last_note->next = m;
    owner->last_note = m;
}

int fg_diag_errors(const struct fg_diag *diag)
{
    return diag->errors;
}

static int compare_messages(const void *a, const void *b)
{
    const struct fg_message *x = *(struct fg_message *const *)a,
                            *y = *(struct fg_message *const *)b;

    if (x->at.line != y->at.line)
        return x->at.line < y->at.line ? -1 : 1;
    if (x->at.col != y->at.col)
        return x->at.col < y->at.col ? -1 : 1;
    return x->seq < y->seq ? -1 : 1;
}

void fg_diag_sort(struct fg_diag *diag)
{
    qsort(diag->messages, (size_t)diag->count, sizeof(diag->messages[0]), compare_messages);
}
