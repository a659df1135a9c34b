/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests of what the decoder makes of bytes: the specification's rules, bounds, errors.
 * Must not know: calls.
 */
#include "message.h"

#include "failing_alloc.h"
#include "old_shapes.pb-c.h"
#include "shapes.pb-c.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static char why[256];

#define MIXED (&shapes__mixed__descriptor)
#define TREE (&shapes__tree__descriptor)
#define RECORD (&old_shapes__record__descriptor)

static int unpack_bytes(const ProtobufCMessageDescriptor *type, const void *data, size_t size_bytes,
                        void *ret_message)
{
    struct isa__text text;
    ProtobufCMessage *message = NULL;
    isa__text_init(&text, why, sizeof why);
    int error = isa__message_unpack(type, data, size_bytes, &text, &message);
    *(ProtobufCMessage **)ret_message = message;
    return error;
}

/* A literal, without the NUL at its end. */
#define UNPACK(type, literal, ret) unpack_bytes(type, literal, sizeof literal - 1, ret)
#define REFUSED(type, literal, error, words)                                                       \
    do {                                                                                           \
        void *refused = NULL;                                                                      \
        cr_expect_eq(UNPACK(type, literal, &refused), error, "%s", literal);                       \
        cr_expect_null(refused);                                                                   \
        cr_expect_not_null(strstr(why, words), "'%s' is not in '%s'", words, why);                 \
    } while (0)

static void done(void *message)
{
    isa__message_free(message);
}

Test(message_decode, every_kind_of_field_is_read)
{
    Shapes__Mixed *m;
    cr_assert_eq(UNPACK(MIXED,
                        "\x08\x96\x01\x10\x03\x1d\x01\x02\x00\x00\x21\x00\x00\x00\x00\x00\x00\xf0"
                        "\x3f\x28\x02\x32\x01"
                        "a\x3a\x02\x00\xff\x40\x01\x4a\x02\x1a\x00\x52\x01x\x52\x01y",
                        &m),
                 0, "%s", why);

    cr_expect_eq(m->number, 150);
    cr_expect_eq(m->signed_number, -2);
    cr_expect_eq(m->fixed, 513);
    cr_expect_float_eq(m->real, 1.0, 0);
    cr_expect_eq(m->truth, 1);
    cr_expect_str_eq(m->text, "a");
    cr_expect_eq(m->data.len, 2);
    cr_expect_eq(m->color, SHAPES__COLOR__RED);
    cr_expect_not_null(m->tree);
    cr_expect_eq(m->n_words, 2);
    cr_expect_str_eq(m->words[1], "y");
    done(m);
}

Test(message_decode, nothing_is_a_message_with_its_defaults)
{
    Shapes__Mixed *m;
    OldShapes__Record *r;

    cr_assert_eq(unpack_bytes(MIXED, NULL, 0, &m), 0);
    cr_assert_eq(unpack_bytes(RECORD, NULL, 0, &r), 0);

    cr_expect_str_eq(m->text, "");
    cr_expect_str_eq(r->text, "none");
    cr_expect_eq(r->color, OLD_SHAPES__COLOR__BLUE);
    cr_expect_not(r->has_color);
    done(m);
    done(r);
}

Test(message_decode, the_last_value_wins_and_messages_are_merged)
{
    Shapes__Mixed *m;
    cr_assert_eq(UNPACK(MIXED,
                        "\x08\x01\x08\x02\x4a\x05\x10\x05\x1a\x01"
                        "a\x4a\x05\x10\x06\x1a\x01"
                        "b",
                        &m),
                 0, "%s", why);

    cr_expect_eq(m->number, 2);
    cr_expect_eq(m->tree->n_numbers, 2);
    cr_expect_eq(m->tree->numbers[1], 6);
    cr_expect_str_eq(m->tree->name, "b");
    done(m);
}

Test(message_decode, a_oneof_has_its_last_member_and_merges_a_message_that_comes_again)
{
    Shapes__Mixed *m;

    cr_assert_eq(UNPACK(MIXED, "\x6a\x01x\x72\x02\x10\x05\x72\x02\x10\x06", &m), 0, "%s", why);
    cr_expect_eq(m->either_case, SHAPES__MIXED__EITHER_RIGHT);
    cr_expect_eq(m->right->n_numbers, 2);
    done(m);

    cr_assert_eq(UNPACK(MIXED, "\x72\x02\x10\x05\x78\x07", &m), 0, "%s", why);
    cr_expect_eq(m->either_case, SHAPES__MIXED__EITHER_MIDDLE);
    cr_expect_eq(m->middle, 7);
    done(m);
}

Test(message_decode, packed_and_unpacked_are_the_same)
{
    Shapes__Tree *t;
    cr_assert_eq(UNPACK(TREE, "\x10\x01\x12\x03\x02\x83\x01\x10\x04\x12\x00\x12\x01\x05", &t), 0,
                 "%s", why);

    static const int expected[] = { 1, 2, 131, 4, 5 };
    cr_assert_eq(t->n_numbers, 5);
    for (size_t i = 0; i < 5; i++)
        cr_expect_eq(t->numbers[i], expected[i]);
    done(t);
}

