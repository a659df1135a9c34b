/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: user events that `otherwise ignore` drops without a reason (W19). */
/* Called by: check. */
/* Must not know: paths through the machine. */
#include "model.h"

#include <string.h>

enum { LISTED = 6 };

static bool is_hidden(const struct fg_model *m, const struct fg_state *s, int event)
{
    const char *class_name = m->events[event]->class_name;

    if (class_name == NULL || strcmp(class_name, "user") != 0)
        return false;
    for (int i = s->first_leaf; i < s->first_leaf + s->leaf_count; i++) {
        const struct fg_cell *cell = fg_cell_at(m, i, event);

        if (cell->kind == FG_CELL_IGNORED && cell->handler == NULL && cell->owner == s &&
            !m->leaves[i]->is_final)
            return true;
    }
    return false;
}

static void check_state(const struct fg_model *m, const struct fg_state *s)
{
    const char *names = "";
    int count = 0;

    for (int e = 0; e < m->first_timer; e++) {
        if (!is_hidden(m, s, e))
            continue;
        if (count < LISTED)
            names = fg_arena_printf(m->spec->arena, "%s%s%s", names, count == 0 ? "" : ", ",
                                    m->events[e]->name);
        count++;
    }
    if (count == 0)
        return;
    fg_warn(m->spec->diag, FG_W_HIDDEN_EVENT, s->otherwise_at,
            "'otherwise ignore' in state '%s' drops %d user event%s: %s%s", s->name, count,
            count == 1 ? "" : "s", names, count > LISTED ? ", ..." : "");
    fg_note(m->spec->diag, s->otherwise_at,
            "name %s, or say why %s may be dropped: 'otherwise ignore \"why\";'",
            count == 1 ? "it" : "them", count == 1 ? "it" : "they");
}

void fg_check_hidden(struct fg_model *model)
{
    if (model->lost_events)
        return;
    for (int i = 0; i < model->state_count; i++) {
        const struct fg_state *s = model->states[i];

        if (s->has_otherwise && s->otherwise == FG_IGNORE && s->otherwise_why == NULL)
            check_state(model, s);
    }
}
