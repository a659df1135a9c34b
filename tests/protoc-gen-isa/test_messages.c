/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests of messages that protoc-gen-c alone would not have written, or not so.
 * Used by: ctest.
 * Must not know: the library.
 */
#include "optional.isa.h"
#include "words.isa.h"

#include <criterion/criterion.h>

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

Test(protoc_gen_isa_messages, an_optional_field_says_whether_it_is_there)
{
    Optionals__Every message = OPTIONALS__EVERY__INIT, *again;
    uint8_t bytes[100];

    cr_expect_not(optionals__every__has_an_int32(&message));
    cr_expect_eq(optionals__every__get_packed_size(&message), 0);
    optionals__every__set_an_int32(&message, 0);
    optionals__every__set_a_string(&message, (char *)(uintptr_t) "");
    cr_expect(optionals__every__has_an_int32(&message));
    cr_expect_eq(optionals__every__pack(&message, bytes), 4); /* two fields that hold nothing */
    again = optionals__every__unpack(NULL, 4, bytes);

    cr_assert_not_null(again);
    cr_expect(optionals__every__has_an_int32(again));
    cr_expect(optionals__every__has_a_string(again));
    cr_expect_not(optionals__every__has_a_bool(again));
    cr_expect_eq(again->every, NULL);
    optionals__every__free_unpacked(again, NULL);
    optionals__every__clear_an_int32(&message);
    cr_expect_not(optionals__every__has_an_int32(&message));
    cr_expect_eq(optionals__every__get_packed_size(&message), 2);
}

Test(protoc_gen_isa_messages, a_field_called_base_leaves_the_head_another_name)
{
    Optionals__Mixed__Nested message = OPTIONALS__MIXED__NESTED__INIT;

    optionals__mixed__nested__set_base(&message, (char *)(uintptr_t) "x");

    cr_expect_eq((void *)&message.base_, (void *)&message);
    cr_expect_str_eq(message.base, "x");
    cr_expect_eq(protobuf_c_message_get_packed_size(&message.base_), 3);
}

Test(protoc_gen_isa_messages, descriptors_keep_the_names_of_fields_called_base)
{
    cr_expect_not_null(
        protobuf_c_message_descriptor_get_field_by_name(&words__words__descriptor, "base"));
    cr_expect_not_null(
        protobuf_c_message_descriptor_get_field_by_name(&words__words__descriptor, "true"));
}

Test(protoc_gen_isa_messages, default_values_are_exact)
{
    const Words__Defaults message = WORDS__DEFAULTS__INIT;
    Words__Defaults *unpacked = words__defaults__unpack(NULL, 0, NULL);
    const Words__Defaults *both[] = { &message, unpacked };

    for (int i = 0; i < 2; i++) {
        cr_assert_not_null(both[i]);
        cr_expect(isinf(both[i]->infinite) && both[i]->infinite > 0);
        cr_expect(isnan(both[i]->not_a_number));
        cr_expect(isinf(both[i]->below) && both[i]->below < 0);
        cr_expect_eq(both[i]->least, INT64_MIN);
        cr_expect_eq(both[i]->least32, INT32_MIN);
        cr_expect_eq(both[i]->most, UINT64_MAX);
        cr_expect(both[i]->tenth - 0.1F == 0);
        cr_expect(both[i]->precise - 0.30000000000000004 == 0);
        cr_expect(signbit(both[i]->minus_zero));
        cr_expect(both[i]->whole - 5 == 0);
        cr_expect_str_eq(both[i]->text, "a\"b?\?/c\n\001z\\");
        cr_expect_eq(both[i]->data.len, 10);
        cr_expect_eq(memcmp(both[i]->data.data, "\000\001?\?=abc\377f", 10), 0);
        cr_expect(both[i]->yes);
    }
    words__defaults__free_unpacked(unpacked, NULL);
}
