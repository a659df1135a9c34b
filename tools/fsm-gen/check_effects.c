/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: effects that cannot be had where they are asked for: restart, post, choices (E28). */
/* Called by: check. */
/* Must not know: payloads, C. */
#include "model.h"

static void refuse(const struct fg_model *m, struct fg_branch *b, struct fg_place at,
                   const char *text)
{
    if (!b->is_refused)
        fg_error(m->spec->diag, FG_E28, at, "%s", text);
    b->is_refused = true;
}

static const char *not_running(const struct fg_model *m, const struct fg_decl *timer,
                               const char *where, const char *state)
{
    return fg_arena_printf(m->spec->arena, "timer '%s' does not run %s '%s': nothing to restart",
                           timer->name, where, state);
}

/* Timers that run while the actions of a leg do: those of the states that it does not leave. */
static void check_leg(const struct fg_model *m, const struct fg_trans *t, int leg)
{
    struct fg_branch *b = fg_leg(t, leg);
    const struct fg_state *around =
        b->effect == FG_GO ? fg_domain(b) : (const struct fg_state *)m->leaves[t->from];
    const struct fg_name *n = b->actions.first;

    for (int i = 0; i < b->actions.count; i++, n = n->next)
        if (n->use == FG_USE_RESTART && b->action_decls[i] != NULL &&
            !fg_is_armed_around(around, b->action_decls[i]))
            refuse(m, b, n->at,
                   not_running(
                       m, b->action_decls[i], b->effect == FG_GO ? "behind the exit from" : "in",
                       b->effect == FG_GO && leg > 0 ? b->owner->name : m->leaves[t->from]->name));
}

static void check_list(const struct fg_model *m, const struct fg_state *s, struct fg_names names,
                       struct fg_decl *const *decls)
{
    int i = 0;

    for (const struct fg_name *n = names.first; n != NULL; n = n->next, i++)
        if (n->use == FG_USE_RESTART && decls[i] != NULL && !fg_is_armed_around(s, decls[i]))
            fg_error(m->spec->diag, FG_E28, n->at, "%s", not_running(m, decls[i], "in", s->name));
}

/* One timer is either periodic or not: what arms it is told once. */
static void check_periods(const struct fg_model *m, const struct fg_state *s)
{
    int i = 0;

    for (const struct fg_name *n = s->arms.first; n != NULL; n = n->next, i++)
        if (s->arm_decls[i] != NULL && s->arm_decls[i]->is_periodic && n->use != FG_USE_EVERY)
            fg_error(m->spec->diag, FG_E28, n->at,
                     "timer '%s' is periodic in another state: say 'arm %s every' here too",
                     n->text, n->text);
}

static void check_choice(const struct fg_model *m, const struct fg_state *choice)
{
    for (struct fg_handler *h = choice->handlers; h != NULL; h = h->next)
        for (struct fg_branch *b = h->branches; b != NULL; b = b->next)
            if (b->effect != FG_GO)
                refuse(m, b, b->at, "a branch of a choice goes to a state");
    if (!choice->is_target && !m->lost_states)
        fg_warn(m->spec->diag, FG_W_UNREACHABLE, choice->at, "no transition goes to choice '%s'",
                choice->name);
}

void fg_check_effects(struct fg_model *model)
{
    for (int i = 0; i < model->state_count; i++) {
        const struct fg_state *s = model->states[i];

        check_list(model, s, s->entry, s->entry_decls);
        check_list(model, s, s->exit, s->exit_decls);
        check_periods(model, s);
        if (s->is_choice)
            check_choice(model, s);
    }
    for (int i = 0; i < model->trans_count; i++)
        for (int leg = 0; leg < model->trans[i].leg_count; leg++)
            if (fg_leg(&model->trans[i], leg)->effect != FG_GO ||
                fg_leg(&model->trans[i], leg)->to != NULL)
                check_leg(model, &model->trans[i], leg);
}
