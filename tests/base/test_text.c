/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests of bounded strings, versioned option structs, the hash and the clock.
 * Used by: ctest.
 * Must not know: what the strings say.
 */
#include <criterion/criterion.h>

#include <string.h>

#include "base.h"

Test(base_text, begins_empty_and_terminated)
{
    char buffer[4] = "xyz";
    struct isa__text text;

    isa__text_init(&text, buffer, sizeof buffer);

    cr_expect_str_eq(buffer, "");
    cr_expect_eq(text.length, 0);
}

Test(base_text, adds_one_piece_after_the_other)
{
    char buffer[32];
    struct isa__text text;
    isa__text_init(&text, buffer, sizeof buffer);

    isa__text_add(&text, "%s:", "host");
    isa__text_add(&text, "%d", 80);

    cr_expect_str_eq(buffer, "host:80");
    cr_expect_eq(text.length, 7);
}

Test(base_text, is_cut_at_the_end_of_its_buffer_and_not_beyond)
{
    for (size_t size_bytes = 1; size_bytes < 12; size_bytes++) {
        char buffer[16];
        struct isa__text text;
        memset(buffer, '!', sizeof buffer);
        isa__text_init(&text, buffer, size_bytes);

        isa__text_add(&text, "%s", "abcd");
        isa__text_add(&text, "%s", "efgh");

        size_t length = size_bytes - 1 < 8 ? size_bytes - 1 : 8;
        cr_expect_eq(strlen(buffer), length, "size %zu", size_bytes);
        cr_expect_eq(text.length, length, "size %zu", size_bytes);
        cr_expect_eq(strncmp(buffer, "abcdefgh", length), 0, "size %zu", size_bytes);
        cr_expect_eq(buffer[size_bytes], '!', "size %zu", size_bytes);
    }
}

Test(base_text, without_any_room_nothing_is_written)
{
    char buffer[] = { '!' };
    struct isa__text text;

    isa__text_init(&text, buffer, 0);
    isa__text_add(&text, "%s", "abc");
    isa__text_add_quoted(&text, "abc", 3);

    cr_expect_eq(buffer[0], '!');
}

/* But for the quotation mark: texts stand between two of them in a line of log. */
Test(base_text, quoting_keeps_printable_ascii)
{
    char printable[0x7f - 0x20 + 1] = "";
    char buffer[256];
    struct isa__text text;
    for (int c = 0x20; c < 0x7f; c++)
        printable[c - 0x20] = c == '"' ? '\'' : (char)c;
    isa__text_init(&text, buffer, sizeof buffer);

    isa__text_add_quoted(&text, printable, 200);

    cr_expect_str_eq(buffer, printable);
}

Test(base_text, quoting_writes_every_other_byte_in_hexadecimal)
{
    for (int c = 1; c < 256; c++) {
        char input[2] = { (char)c, '\0' };
        char expected[8];
        char buffer[8];
        struct isa__text text;
        if (c >= 0x20 && c < 0x7f && c != '"')
            continue;
        isa__text_init(&text, expected, sizeof expected);
        isa__text_add(&text, "\\x%02x", (unsigned)c);
        isa__text_init(&text, buffer, sizeof buffer);

        isa__text_add_quoted(&text, input, 1);

        cr_expect_str_eq(buffer, expected);
    }
}

Test(base_text, quoting_shows_at_most_so_many_characters)
{
    char buffer[32];
    struct isa__text text;
    isa__text_init(&text, buffer, sizeof buffer);

    isa__text_add_quoted(&text, "abc", 3);
    isa__text_add_quoted(&text, "abcd", 3);
    isa__text_add_quoted(&text, "x", 0);

    cr_expect_str_eq(buffer, "abcabc......");
}

Test(base_text, the_hash_is_fnv_1a)
{
    cr_expect_eq(isa__hash(""), UINT64_C(0xcbf29ce484222325));
    cr_expect_eq(isa__hash("a"), UINT64_C(0xaf63dc4c8601ec8c));
    cr_expect_eq(isa__hash("foobar"), UINT64_C(0x85944171f73967e8));
}

Test(base_text, the_hash_takes_bytes_as_unsigned)
{
    cr_expect_eq(isa__hash("\xff"), (UINT64_C(14695981039346656037) ^ 0xff) * 1099511628211U);
}

Test(base_text, the_clock_never_goes_back)
{
    uint64_t last = isa__now_us();

    for (int i = 0; i < 1000; i++) {
        uint64_t now = isa__now_us();
        cr_assert_geq(now, last);
        last = now;
    }
}