Test(message_decode, what_is_not_known_is_kept_and_packed_again)
{
    /* A number, a group with another in it, and a known field of another wire type. */
    static const char bytes[] =
        "\xa0\x06\x07\xab\x06\x08\x01\xb3\x06\x08\x02\xb4\x06\xac\x06\x0a\x02zz";
    Shapes__Mixed *m;
    uint8_t packed[sizeof bytes];

    cr_assert_eq(unpack_bytes(MIXED, bytes, sizeof bytes - 1, &m), 0, "%s", why);

    cr_expect_eq(m->base.n_unknown_fields, 3);
    cr_expect_eq(m->number, 0);
    cr_assert_eq(protobuf_c_message_get_packed_size(&m->base), sizeof bytes - 1);
    protobuf_c_message_pack(&m->base, packed);
    cr_expect_arr_eq(packed, bytes, sizeof bytes - 1);
    done(m);
}

Test(message_decode, a_closed_enum_keeps_what_it_does_not_name_among_the_unknown)
{
    OldShapes__Record *r;
    cr_assert_eq(UNPACK(RECORD, "\x10\x07\x18\x01\x18\x09\x1a\x02\x02\x08", &r), 0, "%s", why);

    cr_expect_not(r->has_color);
    cr_expect_eq(r->n_colors, 2);
    cr_expect_eq(r->colors[1], OLD_SHAPES__COLOR__BLUE);
    cr_expect_eq(r->base.n_unknown_fields, 3);
    done(r);
}

Test(message_decode, an_open_enum_has_any_value)
{
    Shapes__Mixed *m;
    cr_assert_eq(UNPACK(MIXED, "\x40\x63", &m), 0, "%s", why);

    cr_expect_eq((int)m->color, 99);
    done(m);
}

Test(message_decode, what_is_required_may_come_in_parts_and_must_be_there_in_the_end)
{
    OldShapes__Record *r;

    cr_assert_eq(UNPACK(RECORD, "\x0a\x02\x08\x01\x0a\x03\x12\x01z", &r), 0, "%s", why);
    cr_expect_eq(r->pair->first, 1);
    cr_expect_str_eq(r->pair->second, "z");
    done(r);

    REFUSED(RECORD, "\x0a\x02\x08\x01", ISA_EINVAL, "old_shapes.Pair.second: required");
}

Test(message_decode, a_string_is_utf8_in_proto3_and_has_no_nul)
{
    static const char *const wrong[] = { "\x32\x01\xff",         "\x32\x02\xc0\x80",
                                         "\x32\x03\xed\xa0\x80", "\x32\x04\xf4\x90\x80\x80",
                                         "\x32\x01\xc3",         "\x32\x03\xe0\x80\x80" };
    Shapes__Mixed *m;
    OldShapes__Record *r;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        cr_expect_eq(unpack_bytes(MIXED, wrong[i], 2 + (size_t)wrong[i][1], &m), ISA_EINVAL, "%zu",
                     i);
        cr_expect_str_eq(why, "shapes.Mixed.text: a string that is not UTF-8 at byte 0");
    }

    cr_expect_eq(UNPACK(MIXED, "\x32\x0a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x88!", &m), 0, "%s", why);
    done(m);
    cr_expect_eq(UNPACK(RECORD, "\x22\x01\xff", &r), 0, "%s", why);
    done(r);
    REFUSED(MIXED,
            "\x32\x03"
            "a\x00"
            "b",
            ISA_EINVAL, "shapes.Mixed.text: a string with a NUL at byte 0");
}

Test(message_decode, what_no_message_can_hold_is_refused)
{
    REFUSED(MIXED, "\x00\x01", ISA_EINVAL, "no field can begin so at byte 0"); /* number 0 */
    REFUSED(MIXED, "\x08\x01\x0c", ISA_EINVAL,
            "no field can begin so at byte 2");                  /* end of no group */
    REFUSED(MIXED, "\x0e", ISA_EINVAL, "no field can begin so"); /* wire type 6 */
    REFUSED(MIXED, "\xab\x06\x08\x01", ISA_EINVAL, "an unknown field is cut short");
    REFUSED(MIXED, "\xab\x06\xb4\x06", ISA_EINVAL,
            "an unknown field is cut short"); /* another's end */
    REFUSED(MIXED, "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", ISA_EINVAL,
            "shapes.Mixed.number: a number is cut short");
    REFUSED(MIXED, "\x32\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", ISA_EINVAL,
            "shapes.Mixed.text: it is longer than what is left");
    REFUSED(MIXED, "\x88\x80\x80\x80\x80\x00\x01", ISA_EINVAL,
            "no field can begin so"); /* 6 bytes */
    REFUSED(TREE, "\x12\x02\x01\x80", ISA_EINVAL, "shapes.Tree.numbers: a number is cut short");
}

