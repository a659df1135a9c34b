/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: the difference of two machines by what they do, cell by cell, whatever the text. */
/* Called by: main, for the verb diff. */
/* Must not know: how the texts differ. */
#include "plan.h"
#include "simulate.h"

#include <stdint.h>
#include <string.h>

enum { DIFFERENCE_LIMIT = 16 }; /* shown of one cell */

/* One cell of one machine. */
struct side {
    const struct fg_model *model;
    int leaf, event;
    const struct fg_cell *cell;
    const char *const *texts; /* of each branch */
    int text_count;
    int guards[FG_ATOM_LIMIT], guard_count;
    bool *values; /* of each guard of the machine */
};

static int find_leaf(const struct fg_model *m, const char *name)
{
    for (int i = 0; i < m->leaf_count; i++)
        if (strcmp(m->leaves[i]->name, name) == 0)
            return i;
    return -1;
}

static int find_event(const struct fg_model *m, const char *name)
{
    for (int e = 0; e < m->event_count; e++)
        if (strcmp(m->events[e]->name, name) == 0)
            return e;
    return -1;
}

static const char *public_text(const struct fg_project *project, int id)
{
    const struct fg_public *v = project->publics;

    while (v != NULL && v->id != id)
        v = v->next;
    return v == NULL ? "?" : v->name->text;
}

static const char *step_text(const struct fg_model *m, const struct fg_step *s)
{
    struct fg_arena *arena = m->spec->arena;

    switch (s->kind) {
    case FG_STEP_ACTION:
        return m->actions[s->id]->name;
    case FG_STEP_BECOME:
        return fg_arena_printf(arena, "-> %s", m->leaves[s->id]->name);
    case FG_STEP_TELL:
        return fg_arena_printf(arena, "tell %s %s", s->project->name->text,
                               public_text(s->project, s->to));
    case FG_STEP_POST:
        return fg_arena_printf(arena, "post %s", m->events[s->id]->name);
    default:
        return fg_arena_printf(arena, "%s %s", s->kind == FG_STEP_ARM ? "arm" : "disarm",
                               m->events[m->first_timer + s->id]->name);
    }
}

static const char *plan_text(const struct fg_model *m, struct fg_plan plan, const char *text)
{
    for (int i = 0; i < plan.count; i++)
        text = fg_arena_printf(m->spec->arena, "%s%s%s", text, i == 0 ? "" : ", ",
                               step_text(m, &plan.steps[i]));
    return text;
}

/* What each branch does; made once, whatever the number of guards. */
static const char *const *branch_texts(const struct fg_model *m, const struct fg_cell *cell)
{
    static const char *const effects[] = { "", "", "ignored", "deferred", "unexpected" };
    const char **texts = FG_NEW_ARRAY(m->spec->arena, cell->trans_count + 1, const char *);

    for (int i = 0; i < cell->trans_count; i++) {
        const struct fg_trans *t = &m->trans[cell->first_trans + i];

        texts[i] = plan_text(m, fg_plan_branch(m, t), effects[t->branch->effect]);
    }
    return texts;
}

static struct side side_at(const struct fg_model *m, int leaf, int event)
{
    static const char *const kinds[] = { "the timer does not run", "unexpected", "ignored",
                                         "deferred" };
    struct side side = { .model = m,
                         .leaf = leaf,
                         .event = event,
                         .cell = fg_cell_at(m, leaf, event),
                         .text_count = 1 };

    if (side.cell->kind != FG_CELL_HANDLED) {
        side.texts = &kinds[side.cell->kind];
        return side;
    }
    side.texts = branch_texts(m, side.cell);
    side.text_count = side.cell->trans_count;
    side.guard_count = fg_cell_guards(m, side.cell, side.guards);
    if (side.guard_count > 0)
        side.values = FG_NEW_ARRAY(m->spec->arena, m->guard_count, bool);
    return side;
}

/* The branch taken when exactly these guards are true; where[i]: our number of the i-th, or -1. */
static int choose(const struct side *side, const int *where, int count, unsigned valuation)
{
    const struct fg_model *m = side->model;

    if (side->guard_count == 0)
        return 0;
    for (int i = 0; i < count; i++)
        if (where[i] >= 0)
            side->values[where[i]] = (valuation >> i & 1U) != 0;
    return (int)(fg_choose(m, side->cell, side->values) - &m->trans[side->cell->first_trans]);
}

/* Two handlers: the guards that either asks, by their names, where each side has them, and which
 * branches can be taken together. Kept from one cell to the next, which often has the same two. */
struct pair {
    const struct fg_handler *handlers[2];
    const char *names[2 * FG_ATOM_LIMIT];
    int where[2][2 * FG_ATOM_LIMIT];
    int count;
    uint64_t together[FG_BRANCH_LIMIT]; /* bit j of i */
};

