/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: completeness of the table (E03) and agreement of payloads (E13). */
/* Called by: main. */
/* Must not know: paths through the machine. */
#include "model.h"

#include <string.h>

enum { LISTED = 6 };

static const char *join_missing(const struct fg_model *m, int leaf, int limit, int *ret_count)
{
    const char *text = "";
    int count = 0;

    for (int e = 0; e < m->event_count; e++) {
        if (fg_cell_at(m, leaf, e)->kind != FG_CELL_MISSING)
            continue;
        if (count < limit)
            text = fg_arena_printf(m->spec->arena, "%s%s%s", text, count == 0 ? "" : ", ",
                                   m->events[e]->name);
        count++;
    }
    *ret_count = count;
    return count > limit ? fg_arena_printf(m->spec->arena, "%s, ...", text) : text;
}

static bool is_broken(const struct fg_state *state)
{
    while (state != NULL && !state->is_broken)
        state = state->parent;
    return state != NULL;
}

/* After a warning only: the cell must still mean something. */
static void call_missing_unexpected(const struct fg_model *m)
{
    for (int i = 0; i < m->leaf_count * m->event_count; i++)
        if (m->cells[i].kind == FG_CELL_MISSING)
            m->cells[i].kind = FG_CELL_UNEXPECTED;
}

void fg_check_cells(struct fg_model *model)
{
    static const char unstated[] = "state '%s' leaves %d event%s unstated: %s";
    struct fg_diag *diag = model->spec->diag;

    if (model->lost_timers)
        return; /* which timers run is not known */
    for (int leaf = 0; leaf < model->leaf_count; leaf++) {
        const struct fg_state *state = model->leaves[leaf];
        const char *some, *all;
        int count;

        some = join_missing(model, leaf, LISTED, &count);
        if (count == 0 || is_broken(state))
            continue;
        all = join_missing(model, leaf, 64, &count);
        if (model->spec->is_lax)
            fg_warn(diag, FG_W_INCOMPLETE, state->at, unstated, state->name, count,
                    count == 1 ? "" : "s", some);
        else
            fg_error(diag, FG_E03, state->at, unstated, state->name, count, count == 1 ? "" : "s",
                     some);
        fg_note(diag, state->at, "state %s, or add 'unexpected %s;'",
                count == 1 ? "what it means" : "what they mean", all);
    }
    if (model->spec->is_lax)
        call_missing_unexpected(model);
}

static const char *carried(const struct fg_model *m, const char *type)
{
    return type == NULL ? "no payload" : fg_arena_printf(m->spec->arena, "\"%s\"", type);
}

/* What an action or a guard takes, and a posted event carries, is what the event brings. */
static void check_carried(const struct fg_model *m, const struct fg_decl *taker,
                          const struct fg_decl *event, struct fg_place at)
{
    static const char *const kinds[] = { "posted event", "timer", "set", "guard", "action" };

    if (taker == NULL || taker->type == NULL ||
        (event->type != NULL && strcmp(event->type, taker->type) == 0))
        return;
    fg_error(m->spec->diag, FG_E13, at, "%s '%s' %s \"%s\" but %s '%s' carries %s",
             kinds[taker->kind], taker->name, taker->kind == FG_EVENT ? "carries" : "takes",
             taker->type, event->kind == FG_TIMER ? "timer" : "event", event->name,
             carried(m, event->type));
    fg_note(m->spec->diag, event->at, "'%s' is declared here", event->name);
}

static void check_guard(const struct fg_model *m, const struct fg_expr *e,
                        const struct fg_decl *event)
{
    if (e == NULL)
        return;
    check_guard(m, e->left, event);
    check_guard(m, e->right, event);
    if (e->op == FG_ATOM)
        check_carried(m, e->guard, event, e->name->at);
}

static void check_event(const struct fg_model *m, const struct fg_branch *b,
                        const struct fg_decl *event)
{
    const struct fg_name *n = b->actions.first;

    check_guard(m, b->guard, event);
    for (int i = 0; i < b->actions.count; i++, n = n->next)
        check_carried(m, b->action_decls[i], event, n->at);
}

static void check_branch(const struct fg_model *m, const struct fg_handler *h,
                         const struct fg_branch *b)
{
    for (int r = 0; r < h->ref_count; r++)
        check_event(m, b, m->events[h->refs[r].event]);
}

/* The branches of a choice, for every event that leads to it; each is named once. */
static void check_choices(const struct fg_model *m)
{
    for (int i = 0; i < m->trans_count; i++)
        for (int leg = 1; leg < m->trans[i].leg_count; leg++) {
            struct fg_branch *b = fg_leg(&m->trans[i], leg);
            const int errors = fg_diag_errors(m->spec->diag);

            if (!b->is_refused)
                check_event(m, b, m->events[m->trans[i].event]);
            b->is_refused = b->is_refused || fg_diag_errors(m->spec->diag) > errors;
        }
}

static void check_plain(const struct fg_model *m, struct fg_names names,
                        struct fg_decl *const *decls, const char *where)
{
    const struct fg_name *n = names.first;

    for (int i = 0; i < names.count; i++, n = n->next)
        if (decls[i] != NULL && decls[i]->type != NULL)
            fg_error(m->spec->diag, FG_E13, n->at, "%s '%s' %s \"%s\" but %s has no payload",
                     decls[i]->kind == FG_EVENT ? "event" : "action", decls[i]->name,
                     decls[i]->kind == FG_EVENT ? "carries" : "takes", decls[i]->type, where);
}

void fg_check_payloads(struct fg_model *model)
{
    check_choices(model);
    for (int i = 0; i < model->state_count; i++) {
        const struct fg_state *s = model->states[i];

        check_plain(model, s->entry, s->entry_decls, "'entry'");
        check_plain(model, s->exit, s->exit_decls, "'exit'");
        for (const struct fg_handler *h = s->handlers; h != NULL; h = h->next)
            for (const struct fg_branch *b = h->branches; b != NULL; b = b->next)
                check_branch(model, h, b);
    }
}
