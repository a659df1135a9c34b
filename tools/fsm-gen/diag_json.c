/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: diagnostics as programs read them: JSON, one object a line, whatever the bytes. */
/* Called by: main. */
/* Must not know: what the messages say. */
#include "diag_message.h"
#include "utf8.h"

#include <string.h>

static void put_string(FILE *stream, const char *text)
{
    const unsigned char *s = (const unsigned char *)text;

    (void)fputc('"', stream);
    while (*s != '\0') {
        const size_t len = fg_utf8_length(s);

        if (len == 0)
            (void)fputs("\\ufffd", stream);
        else if (*s == '"' || *s == '\\')
            (void)fprintf(stream, "\\%c", *s);
        else if (*s < ' ' || *s == 127)
            (void)fprintf(stream, "\\u%04x", *s);
        else
            (void)fwrite(s, 1, len, stream);
        s += len == 0 ? 1 : len;
    }
    (void)fputc('"', stream);
}

static void put_member(FILE *stream, const char *name, const char *value)
{
    (void)fprintf(stream, ",\"%s\":", name);
    if (value == NULL)
        (void)fputs("null", stream);
    else
        put_string(stream, value);
}

static void put_place(FILE *stream, const struct fg_diag *diag, struct fg_place at)
{
    (void)fputs("{\"file\":", stream);
    put_string(stream, diag->file);
    (void)fprintf(stream, ",\"line\":%d,\"column\":%d", at.line, at.col);
}

static void put_message(FILE *stream, const struct fg_diag *diag, const struct fg_message *m)
{
    const char *comma = "";

    put_place(stream, diag, m->at);
    put_member(stream, "level", fg_severity_name(m->severity));
    put_member(stream, "code", m->code);
    put_member(stream, "flag", m->flag);
    put_member(stream, "message", m->text);
    (void)fputs(",\"notes\":[", stream);
    for (const struct fg_message *n = m->notes; n != NULL; n = n->next) {
        (void)fputs(comma, stream);
        put_place(stream, diag, n->at);
        put_member(stream, "message", n->text);
        (void)fputc('}', stream);
        comma = ",";
    }
    (void)fputs("]}\n", stream);
}

void fg_diag_print_json(struct fg_diag *diag, FILE *stream)
{
    struct fg_message last = { .at = { 1, 1, 1 }, .severity = FG_SEV_NOTE };

    fg_diag_sort(diag);
    for (int i = 0; i < diag->count; i++)
        put_message(stream, diag, diag->messages[i]);
    if (diag->dropped == 0)
        return;
    last.text =
        fg_arena_printf(diag->arena, "too many messages, %d more are not shown", diag->dropped);
    put_message(stream, diag, &last);
}
