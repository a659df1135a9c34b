/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: turning nested states into one cell for each leaf and event (lookup order, E04). */
/* Called by: main; the small questions also by checks and emitters. */
/* Must not know: C. */
#include "chain.h"
#include "posts.h"

#include <string.h>

/* What one state, leaf or composite, says of one event. */
struct entry {
    struct fg_handler *handler;
    struct fg_place at;
};

enum { DEFAULT_BOUND = 4 };

struct fg_cell *fg_cell_at(const struct fg_model *model, int leaf, int event)
{
    return &model->cells[(size_t)leaf * (size_t)model->event_count + (size_t)event];
}

bool fg_is_timer(const struct fg_model *model, int event)
{
    return event >= model->first_timer;
}

struct fg_state *fg_entry_leaf(struct fg_state *state)
{
    while (state != NULL && state->children != NULL)
        state = state->start;
    return state;
}

bool fg_is_resting(const struct fg_state *leaf)
{
    while (leaf != NULL && !leaf->is_resting)
        leaf = leaf->parent;
    return leaf != NULL;
}

bool fg_is_inside(const struct fg_state *state, const struct fg_state *ancestor)
{
    while (state != NULL && state != ancestor)
        state = state->parent;
    return state != NULL;
}

const struct fg_state *fg_domain(const struct fg_branch *branch)
{
    const struct fg_state *s = branch->owner->parent;

    if (branch->is_internal)
        return fg_is_inside(branch->to, branch->owner) ? branch->owner : branch->to;
    while (s->parent != NULL && (s == branch->to || !fg_is_inside(branch->to, s)))
        s = s->parent;
    return s;
}

bool fg_is_armed(const struct fg_model *model, int leaf, int event)
{
    return model->is_armed[fg_cell_at(model, leaf, event) - model->cells];
}

static void fill_armed(const struct fg_model *m)
{
    for (int leaf = 0; leaf < m->leaf_count; leaf++)
        for (const struct fg_state *s = m->leaves[leaf]; s->parent != NULL; s = s->parent)
            for (int i = 0; i < s->arms.count; i++)
                if (s->arm_decls[i] != NULL)
                    m->is_armed[leaf * m->event_count + s->arm_decls[i]->id] = true;
}

static struct entry *fill_entries(const struct fg_model *m, const struct fg_state *state)
{
    struct entry *row = FG_NEW_ARRAY(m->spec->arena, m->event_count + 1, struct entry);

    for (struct fg_handler *h = state->handlers; h != NULL; h = h->next)
        for (int i = 0; i < h->ref_count; i++) {
            struct entry *e = &row[h->refs[i].event];

            if (e->handler != NULL) {
                fg_error(m->spec->diag, FG_E04, h->refs[i].at,
                         "'%s' is handled twice in state '%s'", m->events[h->refs[i].event]->name,
                         state->name);
                fg_note(m->spec->diag, e->at, "first handled here");
                continue;
            }
            *e = (struct entry){ h, h->refs[i].at };
        }
    return row;
}

static enum fg_cell_kind kind_of(const struct fg_handler *handler)
{
    const struct fg_branch *b = handler->branches;

    if (b->guard != NULL || b->next != NULL)
        return FG_CELL_HANDLED;
    switch (b->effect) {
    case FG_IGNORE:
        return FG_CELL_IGNORED;
    case FG_DEFER:
        return FG_CELL_DEFERRED;
    case FG_UNEXPECTED:
        return FG_CELL_UNEXPECTED;
    default:
        return FG_CELL_HANDLED;
    }
}

/* A periodic timer goes on where it is ignored, so that there is something to do. */
static void ignore_periodic(const struct fg_model *m, struct fg_cell *cell, int event)
{
    struct fg_state *owner = (struct fg_state *)cell->owner;

    if (cell->kind != FG_CELL_IGNORED || !m->events[event]->is_periodic)
        return;
    cell->kind = FG_CELL_HANDLED;
    if (cell->handler != NULL)
        return;
    if (owner->quiet == NULL) {
        owner->quiet = FG_NEW(m->spec->arena, struct fg_handler);
        owner->quiet->at = owner->otherwise_at;
        fg_add_branch(m->spec, owner->quiet,
                      fg_new_branch(m->spec, owner->otherwise_at, FG_IGNORE));
        owner->quiet->branches->owner = owner;
        owner->quiet->branches->handler = owner->quiet;
        owner->quiet->branches->why = owner->otherwise_why;
    }
    cell->handler = owner->quiet;
}

static void find_answer(const struct fg_model *m, struct entry *const *rows, int leaf, int event)
{
    struct fg_cell *cell = fg_cell_at(m, leaf, event);
    const struct fg_state *s;

    cell->kind = FG_CELL_UNARMED;
    if (fg_is_timer(m, event) && !fg_is_armed(m, leaf, event))
        return;
    for (s = m->leaves[leaf]; s->parent != NULL; s = s->parent)
        if (rows[s->id][event].handler != NULL) {
            cell->handler = rows[s->id][event].handler;
            cell->owner = s;
            cell->kind = kind_of(cell->handler);
            cell->why = cell->handler->branches->why;
            return;
        }
    cell->kind = FG_CELL_MISSING;
    for (s = m->leaves[leaf]; s->parent != NULL; s = s->parent)
        if (s->has_otherwise) {
            cell->owner = s;
            cell->kind = s->otherwise == FG_IGNORE ? FG_CELL_IGNORED : FG_CELL_UNEXPECTED;
            cell->why = s->otherwise_why;
            return;
        }
}