static void add_guards(struct pair *all, const struct side *side, int which)
{
    for (int i = 0; i < side->guard_count; i++) {
        const char *name = side->model->guards[side->guards[i]]->name;
        int at = 0;

        while (at < all->count && strcmp(all->names[at], name) != 0)
            at++;
        if (at == all->count) {
            all->names[all->count++] = name;
            all->where[0][at] = all->where[1][at] = -1;
        }
        all->where[which][at] = side->guards[i];
    }
}

static void pair_up(struct pair *pair, const struct side *a, const struct side *b)
{
    if (pair->handlers[0] == a->cell->handler && pair->handlers[1] == b->cell->handler &&
        a->guard_count > 0 && b->guard_count > 0)
        return;
    memset(pair, 0, sizeof(*pair));
    pair->handlers[0] = a->cell->handler;
    pair->handlers[1] = b->cell->handler;
    add_guards(pair, a, 0);
    add_guards(pair, b, 1);
    for (unsigned v = 0; pair->count <= FG_ATOM_LIMIT && v < 1U << pair->count; v++)
        pair->together[choose(a, pair->where[0], pair->count, v)] |=
            UINT64_C(1) << choose(b, pair->where[1], pair->count, v);
}

static bool can_differ(const struct pair *pair, const struct side *a, const struct side *b)
{
    for (int i = 0; i < a->text_count; i++)
        for (int j = 0; j < b->text_count; j++)
            if ((pair->together[i] >> j & 1U) != 0 && strcmp(a->texts[i], b->texts[j]) != 0)
                return true;
    return false;
}

static void print_outcome(const struct pair *pair, unsigned v, FILE *out)
{
    for (int i = 0; i < pair->count; i++)
        (void)fprintf(out, "%s%s%s", i == 0 ? " when " : ", ", (v >> i & 1U) != 0 ? "" : "not ",
                      pair->names[i]);
}

/* Prints each outcome of the guards that differs, at most DIFFERENCE_LIMIT of them. */
static void print_differences(const struct pair *pair, const struct side *a, const struct side *b,
                              const char *cell, FILE *out)
{
    int differences = 0;

    for (unsigned v = 0; v < 1U << pair->count; v++) {
        const char *before = a->texts[choose(a, pair->where[0], pair->count, v)];
        const char *after = b->texts[choose(b, pair->where[1], pair->count, v)];

        if (strcmp(before, after) == 0)
            continue;
        if (differences++ == DIFFERENCE_LIMIT) {
            (void)fprintf(out, "%s: more outcomes of its guards differ\n", cell);
            return;
        }
        (void)fprintf(out, "%s", cell);
        print_outcome(pair, v, out);
        (void)fprintf(out, "\n  - %s\n  + %s\n", before, after);
    }
}

/* Returns 0 or 1. */
static int compare_cell(struct pair *pair, const struct side *a, const struct side *b, FILE *out)
{
    const struct fg_model *m = a->model;
    const char *cell;

    pair_up(pair, a, b);
    if (pair->count <= FG_ATOM_LIMIT && !can_differ(pair, a, b))
        return 0;
    cell = fg_arena_printf(m->spec->arena, "%s in %s", m->events[a->event]->name,
                           m->leaves[a->leaf]->name);
    if (pair->count > FG_ATOM_LIMIT)
        (void)fprintf(out, "%s: other guards; %d together are too many to compare\n", cell,
                      pair->count);
    else
        print_differences(pair, a, b, cell, out);
    return 1;
}

static int list_missing(const struct fg_model *of, const struct fg_model *in, char mark, FILE *out)
{
    int differences = 0;

    for (int i = 0; i < of->leaf_count; i++)
        if (find_leaf(in, of->leaves[i]->name) < 0) {
            (void)fprintf(out, "%c state %s\n", mark, of->leaves[i]->name);
            differences++;
        }
    for (int e = 0; e < of->event_count; e++)
        if (find_event(in, of->events[e]->name) < 0) {
            (void)fprintf(out, "%c event %s\n", mark, of->events[e]->name);
            differences++;
        }
    return differences;
}

static int compare_start(const struct fg_model *before, const struct fg_model *after, FILE *out)
{
    const char *a = plan_text(before, fg_plan_start(before), ""),
               *b = plan_text(after, fg_plan_start(after), "");
    const char *from = before->start->name, *to = after->start->name;

    if (strcmp(from, to) == 0 && strcmp(a, b) == 0)
        return 0;
    (void)fprintf(out, "start\n  - %s%s%s\n  + %s%s%s\n", from, *a == '\0' ? "" : ", ", a, to,
                  *b == '\0' ? "" : ", ", b);
    return 1;
}

