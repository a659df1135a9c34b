/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: the promises of `check`: always_reachable (E15) and leads_to (E16), with a path when broken. */
/* Called by: main. */
/* Must not know: guards (every branch counts as possible), C. */
#include "model.h"

enum { WORK_LIMIT = 100 * 1000 * 1000, LISTED = 6 };

struct search {
    const struct fg_model *model;
    const struct fg_trans *
        *arrived_by; /* how a leaf was first reached; NULL: the start, or never */
    bool *is_reachable, *is_certain, *is_in_region;
    long work; /* cells looked at */
};

static bool is_move(const struct fg_trans *t)
{
    return t->branch->effect == FG_GO && t->to >= 0;
}

static void find_paths(struct search *s)
{
    const struct fg_model *m = s->model;
    int *queue = FG_NEW_ARRAY(m->spec->arena, m->leaf_count, int);
    int head = 0, tail = 0;

    queue[tail++] = m->start->leaf_id;
    s->is_reachable[m->start->leaf_id] = true;
    while (head < tail) {
        const int from = queue[head++];

        for (int e = 0; e < m->event_count; e++) {
            const struct fg_cell *cell = fg_cell_at(m, from, e);

            for (int i = 0; i < cell->trans_count; i++) {
                const struct fg_trans *t = &m->trans[cell->first_trans + i];

                if (!is_move(t) || s->is_reachable[t->to])
                    continue;
                s->is_reachable[t->to] = true;
                s->arrived_by[t->to] = t;
                queue[tail++] = t->to;
            }
        }
    }
}

/* "IDLE --CONNECT--> RESOLVING": how the machine comes from its start to this leaf. */
static const char *path_to(const struct search *s, int leaf)
{
    const struct fg_model *m = s->model;
    const char *text = m->leaves[leaf]->name;

    for (const struct fg_trans *t = s->arrived_by[leaf]; t != NULL; t = s->arrived_by[t->from])
        text = fg_arena_printf(m->spec->arena, "%s --%s--> %s", m->leaves[t->from]->name,
                               m->events[t->event]->name, text);
    return text;
}

static void mark_backwards(const struct search *s, const struct fg_state *goal, bool *reaches)
{
    const struct fg_model *m = s->model;
    bool has_grown = true;

    for (int i = goal->first_leaf; i < goal->first_leaf + goal->leaf_count; i++)
        reaches[i] = true;
    while (has_grown) {
        has_grown = false;
        for (int i = 0; i < m->trans_count; i++) {
            const struct fg_trans *t = &m->trans[i];

            if (!is_move(t) || reaches[t->from] || !reaches[t->to])
                continue;
            reaches[t->from] = true;
            has_grown = true;
        }
    }
}

/* "C, D": where the machine can go from a leaf, the leaf itself left out. */
static const char *list_after(const struct fg_model *m, int leaf)
{
    bool *seen = FG_NEW_ARRAY(m->spec->arena, m->leaf_count, bool);
    bool has_grown = true;
    const char *text = "";
    int count = 0;

    seen[leaf] = true;
    while (has_grown) {
        has_grown = false;
        for (int i = 0; i < m->trans_count; i++) {
            const struct fg_trans *t = &m->trans[i];

            if (!is_move(t) || !seen[t->from] || seen[t->to])
                continue;
            seen[t->to] = has_grown = true;
            if (count < LISTED)
                text = fg_arena_printf(m->spec->arena, "%s%s'%s'", text, count == 0 ? "" : ", ",
                                       m->leaves[t->to]->name);
            count++;
        }
    }
    return count > LISTED ? fg_arena_printf(m->spec->arena, "%s, ...", text) : text;
}

static void check_always_reachable(const struct search *s, const struct fg_check *check)
{
    const struct fg_model *m = s->model;
    bool *reaches = FG_NEW_ARRAY(m->spec->arena, m->leaf_count, bool);
    const char *after;

    mark_backwards(s, check->to, reaches);
    for (int i = 0; i < m->leaf_count; i++) {
        if (!s->is_reachable[i] || reaches[i])
            continue;
        fg_error(m->spec->diag, FG_E15, check->state->at,
                 "check failed: '%s' cannot be reached from state '%s'", check->state->text,
                 m->leaves[i]->name);
        fg_note(m->spec->diag, m->leaves[i]->at, "the machine gets there: %s", path_to(s, i));
        after = list_after(m, i);
        if (after[0] != '\0')
            fg_note(m->spec->diag, m->leaves[i]->at, "and then nowhere but to %s", after);
        return;
    }
}

