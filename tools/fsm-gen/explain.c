/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: finding an explanation and printing it with its two examples. */
/* Called by: main. */
/* Must not know: how the mistake is found. */
#include "explain.h"

#include "explain_text.h"

#include <strings.h>

static const struct fg_explanation *find(const struct fg_explanation *rows, const char *code)
{
    for (; rows->code != NULL; rows++)
        if (strcasecmp(rows->code, code) == 0 ||
            (rows->flag != NULL && strcasecmp(rows->flag, code) == 0))
            return rows;
    return NULL;
}

static void print_lines(FILE *stream, const char *lines)
{
    while (*lines != '\0') {
        if (*lines != '\n')
            (void)fputs("    ", stream);
        while (*lines != '\n')
            (void)fputc(*lines++, stream);
        (void)fputc(*lines++, stream);
    }
}

static void print_example(FILE *stream, const char *title, const char *common, const char *lines)
{
    (void)fprintf(stream, "\n%s:\n\n", title);
    print_lines(stream, "machine m {\n  prefix m; context \"struct m\"; include \"m.h\";\n");
    print_lines(stream, common);
    print_lines(stream, lines);
    print_lines(stream, "}\n");
}

int fg_explain(const char *code, FILE *stream)
{
    const struct fg_explanation *e = find(fg_explained_forms, code);

    if (e == NULL)
        e = find(fg_explained_runs, code);
    if (e == NULL)
        return -1;
    (void)fprintf(stream, "%s", e->code);
    if (e->flag != NULL)
        (void)fprintf(stream, " -W%s", e->flag);
    (void)fprintf(stream, ": %s\n\n%s", e->title, e->text);
    if (e->faulty != NULL)
        print_example(stream, "Wrong", e->common, e->faulty);
    print_example(stream, "Right", e->common, e->good);
    return 0;
}
