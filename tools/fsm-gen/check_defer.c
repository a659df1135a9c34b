/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: deferred events: never handled, refused, kept by a resting state (W18), unbounded (W18b). */
/* Called by: check. */
/* Must not know: guards, C. */
#include "model.h"

#include <stdint.h>
#include <string.h>

enum { WORD_BITS = 64 };

struct deferring {
    const struct fg_model *model;
    int words;                     /* of one set of leaves */
    uint64_t *after;               /* [leaf * words]: leaves that can come after this one */
    const struct fg_trans **moves; /* into another leaf, by leaf, each other leaf once */
    int *first;                    /* of each leaf, and one more: the first of its moves */
    uint64_t **takers; /* of each event: leaves that do something with it; NULL: not yet known */
};

static bool has(const uint64_t *set, int leaf)
{
    return (set[leaf / WORD_BITS] >> (leaf % WORD_BITS) & 1U) != 0;
}

static void put(uint64_t *set, int leaf)
{
    set[leaf / WORD_BITS] |= (uint64_t)1 << (leaf % WORD_BITS);
}

static uint64_t *after(const struct deferring *d, int leaf)
{
    return &d->after[(size_t)leaf * (size_t)d->words];
}

/* Transitive closure, 64 leaves at a time. */
static void find_after(struct deferring *d)
{
    const struct fg_model *m = d->model;
    const int n = m->leaf_count;

    d->words = (n + WORD_BITS - 1) / WORD_BITS;
    d->after = FG_NEW_ARRAY(m->spec->arena, n * d->words, uint64_t);
    d->takers = FG_NEW_ARRAY(m->spec->arena, m->event_count, uint64_t *);
    for (int i = 0; i < m->trans_count; i++)
        if (m->trans[i].branch->effect == FG_GO && m->trans[i].to >= 0)
            put(after(d, m->trans[i].from), m->trans[i].to);
    for (int via = 0; via < n; via++)
        for (int from = 0; from < n; from++)
            if (has(after(d, from), via))
                for (int w = 0; w < d->words; w++)
                    after(d, from)[w] |= after(d, via)[w];
}

/* Transitions are in the order of their leaves. */
static void list_moves(struct deferring *d)
{
    const struct fg_model *m = d->model;
    int *seen_from = FG_NEW_ARRAY(m->spec->arena, m->leaf_count, int); /* one above its number */
    int count = 0, leaf = 0;

    d->moves = FG_NEW_ARRAY(m->spec->arena, m->trans_count + 1, const struct fg_trans *);
    d->first = FG_NEW_ARRAY(m->spec->arena, m->leaf_count + 1, int);
    for (int i = 0; i < m->trans_count; i++) {
        const struct fg_trans *t = &m->trans[i];

        while (leaf < t->from)
            d->first[++leaf] = count;
        if (t->branch->effect != FG_GO || t->to < 0 || t->to == t->from ||
            seen_from[t->to] == t->from + 1)
            continue;
        seen_from[t->to] = t->from + 1;
        d->moves[count++] = t;
    }
    while (leaf < m->leaf_count)
        d->first[++leaf] = count;
}

static bool takes(const struct fg_model *m, const struct fg_cell *cell)
{
    for (int i = 0; i < cell->trans_count; i++) {
        const enum fg_effect effect = m->trans[cell->first_trans + i].branch->effect;

        if (effect == FG_GO || effect == FG_STAY)
            return true;
    }
    return false;
}

static const uint64_t *takers_of(struct deferring *d, int event)
{
    const struct fg_model *m = d->model;

    if (d->takers[event] != NULL)
        return d->takers[event];
    d->takers[event] = FG_NEW_ARRAY(m->spec->arena, d->words, uint64_t);
    for (int i = 0; i < m->leaf_count; i++)
        if (takes(m, fg_cell_at(m, i, event)))
            put(d->takers[event], i);
    return d->takers[event];
}

static bool is_taken_after(struct deferring *d, int leaf, int event)
{
    const uint64_t *takers = takers_of(d, event);

    for (int w = 0; w < d->words; w++)
        if ((after(d, leaf)[w] & takers[w]) != 0)
            return true;
    return has(takers, leaf); /* by another branch of its own */
}