/* Does the transition leave this state, if only to enter it again? */
static bool leaves(const struct fg_trans *t, const struct fg_state *armer)
{
    for (int leg = 0; leg < t->leg_count; leg++)
        if (!fg_is_inside(fg_domain(fg_leg(t, leg)), armer))
            return true;
    return false;
}

static bool has(struct fg_decl *const *decls, int count, const struct fg_decl *timer)
{
    for (int i = 0; i < count; i++)
        if (decls[i] == timer)
            return true;
    return false;
}

/* Does it start this timer anew, by `restart`? */
static bool restarts(const struct fg_model *m, const struct fg_trans *t,
                     const struct fg_decl *timer)
{
    if (has(t->branch->action_decls, t->branch->actions.count, timer))
        return true;
    for (int leg = 0; leg < t->leg_count && is_move(t); leg++) {
        const struct fg_state *domain = fg_domain(fg_leg(t, leg));

        for (const struct fg_state *s = fg_leg_from(m, t, leg); s != domain; s = s->parent)
            if (has(s->exit_decls, s->exit.count, timer))
                return true;
        for (const struct fg_state *s = fg_leg_to(m, t, leg); s != domain; s = s->parent)
            if (has(s->entry_decls, s->entry.count, timer))
                return true;
    }
    return false;
}

static int least_depth_of(const struct fg_trans *t)
{
    int depth = fg_domain(fg_leg(t, 0))->depth;

    for (int leg = 1; leg < t->leg_count; leg++)
        if (fg_domain(fg_leg(t, leg))->depth < depth)
            depth = fg_domain(fg_leg(t, leg))->depth;
    return depth;
}

/* Does every branch of this cell keep the promise that `timer` will end the region? */
static bool keeps_promise(const struct search *s, const struct fg_cell *cell, int event, int timer,
                          const struct fg_state *armer)
{
    const struct fg_model *m = s->model;

    for (int i = 0; i < cell->trans_count; i++) {
        const struct fg_trans *t = &m->trans[cell->first_trans + i];

        if (!is_move(t)) {
            /* It has fired, and nothing has come of it; or it may be started anew for ever. */
            if (event == timer || restarts(m, t, m->events[timer]))
                return false;
            continue;
        }
        if (s->is_certain[t->to])
            continue;
        /* Moving about is fine as long as the timer is not started anew. */
        if (event == timer || !s->is_in_region[t->to] || leaves(t, armer) ||
            restarts(m, t, m->events[timer]))
            return false;
    }
    return event != timer || cell->kind == FG_CELL_HANDLED;
}

static bool holds_in(struct search *s, int leaf, int timer, const struct fg_state *armer)
{
    s->work += s->model->event_count;
    for (int e = 0; e < s->model->event_count; e++)
        if (!keeps_promise(s, fg_cell_at(s->model, leaf, e), e, timer, armer))
            return false;
    return true;
}

/* The largest set of states inside `armer` that `timer` is certain to end. Returns whether the
 * set of certain states has grown. */
static bool add_region(struct search *s, const struct fg_state *armer, int timer)
{
    const int first = armer->first_leaf, end = first + armer->leaf_count;
    bool has_shrunk = true, has_grown = false;

    for (int i = 0; i < s->model->leaf_count; i++)
        s->is_in_region[i] = i >= first && i < end && !s->is_certain[i];
    while (has_shrunk) {
        has_shrunk = false;
        for (int i = first; i < end; i++)
            if (s->is_in_region[i] && !holds_in(s, i, timer, armer)) {
                s->is_in_region[i] = false;
                has_shrunk = true;
            }
    }
    for (int i = first; i < end; i++) {
        has_grown = has_grown || s->is_in_region[i];
        s->is_certain[i] = s->is_certain[i] || s->is_in_region[i];
    }
    return has_grown;
}

/* Events of the user and the net may never come, or come at the worst time: only armed timers
 * make progress. */
static void find_certain(struct search *s, const struct fg_state *goal)
{
    const struct fg_model *m = s->model;
    bool has_grown = true;

    for (int i = 0; i < m->leaf_count; i++)
        s->is_certain[i] = i >= goal->first_leaf && i < goal->first_leaf + goal->leaf_count;
    while (has_grown && s->work < WORK_LIMIT) {
        has_grown = false;
        for (int i = 0; i < m->state_count && s->work < WORK_LIMIT; i++)
            for (int j = 0; j < m->states[i]->arms.count; j++)
                if (add_region(s, m->states[i], m->states[i]->arm_decls[j]->id))
                    has_grown = true;
    }
}

