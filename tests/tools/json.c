/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the grammar of RFC 8259 as far as one flat object needs it.
 * Used by: the tests in this folder, through json.h.
 * Must not know: what the members mean.
 */
#include "json.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Where the reader stands; NULL: what came was not JSON. */
struct reader {
    const char *at;
};

static bool take(struct reader *reader, char wanted)
{
    if (reader->at == NULL || *reader->at != wanted) {
        reader->at = NULL;
        return false;
    }
    reader->at++;
    return true;
}

static size_t put_utf8(char *out, uint32_t code)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xC0 | code >> 6);
        out[1] = (char)(0x80 | (code & 0x3F));
        return 2;
    }
    out[0] = (char)(0xE0 | code >> 12);
    out[1] = (char)(0x80 | (code >> 6 & 0x3F));
    out[2] = (char)(0x80 | (code & 0x3F));
    return 3;
}

/* What follows a backslash. Pairs of surrogates are refused: nothing here has cause to write one. */
static size_t read_escape(struct reader *reader, char *out)
{
    static const char names[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    const char *name = *reader->at != '\0' ? strchr(names, *reader->at) : NULL;
    if (name != NULL) {
        reader->at++;
        *out = meanings[name - names];
        return 1;
    }
    char digits[5] = "";
    for (size_t i = 0; i < 4 && *reader->at == 'u' && isxdigit((unsigned char)reader->at[i + 1]);
         i++)
        digits[i] = reader->at[i + 1];
    uint32_t code = (uint32_t)strtoul(digits, NULL, 16);
    if (strlen(digits) != 4 || (code >= 0xD800 && code <= 0xDFFF)) {
        reader->at = NULL;
        return 0;
    }
    reader->at += 5;
    return put_utf8(out, code);
}

/* Bytes of the UTF-8 character at text; 0: malformed. An implementation that is not the tool's. */
static size_t utf8_size(const char *text)
{
    const unsigned char *u = (const unsigned char *)text;
    if (u[0] < 0x80)
        return 1;
    size_t size = 0;
    if (u[0] >= 0xC2 && u[0] <= 0xDF)
        size = 2;
    else if ((u[0] == 0xE0 && u[1] >= 0xA0) || (u[0] > 0xE0 && u[0] < 0xF0 && u[0] != 0xED) ||
             (u[0] == 0xED && u[1] < 0xA0))
        size = 3;
    else if ((u[0] == 0xF0 && u[1] >= 0x90) || (u[0] > 0xF0 && u[0] < 0xF4) ||
             (u[0] == 0xF4 && u[1] < 0x90))
        size = 4;
    for (size_t i = 1; i < size; i++)
        if (u[i] < 0x80 || u[i] > 0xBF)
            return 0;
    return size;
}

static void read_string(struct reader *reader, char *out, size_t size_bytes)
{
    size_t used = 0;
    take(reader, '"');
    while (reader->at != NULL && *reader->at != '"') {
        if ((unsigned char)*reader->at < 0x20 || used + 5 > size_bytes) {
            reader->at = NULL;
            return;
        }
        if (*reader->at == '\\') {
            reader->at++;
            used += read_escape(reader, out + used);
            continue;
        }
        size_t size = utf8_size(reader->at);
        memcpy(out + used, reader->at, size);
        used += size;
        reader->at = size > 0 ? reader->at + size : NULL;
    }
    out[used] = '\0';
    take(reader, '"');
}

static void read_number(struct reader *reader, char *out, size_t size_bytes)
{
    size_t length = reader->at != NULL ? strspn(reader->at, "0123456789") : 0;
    if (length == 0 || length >= size_bytes || (length > 1 && *reader->at == '0')) {
        reader->at = NULL;
        return;
    }
    memcpy(out, reader->at, length);
    out[length] = '\0';
    reader->at += length;
}

static void read_member(struct reader *reader, struct json_member *member)
{
    read_string(reader, member->name, sizeof member->name);
    take(reader, ':');
    member->is_string = reader->at != NULL && *reader->at == '"';
    if (member->is_string)
        read_string(reader, member->value, sizeof member->value);
    else
        read_number(reader, member->value, sizeof member->value);
}

int json_read(const char *line, struct json_member *members, size_t room)
{
    struct reader reader = { line };
    size_t count = 0;
    if (!take(&reader, '{'))
        return -1;
    do {
        if (count == room)
            return -1;
        read_member(&reader, &members[count++]);
    } while (reader.at != NULL && *reader.at == ',' && take(&reader, ','));
    take(&reader, '}');
    return reader.at != NULL && *reader.at == '\0' ? (int)count : -1;
}

const struct json_member *json_find(const struct json_member *members, int count, const char *name)
{
    const struct json_member *found = NULL;
    for (int i = 0; i < count; i++) {
        if (strcmp(members[i].name, name) != 0)
            continue;
        if (found != NULL)
            return NULL;
        found = &members[i];
    }
    return found;
}
