/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: declarations that nothing uses (W12). */
/* Called by: main. */
/* Must not know: cells. */
#include "model.h"

static bool is_armed_somewhere(const struct fg_model *m, const struct fg_decl *timer)
{
    for (int i = 0; i < m->state_count; i++)
        for (int j = 0; j < m->states[i]->arms.count; j++)
            if (m->states[i]->arm_decls[j] == timer)
                return true;
    return false;
}

void fg_check_unused(struct fg_model *model)
{
    struct fg_diag *diag = model->spec->diag;

    if (model->lost_events || model->lost_timers || model->lost_uses)
        return; /* the name that could not be read may be this one */
    for (int e = 0; e < model->event_count; e++) {
        const struct fg_decl *d = model->events[e];

        if (fg_is_timer(model, e) && !is_armed_somewhere(model, d))
            fg_warn(diag, FG_W_UNUSED, d->at, "timer '%s' is never armed", d->name);
        else if (!d->is_used)
            fg_warn(diag, FG_W_UNUSED, d->at, "no state names %s '%s'",
                    fg_is_timer(model, e) ? "timer" : "event", d->name);
    }
    for (int i = 0; i < model->set_count; i++)
        if (!model->sets[i]->is_used)
            fg_warn(diag, FG_W_UNUSED, model->sets[i]->at, "set '%s' is never used",
                    model->sets[i]->name);
    for (int i = 0; i < model->guard_count; i++)
        if (!model->guards[i]->is_used)
            fg_warn(diag, FG_W_UNUSED, model->guards[i]->at, "guard '%s' is never used",
                    model->guards[i]->name);
    for (int i = 0; i < model->action_count; i++)
        if (!model->actions[i]->is_used)
            fg_warn(diag, FG_W_UNUSED, model->actions[i]->at, "action '%s' is never used",
                    model->actions[i]->name);
}
