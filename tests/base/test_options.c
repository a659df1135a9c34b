/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests of versioned structs: options copied in, results copied out (text.c).
 * Used by: ctest.
 * Must not know: any particular options struct.
 */
#include <criterion/criterion.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"

/* What the library knows. */
struct ours {
    size_t size;
    uint64_t a;
    uint64_t b;
};

/* What a newer caller may hand in. */
struct newer {
    size_t size;
    uint64_t a;
    uint64_t b;
    unsigned char tail[8];
};

enum { MIN_BYTES = offsetof(struct ours, b) };

Test(base_options, a_struct_of_our_own_version_is_copied)
{
    const struct ours from = { sizeof from, 1, 2 };
    struct ours to;

    cr_assert_eq(isa__opt_copy(&to, sizeof to, &from, MIN_BYTES), 0);

    cr_expect_eq(to.size, sizeof from);
    cr_expect_eq(to.a, 1);
    cr_expect_eq(to.b, 2);
}

Test(base_options, fields_an_older_caller_does_not_know_are_zero)
{
    const struct ours from = { MIN_BYTES, 1, 2 };
    struct ours to;
    memset(&to, 0xff, sizeof to);

    cr_assert_eq(isa__opt_copy(&to, sizeof to, &from, MIN_BYTES), 0);

    cr_expect_eq(to.a, 1);
    cr_expect_eq(to.b, 0);
}

Test(base_options, a_size_that_was_never_set_is_refused_without_reading_what_follows)
{
    const size_t sizes[] = { SIZE_MAX, SIZE_MAX / 2, (size_t)1 << 40, sizeof(struct ours) + 4096 };

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct ours *from = malloc(sizeof *from); /* what is read beyond it, a sanitizer sees */
        struct ours to = { 0 };
        cr_assert_not_null(from);
        *from = (struct ours){ sizes[i], 1, 2 };

        cr_expect_eq(isa__opt_copy(&to, sizeof to, from, MIN_BYTES), ISA_EINVAL, "%zu", sizes[i]);

        cr_expect_eq(to.a, 0);
        free(from);
    }
}

Test(base_options, a_struct_smaller_than_any_version_is_refused)
{
    const size_t sizes[] = { 0, 1, MIN_BYTES - 1 };

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        const struct ours from = { sizes[i], 1, 2 };
        struct ours to = { 0 };
        cr_expect_eq(isa__opt_copy(&to, sizeof to, &from, MIN_BYTES), ISA_EINVAL, "%zu", sizes[i]);
        cr_expect_eq(to.a, 0, "untouched on failure");
    }
}

Test(base_options, a_newer_struct_with_a_zero_tail_is_accepted)
{
    const struct newer from = { sizeof from, 1, 2, { 0 } };
    struct ours to;

    cr_assert_eq(isa__opt_copy(&to, sizeof to, &from, MIN_BYTES), 0);

    cr_expect_eq(to.a, 1);
    cr_expect_eq(to.b, 2);
}

Test(base_options, any_byte_set_in_an_unknown_tail_is_refused)
{
    for (size_t i = 0; i < sizeof((struct newer *)0)->tail; i++) {
        struct newer from = { sizeof from, 1, 2, { 0 } };
        struct ours to = { 0 };
        from.tail[i] = 1;
        cr_expect_eq(isa__opt_copy(&to, sizeof to, &from, MIN_BYTES), ISA_EUNKNOWN_OPTION,
                     "byte %zu", i);
        cr_expect_eq(to.a, 0, "untouched on failure");
    }
}

Test(base_options, a_result_is_copied_out)
{
    const struct ours result = { sizeof result, 1, 2 };
    struct ours to = { .size = sizeof to };

    cr_assert_eq(isa__opt_return(&to, &result, sizeof result), 0);

    cr_expect_eq(to.size, sizeof to);
    cr_expect_eq(to.a, 1);
    cr_expect_eq(to.b, 2);
}

Test(base_options, a_result_struct_too_small_is_refused_and_untouched)
{
    const struct ours result = { sizeof result, 1, 2 };
    struct ours to = { .size = sizeof to - 1 };

    cr_expect_eq(isa__opt_return(&to, &result, sizeof result), ISA_EINVAL);

    cr_expect_eq(to.a, 0);
}

Test(base_options, a_newer_result_struct_is_refused_and_untouched)
{
    const struct ours result = { sizeof result, 1, 2 };
    struct newer to = { .size = sizeof to };

    cr_expect_eq(isa__opt_return(&to, &result, sizeof result), ISA_EUNKNOWN_OPTION);

    cr_expect_eq(to.a, 0);
}
