/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests of what is JSON.
 * Used by: ctest.
 * Must not know: service configs.
 */
#include <criterion/criterion.h>

#include <string.h>

#include "profile.h"

static char words[128];

static bool is_json(const char *text)
{
    struct isa__text why;
    isa__text_init(&why, words, sizeof words);
    return isa__tr_json_check(text, &why);
}

Test(transport_json, an_object_of_anything_is_accepted)
{
    static const char *const texts[] = {
        "{}",
        " {\n}\t",
        "{\"a\":1}",
        "{\"a\":-0.5e+10,\"b\":[],\"c\":[1,2,[3]],\"d\":{\"e\":null}}",
        "{\"\\u00e9\\n\\\"\":\"\\\\\",\"t\":true,\"f\":false}",
        "{\"a\":0}",
        "{\"a\":1E5}",
    };

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        cr_expect(is_json(texts[i]), "%s: %s", texts[i], words);
}

Test(transport_json, anything_else_is_refused_with_the_place)
{
    static const struct {
        const char *text;
        const char *why;
    } cases[] = {
        { "", "byte 0 should be a JSON object" },
        { "[]", "byte 0 should be a JSON object" },
        { "{", "byte 1 should be a string in double quotes" },
        { "{\"a\"}", "byte 4 should be a colon" },
        { "{\"a\":}", "byte 5 should be a value" },
        { "{\"a\":1,}", "byte 7 should be a string in double quotes" },
        { "{\"a\":1 \"b\":2}", "byte 7 should be a comma or the closing bracket" },
        { "{\"a\":01}", "byte 6 should be a comma or the closing bracket" },
        { "{\"a\":1.}", "byte 7 should be a digit" },
        { "{\"a\":-}", "byte 6 should be a digit" },
        { "{\"a\":1e}", "byte 7 should be a digit" },
        { "{\"a\":tru}", "byte 5 should be a value" },
        { "{\"a\":'b'}", "byte 5 should be a value" },
        { "{\"a\":[1,]}", "byte 8 should be a value" },
        { "{\"a\":\"b}", "byte 8 should be the closing quote of a string" },
        { "{\"a\":\"\n\"}", "byte 6 should be the closing quote of a string" },
        { "{\"a\":\"\\x\"}", "byte 7 should be an escape that JSON knows" },
        { "{\"a\":\"\\u12\"}", "byte 7 should be an escape that JSON knows" },
        { "{} x", "byte 3 should be nothing after the object" },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cr_expect_not(is_json(cases[i].text), "%s", cases[i].text);
        cr_expect_str_eq(words, cases[i].why, "%s: %s", cases[i].text, words);
    }
}

Test(transport_json, nesting_has_a_bound)
{
    enum { LEVELS = 31, BEGIN = 5 };
    char text[1024] = "{\"a\":";

    memset(text + BEGIN, '[', LEVELS);
    memset(text + BEGIN + LEVELS, ']', LEVELS);
    text[BEGIN + 2 * LEVELS] = '}';
    cr_expect(is_json(text), "%s", words);
    memset(text + 5, '[', 500);

    cr_expect_not(is_json(text));
    cr_expect_str_eq(words, "byte 37 should be no more than 32 levels", "%s", words);
}

Test(transport_json, every_cut_of_a_text_is_refused)
{
    static const char whole[] = "{\"a\":[-1.5e3,true,\"\\u00e9\"],\"b\":{\"c\":null}}";

    for (size_t length = 0; length + 1 < sizeof whole; length++) {
        char cut[sizeof whole];
        memcpy(cut, whole, length);
        cut[length] = '\0';
        cr_expect_not(is_json(cut), "%s", cut);
    }
    cr_expect(is_json(whole));
}
