/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: what one transition does, step by step, and which branch a valuation of guards takes. */
/* Called by: emitters that show or test the machine, the simulator. */
/* Must not know: any output. */
#include "plan.h"

struct planner {
    const struct fg_model *model;
    struct fg_plan plan;
    int room;
};

static void add_step(struct planner *pl, struct fg_step step)
{
    if (pl->plan.count == pl->room) {
        struct fg_step *steps =
            FG_NEW_ARRAY(pl->model->spec->arena, 2 * pl->room + 8, struct fg_step);

        for (int i = 0; i < pl->plan.count; i++)
            steps[i] = pl->plan.steps[i];
        pl->plan.steps = steps;
        pl->room = 2 * pl->room + 8;
    }
    pl->plan.steps[pl->plan.count++] = step;
}

static void add_timer(struct planner *pl, enum fg_step_kind kind, const struct fg_decl *timer)
{
    add_step(pl, (struct fg_step){ .kind = kind, .id = timer->id - pl->model->first_timer });
}

static void add_timers(struct planner *pl, enum fg_step_kind kind, struct fg_decl *const *timers,
                       int count)
{
    for (int i = 0; i < count; i++)
        add_timer(pl, kind, timers[i]);
}

static void restart(struct planner *pl, const struct fg_decl *timer)
{
    add_timer(pl, FG_STEP_DISARM, timer);
    add_timer(pl, FG_STEP_ARM, timer);
}

static void add_effects(struct planner *pl, struct fg_decl *const *decls, int count)
{
    for (int i = 0; i < count; i++) {
        if (decls[i]->kind == FG_TIMER)
            restart(pl, decls[i]);
        else
            add_step(pl, (struct fg_step){ .kind = decls[i]->kind == FG_EVENT ? FG_STEP_POST
                                                                              : FG_STEP_ACTION,
                                           .id = decls[i]->id });
    }
}

static void add_enter(struct planner *pl, const struct fg_state *state,
                      const struct fg_state *domain)
{
    const struct fg_state *path[FG_NESTING_LIMIT + 1];
    int depth = 0;

    for (const struct fg_state *s = state; s != domain && depth <= FG_NESTING_LIMIT; s = s->parent)
        path[depth++] = s;
    for (int i = depth - 1; i >= 0; i--)
        add_timers(pl, FG_STEP_ARM, path[i]->arm_decls, path[i]->arms.count);
    for (int i = depth - 1; i >= 0; i--)
        add_effects(pl, path[i]->entry_decls, path[i]->entry.count);
}

static void add_tells(struct planner *pl, int from, int to)
{
    for (const struct fg_project *p = pl->model->spec->projects; p != NULL; p = p->next)
        if (p->of_leaf[from] != p->of_leaf[to])
            add_step(pl, (struct fg_step){ FG_STEP_TELL, p->of_leaf[from], p->of_leaf[to], p });
}

static void add_leg(struct planner *pl, const struct fg_trans *t, int leg)
{
    const struct fg_branch *b = fg_leg(t, leg);
    const struct fg_state *domain = fg_domain(b), *from = fg_leg_from(pl->model, t, leg);

    for (const struct fg_state *s = from; s != domain; s = s->parent)
        add_effects(pl, s->exit_decls, s->exit.count);
    for (const struct fg_state *s = from; s != domain; s = s->parent)
        add_timers(pl, FG_STEP_DISARM, s->arm_decls, s->arms.count);
    if (leg == 0 && t->is_rearmed)
        restart(pl, pl->model->events[t->event]);
    add_effects(pl, b->action_decls, b->actions.count);
    if (leg + 1 == t->leg_count)
        add_step(pl, (struct fg_step){ .kind = FG_STEP_BECOME, .id = t->to });
    add_enter(pl, fg_leg_to(pl->model, t, leg), domain);
}

struct fg_plan fg_plan_branch(const struct fg_model *model, const struct fg_trans *trans)
{
    struct planner pl = { .model = model };
    const struct fg_branch *b = trans->branch;

    if (b->effect != FG_GO) {
        if (trans->is_rearmed)
            restart(&pl, model->events[trans->event]);
        if (b->effect == FG_STAY)
            add_effects(&pl, b->action_decls, b->actions.count);
        return pl.plan;
    }
    for (int leg = 0; leg < trans->leg_count; leg++)
        add_leg(&pl, trans, leg);
    add_tells(&pl, trans->from, trans->to);
    return pl.plan;
}

struct fg_plan fg_plan_start(const struct fg_model *model)
{
    struct planner pl = { .model = model };

    add_enter(&pl, model->start, &model->spec->root);
    return pl.plan;
}

bool fg_asks(const struct fg_expr *expr, const struct fg_decl *guard)
{
    if (expr == NULL)
        return false;
    return (expr->op == FG_ATOM && expr->guard == guard) || fg_asks(expr->left, guard) ||
           fg_asks(expr->right, guard);
}

int fg_cell_guards(const struct fg_model *model, const struct fg_cell *cell, int *ids)
{
    int count = 0;

    for (int g = 0; g < model->guard_count && count < FG_ATOM_LIMIT; g++)
        for (int i = 0; i < cell->trans_count; i++)
            if (fg_asks(model->trans[cell->first_trans + i].branch->guard, model->guards[g])) {
                ids[count++] = g;
                break;
            }
    return count;
}

bool fg_guard_holds(const struct fg_expr *expr, const bool *values)
{
    switch (expr->op) {
    case FG_ATOM:
        return values[expr->guard->id];
    case FG_NOT:
        return !fg_guard_holds(expr->left, values);
    case FG_AND:
        return fg_guard_holds(expr->left, values) && fg_guard_holds(expr->right, values);
    default:
        return fg_guard_holds(expr->left, values) || fg_guard_holds(expr->right, values);
    }
}

const struct fg_trans *fg_choose(const struct fg_model *model, const struct fg_cell *cell,
                                 const bool *values)
{
    const struct fg_trans *t = &model->trans[cell->first_trans];

    for (int i = 0; i < cell->trans_count; i++, t++)
        if (t->branch->guard == NULL || fg_guard_holds(t->branch->guard, values))
            return t;
    return t - 1; /* the checks have seen that the guards leave nothing out */
}

bool fg_next_values(const int *ids, int count, bool *values)
{
    for (int i = 0; i < count; i++) {
        values[ids[i]] = !values[ids[i]];
        if (values[ids[i]])
            return true;
    }
    return false;
}

bool *fg_reachable(const struct fg_model *model)
{
    bool *reached = FG_NEW_ARRAY(model->spec->arena, model->leaf_count, bool);
    bool is_new = true;

    reached[model->start->leaf_id] = true;
    while (is_new) {
        is_new = false;
        for (int i = 0; i < model->trans_count; i++)
            if (reached[model->trans[i].from] && !reached[model->trans[i].to])
                is_new = reached[model->trans[i].to] = true;
    }
    return reached;
}
