/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the intrusive doubly linked list.
 * Used by: every room, through base.h.
 * Must not know: what is in a list; the member's comment says it.
 */
#ifndef ISA_LIST_H
#define ISA_LIST_H

#include <stdbool.h>
#include <stddef.h>

/** A node, or the head of a list. A node that is in no list points to itself. */
struct isa_list {
    struct isa_list *prev;
    struct isa_list *next;
};

static inline void isa_list_init(struct isa_list *list)
{
    list->prev = list;
    list->next = list;
}

static inline bool isa_list_is_empty(const struct isa_list *list)
{
    return list->next == list;
}

static inline void isa_list_append(struct isa_list *list, struct isa_list *node)
{
    node->prev = list->prev;
    node->next = list;
    list->prev->next = node;
    list->prev = node;
}

/** Take a node out of whatever list it is in; fine when it is in none. */
static inline void isa_list_remove(struct isa_list *node)
{
    node->prev->next = node->next;
    node->next->prev = node->prev;
    isa_list_init(node);
}

/** Move all nodes to the end of another list. */
static inline void isa_list_move_all(struct isa_list *to, struct isa_list *from)
{
    if (isa_list_is_empty(from))
        return;
    from->next->prev = to->prev;
    to->prev->next = from->next;
    from->prev->next = to;
    to->prev = from->prev;
    isa_list_init(from);
}

/** Visit each node; the body may remove the node it is at. */
#define isa_list_each(node, after, list)                                                           \
    for (struct isa_list *node = (list)->next, *after = node->next; node != (list);                \
         node = after, after = node->next)

#endif
