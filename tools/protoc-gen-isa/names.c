/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: how names of a .proto become names of C.
 * Called by: what writes C, what looks for names that collide.
 * Must not know: descriptors.
 */
#include "names.h"

#include "text.h"

#include <string.h>

/* What protobuf-c 1.4 knows: a field of such a name gets an underscore. */
static const char *const known_words[] = { "and",
                                           "and_eq",
                                           "asm",
                                           "auto",
                                           "bitand",
                                           "bitor",
                                           "bool",
                                           "break",
                                           "case",
                                           "catch",
                                           "char",
                                           "class",
                                           "compl",
                                           "const",
                                           "const_cast",
                                           "continue",
                                           "default",
                                           "delete",
                                           "do",
                                           "double",
                                           "dynamic_cast",
                                           "else",
                                           "enum",
                                           "explicit",
                                           "extern",
                                           "false",
                                           "float",
                                           "for",
                                           "friend",
                                           "goto",
                                           "if",
                                           "inline",
                                           "int",
                                           "long",
                                           "mutable",
                                           "namespace",
                                           "new",
                                           "not",
                                           "not_eq",
                                           "operator",
                                           "or",
                                           "or_eq",
                                           "private",
                                           "protected",
                                           "public",
                                           "register",
                                           "reinterpret_cast",
                                           "return",
                                           "short",
                                           "signed",
                                           "sizeof",
                                           "static",
                                           "static_cast",
                                           "struct",
                                           "switch",
                                           "template",
                                           "this",
                                           "throw",
                                           "true",
                                           "try",
                                           "typedef",
                                           "typeid",
                                           "typename",
                                           "union",
                                           "unsigned",
                                           "using",
                                           "virtual",
                                           "void",
                                           "volatile",
                                           "wchar_t",
                                           "while",
                                           "xor",
                                           "xor_eq" };

/* What it does not know: newer words of C and C++, types that stand in the same struct, and what
 * libc, or the compiler for its own reasons, defines as a macro in small letters. */
static const char *const further_words[] = {
    "alignas",       "alignof",  "char16_t", "char32_t",      "char8_t",      "co_await",
    "co_return",     "co_yield", "concept",  "consteval",     "constexpr",    "constinit",
    "decltype",      "errno",    "export",   "h_addr",        "i386",         "int32_t",
    "int64_t",       "linux",    "noexcept", "noreturn",      "nullptr",      "protobuf_c_boolean",
    "requires",      "restrict", "s_addr",   "sa_handler",    "sa_sigaction", "size_t",
    "st_atime",      "st_ctime", "st_mtime", "static_assert", "thread_local", "typeof",
    "typeof_unqual", "uint32_t", "uint64_t", "uint8_t",       "unix",         "complex",
    "imaginary",     "stdin",    "stdout",   "stderr"
};

enum { KNOWN = sizeof(known_words) / sizeof(known_words[0]) };
enum { FURTHER = sizeof(further_words) / sizeof(further_words[0]) };

static bool is_in(const char *word, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(words[i], word) == 0)
            return true;
    return false;
}

/* The locale has no say in names. */
static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static char to_upper(char c)
{
    return is_lower(c) ? (char)(c - 'a' + 'A') : c;
}

static char to_lower(char c)
{
    return is_upper(c) ? (char)(c - 'A' + 'a') : c;
}

/* Words are told apart where a capital follows something else; parts by the separator. */
static char *with_underscores(struct pgi_arena *arena, const char *full_name, const char *separator,
                              char (*convert)(char))
{
    struct pgi_text text = { .arena = arena };
    bool was_upper = true;

    for (; *full_name != '\0'; full_name++) {
        const char c = convert(*full_name);

        if (*full_name == '.') {
            pgi_add(&text, "%s", separator);
            was_upper = true;
            continue;
        }
        if (is_upper(*full_name) && !was_upper)
            pgi_add_bytes(&text, "_", 1);
        pgi_add_bytes(&text, &c, 1);
        was_upper = is_upper(*full_name);
    }
    return text.size == 0 ? pgi_copy(arena, "", 0) : text.bytes;
}

char *pgi_type_name(struct pgi_arena *arena, const char *full_name)
{
    struct pgi_text text = { .arena = arena };
    bool begins = true;

    for (; *full_name != '\0'; full_name++) {
        const char c = begins ? to_upper(*full_name) : *full_name;

        begins = *full_name == '_' || *full_name == '.';
        if (*full_name == '.')
            pgi_add_bytes(&text, "__", 2);
        else if (*full_name != '_')
            pgi_add_bytes(&text, &c, 1);
    }
    return text.size == 0 ? pgi_copy(arena, "", 0) : text.bytes;
}

char *pgi_lower_name(struct pgi_arena *arena, const char *full_name)
{
    return with_underscores(arena, full_name, "__", to_lower);
}

char *pgi_upper_name(struct pgi_arena *arena, const char *full_name)
{
    return with_underscores(arena, full_name, "__", to_upper);
}

char *pgi_function_name(struct pgi_arena *arena, const char *full_name)
{
    char *name = with_underscores(arena, full_name, "_", to_lower), *to = name;

    for (const char *from = name; *from != '\0'; from++) /* one underscore where it wrote two */
        if (*from != '_' || to == name || to[-1] != '_')
            *to++ = *from;
    *to = '\0';
    return pgi_is_reserved(name) ? pgi_format(arena, "%s_", name) : name;
}

char *pgi_member_name(struct pgi_arena *arena, const char *field)
{
    char *name = pgi_copy(arena, field, strlen(field));

    for (char *c = name; *c != '\0'; c++)
        *c = to_lower(*c);
    return is_in(name, known_words, KNOWN) ? pgi_format(arena, "%s_", name) : name;
}

bool pgi_is_reserved(const char *member)
{
    return is_in(member, known_words, KNOWN) || is_in(member, further_words, FURTHER);
}

bool pgi_is_name(const char *name)
{
    if (name == NULL || name[0] == '\0' || is_digit(name[0]))
        return false;
    while (is_upper(*name) || is_lower(*name) || is_digit(*name) || *name == '_')
        name++;
    return *name == '\0';
}

static bool ends_in(const char *text, size_t size, const char *end)
{
    const size_t end_size = strlen(end);

    return size >= end_size && memcmp(text + size - end_size, end, end_size) == 0;
}

char *pgi_file_stem(struct pgi_arena *arena, const char *file)
{
    size_t size = strlen(file);

    if (ends_in(file, size, ".protodevel"))
        size -= strlen(".protodevel");
    else if (ends_in(file, size, ".proto"))
        size -= strlen(".proto");
    return pgi_copy(arena, file, size);
}

char *pgi_file_guard(struct pgi_arena *arena, const char *file)
{
    struct pgi_text text = { .arena = arena };

    for (; *file != '\0'; file++) {
        if (is_upper(*file) || is_lower(*file) || is_digit(*file))
            pgi_add_bytes(&text, file, 1);
        else
            pgi_add(&text, "_%02x", (unsigned)(unsigned char)*file);
    }
    return text.size == 0 ? pgi_copy(arena, "", 0) : text.bytes;
}
