/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: whether a text is JSON: the grammar of RFC 8259, nothing of its meaning.
 * Used by: profile.c, for the service config, before grpc-core sees it.
 * Must not know: what a service config says.
 */
#include "profile.h"

#include <string.h>

enum { DEPTH_MAX = 32 };

struct scan {
    const char *start;
    const char *at;
    const char *fault; /* what was expected where it stands; NULL: nothing wrong so far */
};

static bool fail(struct scan *scan, const char *expected)
{
    if (!scan->fault)
        scan->fault = expected;
    return false;
}

static void skip_space(struct scan *scan)
{
    scan->at += strspn(scan->at, " \t\r\n");
}

static bool take(struct scan *scan, char wanted)
{
    skip_space(scan);
    if (*scan->at != wanted)
        return false;
    scan->at++;
    return true;
}

static bool take_escape(struct scan *scan)
{
    char kind = *scan->at;
    if (kind && strchr("\"\\/bfnrt", kind)) {
        scan->at++;
        return true;
    }
    if (kind != 'u' || strspn(scan->at + 1, "0123456789abcdefABCDEF") < 4)
        return fail(scan, "an escape that JSON knows");
    scan->at += 5;
    return true;
}

static bool take_string(struct scan *scan)
{
    if (!take(scan, '"'))
        return fail(scan, "a string in double quotes");
    while (*scan->at != '"') {
        if ((unsigned char)*scan->at < ' ')
            return fail(scan, "the closing quote of a string");
        if (*scan->at++ == '\\' && !take_escape(scan))
            return false;
    }
    scan->at++;
    return true;
}

static bool take_digits(struct scan *scan)
{
    size_t count = strspn(scan->at, "0123456789");
    scan->at += count;
    return count > 0 || fail(scan, "a digit");
}

static bool take_number(struct scan *scan)
{
    if (*scan->at == '-')
        scan->at++;
    if (*scan->at == '0')
        scan->at++;
    else if (!take_digits(scan))
        return false;
    if (*scan->at == '.') {
        scan->at++;
        if (!take_digits(scan))
            return false;
    }
    if (*scan->at != 'e' && *scan->at != 'E')
        return true;
    scan->at++;
    if (*scan->at == '+' || *scan->at == '-')
        scan->at++;
    return take_digits(scan);
}

static bool take_word(struct scan *scan)
{
    static const char *const words[] = { "true", "false", "null" };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t length = strlen(words[i]);
        if (strncmp(scan->at, words[i], length) == 0) {
            scan->at += length;
            return true;
        }
    }
    return fail(scan, "a value");
}

static bool take_value(struct scan *scan, unsigned depth);

/* Members or elements, and the bracket that closes them. */
static bool take_items(struct scan *scan, char close, unsigned depth)
{
    if (depth > DEPTH_MAX)
        return fail(scan, "no more than 32 levels");
    if (take(scan, close))
        return true;
    do {
        if (close == '}' && (!take_string(scan) || !(take(scan, ':') || fail(scan, "a colon"))))
            return false;
        if (!take_value(scan, depth))
            return false;
    } while (take(scan, ','));
    return take(scan, close) || fail(scan, "a comma or the closing bracket");
}

static bool take_value(struct scan *scan, unsigned depth) /* NOLINT(misc-no-recursion): bounded */
{
    skip_space(scan);
    switch (*scan->at) {
    case '{':
        scan->at++;
        return take_items(scan, '}', depth + 1);
    case '[':
        scan->at++;
        return take_items(scan, ']', depth + 1);
    case '"':
        return take_string(scan);
    default:
        return *scan->at == '-' || (*scan->at >= '0' && *scan->at <= '9') ? take_number(scan)
                                                                          : take_word(scan);
    }
}

bool isa__tr_json_check(const char *text, struct isa__text *why)
{
    struct scan scan = { text, text, NULL };
    skip_space(&scan);
    if (*scan.at != '{')
        fail(&scan, "a JSON object");
    else if (take_value(&scan, 0)) {
        skip_space(&scan);
        if (*scan.at)
            fail(&scan, "nothing after the object");
    }
    if (scan.fault)
        isa__text_add(why, "byte %zu should be %s", (size_t)(scan.at - scan.start), scan.fault);
    return !scan.fault;
}
