/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: what becomes of events that a machine posts to itself. */
/* Called by: flatten (room for them), the checks of states and livelocks, emitters that follow them. */
/* Must not know: what actions send, which is not written down. */
#ifndef FG_POSTS_H
#define FG_POSTS_H

#include "model.h"

/* The events that a transition posts, in order; made once for each. */
struct fg_posted {
    int *events;
    int count;
};

struct fg_posts {
    const struct fg_model *model;
    struct fg_posted *of_trans; /* of each transition */
    struct fg_posted at_start;
    int room;                        /* how many may wait at a time */
    bool is_too_many, is_too_long;   /* more than 64 of them; could not be followed to the end */
    int endless_leaf, endless_event; /* where they go round for ever; -1: nowhere */
};

/* NULL for a machine that posts nothing. */
struct fg_posts *fg_posts_new(const struct fg_model *model);

/* Does this event leave the leaf, whatever the guards say? */
bool fg_always_leaves(const struct fg_model *model, int leaf, int event);

/* Is an event on its way, whenever the machine comes to this leaf, that leaves it at once? */
bool fg_is_passed_through(const struct fg_posts *posts, int leaf);

/* Does the machine post this event anywhere? */
bool fg_is_posted(const struct fg_model *model, int event);

#endif
