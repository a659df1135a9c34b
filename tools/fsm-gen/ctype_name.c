/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: the spelling of C types and identifiers that come from a specification. */
/* Called by: the parser's helpers, the model, the emitters. */
/* Must not know: the specification itself. */
#include "ctype_name.h"

#include <ctype.h>
#include <string.h>

static bool is_word_char(char c)
{
    return isalnum((unsigned char)c) != 0 || c == '_';
}

/* The next word or star of a type; len 0 at the end, or at a character no type has. */
static const char *next_token(const char *text, size_t *ret_len)
{
    size_t len = 0;

    text += strspn(text, " \t");
    if (*text == '*')
        len = 1;
    else if (isdigit((unsigned char)*text) == 0)
        while (is_word_char(text[len]))
            len++;
    *ret_len = len;
    return text;
}

static bool is_token(const char *text, size_t len, const char *word)
{
    return strlen(word) == len && strncmp(text, word, len) == 0;
}

const char *fg_ctype_normalise(struct fg_arena *arena, const char *text)
{
    char *out = fg_arena_alloc(arena, 2 * strlen(text) + 2, 1), *end = out;
    bool has_name = false, has_const = false, has_star = false;
    size_t len;

    for (text = next_token(text, &len); len > 0; text = next_token(text + len, &len)) {
        const bool is_star = *text == '*';

        if (is_token(text, len, "const") && has_star)
            return NULL;
        if (is_star && !has_name)
            return NULL;
        if (end != out && !(is_star && has_star))
            *end++ = ' ';
        memcpy(end, text, len);
        end += len;
        has_star = has_star || is_star;
        has_const = has_const || is_token(text, len, "const");
        has_name = has_name || !(is_star || is_token(text, len, "const"));
    }
    if (*text != '\0' || !has_name || (has_const && !has_star) || strcmp(out, "void") == 0)
        return NULL;
    return out;
}

bool fg_ctype_is_pointer(const char *type)
{
    return strchr(type, '*') != NULL;
}

const char *fg_ctype_member(struct fg_arena *arena, const char *type)
{
    const char *name = "";
    bool is_pointer = false;
    size_t len;

    for (type = next_token(type, &len); len > 0; type = next_token(type + len, &len)) {
        if (is_token(type, len, "struct") || is_token(type, len, "union") ||
            is_token(type, len, "enum"))
            continue;
        is_pointer = *type == '*';
        name = fg_arena_printf(arena, "%s%s%.*s", name, *name == '\0' ? "" : "_",
                               is_pointer ? 3 : (int)len, is_pointer ? "ptr" : type);
    }
    return is_pointer ? name : fg_arena_printf(arena, "%s_value", name);
}

const char *fg_ctype_tag(struct fg_arena *arena, const char *type)
{
    size_t len, name_len;

    for (type = next_token(type, &len); len > 0; type = next_token(type + len, &len)) {
        const char *name;

        if (!is_token(type, len, "struct") && !is_token(type, len, "union"))
            continue;
        name = next_token(type + len, &name_len);
        return fg_arena_strndup(arena, type, (size_t)(name - type) + name_len);
    }
    return NULL;
}

bool fg_is_c_name(const char *text)
{
    static const char *const taken[] = {
        "alignas",   "alignof",   "and",      "asm",          "auto",          "bool",
        "break",     "case",      "catch",    "char",         "class",         "const",
        "constexpr", "continue",  "decltype", "default",      "delete",        "do",
        "double",    "else",      "enum",     "explicit",     "export",        "extern",
        "false",     "final",     "float",    "for",          "friend",        "goto",
        "if",        "inline",    "int",      "long",         "mutable",       "namespace",
        "new",       "noexcept",  "not",      "nullptr",      "operator",      "or",
        "private",   "protected", "public",   "register",     "restrict",      "return",
        "short",     "signed",    "sizeof",   "static",       "static_assert", "struct",
        "switch",    "template",  "this",     "thread_local", "throw",         "true",
        "try",       "typedef",   "typeid",   "typename",     "union",         "unsigned",
        "using",     "virtual",   "void",     "volatile",     "wchar_t",       "while",
        "xor",
    };
    size_t len;
    const char *word = next_token(text, &len);

    if (word != text || len == 0 || *text == '*' || text[len] != '\0')
        return false;
    for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
        if (strcmp(text, taken[i]) == 0)
            return false;
    return true;
}

const char *fg_upper(struct fg_arena *arena, const char *text)
{
    char *copy = fg_arena_strndup(arena, text, strlen(text));

    for (char *c = copy; *c != '\0'; c++)
        *c = (char)toupper((unsigned char)*c);
    return copy;
}

const char *fg_lower(struct fg_arena *arena, const char *text)
{
    char *copy = fg_arena_strndup(arena, text, strlen(text));

    for (char *c = copy; *c != '\0'; c++)
        *c = (char)tolower((unsigned char)*c);
    return copy;
}
