/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the pairing heap of Fredman, Sedgewick, Sleator and Tarjan (1986), its nodes in what they stand for.
 * Used by: the pool, for calls that wait.
 * Must not know: what waits.
 */
#include "heap.h"

#include <stddef.h>

static struct isa__heap_node *adopt(struct isa__heap_node *parent, struct isa__heap_node *child)
{
    child->previous = parent;
    child->next = parent->child;
    if (parent->child)
        parent->child->previous = child;
    parent->child = child;
    return parent;
}

/* Of two roots one. NULL is an empty heap. */
static struct isa__heap_node *meld(struct isa__heap_node *one, struct isa__heap_node *other)
{
    if (!one || !other)
        return one ? one : other;
    return other->due < one->due ? adopt(other, one) : adopt(one, other);
}

static struct isa__heap_node *detach(struct isa__heap_node *node)
{
    struct isa__heap_node *next = node->next;
    node->next = node->previous = NULL;
    return next;
}

/* Siblings, melded in pairs from the left, the pairs from the right: that is what keeps it logarithmic. */
static struct isa__heap_node *meld_all(struct isa__heap_node *left)
{
    struct isa__heap_node *pairs = NULL;
    while (left) {
        struct isa__heap_node *one = left;
        struct isa__heap_node *other = detach(one);
        left = other ? detach(other) : NULL;
        struct isa__heap_node *pair = meld(one, other);
        pair->next = pairs;
        pairs = pair;
    }
    struct isa__heap_node *root = NULL;
    while (pairs) {
        struct isa__heap_node *pair = pairs;
        pairs = detach(pair);
        root = meld(root, pair);
    }
    return root;
}

void isa__heap_add(struct isa__heap *heap, struct isa__heap_node *node, uint64_t due)
{
    *node = (struct isa__heap_node){ .due = due, .is_in = true };
    heap->first = meld(heap->first, node);
}

static void unlink_node(struct isa__heap_node *node)
{
    if (node->previous->child == node)
        node->previous->child = node->next;
    else
        node->previous->next = node->next;
    if (node->next)
        node->next->previous = node->previous;
}

void isa__heap_remove(struct isa__heap *heap, struct isa__heap_node *node)
{
    if (!node->is_in)
        return;
    node->is_in = false;
    struct isa__heap_node *below = meld_all(node->child);
    if (heap->first == node) {
        heap->first = below;
        return;
    }
    unlink_node(node);
    heap->first = meld(heap->first, below);
}
