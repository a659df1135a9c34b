/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: text being generated, and its way into a file that changes only when the text does. */
/* Called by: emitters and main. */
/* Must not know: the machine. */
#include "out.h"

#include "ctype_name.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct fg_out {
    struct fg_arena *arena;
    const char *prefix, *upper, *context, *indent;
    char *text, *scratch; /* scratch: a format with its marks replaced */
    size_t len, size, scratch_size;
};

struct fg_out *fg_out_new(struct fg_arena *arena, const char *prefix, const char *context)
{
    struct fg_out *out = FG_NEW(arena, struct fg_out);

    out->arena = arena;
    out->prefix = prefix;
    out->upper = fg_upper(arena, prefix);
    out->context = context;
    out->indent = "    ";
    return out;
}

void fg_indent(struct fg_out *out, int columns)
{
    out->indent = fg_arena_printf(out->arena, "%*s", columns, "");
}

static void reserve(struct fg_out *out, size_t len)
{
    const size_t size = 2 * (out->size + len) + 4096;
    char *text;

    if (out->size - out->len >= len)
        return;
    text = fg_arena_alloc(out->arena, size, 1);
    if (out->len > 0)
        memcpy(text, out->text, out->len);
    out->text = text;
    out->size = size;
}

static void put_bytes(struct fg_out *out, const char *bytes, size_t len)
{
    reserve(out, len);
    if (len > 0)
        memcpy(out->text + out->len, bytes, len);
    out->len += len;
}

static const char *value_of(const struct fg_out *out, char mark)
{
    switch (mark) {
    case 'p':
        return out->prefix;
    case 'P':
        return out->upper;
    case 'c':
        return out->context;
    case 'i':
        return out->indent;
    default:
        return NULL;
    }
}

/* The format with its marks replaced; values are identifiers, so they bring no '%'. */
static const char *replace_marks(struct fg_out *out, const char *fmt)
{
    const size_t longest = strlen(out->upper) + strlen(out->context) + strlen(out->indent);
    size_t marks = 0, need;
    char *end;

    for (const char *c = fmt; *c != '\0'; c++)
        marks += *c == '$';
    if (marks == 0)
        return fmt;
    need = strlen(fmt) + marks * longest + 1;
    if (need > out->scratch_size) {
        out->scratch = fg_arena_alloc(out->arena, 2 * need, 1);
        out->scratch_size = 2 * need;
    }
    end = out->scratch;
    for (; *fmt != '\0'; fmt++) {
        const char *value = *fmt == '$' ? value_of(out, fmt[1]) : NULL;

        if (value == NULL) {
            *end++ = *fmt;
            continue;
        }
        memcpy(end, value, strlen(value));
        end += strlen(value);
        fmt++;
    }
    *end = '\0';
    return out->scratch;
}

void fg_put(struct fg_out *out, const char *fmt, ...)
{
    va_list args, again;
    int len;

    fmt = replace_marks(out, fmt);
    va_start(args, fmt);
    va_copy(again, args);
    len = vsnprintf(NULL, 0, fmt, args);
    if (len > 0) {
        reserve(out, (size_t)len + 1);
        (void)vsnprintf(out->text + out->len, (size_t)len + 1, fmt, again);
        out->len += (size_t)len;
    }
    va_end(again);
    va_end(args);
}

void fg_put_comment(struct fg_out *out, const char *text)
{
    for (; *text != '\0'; text++) {
        const bool is_mark =
            (text[0] == '*' && text[1] == '/') || (text[0] == '/' && text[1] == '*');

        put_bytes(out, (unsigned char)*text < ' ' ? " " : text, 1);
        if (is_mark)
            put_bytes(out, " ", 1);
    }
}

/* "?" is escaped too: two of them may begin a trigraph. */
void fg_put_string(struct fg_out *out, const char *text)
{
    for (; *text != '\0'; text++) {
        const unsigned char c = (unsigned char)*text;

        if (c < ' ' || c == 127)
            fg_put(out, "\\%03o", c);
        else if (c == '"' || c == '\\' || c == '?')
            fg_put(out, "\\%c", c);
        else
            put_bytes(out, text, 1);
    }
}

void fg_put_markdown(struct fg_out *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (strchr("|\\<>*`", *text) != NULL)
            put_bytes(out, "\\", 1);
        put_bytes(out, (unsigned char)*text < ' ' ? " " : text, 1);
    }
}

void fg_put_pad(struct fg_out *out, int column)
{
    size_t start = out->len;

    while (start > 0 && out->text[start - 1] != '\n')
        start--;
    do
        put_bytes(out, " ", 1);
    while (out->len - start < (size_t)column);
}

static bool is_unchanged(const struct fg_out *out, const char *path)
{
    FILE *file = fopen(path, "rb");
    char block[4096];
    size_t at = 0, got;

    if (file == NULL)
        return false;
    while ((got = fread(block, 1, sizeof(block), file)) > 0) {
        if (got > out->len - at || memcmp(block, out->text + at, got) != 0)
            break;
        at += got;
    }
    (void)fclose(file);
    return got == 0 && at == out->len;
}

static int complain(const char *path)
{
    (void)fprintf(stderr, "fsm-gen: cannot write %s: %s\n", path, strerror(errno));
    return -1;
}

/* A pipe or a device can be neither compared nor replaced. */
static bool is_stream(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && !S_ISREG(status.st_mode);
}

static int write_text(const struct fg_out *out, const char *path)
{
    FILE *file = fopen(path, "wb");
    size_t written;

    if (file == NULL)
        return -1;
    written = fwrite(out->text, 1, out->len, file);
    return fclose(file) == 0 && written == out->len ? 0 : -1;
}

int fg_out_save(const struct fg_out *out, const char *path)
{
    const char *temp;

    if (is_stream(path))
        return write_text(out, path) == 0 ? 0 : complain(path);
    if (is_unchanged(out, path))
        return 0;
    temp = fg_arena_printf(out->arena, "%s.tmp%ld", path, (long)getpid());
    if (write_text(out, temp) != 0 || rename(temp, path) != 0) {
        (void)complain(path);
        (void)remove(temp);
        return -1;
    }
    return 0;
}
