/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: how many local events may follow one another before the machine rests. */
/* Called by: flatten (room for events that wait), the report; what is local: the check of livelocks. */
/* Must not know: which action sends which event: that is not written down. */
#include "chain.h"

#include <string.h>

bool fg_is_local(const struct fg_model *model, int event)
{
    const char *class_name = model->events[event]->class_name;

    return class_name != NULL && strcmp(class_name, "local") == 0;
}

static bool leg_runs_action(const struct fg_model *m, const struct fg_trans *t, int leg)
{
    const struct fg_branch *b = fg_leg(t, leg);
    const struct fg_state *from = fg_leg_from(m, t, leg), *to = fg_leg_to(m, t, leg);
    const struct fg_state *domain;

    if (b->actions.count > 0)
        return true;
    if (b->effect != FG_GO)
        return false;
    domain = fg_domain(b);
    for (; from != domain; from = from->parent)
        if (from->exit.count > 0)
            return true;
    for (; to != domain; to = to->parent)
        if (to->entry.count > 0)
            return true;
    return false;
}

bool fg_runs_action(const struct fg_model *model, const struct fg_trans *trans)
{
    for (int leg = 0; leg < trans->leg_count; leg++)
        if (leg_runs_action(model, trans, leg))
            return true;
    return false;
}

struct finder {
    const struct fg_model *model;
    const struct fg_trans **steps; /* those that a local event takes */
    int step_count;
    int *length;                  /* of each leaf: the longest chain that may follow in it */
    const struct fg_trans **next; /* the same: its first step */
};

static void list_steps(struct finder *fd)
{
    const struct fg_model *m = fd->model;

    fd->steps = FG_NEW_ARRAY(m->spec->arena, m->trans_count + 1, const struct fg_trans *);
    for (int i = 0; i < m->trans_count; i++) {
        const enum fg_effect effect = m->trans[i].branch->effect;

        if (m->trans[i].to >= 0 && (effect == FG_GO || effect == FG_STAY) &&
            fg_is_local(m, m->trans[i].event))
            fd->steps[fd->step_count++] = &m->trans[i];
    }
}

/* Does another local event follow? Only one that an action of this step has sent; and a step that
 * stays where it is counts as the last, or whatever has an action would have no bound. */
static bool leads_on(const struct fg_model *m, const struct fg_trans *t)
{
    return t->branch->effect == FG_GO && fg_runs_action(m, t);
}

static bool grow(struct finder *fd)
{
    bool has_grown = false;

    for (int i = 0; i < fd->step_count; i++) {
        const struct fg_trans *t = fd->steps[i];
        const int length = leads_on(fd->model, t) ? 1 + fd->length[t->to] : 1;

        if (length <= fd->length[t->from])
            continue;
        fd->length[t->from] = length;
        fd->next[t->from] = t;
        has_grown = true;
    }
    return has_grown;
}

struct fg_chain fg_longest_chain(const struct fg_model *model)
{
    struct finder fd = { .model = model };
    struct fg_chain chain = { .is_endless = true };
    int first = 0;

    fd.length = FG_NEW_ARRAY(model->spec->arena, model->leaf_count + 1, int);
    fd.next = FG_NEW_ARRAY(model->spec->arena, model->leaf_count + 1, const struct fg_trans *);
    list_steps(&fd);
    for (int round = 0; chain.is_endless && round <= model->leaf_count; round++)
        chain.is_endless = grow(&fd);
    for (int i = 0; i < model->leaf_count; i++)
        first = fd.length[i] > fd.length[first] ? i : first;
    chain.steps = FG_NEW_ARRAY(model->spec->arena, model->leaf_count + 2, const struct fg_trans *);
    for (const struct fg_trans *t = fd.next[first]; t != NULL && chain.length <= model->leaf_count;
         t = leads_on(model, t) ? fd.next[t->to] : NULL)
        chain.steps[chain.length++] = t;
    return chain;
}
