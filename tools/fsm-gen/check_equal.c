/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: states that behave alike (I22), found by splitting classes until none splits. */
/* Called by: check. */
/* Must not know: C. */
#include "model.h"

#include <stdint.h>
#include <stdlib.h>

struct member {
    uint64_t mark; /* of what the state does, as far as it is known now */
    int leaf, group;
};

struct groups {
    const struct fg_model *model;
    struct member *members;
    int *of_leaf;
    int count;
};

static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 29;
}

static uint64_t mix_decls(uint64_t hash, struct fg_decl *const *decls, int count)
{
    for (int i = 0; i < count; i++)
        hash = mix(hash, (uint64_t)decls[i]->id + (uint64_t)decls[i]->kind * 0x1000);
    return mix(hash, (uint64_t)count + 0x10000);
}

static uint64_t mix_guard(uint64_t hash, const struct fg_expr *e)
{
    if (e == NULL)
        return mix(hash, 1);
    hash = mix(hash, (uint64_t)e->op + 2);
    if (e->op == FG_ATOM)
        return mix(hash, (uint64_t)e->guard->id);
    return mix_guard(mix_guard(hash, e->left), e->right);
}

/* A target counts by its group; going round to oneself is going to the group. */
static uint64_t mix_branch(const struct groups *g, uint64_t hash, const struct fg_branch *b)
{
    hash = mix_decls(mix_guard(mix(hash, b->effect), b->guard), b->action_decls, b->actions.count);
    if (b->effect != FG_GO)
        return hash;
    if (b->to->leaf_id < 0)
        return mix(hash, (uint64_t)b->to->id);
    return mix(hash, (uint64_t)g->of_leaf[b->to->leaf_id] + 0x10000);
}

static uint64_t mark_row(const struct groups *g, int leaf)
{
    const struct fg_model *m = g->model;
    uint64_t hash = 0;

    for (int e = 0; e < m->event_count; e++) {
        const struct fg_cell *cell = fg_cell_at(m, leaf, e);

        hash = mix(hash, cell->kind);
        if (cell->kind != FG_CELL_HANDLED)
            continue;
        for (int i = 0; i < cell->trans_count; i++)
            hash = mix_branch(g, hash, m->trans[cell->first_trans + i].branch);
    }
    return hash;
}

/* What no other state can change: place, kind, timers, actions, public values. */
static uint64_t mark_self(const struct fg_model *m, const struct fg_state *s)
{
    uint64_t hash =
        mix((uint64_t)s->parent->id, (s->parent->parent == NULL ? 4U : 0U) |
                                         (s->is_final ? 2U : 0U) | (s->is_resting ? 1U : 0U));

    hash = mix_decls(hash, s->arm_decls, s->arms.count);
    hash = mix_decls(hash, s->entry_decls, s->entry.count);
    hash = mix_decls(hash, s->exit_decls, s->exit.count);
    for (const struct fg_project *p = m->spec->projects; p != NULL; p = p->next)
        hash = mix(hash, (uint64_t)p->of_leaf[s->leaf_id]);
    return hash;
}

static int compare_members(const void *a, const void *b)
{
    const struct member *x = a, *y = b;

    if (x->group != y->group)
        return x->group < y->group ? -1 : 1;
    if (x->mark != y->mark)
        return x->mark < y->mark ? -1 : 1;
    return x->leaf < y->leaf ? -1 : 1;
}

/* Returns whether a group was split. */
static bool split(struct groups *g)
{
    const int n = g->model->leaf_count, before = g->count;

    qsort(g->members, (size_t)n, sizeof(g->members[0]), compare_members);
    g->count = 0;
    for (int i = 0; i < n; i++) {
        const struct member *last = &g->members[i == 0 ? 0 : i - 1];

        if (i == 0 || last->group != g->members[i].group || last->mark != g->members[i].mark)
            g->count++;
        g->of_leaf[g->members[i].leaf] = g->count;
    }
    for (int i = 0; i < n; i++)
        g->members[i].group = g->of_leaf[g->members[i].leaf];
    return g->count > before;
}

static void report(const struct groups *g)
{
    const struct fg_model *m = g->model;

    for (int i = 1; i < m->leaf_count; i++) {
        const struct fg_state *s = m->leaves[g->members[i].leaf];
        const struct fg_state *first = m->leaves[g->members[i - 1].leaf];

        if (g->members[i].group != g->members[i - 1].group)
            continue;
        fg_warn(m->spec->diag, FG_W_EQUIVALENT, s->at,
                "state '%s' behaves like '%s': one of them would do", s->name, first->name);
        fg_note(m->spec->diag, first->at, "'%s' is declared here", first->name);
    }
}

void fg_check_equal(struct fg_model *model)
{
    struct groups g = { .model = model };

    if (!fg_diag_wants(model->spec->diag, FG_W_EQUIVALENT) || fg_diag_errors(model->spec->diag) > 0)
        return;
    g.members = FG_NEW_ARRAY(model->spec->arena, model->leaf_count, struct member);
    g.of_leaf = FG_NEW_ARRAY(model->spec->arena, model->leaf_count, int);
    for (int i = 0; i < model->leaf_count; i++)
        g.members[i] = (struct member){ mark_self(model, model->leaves[i]), i, 0 };
    while (split(&g))
        for (int i = 0; i < model->leaf_count; i++)
            g.members[i].mark = mark_row(&g, g.members[i].leaf);
    report(&g);
}
