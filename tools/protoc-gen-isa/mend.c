/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: what protoc-gen-c 1.4 and 1.5 write into C and should not: numbers that have no such spelling in C,
 *       trigraphs in strings, values of oneofs, attributes of members.
 * Called by: generate.c, with each file of its.
 * Must not know: descriptors.
 */
#include "job.h"

#include <string.h>

/* The smallest int64_t is no literal of C; a minus stands in front of it already. */
static const char too_large[] = "9223372036854775808ll";
/* A compiler that warns of a member's use warns of each initialiser of its struct as well. */
static const char attribute[] = "PROTOBUF_C__DEPRECATED";
static const char in_two_parts[] = "9223372036854775807ll - 1";

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static size_t comment_size(const char *text)
{
    const char *end = strstr(text + 2, "*/");

    return end == NULL ? strlen(text) : (size_t)(end + 2 - text);
}

/* A word, or a number with its sign: 1.5e+33. */
static size_t word_size(const char *text)
{
    const bool is_number = text[0] >= '0' && text[0] <= '9';
    size_t size = 0;

    while (is_word(text[size]) ||
           (is_number && (text[size] == '.' || (strchr("+-", text[size]) != NULL &&
                                                text[size] != '\0' && text[size - 1] == 'e'))))
        size++;
    return size;
}

static void add_string(struct pgi_text *text, const char **at)
{
    pgi_add_bytes(text, (*at)++, 1);
    while (**at != '\0' && **at != '"') {
        if ((*at)[0] == '\\' && (*at)[1] != '\0') {
            pgi_add_bytes(text, *at, 2);
            *at += 2;
            continue;
        }
        if ((*at)[0] == '?' && (*at)[-1] == '?')
            pgi_add_bytes(text, "\\", 1);
        pgi_add_bytes(text, (*at)++, 1);
    }
    if (**at == '"')
        pgi_add_bytes(text, (*at)++, 1);
}

static void add_word(const struct pgi_job *job, struct pgi_text *text, const char *word,
                     size_t size)
{
    if (size == strlen(too_large) && memcmp(word, too_large, size) == 0) {
        pgi_add(text, "%s", in_two_parts);
        return;
    }
    if (size == strlen(attribute) && memcmp(word, attribute, size) == 0) {
        pgi_add(text, "/* deprecated */");
        return;
    }
    if (word[0] >= '0' && word[0] <= '9')
        for (const struct pgi_literal *literal = job->literals; literal != NULL;
             literal = literal->next)
            if (strlen(literal->stand_in) == size && memcmp(literal->stand_in, word, size) == 0) {
                pgi_add(text, "%s", literal->exact);
                return;
            }
    pgi_add_bytes(text, word, size);
}

/* @return the size of a oneof's value of zeros, as protoc-gen-c writes it: 1.4 always the first, 1.5 the
 *         second where a struct comes first; 0: the text is something else */
static size_t zero_size(const char *text)
{
    static const char *const forms[] = { ", {0}", ", { {0} }" };

    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (strncmp(text, forms[i], strlen(forms[i])) == 0)
            return strlen(forms[i]);
    return 0;
}

/* @return what of the content has been said behind the word */
static size_t add_value(const struct pgi_job *job, struct pgi_text *text, const char *word,
                        size_t size)
{
    const size_t zero = zero_size(word + size);
    const char *value = NULL;

    if (word[0] >= 'A' && word[0] <= 'Z' && zero > 0)
        value = pgi_names_find(&job->oneof_values, pgi_copy(job->arena, word, size));
    if (value == NULL)
        return 0;
    pgi_add(text, ", {%s}", value);
    return zero;
}

char *pgi_mend(const struct pgi_job *job, const char *content)
{
    struct pgi_text text = { .arena = job->arena };

    pgi_add_bytes(&text, "", 0);
    while (*content != '\0') {
        size_t size = word_size(content);

        if (*content == '"') {
            add_string(&text, &content);
            continue;
        }
        if (size > 0) {
            add_word(job, &text, content, size);
            size += add_value(job, &text, content, size);
        } else {
            size = content[0] == '/' && content[1] == '*' ? comment_size(content) : 1;
            pgi_add_bytes(&text, content, size);
        }
        content += size;
    }
    return text.bytes;
}
