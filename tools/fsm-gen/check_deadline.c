/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: states that may wait for ever, because no timer runs, or none runs any more (W10). */
/* Called by: check. */
/* Must not know: payloads, guards, C. */
#include "posts.h"

struct spender {
    const struct fg_decl *timer;
    const struct fg_state *armer;
    const struct fg_branch *branch; /* that spends it: it has fired, and its state is not left */
    int leaf;
    bool is_lasting; /* one of the timers of this kind always runs */
};

struct spenders {
    const struct fg_model *model;
    struct spender *list;
    int count;
};

static bool leaves(const struct fg_trans *t, const struct fg_state *armer)
{
    for (int leg = 0; leg < t->leg_count && t->branch->effect == FG_GO; leg++)
        if (!fg_is_inside(fg_domain(fg_leg(t, leg)), armer))
            return true;
    return false;
}

/* Does the list start anew a timer that lasts as long as this one's state? */
static bool renews(const struct spenders *all, struct fg_decl *const *decls, int count,
                   const struct fg_state *armer)
{
    for (int i = 0; i < count; i++)
        for (int j = 0; decls[i] != NULL && decls[i]->kind == FG_TIMER && j < all->count; j++)
            if (all->list[j].timer == decls[i] && all->list[j].is_lasting &&
                fg_is_inside(armer, all->list[j].armer))
                return true;
    return false;
}

static bool renews_any(const struct spenders *all, const struct fg_trans *t,
                       const struct fg_state *armer)
{
    if (t->is_rearmed || renews(all, t->branch->action_decls, t->branch->actions.count, armer))
        return true;
    for (int leg = 0; leg < t->leg_count && t->branch->effect == FG_GO; leg++) {
        const struct fg_state *domain = fg_domain(fg_leg(t, leg));

        for (const struct fg_state *s = fg_leg_to(all->model, t, leg); s != domain; s = s->parent)
            if (renews(all, s->entry_decls, s->entry.count, armer))
                return true;
    }
    return false;
}

/* Is there an end of this timer that leaves its state without any? */
static bool is_spent(const struct spenders *all, struct spender *sp)
{
    const struct fg_model *m = all->model;

    for (int i = sp->armer->first_leaf; i < sp->armer->first_leaf + sp->armer->leaf_count; i++) {
        const struct fg_cell *cell = fg_cell_at(m, i, sp->timer->id);

        sp->leaf = i;
        sp->branch = NULL;
        if (cell->kind != FG_CELL_HANDLED && cell->owner != NULL)
            return true; /* an answer that is missing says nothing */
        for (int n = 0; n < cell->trans_count; n++) {
            const struct fg_trans *t = &m->trans[cell->first_trans + n];

            sp->branch = t->branch;
            if (!leaves(t, sp->armer) && !renews_any(all, t, sp->armer))
                return true;
        }
    }
    return false;
}

static void find_spenders(struct spenders *all)
{
    const struct fg_model *m = all->model;
    int total = 0;
    bool has_shrunk = true;

    for (int i = 0; i < m->state_count; i++)
        total += m->states[i]->arms.count;
    all->list = FG_NEW_ARRAY(m->spec->arena, total + 1, struct spender);
    for (int i = 0; i < m->state_count; i++)
        for (int j = 0; j < m->states[i]->arms.count; j++)
            if (m->states[i]->arm_decls[j] != NULL)
                all->list[all->count++] = (struct spender){ .timer = m->states[i]->arm_decls[j],
                                                            .armer = m->states[i],
                                                            .is_lasting = true };
    /* Where a target is not known, neither is what a transition leaves. */
    while (has_shrunk && !m->lost_states && !m->lost_uses) {
        has_shrunk = false;
        for (int i = 0; i < all->count; i++)
            if (all->list[i].is_lasting && is_spent(all, &all->list[i])) {
                all->list[i].is_lasting = false;
                has_shrunk = true;
            }
    }
}

/* A timer that runs here; one that lasts, if there is any. NULL: none runs. */
static const struct spender *find_timer(const struct spenders *all, const struct fg_state *leaf)
{
    const struct spender *found = NULL;

    for (int i = 0; i < all->count; i++)
        if (fg_is_inside(leaf, all->list[i].armer) && (found == NULL || all->list[i].is_lasting))
            found = &all->list[i];
    return found;
}

/* Where an error kept posted events from being followed, they count as following. */
static bool is_passed_through(const struct fg_model *m, const struct fg_state *leaf)
{
    return m->has_posts && (m->posts == NULL || fg_is_passed_through(m->posts, leaf->leaf_id));
}

void fg_check_deadlines(struct fg_model *model)
{
    struct spenders all = { .model = model };
    struct fg_diag *diag = model->spec->diag;

    if (model->lost_timers)
        return;
    find_spenders(&all);
    for (int i = 0; i < model->leaf_count; i++) {
        const struct fg_state *s = model->leaves[i];
        const struct spender *sp;

        if (s->is_final || fg_is_resting(s) || is_passed_through(model, s))
            continue;
        sp = find_timer(&all, s);
        if (sp == NULL) {
            fg_warn(diag, FG_W_DEADLINE, s->at,
                    "state '%s' arms no timer: it can wait for its peer for ever "
                    "(arm a timer or mark it 'resting')",
                    s->name);
        } else if (!sp->is_lasting && !model->lost_uses && !model->lost_states) {
            fg_warn(
                diag, FG_W_DEADLINE, s->at,
                "state '%s' can wait for ever once '%s' has fired: nothing leaves '%s' then, or "
                "arms it anew ('restart %s', 'arm %s every', or mark it 'resting')",
                s->name, sp->timer->name, sp->armer->name, sp->timer->name, sp->timer->name);
            if (sp->branch != NULL)
                fg_note(diag, sp->branch->at, "this is what follows it in '%s'",
                        model->leaves[sp->leaf]->name);
        }
    }
}
