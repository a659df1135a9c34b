/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests of the intrusive list.
 * Used by: ctest.
 * Must not know: what is kept in lists.
 */
#include <criterion/criterion.h>

#include "base.h"

struct item {
    int number;
    struct isa_list in_list;
};

enum { ITEMS = 4 };

static struct isa_list list; /* of struct item.in_list */
static struct item items[ITEMS];

static void fill(void)
{
    isa_list_init(&list);
    for (int i = 0; i < ITEMS; i++) {
        items[i].number = i;
        isa_list_append(&list, &items[i].in_list);
    }
}

/* The numbers in order, as digits: 0123 is 123 with four digits. */
static unsigned digits_of(struct isa_list *of)
{
    unsigned digits = 9; /* so that leading zeros count */
    isa_list_each(node, after, of)
    {
        digits = digits * 10 + (unsigned)isa__container(node, struct item, in_list)->number;
    }
    return digits;
}

TestSuite(base_list, .init = fill);

Test(base_list, a_new_list_is_empty)
{
    struct isa_list fresh;

    isa_list_init(&fresh);

    cr_expect(isa_list_is_empty(&fresh));
    cr_expect_eq(digits_of(&fresh), 9);
}

Test(base_list, appending_keeps_the_order)
{
    cr_expect_not(isa_list_is_empty(&list));
    cr_expect_eq(digits_of(&list), 90123);
}

Test(base_list, a_node_can_be_taken_from_front_middle_and_end)
{
    isa_list_remove(&items[0].in_list);
    isa_list_remove(&items[2].in_list);
    isa_list_remove(&items[3].in_list);

    cr_expect_eq(digits_of(&list), 91);
}

Test(base_list, removing_the_last_node_leaves_an_empty_list)
{
    for (int i = 0; i < ITEMS; i++)
        isa_list_remove(&items[i].in_list);

    cr_expect(isa_list_is_empty(&list));
}

Test(base_list, a_removed_node_is_in_no_list_and_may_be_removed_again)
{
    isa_list_remove(&items[1].in_list);
    isa_list_remove(&items[1].in_list);

    cr_expect(isa_list_is_empty(&items[1].in_list));
    cr_expect_eq(digits_of(&list), 9023);
}

Test(base_list, a_removed_node_can_be_appended_again)
{
    isa_list_remove(&items[1].in_list);
    isa_list_append(&list, &items[1].in_list);

    cr_expect_eq(digits_of(&list), 90231);
}

Test(base_list, visiting_may_remove_the_node_it_is_at)
{
    isa_list_each(node, after, &list)
    {
        if (isa__container(node, struct item, in_list)->number % 2 == 0)
            isa_list_remove(node);
    }

    cr_expect_eq(digits_of(&list), 913);
}

Test(base_list, moving_all_puts_them_behind_what_is_there)
{
    struct item first = { .number = 7 };
    struct isa_list other;
    isa_list_init(&other);
    isa_list_append(&other, &first.in_list);

    isa_list_move_all(&other, &list);

    cr_expect(isa_list_is_empty(&list));
    cr_expect_eq(digits_of(&other), 970123);
}

Test(base_list, moving_into_an_empty_list_moves_everything)
{
    struct isa_list other;
    isa_list_init(&other);

    isa_list_move_all(&other, &list);

    cr_expect(isa_list_is_empty(&list));
    cr_expect_eq(digits_of(&other), 90123);
}

Test(base_list, moving_from_an_empty_list_changes_nothing)
{
    struct isa_list other;
    isa_list_init(&other);

    isa_list_move_all(&list, &other);

    cr_expect(isa_list_is_empty(&other));
    cr_expect_eq(digits_of(&list), 90123);
}
