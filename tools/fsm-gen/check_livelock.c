/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: circles of local events that nothing ends (W17). */
/* Called by: check. */
/* Must not know: which action sends which event: that is not written down. */
#include "chain.h"
#include "posts.h"

struct circles {
    const struct fg_model *model;
    const struct fg_trans **next; /* of each leaf: a step that stays in the circle; NULL: none */
    const struct fg_cell **cells; /* those that handle local events, by leaf */
    int *first;                   /* of each leaf, and one more: the first of its cells */
};

static void list_cells(struct circles *c)
{
    const struct fg_model *m = c->model;
    int count = 0;

    c->cells = FG_NEW_ARRAY(m->spec->arena, m->trans_count, const struct fg_cell *);
    c->first = FG_NEW_ARRAY(m->spec->arena, m->leaf_count + 1, int);
    for (int leaf = 0; leaf < m->leaf_count; leaf++) {
        c->first[leaf] = count;
        for (int e = 0; e < m->first_timer; e++)
            if (fg_cell_at(m, leaf, e)->kind == FG_CELL_HANDLED && fg_is_local(m, e))
                c->cells[count++] = fg_cell_at(m, leaf, e);
    }
    c->first[m->leaf_count] = count;
}

static bool stays(const struct circles *c, const struct fg_cell *cell)
{
    for (int i = 0; i < cell->trans_count; i++) {
        const struct fg_trans *t = &c->model->trans[cell->first_trans + i];

        if (t->branch->effect != FG_GO || t->to < 0 || c->next[t->to] == NULL ||
            !fg_runs_action(c->model, t))
            return false;
    }
    return cell->trans_count > 0;
}

/* The step of this leaf that cannot but stay among the leaves that have one. */
static const struct fg_trans *find_step(const struct circles *c, int leaf)
{
    for (int i = c->first[leaf]; i < c->first[leaf + 1]; i++)
        if (stays(c, c->cells[i]))
            return &c->model->trans[c->cells[i]->first_trans];
    return NULL;
}

/* Take out leaves until all that are left can only go round among themselves. */
static void find_circles(struct circles *c)
{
    const struct fg_model *m = c->model;
    bool has_shrunk = true;

    for (int i = 0; i < m->leaf_count; i++)
        if (!fg_is_resting(m->leaves[i]) && !m->leaves[i]->is_final)
            c->next[i] = m->trans; /* anything but NULL: not yet taken out */
    while (has_shrunk) {
        has_shrunk = false;
        for (int i = 0; i < m->leaf_count; i++) {
            if (c->next[i] == NULL)
                continue;
            c->next[i] = find_step(c, i);
            has_shrunk = has_shrunk || c->next[i] == NULL;
        }
    }
}

static void report(struct circles *c, const struct fg_trans *first)
{
    const struct fg_model *m = c->model;
    const char *text = m->leaves[first->from]->name;
    const struct fg_trans *t = first;

    do {
        text = fg_arena_printf(m->spec->arena, "%s --%s--> %s", text, m->events[t->event]->name,
                               m->leaves[t->to]->name);
        c->next[t->from] = NULL;
        t = c->next[t->to];
    } while (t != NULL && t != first);
    fg_warn(m->spec->diag, FG_W_LIVELOCK, first->branch->target->at,
            "local events may lead round for ever: %s", text);
}

/* Walk until a leaf comes again: that one is on the circle. */
static const struct fg_trans *enter_circle(const struct circles *c, int leaf)
{
    bool *seen = FG_NEW_ARRAY(c->model->spec->arena, c->model->leaf_count, bool);

    while (c->next[leaf] != NULL && !seen[leaf]) {
        seen[leaf] = true;
        leaf = c->next[leaf]->to;
    }
    return c->next[leaf];
}

/* These are written down, so that nothing need be guessed. */
static void check_posts(const struct fg_model *m)
{
    if (m->posts != NULL && m->posts->endless_leaf >= 0)
        fg_warn(m->spec->diag, FG_W_LIVELOCK, m->leaves[m->posts->endless_leaf]->at,
                "posted events lead round for ever, from '%s' in '%s'",
                m->events[m->posts->endless_event]->name, m->leaves[m->posts->endless_leaf]->name);
}

void fg_check_livelock(struct fg_model *model)
{
    struct circles c = { .model = model };

    check_posts(model);
    if (model->lost_states || model->lost_events || model->trans_count == 0)
        return;
    c.next = FG_NEW_ARRAY(model->spec->arena, model->leaf_count, const struct fg_trans *);
    list_cells(&c);
    find_circles(&c);
    for (int i = 0; i < model->leaf_count; i++) {
        const struct fg_trans *first = c.next[i] == NULL ? NULL : enter_circle(&c, i);

        if (first != NULL)
            report(&c, first);
        c.next[i] = NULL; /* it led to a circle that is known */
    }
}
