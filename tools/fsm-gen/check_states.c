/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: checks of single states: unreachable (W08), no way out (E09), two arms (E26). */
/* Called by: main. */
/* Must not know: payloads, guards, C. */
#include "model.h"

static void mark_reachable(const struct fg_model *m, bool *seen)
{
    bool has_grown = true;

    seen[m->start->leaf_id] = true;
    while (has_grown) {
        has_grown = false;
        for (int i = 0; i < m->trans_count; i++) {
            const struct fg_trans *t = &m->trans[i];

            if (t->to < 0 || !seen[t->from] || seen[t->to])
                continue;
            seen[t->to] = true;
            has_grown = true;
        }
    }
}

static void check_reachable(const struct fg_model *m)
{
    bool *seen = FG_NEW_ARRAY(m->spec->arena, m->leaf_count, bool);

    if (m->start == NULL || m->lost_states || m->lost_events || m->lost_timers)
        return;
    mark_reachable(m, seen);
    for (int i = 0; i < m->leaf_count; i++)
        if (!seen[i])
            fg_warn(m->spec->diag, FG_W_UNREACHABLE, m->leaves[i]->at,
                    "state '%s' cannot be reached from '%s'", m->leaves[i]->name, m->start->name);
}

static bool is_unknown(const struct fg_state *leaf)
{
    for (const struct fg_state *s = leaf; s != NULL; s = s->parent)
        if (s->is_broken)
            return true;
    return false;
}

static void check_final(const struct fg_model *m, const struct fg_state *state)
{
    for (int e = 0; e < m->event_count; e++) {
        const struct fg_cell *cell = fg_cell_at(m, state->leaf_id, e);

        for (int i = 0; i < cell->trans_count; i++) {
            const struct fg_branch *b = m->trans[cell->first_trans + i].branch;

            if (b->effect != FG_GO)
                continue;
            fg_error(m->spec->diag, FG_E09, b->target->at, "final state '%s' has a way out on '%s'",
                     state->name, m->events[e]->name);
            fg_note(m->spec->diag, state->at, "'%s' is declared here", state->name);
        }
    }
}

static void check_way_out(const struct fg_model *m, const struct fg_state *state)
{
    for (int e = 0; e < m->event_count; e++) {
        const struct fg_cell *cell = fg_cell_at(m, state->leaf_id, e);

        for (int i = 0; i < cell->trans_count; i++)
            if (m->trans[cell->first_trans + i].to != state->leaf_id)
                return; /* a target that is not known counts as a way out */
    }
    fg_error(m->spec->diag, FG_E09, state->at, "state '%s' has no way out, and is not final",
             state->name);
}

/* Two nested states that arm one timer would cancel it for each other. */
static void check_arm_above(const struct fg_model *m, const struct fg_state *state,
                            const struct fg_decl *timer, struct fg_place at)
{
    for (const struct fg_state *s = state->parent; s->parent != NULL; s = s->parent)
        for (int i = 0; i < s->arms.count; i++) {
            if (s->arm_decls[i] != timer)
                continue;
            fg_error(m->spec->diag, FG_E26, at, "timer '%s' is armed by '%s' already", timer->name,
                     s->name);
            fg_note(m->spec->diag, s->at, "'%s' is declared here", s->name);
            return;
        }
}

static void check_arms(const struct fg_model *m, const struct fg_state *state)
{
    const struct fg_name *n = state->arms.first;

    for (int i = 0; i < state->arms.count; i++, n = n->next) {
        const struct fg_decl *timer = state->arm_decls[i];

        for (int j = 0; j < i && timer != NULL; j++)
            if (state->arm_decls[j] == timer)
                fg_error(m->spec->diag, FG_E26, n->at, "timer '%s' is armed twice in '%s'", n->text,
                         state->name);
        if (timer != NULL)
            check_arm_above(m, state, timer, n->at);
    }
}

void fg_check_states(struct fg_model *model)
{
    check_reachable(model);
    for (int i = 0; i < model->state_count; i++) {
        const struct fg_state *s = model->states[i];

        check_arms(model, s);
        if (s->is_choice)
            continue;
        if (s->children != NULL) {
            if (s->is_final)
                fg_error(model->spec->diag, FG_E09, s->at, "composite state '%s' cannot be final",
                         s->name);
            continue;
        }
        if (s->is_final) {
            check_final(model, s);
            continue;
        }
        if (!is_unknown(s) && !model->lost_timers)
            check_way_out(model, s);
    }
}