/* Of the moves that lose time, the one that leaves the outermost state: it restarts most timers. */
static const struct fg_trans *uncertain_move(const struct search *s, int leaf)
{
    const struct fg_model *m = s->model;
    const struct fg_trans *worst = NULL;
    int least_depth = 0;

    for (int e = 0; e < m->event_count; e++) {
        const struct fg_cell *cell = fg_cell_at(m, leaf, e);

        for (int i = 0; i < cell->trans_count; i++) {
            const struct fg_trans *t = &m->trans[cell->first_trans + i];
            int depth;

            if (!is_move(t) || s->is_certain[t->to])
                continue;
            depth = least_depth_of(t);
            if (worst == NULL || depth < least_depth) {
                worst = t;
                least_depth = depth;
            }
        }
    }
    return worst;
}

static bool has_timer(const struct fg_model *m, int leaf)
{
    for (int e = m->first_timer; e < m->event_count; e++)
        if (fg_is_armed(m, leaf, e))
            return true;
    return false;
}

/* Follow the worst case until it stands still or comes round. */
static void explain(const struct search *s, int leaf)
{
    const struct fg_model *m = s->model;
    bool *seen = FG_NEW_ARRAY(m->spec->arena, m->leaf_count, bool);
    const char *text = m->leaves[leaf]->name, *end = "and so on for ever";
    const int first = leaf;

    while (!seen[leaf]) {
        const struct fg_trans *t = uncertain_move(s, leaf);

        seen[leaf] = true;
        if (t == NULL || !has_timer(m, leaf)) {
            end = has_timer(m, leaf) ? "whose timers do not end it" : "where no timer runs";
            break;
        }
        leaf = t->to;
        text = fg_arena_printf(m->spec->arena, "%s --%s--> %s", text, m->events[t->event]->name,
                               m->leaves[leaf]->name);
    }
    fg_note(m->spec->diag, m->leaves[first]->at, "%s, %s", text, end);
}

static void broken_promise(const struct search *s, const struct fg_check *check, int from,
                           int event, int to)
{
    const struct fg_model *m = s->model;

    fg_error(m->spec->diag, FG_E16, check->at,
             "check failed: '%s' in state '%s' leads to '%s', from which '%s' is not inevitable",
             m->events[event]->name, m->leaves[from]->name, m->leaves[to]->name,
             check->state->text);
    fg_note(m->spec->diag, m->leaves[from]->at, "the machine gets there: %s --%s--> %s",
            path_to(s, from), m->events[event]->name, m->leaves[to]->name);
    explain(s, to);
}

/* Returns whether the promise holds for this event in this state. */
static bool leads_there(const struct search *s, const struct fg_check *check, int from, int event)
{
    const struct fg_model *m = s->model;
    const struct fg_cell *cell = fg_cell_at(m, from, event);

    if ((cell->kind == FG_CELL_IGNORED || cell->kind == FG_CELL_DEFERRED) && !s->is_certain[from]) {
        broken_promise(s, check, from, event, from);
        return false;
    }
    for (int i = 0; i < cell->trans_count; i++) {
        const struct fg_trans *t = &m->trans[cell->first_trans + i];

        if (t->branch->effect == FG_UNEXPECTED || s->is_certain[t->to])
            continue;
        broken_promise(s, check, from, event, t->to);
        return false;
    }
    return true;
}

static void check_leads_to(struct search *s, const struct fg_check *check)
{
    find_certain(s, check->to);
    if (s->work >= WORK_LIMIT) {
        fg_error(s->model->spec->diag, FG_E24, check->at,
                 "this machine is too large for 'leads_to'");
        return;
    }
    for (int r = 0; r < check->ref_count; r++)
        for (int i = 0; i < s->model->leaf_count; i++)
            if (s->is_reachable[i] && !leads_there(s, check, i, check->refs[r].event))
                break;
}

void fg_check_temporal(struct fg_model *model)
{
    struct fg_arena *arena = model->spec->arena;
    struct search s = { .model = model };

    /* A path through what could not be read would prove nothing. */
    if (fg_diag_errors(model->spec->diag) > 0 || model->start == NULL)
        return;
    s.arrived_by = FG_NEW_ARRAY(arena, model->leaf_count, const struct fg_trans *);
    s.is_reachable = FG_NEW_ARRAY(arena, model->leaf_count, bool);
    s.is_certain = FG_NEW_ARRAY(arena, model->leaf_count, bool);
    s.is_in_region = FG_NEW_ARRAY(arena, model->leaf_count, bool);
    find_paths(&s);
    for (const struct fg_check *c = model->spec->checks; c != NULL; c = c->next) {
        if (c->is_leads_to)
            check_leads_to(&s, c);
        else
            check_always_reachable(&s, c);
    }
}