static int compare_text(const char *what, const char *name, const char *a, const char *b, FILE *out)
{
    a = a == NULL ? "nothing" : a;
    b = b == NULL ? "nothing" : b;
    if (strcmp(a, b) == 0)
        return 0;
    (void)fprintf(out, "%s%s%s\n  - %s\n  + %s\n", what, *name == '\0' ? "" : " of ", name, a, b);
    return 1;
}

static int compare_number(const char *what, const char *name, int a, int b, FILE *out)
{
    if (a == b)
        return 0;
    (void)fprintf(out, "%s%s%s\n  - %d\n  + %d\n", what, *name == '\0' ? "" : " of ", name, a, b);
    return 1;
}

/* What the two have in C beside the table: numbers, payloads, room. */
static int compare_events(const struct fg_model *a, const struct fg_model *b, const int *events,
                          FILE *out)
{
    int differences = 0;

    for (int e = 0; e < a->event_count; e++) {
        const char *name = a->events[e]->name;
        const int other = events[e];

        if (other < 0)
            continue;
        differences += compare_number("number", name, e, other, out);
        differences +=
            compare_text("payload", name, a->events[e]->type, b->events[other]->type, out);
        differences += compare_text("class", name, a->events[e]->class_name,
                                    b->events[other]->class_name, out);
        differences +=
            compare_number("most deferred", name, a->defer_bound[e], b->defer_bound[other], out);
    }
    return differences;
}

static int compare_states(const struct fg_model *a, const struct fg_model *b, FILE *out)
{
    int differences = 0;

    for (int i = 0; i < a->leaf_count; i++) {
        const struct fg_state *s = a->leaves[i];
        const int other = find_leaf(b, s->name);

        if (other < 0)
            continue;
        differences += compare_number("number", s->name, i, other, out);
        differences += compare_text("kind", s->name, s->is_final ? "final" : "not final",
                                    b->leaves[other]->is_final ? "final" : "not final", out);
    }
    return differences;
}

static int compare_takers(struct fg_decl *const *a, int a_count, struct fg_decl *const *b,
                          int b_count, FILE *out)
{
    int differences = 0;

    for (int i = 0; i < a_count; i++)
        for (int j = 0; j < b_count; j++)
            if (strcmp(a[i]->name, b[j]->name) == 0)
                differences += compare_text("payload", a[i]->name, a[i]->type, b[j]->type, out);
    return differences;
}

/* Public values, by their names and numbers. */
static int compare_projects(const struct fg_model *a, const struct fg_model *b, FILE *out)
{
    const struct fg_project *p = a->spec->projects, *q = b->spec->projects;
    int differences = 0;

    for (; p != NULL && q != NULL; p = p->next, q = q->next) {
        const struct fg_public *v = p->publics, *w = q->publics;

        differences += compare_text("projection", "", p->name->text, q->name->text, out);
        differences += compare_text("enum", p->name->text, p->type->text, q->type->text, out);
        for (; v != NULL || w != NULL;
             v = v == NULL ? NULL : v->next, w = w == NULL ? NULL : w->next)
            differences +=
                compare_text("public value", p->name->text, v == NULL ? NULL : v->name->text,
                             w == NULL ? NULL : w->name->text, out);
    }
    if (p != NULL || q != NULL)
        differences += compare_text("projection", "", p == NULL ? NULL : p->name->text,
                                    q == NULL ? NULL : q->name->text, out);
    return differences;
}

static int compare_settings(const struct fg_model *a, const struct fg_model *b, FILE *out)
{
    return compare_text("prefix", "", a->spec->prefix->text, b->spec->prefix->text, out) +
           compare_text("context", "", a->spec->context->text, b->spec->context->text, out) +
           compare_number("queue", "", a->queue_size, b->queue_size, out) +
           compare_takers(a->actions, a->action_count, b->actions, b->action_count, out) +
           compare_takers(a->guards, a->guard_count, b->guards, b->guard_count, out) +
           compare_projects(a, b, out);
}

int fg_compare(const struct fg_model *before, const struct fg_model *after, FILE *out)
{
    int *events = FG_NEW_ARRAY(before->spec->arena, before->event_count + 1, int);
    struct pair pair = { .count = 0 };
    int differences = list_missing(before, after, '-', out) + list_missing(after, before, '+', out);

    differences += compare_start(before, after, out);
    for (int e = 0; e < before->event_count; e++)
        events[e] = find_event(after, before->events[e]->name);
    differences += compare_settings(before, after, out) + compare_states(before, after, out) +
                   compare_events(before, after, events, out);
    for (int i = 0; i < before->leaf_count; i++) {
        const int leaf = find_leaf(after, before->leaves[i]->name);

        for (int e = 0; e < before->event_count && leaf >= 0; e++) {
            struct side a, b;

            if (events[e] < 0)
                continue;
            a = side_at(before, i, e);
            b = side_at(after, leaf, events[e]);
            differences += compare_cell(&pair, &a, &b, out);
        }
    }
    return differences > 0 ? 1 : 0;
}
