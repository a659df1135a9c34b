/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: the cases of a machine (each cell with each outcome of its guards), and a tour of them. */
/* Called by: the emitter of tests. */
/* Must not know: C. */
#include "tour.h"

#include "posts.h"

enum { WAITING_LIMIT = 256 };

static const struct fg_posted nothing = { NULL, 0 };

struct guide {
    const struct fg_model *model;
    struct fg_tour *tour;
    int *case_of;   /* of each transition, -1: no valuation takes it */
    bool *is_taken; /* each transition */
    int *ends;      /* of each transition: the leaf in which posted events end; -1: not followed */
    int *via;       /* of the search: the transition that led to this leaf, -1: none */
    int *order;
};

static unsigned pack(const int *ids, int count, const bool *values)
{
    unsigned packed = 0;

    for (int i = 0; i < count; i++)
        packed |= (values[ids[i]] ? 1U : 0U) << i;
    return packed;
}

static size_t count_cases(const struct fg_model *m)
{
    int ids[FG_ATOM_LIMIT];
    size_t total = 0;

    for (int i = 0; i < m->leaf_count * m->event_count; i++)
        total += (size_t)1 << fg_cell_guards(m, &m->cells[i], ids);
    return total;
}

/* Where posted events end, with these values of the guards (NULL: all false); -1: it is not known. */
static int settle(const struct fg_model *m, int leaf, const struct fg_posted *posted,
                  const bool *values)
{
    int waiting[WAITING_LIMIT], head = 0, count = 0;
    const bool *none = FG_NEW_ARRAY(m->spec->arena, m->guard_count + 1, bool);

    for (;;) {
        const struct fg_cell *cell;
        const struct fg_trans *t;

        if (count + posted->count > WAITING_LIMIT)
            return -1;
        for (int i = 0; i < posted->count; i++)
            waiting[count++] = posted->events[i];
        if (head == count)
            return leaf;
        cell = fg_cell_at(m, leaf, waiting[head++]);
        posted = &nothing;
        if (cell->kind == FG_CELL_DEFERRED)
            return -1;
        if (cell->kind != FG_CELL_HANDLED)
            continue;
        t = fg_choose(m, cell, values == NULL ? none : values);
        if (t->branch->effect == FG_DEFER)
            return -1;
        posted = &m->posts->of_trans[t - m->trans];
        leaf = t->to;
    }
}

static void add_cell(const struct guide *gd, int leaf, int event, bool *values)
{
    const struct fg_model *m = gd->model;
    const struct fg_cell *cell = fg_cell_at(m, leaf, event);
    int ids[FG_ATOM_LIMIT];
    const int count = fg_cell_guards(m, cell, ids);

    do {
        const struct fg_trans *t =
            cell->kind == FG_CELL_HANDLED ? fg_choose(m, cell, values) : NULL;
        const int number = gd->tour->case_count++;

        gd->tour->cases[number] = (struct fg_case){ leaf, event, t, pack(ids, count, values) };
        if (t != NULL && gd->case_of[t - m->trans] < 0) {
            gd->case_of[t - m->trans] = number;
            gd->ends[t - m->trans] =
                m->posts == NULL ? t->to
                                 : settle(m, t->to, &m->posts->of_trans[t - m->trans], values);
        }
    } while (fg_next_values(ids, count, values));
}

static void add_step(const struct guide *gd, int step)
{
    struct fg_tour *tour = gd->tour;

    if (tour->step_count == tour->step_room) {
        int *steps = FG_NEW_ARRAY(gd->model->spec->arena, 2 * tour->step_room + 64, int);

        for (int i = 0; i < tour->step_count; i++)
            steps[i] = tour->steps[i];
        tour->steps = steps;
        tour->step_room = 2 * tour->step_room + 64;
    }
    tour->steps[tour->step_count++] = step;
}

/* The transitions of one leaf stand together. */
static int first_of(const struct fg_model *m, int leaf)
{
    return leaf == m->leaf_count ? m->trans_count : fg_cell_at(m, leaf, 0)->first_trans;
}

static int find_untaken(const struct guide *gd, int leaf)
{
    for (int t = first_of(gd->model, leaf); t < first_of(gd->model, leaf + 1); t++)
        if (!gd->is_taken[t] && gd->case_of[t] >= 0)
            return t;
    return -1;
}

/* Breadth first, from a leaf to the nearest one with something new. Returns that leaf, or -1. */
static int search(const struct guide *gd, int from)
{
    const struct fg_model *m = gd->model;
    int head = 0, tail = 0;

    for (int i = 0; i < m->leaf_count; i++)
        gd->via[i] = -1;
    gd->order[tail++] = from;
    while (head < tail) {
        const int leaf = gd->order[head++];

        if (find_untaken(gd, leaf) >= 0)
            return leaf;
        for (int t = first_of(m, leaf); t < first_of(m, leaf + 1); t++) {
            const int to = gd->ends[t];

            if (gd->case_of[t] < 0 || to < 0 || to == from || gd->via[to] >= 0)
                continue;
            gd->via[to] = t;
            gd->order[tail++] = to;
        }
    }
    return -1;
}

static void walk(const struct guide *gd, int from, int to)
{
    if (to == from)
        return;
    walk(gd, from, gd->model->trans[gd->via[to]].from);
    add_step(gd, gd->case_of[gd->via[to]]);
}

/* What is deferred would come back in the middle of the way, so the tour begins anew after it. */
static void travel(const struct guide *gd)
{
    const struct fg_model *m = gd->model;
    const int start = m->posts == NULL ? m->start->leaf_id
                                       : settle(m, m->start->leaf_id, &m->posts->at_start, NULL);
    int at = start;

    if (start < 0)
        return; /* what it posts at its start has no end that is known */

    for (;;) {
        int found = search(gd, at);
        if (found < 0 && at == start)
            return;
        if (found < 0) {
            add_step(gd, FG_RESTART);
            at = start;
            continue;
        }
        walk(gd, at, found);
        found = find_untaken(gd, found);
        gd->is_taken[found] = true;
        gd->tour->reachable++;
        add_step(gd, gd->case_of[found]);
        at = gd->ends[found];
        if (at < 0 || m->trans[found].branch->effect == FG_DEFER) {
            add_step(gd, FG_RESTART);
            at = start;
        }
    }
}

struct fg_tour *fg_tour_new(const struct fg_model *model)
{
    struct fg_arena *arena = model->spec->arena;
    struct fg_tour *tour = FG_NEW(arena, struct fg_tour);
    struct guide gd = { model,
                        tour,
                        FG_NEW_ARRAY(arena, model->trans_count + 1, int),
                        FG_NEW_ARRAY(arena, model->trans_count + 1, bool),
                        FG_NEW_ARRAY(arena, model->trans_count + 1, int),
                        FG_NEW_ARRAY(arena, model->leaf_count, int),
                        FG_NEW_ARRAY(arena, model->leaf_count + 1, int) };
    bool *values = FG_NEW_ARRAY(arena, model->guard_count + 1, bool);

    tour->cases = FG_NEW_ARRAY(arena, count_cases(model), struct fg_case);
    for (int t = 0; t < model->trans_count; t++)
        gd.case_of[t] = -1;
    for (int leaf = 0; leaf < model->leaf_count; leaf++)
        for (int event = 0; event < model->event_count; event++)
            add_cell(&gd, leaf, event, values);
    travel(&gd);
    return tour;
}
