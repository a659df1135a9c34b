/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: diagnostics as people read them: place, message, the line and a mark below it. */
/* Called by: main. */
/* Must not know: what the messages say. */
#include "diag_message.h"

#include <string.h>

enum { SNIPPET_COLUMNS = 200 };

const char *fg_severity_name(enum fg_severity severity)
{
    static const char *const names[] = { "note", "warning", "error" };

    return names[severity];
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

static void print_message(const struct fg_diag *diag, FILE *stream, const struct fg_message *m)
{
    (void)fprintf(stream, "%s:%d:%d: %s: %s", diag->file, m->at.line, m->at.col,
                  fg_severity_name(m->severity), m->text);
    if (m->flag != NULL)
        (void)fprintf(stream, " [-W%s%s]", m->severity == FG_SEV_ERROR ? "error=" : "", m->flag);
    else if (m->code != NULL)
        (void)fprintf(stream, " [%s]", m->code);
    (void)fputc('\n', stream);
    print_snippet(diag, stream, m->at);
}

void fg_diag_print(struct fg_diag *diag, FILE *stream)
{
    fg_diag_sort(diag);
    for (int i = 0; i < diag->count; i++) {
        print_message(diag, stream, diag->messages[i]);
        for (const struct fg_message *n = diag->messages[i]->notes; n != NULL; n = n->next)
            print_message(diag, stream, n);
    }
    if (diag->dropped > 0)
        (void)fprintf(stream, "%s: too many messages, %d more are not shown\n", diag->file,
                      diag->dropped);
}
