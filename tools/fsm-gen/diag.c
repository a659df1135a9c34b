/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: diagnostics in the form of gcc: collected, sorted by place, printed once. */
/* Called by: lexer, parser, resolver, checks, main. */
/* Must not know: what the places mean. */
#include "diag.h"

#include <stdlib.h>
#include <string.h>

enum { MESSAGE_LIMIT = 200, SNIPPET_COLUMNS = 200 };

enum severity { SEV_NOTE, SEV_WARNING, SEV_ERROR };

struct message {
    struct message *notes, *last_note;
    const char *text, *suffix;
    struct fg_place at;
    enum severity severity;
    int seq;
    struct message *next;
};

struct fg_diag {
    struct fg_arena *arena;
    const char *file, *text;
    struct message *messages[MESSAGE_LIMIT];
    struct message *last;
    int count, dropped, errors;
    bool all_errors;
    bool off[FG_WARNING_COUNT], error[FG_WARNING_COUNT], never_error[FG_WARNING_COUNT];
};

#define WARNING_NAME(id, name, text) name,
static const char *const warning_names[] = { FG_WARNING_MAP(WARNING_NAME) };
#undef WARNING_NAME

struct fg_diag *fg_diag_new(struct fg_arena *arena, const char *file, const char *text)
{
    struct fg_diag *diag = FG_NEW(arena, struct fg_diag);

    diag->arena = arena;
    diag->file = file;
    diag->text = text;
    return diag;
}

static int find_warning(const char *name)
{
    for (int i = 0; i < FG_WARNING_COUNT; i++)
        if (strcmp(warning_names[i], name) == 0)
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

static struct message *new_message(struct fg_diag *diag, enum severity severity, struct fg_place at,
                                   const char *fmt, va_list args)
{
    struct message *m = FG_NEW(diag->arena, struct message);

    m->severity = severity;
    m->at = at;
    m->suffix = "";
    m->text = fg_arena_vprintf(diag->arena, fmt, args);
    return m;
}

bool fg_diag_is_full(const struct fg_diag *diag)
{
    return diag->count == MESSAGE_LIMIT;
}

/* Returns NULL when there are so many messages already that nobody reads one more. */
static struct message *add(struct fg_diag *diag, enum severity severity, struct fg_place at,
                           const char *fmt, va_list args)
{
    if (severity == SEV_ERROR)
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

void fg_error(struct fg_diag *diag, struct fg_place at, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    (void)add(diag, SEV_ERROR, at, fmt, args);
    va_end(args);
}

void fg_warn(struct fg_diag *diag, enum fg_warning which, struct fg_place at, const char *fmt, ...)
{
    const bool is_error = (diag->all_errors || diag->error[which]) && !diag->never_error[which];
    struct message *m;
    va_list args;

    diag->last = NULL;
    if (diag->off[which])
        return;
    va_start(args, fmt);
    m = add(diag, is_error ? SEV_ERROR : SEV_WARNING, at, fmt, args);
    va_end(args);
    if (m != NULL)
        m->suffix = fg_arena_printf(diag->arena, is_error ? " [-Werror=%s]" : " [-W%s]",
                                    warning_names[which]);
}

void fg_note(struct fg_diag *diag, struct fg_place at, const char *fmt, ...)
{
    struct message *owner = diag->last, *m;
    va_list args;

    if (owner == NULL)
        return;
    va_start(args, fmt);
    m = new_message(diag, SEV_NOTE, at, fmt, args);
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

static const char *find_line(const char *text, int line)
{
    for (int i = 1; i < line && text != NULL; i++) {
        text = strchr(text, '\n');
        if (text != NULL)
            text++;
    }
    return text;
}

/* The line as it stands, control characters made harmless; then the mark below it. */
static void print_snippet(const struct fg_diag *diag, FILE *stream, struct fg_place at)
{
    const char *line = find_line(diag->text, at.line);
    size_t len = line == NULL ? 0 : strcspn(line, "\n");

    if (len > 0 && line[len - 1] == '\r')
        len--;
    if (len == 0 || len > SNIPPET_COLUMNS || at.col < 1 || (size_t)at.col > len + 1)
        return;
    (void)fprintf(stream, "%5d | ", at.line);
    for (size_t i = 0; i < len; i++) {
        const unsigned char c = (unsigned char)line[i];

        (void)fputc((c < ' ' && c != '\t') || c == 127 ? '?' : c, stream);
    }
    (void)fputs("\n      | ", stream);
    for (int i = 0; i < at.col - 1; i++)
        (void)fputc(line[i] == '\t' ? '\t' : ' ', stream);
    (void)fputc('^', stream);
    for (size_t i = (size_t)at.col; i < len && i < (size_t)at.col + (size_t)at.len - 1; i++)
        (void)fputc('~', stream);
    (void)fputc('\n', stream);
}

static void print_message(const struct fg_diag *diag, FILE *stream, const struct message *m)
{
    static const char *const names[] = { "note", "warning", "error" };

    (void)fprintf(stream, "%s:%d:%d: %s: %s%s\n", diag->file, m->at.line, m->at.col,
                  names[m->severity], m->text, m->suffix);
    print_snippet(diag, stream, m->at);
}

static int compare_messages(const void *a, const void *b)
{
    const struct message *x = *(struct message *const *)a, *y = *(struct message *const *)b;

    if (x->at.line != y->at.line)
        return x->at.line < y->at.line ? -1 : 1;
    if (x->at.col != y->at.col)
        return x->at.col < y->at.col ? -1 : 1;
    return x->seq < y->seq ? -1 : 1;
}

void fg_diag_print(struct fg_diag *diag, FILE *stream)
{
    qsort(diag->messages, (size_t)diag->count, sizeof(diag->messages[0]), compare_messages);
    for (int i = 0; i < diag->count; i++) {
        print_message(diag, stream, diag->messages[i]);
        for (const struct message *n = diag->messages[i]->notes; n != NULL; n = n->next)
            print_message(diag, stream, n);
    }
    if (diag->dropped > 0)
        (void)fprintf(stream, "%s: too many messages, %d more are not shown\n", diag->file,
                      diag->dropped);
}
