/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: what actions acquire and release: each once, on every path (W20). */
/* Called by: check. */
/* Must not know: guards (every branch counts as possible), C. */
#include "model.h"

#include <string.h>

enum { RESOURCE_LIMIT = 32, FREE = 0, HELD = 1 };

enum mistake { ACQUIRED_TWICE, NOT_HELD, KEPT };

/* What was said already: the same branch may be inherited by many states. */
struct said {
    const struct fg_branch *branch; /* NULL: the start */
    const struct fg_decl *action;   /* NULL: none, the final state is the place */
    enum mistake mistake;
    struct said *next;
};

/* A leaf, and whether the resource is held there: number 2 * leaf + FREE or HELD. */
struct node {
    const struct fg_trans *by; /* how it was first reached; NULL: the start */
    int before;
    bool is_seen;
};

struct walk {
    const struct fg_model *model;
    const char *resources[RESOURCE_LIMIT];
    struct fg_place places[RESOURCE_LIMIT];
    int resource_count, resource; /* the one that is followed now */
    struct node *nodes;
    int *queue, tail;
    struct said *said;
    int at;                       /* the node that is being left; -1: the start */
    const struct fg_trans *trans; /* by which; NULL: the start */
    int held;
};

static unsigned mask_of(struct walk *w, struct fg_names names)
{
    unsigned mask = 0;

    for (const struct fg_name *n = names.first; n != NULL; n = n->next) {
        int i = 0;

        while (i < w->resource_count && strcmp(w->resources[i], n->text) != 0)
            i++;
        if (i == RESOURCE_LIMIT) {
            fg_error(w->model->spec->diag, FG_E24, n->at, "more than %d resources", RESOURCE_LIMIT);
            continue;
        }
        if (i == w->resource_count) {
            w->resources[i] = n->text;
            w->places[w->resource_count++] = n->at;
        }
        mask |= 1U << i;
    }
    return mask;
}

/* "A --GO--> B": how the machine comes to where it is. */
static const char *path(const struct walk *w)
{
    const struct fg_model *m = w->model;
    const struct fg_trans *by = w->trans;
    const char *text = m->leaves[by == NULL ? m->start->leaf_id : by->to]->name;
    int before = w->at;

    while (by != NULL) {
        text = fg_arena_printf(m->spec->arena, "%s --%s--> %s", m->leaves[by->from]->name,
                               m->events[by->event]->name, text);
        by = w->nodes[before].by;
        before = w->nodes[before].before;
    }
    return text;
}

static bool is_said(struct walk *w, const struct fg_decl *action, enum mistake mistake)
{
    const struct fg_branch *branch = w->trans == NULL ? NULL : w->trans->branch;
    struct said *said;

    for (said = w->said; said != NULL; said = said->next)
        if (said->branch == branch && said->action == action && said->mistake == mistake)
            return true;
    said = FG_NEW(w->model->spec->arena, struct said);
    *said = (struct said){ branch, action, mistake, w->said };
    w->said = said;
    return fg_diag_is_full(w->model->spec->diag);
}

static void complain(struct walk *w, const struct fg_decl *action, enum mistake mistake)
{
    const struct fg_model *m = w->model;
    const char *resource = w->resources[w->resource];
    const struct fg_place at = w->trans == NULL ? m->start->at : w->trans->branch->at;

    if (is_said(w, action, mistake))
        return;
    switch (mistake) {
    case ACQUIRED_TWICE:
        fg_warn(m->spec->diag, FG_W_RESOURCE, at, "'%s' acquires '%s', which is held already: %s",
                action->name, resource, path(w));
        break;
    case NOT_HELD:
        fg_warn(m->spec->diag, FG_W_RESOURCE, at, "'%s' releases '%s', which is not held: %s",
                action->name, resource, path(w));
        break;
    case KEPT:
        fg_warn(m->spec->diag, FG_W_RESOURCE, at, "'%s' is not released before the end: %s",
                resource, path(w));
        break;
    }
    if (action != NULL)
        fg_note(m->spec->diag, action->at, "'%s' says so here", action->name);
}

static void run(struct walk *w, struct fg_decl *const *actions, int count)
{
    const unsigned bit = 1U << w->resource;

    for (int i = 0; i < count; i++) {
        if (actions[i]->releases_mask & bit) {
            if (w->held == FREE)
                complain(w, actions[i], NOT_HELD);
            w->held = FREE;
        }
        if (actions[i]->acquires_mask & bit) {
            if (w->held == HELD)
                complain(w, actions[i], ACQUIRED_TWICE);
            w->held = HELD;
        }
    }
}

