/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: comments that a C comment can hold.
 * Called by: rewrite.c, before anybody writes them.
 * Must not know: what is commented on.
 */
#include "job.h"

#include <string.h>

/* Characters that turn the direction of writing: they hide text from readers, and compilers warn. */
static size_t direction_mark(const char *text)
{
    if (strncmp(text, "\xe2\x80", 2) == 0 && (unsigned char)text[2] >= 0xaa &&
        (unsigned char)text[2] <= 0xae)
        return 3;
    if (strncmp(text, "\xe2\x81", 2) == 0 && (unsigned char)text[2] >= 0xa6 &&
        (unsigned char)text[2] <= 0xa9)
        return 3;
    return 0;
}

static void trim_line(struct pgi_text *text)
{
    while (text->size > 0 && strchr(" \t\\", text->bytes[text->size - 1]) != NULL)
        text->bytes[--text->size] = '\0';
}

char *pgi_clean_comment(struct pgi_arena *arena, const char *comment)
{
    struct pgi_text text = { .arena = arena };

    pgi_add_bytes(&text, "", 0);
    for (const char *c = comment; *c != '\0'; c++) {
        const size_t mark = direction_mark(c);
        const char last = text.size > 0 ? text.bytes[text.size - 1] : '\0';

        if (mark > 0) {
            c += mark - 1;
            continue;
        }
        if (*c == '\n')
            trim_line(&text);
        else if ((*c == '/' && last == '*') || (*c == '*' && last == '/') ||
                 (*c == '?' && last == '?'))
            pgi_add_bytes(&text, " ", 1);
        if ((unsigned char)*c >= ' ' || *c == '\n' || *c == '\t')
            pgi_add_bytes(&text, c, 1);
    }
    trim_line(&text);
    return text.bytes;
}