/* How many may wait as this cell says; -1: it defers nothing. */
static int bound_of(const struct fg_model *m, const struct fg_cell *cell)
{
    int bound = cell->kind == FG_CELL_DEFERRED ? cell->handler->defer_max : -1;

    for (int i = 0; i < cell->trans_count; i++) {
        const struct fg_branch *b = m->trans[cell->first_trans + i].branch;

        if (b->effect == FG_DEFER)
            bound = b->defer_max > bound ? b->defer_max : bound;
    }
    return bound;
}

/* How many of each event may wait: the largest bound that any state gives. */
static void fill_defer_bounds(struct fg_model *m)
{
    bool *is_deferred = FG_NEW_ARRAY(m->spec->arena, m->event_count + 1, bool);

    m->defer_bound = FG_NEW_ARRAY(m->spec->arena, m->event_count + 1, int);
    for (int i = 0; i < m->leaf_count * m->event_count; i++) {
        const int most = bound_of(m, &m->cells[i]);
        int *bound = &m->defer_bound[i % m->event_count];

        if (most < 0)
            continue;
        *bound = most > *bound ? most : *bound;
        is_deferred[i % m->event_count] = true;
        m->can_defer = true;
    }
    for (int e = 0; e < m->event_count; e++) {
        if (is_deferred[e] && m->defer_bound[e] == 0)
            m->defer_bound[e] = DEFAULT_BOUND;
        m->defer_total += m->defer_bound[e];
    }
    if (m->defer_total > FG_QUEUE_LIMIT)
        fg_error(m->spec->diag, FG_E24, m->spec->name->at,
                 "%d events may be deferred at a time; at most %d can be kept", m->defer_total,
                 FG_QUEUE_LIMIT);
}

static void find_types(struct fg_model *m)
{
    m->types = FG_NEW_ARRAY(m->spec->arena, m->event_count + 1, const char *);
    for (int e = 0; e < m->first_timer; e++) {
        int i = 0;

        if (m->events[e]->type == NULL)
            continue;
        while (i < m->type_count && strcmp(m->types[i], m->events[e]->type) != 0)
            i++;
        if (i == m->type_count)
            m->types[m->type_count++] = m->events[e]->type;
    }
}

static bool has_post(struct fg_names names)
{
    for (const struct fg_name *n = names.first; n != NULL; n = n->next)
        if (n->use == FG_USE_POST)
            return true;
    return false;
}

static void find_posts(struct fg_model *m)
{
    for (int i = 0; i < m->state_count; i++) {
        const struct fg_state *s = m->states[i];

        m->has_choices = m->has_choices || s->is_choice;
        m->has_posts = m->has_posts || has_post(s->entry) || has_post(s->exit);
        for (const struct fg_handler *h = s->handlers; h != NULL; h = h->next)
            for (const struct fg_branch *b = h->branches; b != NULL; b = b->next)
                m->has_posts = m->has_posts || has_post(b->actions);
    }
    if (fg_diag_errors(m->spec->diag) == 0)
        m->posts = fg_posts_new(m);
}

static void check_room(const struct fg_model *m)
{
    const struct fg_posts *posts = m->posts;

    if (posts == NULL)
        return;
    if (posts->is_too_many || posts->is_too_long)
        fg_error(m->spec->diag, FG_E24, m->spec->name->at,
                 posts->is_too_many ? "more than 64 posted events may wait at a time"
                                    : "posted events could not be followed to their end");
    else if (m->spec->queue >= 0 && m->spec->queue < posts->room)
        fg_error(m->spec->diag, FG_E24, m->spec->queue_at,
                 "'queue %d' has no room for the %d posted events that may wait at a time",
                 m->spec->queue, posts->room);
}

/* Events sent by actions that may wait, when the specification does not say, and posted ones. */
static void set_queue_size(struct fg_model *m)
{
    const struct fg_chain chain = fg_longest_chain(m);

    check_room(m);
    m->queue_size = m->spec->queue;
    if (m->queue_size >= 0)
        return;
    m->queue_size = chain.is_endless || chain.length < DEFAULT_BOUND ? DEFAULT_BOUND : chain.length;
    m->queue_size += m->posts == NULL ? 0 : m->posts->room;
    if (m->queue_size > FG_QUEUE_LIMIT)
        m->queue_size = FG_QUEUE_LIMIT;
}

void fg_flatten(struct fg_model *m)
{
    struct entry **rows = FG_NEW_ARRAY(m->spec->arena, m->state_count + 1, struct entry *);

    if (m->event_count > FG_EVENT_LIMIT || m->leaf_count == 0 || m->event_count == 0) {
        fg_error(m->spec->diag, FG_E24, m->spec->name->at,
                 "a machine has at least one state, and 1 to %d events and timers", FG_EVENT_LIMIT);
        return;
    }
    for (int i = 0; i < m->state_count; i++)
        rows[i] = fill_entries(m, m->states[i]);
    m->cells = FG_NEW_ARRAY(m->spec->arena, m->leaf_count * m->event_count, struct fg_cell);
    m->is_armed = FG_NEW_ARRAY(m->spec->arena, m->leaf_count * m->event_count, bool);
    fill_armed(m);
    for (int leaf = 0; leaf < m->leaf_count; leaf++)
        for (int event = 0; event < m->event_count; event++) {
            find_answer(m, rows, leaf, event);
            ignore_periodic(m, fg_cell_at(m, leaf, event), event);
        }
    fg_fill_transitions(m);
    fill_defer_bounds(m);
    find_types(m);
    find_posts(m);
    set_queue_size(m);
}
