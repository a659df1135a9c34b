/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests of the allocator hook and the functions above it.
 * Used by: ctest.
 * Must not know: what memory is used for.
 */
#include <criterion/criterion.h>

#include <stdlib.h>
#include <string.h>

#include "base.h"

struct book {
    int allocs;
    int releases;
    bool is_empty; /* no memory any more */
};

static void *book_alloc(size_t size_bytes, void *user)
{
    struct book *book = user;
    if (book->is_empty)
        return NULL;
    book->allocs++;
    void *memory = malloc(size_bytes);
    if (memory)
        memset(memory, 0xa5, size_bytes); /* what zeroes it must not be chance */
    return memory;
}

static void book_release(void *memory, void *user)
{
    struct book *book = user;
    cr_assert_not_null(memory, "hooks.h promises: never called with NULL");
    book->releases++;
    free(memory);
}

static struct book book;
static const struct isa_allocator allocator = { book_alloc, book_release, &book };

static void install(void)
{
    cr_assert_eq(isa_set_allocator(&allocator), 0);
}

TestSuite(base_memory, .init = install);

Test(base_memory, memory_comes_from_the_hook_and_goes_back_to_it)
{
    void *memory = isa__alloc(10);
    isa__free(memory);

    cr_expect_eq(book.allocs, 1);
    cr_expect_eq(book.releases, 1);
}

Test(base_memory, memory_is_zeroed)
{
    static const char zeros[100];

    char *memory = isa__alloc(sizeof zeros);

    cr_assert_not_null(memory);
    cr_expect_eq(memcmp(memory, zeros, sizeof zeros), 0);
    isa__free(memory);
}

Test(base_memory, an_array_is_zeroed)
{
    static const char zeros[7 * 9];

    char *memory = isa__alloc_array(7, 9);

    cr_assert_not_null(memory);
    cr_expect_eq(memcmp(memory, zeros, sizeof zeros), 0);
    isa__free(memory);
}

Test(base_memory, an_array_too_large_to_count_is_no_memory)
{
    cr_expect_null(isa__alloc_array(SIZE_MAX / 2 + 1, 2));
    cr_expect_null(isa__alloc_array(2, SIZE_MAX));
    cr_expect_null(isa__alloc_array(SIZE_MAX, SIZE_MAX));
    cr_expect_eq(book.allocs, 0);
}

Test(base_memory, an_array_of_nothing_is_no_overflow)
{
    void *memory = isa__alloc_array(SIZE_MAX, 0);
    isa__free(memory);

    cr_expect_eq(book.allocs, 1);
}

Test(base_memory, a_copied_string_is_another_string)
{
    char original[] = "unix:/run/x";

    char *copy = isa__strdup(original);
    original[0] = '?';

    cr_assert_not_null(copy);
    cr_expect_str_eq(copy, "unix:/run/x");
    isa__free(copy);
}

Test(base_memory, without_memory_everything_is_null)
{
    book.is_empty = true;

    cr_expect_null(isa__alloc(1));
    cr_expect_null(isa__alloc_array(1, 1));
    cr_expect_null(isa__strdup("x"));
}

Test(base_memory, freeing_null_does_nothing)
{
    isa__free(NULL);

    cr_expect_eq(book.releases, 0);
}

Test(base_memory, an_allocator_without_a_function_is_refused_and_changes_nothing)
{
    static const struct isa_allocator no_alloc = { NULL, book_release, NULL };
    static const struct isa_allocator no_release = { book_alloc, NULL, NULL };

    cr_expect_eq(isa_set_allocator(&no_alloc), ISA_EINVAL);
    cr_expect_eq(isa_set_allocator(&no_release), ISA_EINVAL);
    isa__free(isa__alloc(1));

    cr_expect_eq(book.allocs, 1);
}

Test(base_memory, null_restores_the_c_library)
{
    cr_expect_eq(isa_set_allocator(NULL), 0);

    isa__free(isa__alloc(1));

    cr_expect_eq(book.allocs, 0);
    cr_expect_eq(book.releases, 0);
}
