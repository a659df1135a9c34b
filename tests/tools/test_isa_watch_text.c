/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests of how isa-watch writes text that a peer chose.
 * Used by: ctest.
 * Must not know: where such text comes from.
 */
#include "../../tools/isa-watch/text.h"

#include "json.h"

#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct escape {
    const char *text;
    const char *shown; /* on a terminal */
    const char *json;  /* what a reader of the JSON string gets */
};

#define BAD "\xef\xbf\xbd" /* U+FFFD */

static const struct escape escapes[] = {
    { "plain", "plain", "plain" },
    { "", "", "" },
    { "\"q\" \\ /", "\"q\" \\\\ /", "\"q\" \\ /" },
    { "a\nb\tc\rd", "a\\nb\\tc\\rd", "a\nb\tc\rd" },
    { "\x1b[2J\x07\x7f", "\\x1b[2J\\x07\\x7f", "\x1b[2J\x07\x7f" },
    { "\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x88", "\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x88",
      "\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x88" },
    { "\xc2\x9b", "\\u009b", "\xc2\x9b" },              /* C1: a terminal may obey it */
    { "\xff\xfe", "\\xff\\xfe", BAD BAD },              /* never in UTF-8 */
    { "\xc3", "\\xc3", BAD },                           /* cut off */
    { "\xe2\x82", "\\xe2\\x82", BAD BAD },              /* cut off later */
    { "\xc0\xaf", "\\xc0\\xaf", BAD BAD },              /* overlong */
    { "\xe0\x80\xaf", "\\xe0\\x80\\xaf", BAD BAD BAD }, /* overlong */
    { "\xed\xa0\x80", "\\xed\\xa0\\x80", BAD BAD BAD }, /* half of a surrogate pair */
    { "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80", BAD BAD BAD BAD }, /* beyond U+10FFFF */
    { "\xf8\x88", "\\xf8\\x88", BAD BAD },                           /* five bytes */
    { "\x80x", "\\x80x", BAD "x" },                                  /* a continuation alone */
};

#define ESCAPES (sizeof escapes / sizeof escapes[0])

Test(isa_watch_text, shows_nothing_that_a_terminal_obeys)
{
    for (size_t i = 0; i < ESCAPES; i++) {
        char shown[200];

        text_escape(shown, sizeof shown, escapes[i].text);

        cr_expect_str_eq(shown, escapes[i].shown, "case %zu: %s", i, shown);
    }
}

Test(isa_watch_text, writes_valid_json_whatever_the_text)
{
    for (size_t i = 0; i < ESCAPES; i++) {
        struct json_member member;
        char *line = NULL;
        size_t size = 0;
        FILE *out = open_memstream(&line, &size);
        cr_assert_not_null(out);

        fputs("{\"text\":", out);
        text_put_json(out, escapes[i].text);
        fputs("}", out);
        fclose(out);

        cr_expect_eq(json_read(line, &member, 1), 1, "case %zu: %s", i, line);
        cr_expect_str_eq(member.value, escapes[i].json, "case %zu: %s", i, line);
        free(line);
    }
}

Test(isa_watch_text, cuts_between_characters_and_fills_no_more_than_its_room)
{
    static const char text[] = "ab\xe2\x82\xac\xe2\x82\xac\x01\x01yz"; /* shown in 18 bytes */
    char whole[64];
    text_escape(whole, sizeof whole, text);
    size_t length = strlen(whole);

    for (size_t size = 4; size <= length; size++) {
        char cut[64];
        memset(cut, '#', sizeof cut);

        text_escape(cut, size, text);

        size_t shown = strlen(cut);
        cr_expect(shown < size, "%zu bytes in a room of %zu", shown, size);
        cr_expect_eq(cut[size], '#', "room of %zu", size);
        cr_expect_str_eq(cut + shown - 3, "...");
        cr_expect_eq(strncmp(cut, whole, shown - 3), 0, "room of %zu: %s", size, cut);
        cr_expect_neq((unsigned char)whole[shown - 3] & 0xC0, 0x80, "a character was cut: %s", cut);
    }
    cr_expect_eq(text_escape(whole, length + 1, text), 14, "characters on the screen");
    cr_expect_str_eq(whole, "ab\xe2\x82\xac\xe2\x82\xac\\x01\\x01yz");
}