static void enter(struct walk *w, const struct fg_state *leaf, const struct fg_state *domain)
{
    if (leaf == domain)
        return;
    enter(w, leaf->parent, domain);
    run(w, leaf->entry_decls, leaf->entry.count);
}

static void take_leg(struct walk *w, const struct fg_trans *t, int leg)
{
    const struct fg_branch *b = fg_leg(t, leg);
    const struct fg_state *domain = fg_domain(b);

    for (const struct fg_state *s = fg_leg_from(w->model, t, leg); s != domain; s = s->parent)
        run(w, s->exit_decls, s->exit.count);
    run(w, b->action_decls, b->actions.count);
    enter(w, fg_leg_to(w->model, t, leg), domain);
}

static void take(struct walk *w, const struct fg_trans *t)
{
    if (t->branch->effect == FG_STAY)
        run(w, t->branch->action_decls, t->branch->actions.count);
    if (t->branch->effect != FG_GO)
        return;
    for (int leg = 0; leg < t->leg_count; leg++)
        take_leg(w, t, leg);
}

/* The machine has come to this leaf. */
static void arrive(struct walk *w, int leaf)
{
    struct node *node = &w->nodes[2 * leaf + w->held];

    if (w->held == HELD && w->model->leaves[leaf]->is_final)
        complain(w, NULL, KEPT);
    if (node->is_seen)
        return;
    *node = (struct node){ w->trans, w->at, true };
    w->queue[w->tail++] = 2 * leaf + w->held;
}

static void leave(struct walk *w, int node)
{
    const struct fg_model *m = w->model;

    for (int e = 0; e < m->event_count; e++) {
        const struct fg_cell *cell = fg_cell_at(m, node / 2, e);

        for (int i = 0; i < cell->trans_count; i++) {
            w->at = node;
            w->trans = &m->trans[cell->first_trans + i];
            w->held = node % 2;
            if (w->trans->to < 0)
                continue;
            take(w, w->trans);
            arrive(w, w->trans->to);
        }
    }
}

/* Follow one resource from the start, breadth first, so that paths are short. */
static void follow(struct walk *w)
{
    const struct fg_model *m = w->model;

    memset(w->nodes, 0, 2 * (size_t)m->leaf_count * sizeof(w->nodes[0]));
    w->tail = 0;
    w->said = NULL;
    w->at = -1;
    w->trans = NULL;
    w->held = FREE;
    enter(w, m->start, &m->spec->root);
    arrive(w, m->start->leaf_id);
    for (int head = 0; head < w->tail; head++)
        leave(w, w->queue[head]);
}

/* Is it acquired, and released, by some action, and not both by one? */
static bool is_paired(const struct walk *w)
{
    const struct fg_model *m = w->model;
    const unsigned bit = 1U << w->resource;
    const char *name = w->resources[w->resource];
    bool is_acquired = false, is_released = false;

    for (int i = 0; i < m->action_count; i++) {
        const struct fg_decl *d = m->actions[i];

        is_acquired = is_acquired || (d->acquires_mask & bit) != 0;
        is_released = is_released || (d->releases_mask & bit) != 0;
        if ((d->acquires_mask & d->releases_mask & bit) != 0) {
            fg_warn(m->spec->diag, FG_W_RESOURCE, d->at,
                    "'%s' acquires and releases '%s': which comes first?", d->name, name);
            return false;
        }
    }
    if (is_acquired && is_released)
        return true;
    fg_warn(m->spec->diag, FG_W_RESOURCE, w->places[w->resource], "no action %s '%s'",
            is_acquired ? "releases" : "acquires", name);
    return false;
}

void fg_check_resources(struct fg_model *model)
{
    struct walk w = { .model = model };

    for (int i = 0; i < model->action_count; i++) {
        model->actions[i]->acquires_mask = mask_of(&w, model->actions[i]->acquires);
        model->actions[i]->releases_mask = mask_of(&w, model->actions[i]->releases);
    }
    if (model->lost_states || model->lost_events || model->lost_uses || model->start == NULL ||
        !fg_diag_wants(model->spec->diag, FG_W_RESOURCE))
        return;
    w.nodes = FG_NEW_ARRAY(model->spec->arena, 2 * model->leaf_count, struct node);
    w.queue = FG_NEW_ARRAY(model->spec->arena, 2 * model->leaf_count, int);
    for (w.resource = 0; w.resource < w.resource_count; w.resource++)
        if (is_paired(&w))
            follow(&w);
}
