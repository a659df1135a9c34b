/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests of the heap.
 * Used by: ctest.
 * Must not know: the rest of the library.
 */
#include "heap.h"

#include <criterion/criterion.h>
#include <stdlib.h>

enum { COUNT = 1000 };

static struct isa__heap heap;
static struct isa__heap_node nodes[COUNT];

static void expect_order(unsigned count)
{
    uint64_t last = 0;
    for (; count > 0; count--) {
        struct isa__heap_node *node = isa__heap_due(&heap, UINT64_MAX);
        cr_assert_not_null(node, "%u are missing", count);
        cr_assert_geq(node->due, last);
        last = node->due;
        isa__heap_remove(&heap, node);
        cr_assert_not(node->is_in);
    }
    cr_expect_eq(isa__heap_next(&heap), UINT64_MAX);
}

/* A generator with a seed of its own, so that a failure can be repeated. */
static uint32_t dice;

static uint32_t roll(void)
{
    dice = dice * 1664525U + 1013904223U;
    return dice >> 8;
}

static void fill(unsigned seed)
{
    dice = seed;
    for (unsigned i = 0; i < COUNT; i++)
        isa__heap_add(&heap, &nodes[i], roll() % (COUNT / 2));
}

Test(base_heap, gives_the_earliest_first)
{
    for (unsigned seed = 0; seed < 10; seed++) {
        fill(seed);
        expect_order(COUNT);
    }
}

Test(base_heap, keeps_its_order_when_any_is_removed)
{
    for (unsigned seed = 0; seed < 10; seed++) {
        unsigned left = COUNT;
        fill(seed);
        for (unsigned i = 0; i < COUNT; i += 1 + roll() % 3, left--)
            isa__heap_remove(&heap, &nodes[i]);
        expect_order(left);
    }
}

Test(base_heap, says_what_is_due)
{
    isa__heap_add(&heap, &nodes[0], 20);
    isa__heap_add(&heap, &nodes[1], 10);

    cr_expect_null(isa__heap_due(&heap, 9));
    cr_expect_eq(isa__heap_due(&heap, 10), &nodes[1]);
    cr_expect_eq(isa__heap_next(&heap), 10);
    isa__heap_remove(&heap, &nodes[1]);
    cr_expect_eq(isa__heap_next(&heap), 20);
}

Test(base_heap, removing_what_is_not_in_it_changes_nothing)
{
    isa__heap_add(&heap, &nodes[0], 1);
    isa__heap_remove(&heap, &nodes[1]);
    isa__heap_remove(&heap, &nodes[0]);
    isa__heap_remove(&heap, &nodes[0]);

    cr_expect_eq(isa__heap_next(&heap), UINT64_MAX);
}
