/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: handlers that can never run (W11). */
/* Called by: main. */
/* Must not know: where transitions lead. */
#include "model.h"

static bool is_armed_below(const struct fg_model *m, const struct fg_state *s, int event)
{
    for (int i = s->first_leaf; i < s->first_leaf + s->leaf_count; i++)
        if (fg_is_armed(m, i, event))
            return true;
    return false;
}

static bool is_used_below(const struct fg_model *m, const struct fg_state *s,
                          const struct fg_handler *h, int event)
{
    for (int i = s->first_leaf; i < s->first_leaf + s->leaf_count; i++)
        if (fg_uses_handler(m, fg_cell_at(m, i, event), h))
            return true;
    return false;
}

static void check_handler(const struct fg_model *m, const struct fg_state *s,
                          const struct fg_handler *h)
{
    for (int i = 0; i < h->ref_count; i++) {
        const int event = h->refs[i].event;
        const char *name = m->events[event]->name;

        if (fg_is_timer(m, event) && !is_armed_below(m, s, event)) {
            if (!m->lost_timers && !m->lost_events)
                fg_warn(m->spec->diag, FG_W_DEAD_TRANSITION, h->refs[i].at,
                        "timer '%s' is not armed in state '%s': transition is dead", name, s->name);
        } else if (s->children != NULL && !is_used_below(m, s, h, event)) {
            fg_warn(m->spec->diag, FG_W_DEAD_TRANSITION, h->refs[i].at,
                    "every state inside '%s' has its own handler of '%s': this one never runs",
                    s->name, name);
        }
    }
}

void fg_check_handlers(struct fg_model *model)
{
    for (int i = 0; i < model->state_count; i++)
        for (const struct fg_handler *h = model->states[i]->handlers; h != NULL; h = h->next)
            check_handler(model, model->states[i], h);
}