static const struct fg_trans *find_refusal(const struct deferring *d, int leaf, int event)
{
    for (int i = d->first[leaf]; i < d->first[leaf + 1]; i++)
        if (fg_cell_at(d->model, d->moves[i]->to, event)->kind == FG_CELL_UNEXPECTED)
            return d->moves[i];
    return NULL;
}

static bool runs_timer(const struct fg_model *m, int leaf)
{
    for (int e = m->first_timer; e < m->event_count; e++)
        if (fg_is_armed(m, leaf, e))
            return true;
    return false;
}

/* Returns whether something was said. */
static bool check_leaf(struct deferring *d, const struct fg_branch *branch, int leaf,
                       const struct fg_event_ref *ref)
{
    const struct fg_model *m = d->model;
    const char *event = m->events[ref->event]->name, *state = m->leaves[leaf]->name;
    const struct fg_trans *refusal;

    if (!is_taken_after(d, leaf, ref->event)) {
        fg_warn(m->spec->diag, FG_W_DEFER, ref->at,
                "no state that can follow '%s' handles the deferred '%s'", state, event);
        return true;
    }
    refusal = find_refusal(d, leaf, ref->event);
    if (refusal != NULL) {
        fg_warn(m->spec->diag, FG_W_DEFER, ref->at,
                "'%s', deferred in '%s', is replayed in '%s', where it is unexpected", event, state,
                m->leaves[refusal->to]->name);
        fg_note(m->spec->diag, refusal->branch->target->at, "%s --%s--> %s", state,
                m->events[refusal->event]->name, m->leaves[refusal->to]->name);
        return true;
    }
    if (branch->why != NULL || !fg_is_resting(m->leaves[leaf]) || runs_timer(m, leaf))
        return false;
    fg_warn(m->spec->diag, FG_W_DEFER, ref->at,
            "state '%s' is resting: it may keep '%s' for ever (give a reason after the event)",
            state, event);
    return true;
}

static void check_handler(struct deferring *d, const struct fg_state *s, const struct fg_handler *h,
                          const struct fg_branch *branch)
{
    for (int r = 0; r < h->ref_count; r++)
        for (int i = s->first_leaf; i < s->first_leaf + s->leaf_count; i++)
            if (fg_uses_handler(d->model, fg_cell_at(d->model, i, h->refs[r].event), h) &&
                check_leaf(d, branch, i, &h->refs[r]))
                break;
}

static void check_bound(const struct fg_model *m, const struct fg_handler *h, bool *is_bounded)
{
    for (int r = 0; r < h->ref_count; r++) {
        const struct fg_decl *event = m->events[h->refs[r].event];

        if (is_bounded[event->id] || event->class_name == NULL ||
            strcmp(event->class_name, "user") != 0)
            continue;
        is_bounded[event->id] = true; /* say it once */
        fg_warn(
            m->spec->diag, FG_W_DEFER_BOUND, h->refs[r].at,
            "user event '%s' is deferred without a bound: say 'max N', or queue it by an action",
            event->name);
    }
}

static const struct fg_branch *find_defer(const struct fg_handler *h)
{
    const struct fg_branch *b = h->branches;

    while (b != NULL && b->effect != FG_DEFER)
        b = b->next;
    return b;
}

void fg_check_defer(struct fg_model *model)
{
    bool *is_bounded = FG_NEW_ARRAY(model->spec->arena, model->event_count, bool);
    struct deferring d = { .model = model };

    if (!model->can_defer || model->defer_total > FG_QUEUE_LIMIT || model->lost_states ||
        model->lost_events)
        return;
    find_after(&d);
    list_moves(&d);
    for (int i = 0; i < model->state_count; i++)
        for (const struct fg_handler *h = model->states[i]->handlers; h != NULL; h = h->next)
            for (int r = 0; r < h->ref_count && h->defer_max > 0; r++)
                is_bounded[h->refs[r].event] = true;
    for (int i = 0; i < model->state_count; i++)
        for (const struct fg_handler *h = model->states[i]->handlers; h != NULL; h = h->next) {
            const struct fg_branch *branch = find_defer(h);

            if (branch == NULL)
                continue;
            check_handler(&d, model->states[i], h, branch);
            check_bound(model, h, is_bounded);
        }
}