Test(message_decode, a_message_that_is_cut_anywhere_is_refused_or_whole)
{
    static const char bytes[] = "\x08\x96\x01\x1d\x01\x02\x00\x00\x32\x03"
                                "abc\x4a\x04\x12\x02\x01\x02\x5a\x08"
                                "12345678\xab\x06\x08\x01\xac\x06";
    for (size_t size = 0; size < sizeof bytes; size++) {
        char *copy = malloc(size + 1); /* so that a sanitizer sees a step too far */
        Shapes__Mixed *m = NULL;
        cr_assert_not_null(copy);
        memcpy(copy, bytes, size < sizeof bytes - 1 ? size : sizeof bytes - 1);
        int error =
            unpack_bytes(MIXED, copy, size < sizeof bytes - 1 ? size : sizeof bytes - 1, &m);
        cr_expect(error == 0 || error == ISA_EINVAL);
        done(m);
        free(copy);
    }
}

/* So many trees in one another. @return bytes in `to`, which are at its end */
static uint8_t *nest(uint8_t *to, size_t size_bytes, unsigned count, size_t *ret_bytes)
{
    uint8_t *at = to + size_bytes;
    for (unsigned i = 1; i < count; i++) {
        size_t length = (size_t)(to + size_bytes - at);
        if (length >= 128)
            *--at = (uint8_t)(length >> 7);
        *--at = (uint8_t)(length >= 128 ? (length & 127) | 128 : length);
        *--at = 0x0a;
    }
    *ret_bytes = (size_t)(to + size_bytes - at);
    return at;
}

Test(message_decode, messages_may_be_nested_100_deep_and_no_deeper)
{
    uint8_t buffer[4096];
    size_t size_bytes;
    Shapes__Tree *t;

    const uint8_t *bytes = nest(buffer, sizeof buffer, 100, &size_bytes);
    cr_expect_eq(unpack_bytes(TREE, bytes, size_bytes, &t), 0, "%s", why);
    done(t);

    bytes = nest(buffer, sizeof buffer, 101, &size_bytes);
    cr_expect_eq(unpack_bytes(TREE, bytes, size_bytes, &t), ISA_ETOOBIG);
    cr_expect_not_null(strstr(why, "nested more than 100 deep"), "%s", why);

    memset(buffer, 0xab, sizeof buffer); /* groups in groups, unknown */
    for (size_t i = 1; i < sizeof buffer; i += 2)
        buffer[i] = 0x06;
    cr_expect_eq(unpack_bytes(TREE, buffer, sizeof buffer, &t), ISA_EINVAL);
}

/* What was allocated while a test counts. */
static size_t allocated_bytes;
static void *take(size_t size_bytes, void *user)
{
    (void)user;
    allocated_bytes += size_bytes;
    return malloc(size_bytes);
}
static void give(void *memory, void *user)
{
    (void)user;
    free(memory);
}

Test(message_decode, a_message_that_comes_ten_thousand_times_is_merged_in_linear_memory)
{
    enum { TIMES = 10000, EACH = 4 };
    static const struct isa_allocator counting = { take, give, NULL };
    uint8_t *bytes = malloc((size_t)TIMES * EACH);
    Shapes__Mixed *m;
    cr_assert_not_null(bytes);
    for (size_t i = 0; i < TIMES; i++)
        memcpy(bytes + i * EACH, "\x4a\x02\x10\x01", EACH);
    cr_assert_eq(isa_set_allocator(&counting), 0);

    cr_assert_eq(unpack_bytes(MIXED, bytes, (size_t)TIMES * EACH, &m), 0, "%s", why);

    cr_expect_eq(m->tree->n_numbers, TIMES);
    cr_expect_leq(allocated_bytes, 1 << 20, "%zu bytes", allocated_bytes);
    done(m);
    free(bytes);
}

Test(message_decode, structs_that_take_more_than_the_budget_are_refused)
{
    enum { TIMES = 2000000 };
    uint8_t *bytes = malloc((size_t)TIMES * 2);
    Shapes__Tree *t;
    cr_assert_not_null(bytes);
    for (size_t i = 0; i < TIMES; i++)
        bytes[2 * i] = 0x0a, bytes[2 * i + 1] = 0;

    cr_expect_eq(unpack_bytes(TREE, bytes, (size_t)TIMES * 2, &t), ISA_ETOOBIG);
    cr_expect_not_null(strstr(why, "takes too much memory"), "%s", why);
    free(bytes);
}

Test(message_decode, without_memory_there_is_an_error_and_nothing_is_lost)
{
    static const char bytes[] = "\x0a\x02\x08\x01\x0a\x03\x12\x01z\x18\x01\x22\x02hi\xa0\x06\x07";
    failing_alloc_install();
    for (unsigned nth = 1;; nth++) {
        OldShapes__Record *r = NULL;
        failing_alloc_arm(nth);
        int error = unpack_bytes(RECORD, bytes, sizeof bytes - 1, &r);
        bool has_failed = failing_alloc_disarm();
        cr_expect_eq(error, has_failed ? ISA_ENOMEM : 0, "%s", why);
        done(r);
        if (!has_failed)
            break;
        cr_assert_lt(nth, 1000);
    }
    cr_expect_eq(failing_alloc_live(), 0);
}
