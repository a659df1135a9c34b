/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: UTF-8 as it may be shown, escapes, the cut of what is too long.
 * Used by: args.c, print.c, watch.c, through text.h.
 * Must not know: what the text is about.
 */
#include "text.h"

#include <stdint.h>
#include <string.h>

#define ELLIPSIS "..."

/* Smallest code point that needs this many bytes: a longer form of a smaller one is malformed. */
static const uint32_t least_of_size[] = { 0, 0, 0x80, 0x800, 0x10000 };

/* Read one character. Returns its size in bytes; 0 when it is malformed or the text has ended. */
static size_t decode(const char *text, uint32_t *ret_code)
{
    unsigned char lead = (unsigned char)text[0];
    if (lead < 0x80) {
        *ret_code = lead;
        return lead != 0;
    }
    size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC0 || lead > 0xF4)
        return 0;
    uint32_t code = lead & (0xFFu >> (size + 1));
    for (size_t i = 1; i < size; i++) {
        unsigned char next = (unsigned char)text[i];
        if ((next & 0xC0) != 0x80)
            return 0;
        code = code << 6 | (next & 0x3Fu);
    }
    if (code < least_of_size[size] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
        return 0;
    *ret_code = code;
    return size;
}

/* C0, DEL and C1: each of them may mean something to a terminal. */
static int is_control(uint32_t code)
{
    return code < 0x20 || (code >= 0x7F && code < 0xA0);
}

/* How one character is shown. Returns its size in the text; *ret_width is what it takes on screen. */
static size_t show(char shown[8], const char *text, size_t *ret_width)
{
    uint32_t code = 0;
    size_t size = decode(text, &code);
    if (size > 0 && !is_control(code) && code != '\\') {
        memcpy(shown, text, size);
        shown[size] = '\0';
        *ret_width = 1;
        return size;
    }
    if (code == '\n' || code == '\t' || code == '\r' || code == '\\') {
        char letter = code == '\n' ? 'n' : code == '\t' ? 't' : code == '\r' ? 'r' : '\\';
        snprintf(shown, 8, "\\%c", letter);
    } else if (size > 1) {
        snprintf(shown, 8, "\\u%04x", (unsigned)code);
    } else {
        snprintf(shown, 8, "\\x%02x", (unsigned)(unsigned char)text[0]);
        size = 1;
    }
    *ret_width = strlen(shown);
    return size;
}

size_t text_escape(char *buffer, size_t size_bytes, const char *text)
{
    const size_t room = size_bytes - sizeof ELLIPSIS; /* for what is shown before a cut */
    size_t used = 0, width = 0;
    size_t cut_at = 0, cut_width = 0;

    while (*text != '\0') {
        char shown[8];
        size_t shown_width = 0;
        text += show(shown, text, &shown_width);
        size_t length = strlen(shown);
        if (used + length >= size_bytes) {
            memcpy(buffer + cut_at, ELLIPSIS, sizeof ELLIPSIS);
            return cut_width + strlen(ELLIPSIS);
        }
        memcpy(buffer + used, shown, length);
        used += length;
        width += shown_width;
        if (used <= room) {
            cut_at = used;
            cut_width = width;
        }
    }
    buffer[used] = '\0';
    return width;
}

void text_put_json(FILE *out, const char *text)
{
    fputc('"', out);
    while (*text != '\0') {
        uint32_t code = 0;
        size_t size = decode(text, &code);
        if (size == 0)
            fputs("\\ufffd", out);
        else if (code == '"' || code == '\\')
            fprintf(out, "\\%c", (char)code);
        else if (is_control(code))
            fprintf(out, "\\u%04x", (unsigned)code);
        else
            fwrite(text, 1, size, out);
        text += size > 0 ? size : 1;
    }
    fputc('"', out);
}
