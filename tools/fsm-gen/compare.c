/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: the difference of two machines by what they do, cell by cell, whatever the text. */
/* Called by: main, for the verb diff. */
/* Must not know: how the texts differ. */
#include "plan.h"
#include "simulate.h"

#include <string.h>

struct side {
    const struct fg_model *model;
    int leaf, event;
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

static const char *step_text(const struct fg_model *m, const struct fg_step *s)
{
    struct fg_arena *arena = m->spec->arena;

    switch (s->kind) {
    case FG_STEP_ACTION:
        return m->actions[s->id]->name;
    case FG_STEP_BECOME:
        return fg_arena_printf(arena, "-> %s", m->leaves[s->id]->name);
    case FG_STEP_TELL:
        return fg_arena_printf(arena, "tell %s", s->project->name->text);
    default:
        return fg_arena_printf(arena, "%s %s", s->kind == FG_STEP_ARM ? "arm" : "disarm",
                               m->events[m->first_timer + s->id]->name);
    }
}

static const char *branch_text(const struct fg_model *m, const struct fg_trans *t)
{
    static const char *const effects[] = { "", "", "ignored", "deferred", "unexpected" };
    const struct fg_plan plan = fg_plan_branch(m, t);
    const char *text = effects[t->branch->effect];

    for (int i = 0; i < plan.count; i++)
        text = fg_arena_printf(m->spec->arena, "%s%s%s", text, i == 0 ? "" : ", ",
                               step_text(m, &plan.steps[i]));
    return text;
}

/* What the cell does when exactly these guards, by name, are true. */
static const char *reaction(const struct side *side, const char *const *names, int count,
                            unsigned valuation)
{
    static const char *const kinds[] = { "the timer does not run", "unexpected", "ignored",
                                         "deferred" };
    const struct fg_model *m = side->model;
    const struct fg_cell *cell = fg_cell_at(m, side->leaf, side->event);
    bool *values = FG_NEW_ARRAY(m->spec->arena, m->guard_count + 1, bool);

    if (cell->kind != FG_CELL_HANDLED)
        return kinds[cell->kind];
    for (int i = 0; i < count; i++)
        for (int g = 0; g < m->guard_count; g++)
            if (strcmp(m->guards[g]->name, names[i]) == 0)
                values[g] = (valuation >> i & 1U) != 0;
    return branch_text(m, fg_choose(m, cell, values));
}

static int add_guards(const struct side *side, const char **names, int count)
{
    int ids[FG_ATOM_LIMIT];
    const struct fg_model *m = side->model;
    const int asked = fg_cell_guards(m, fg_cell_at(m, side->leaf, side->event), ids);

    for (int i = 0; i < asked; i++) {
        bool is_new = true;

        for (int n = 0; n < count; n++)
            is_new = is_new && strcmp(names[n], m->guards[ids[i]]->name) != 0;
        if (is_new)
            names[count++] = m->guards[ids[i]]->name;
    }
    return count;
}

static int compare_cell(const struct side *a, const struct side *b, FILE *out)
{
    const char *names[2 * FG_ATOM_LIMIT];
    const int count = add_guards(b, names, add_guards(a, names, 0));
    int differences = 0;

    /* Both together ask too much to try everything: what the first asks has to do. */
    for (unsigned v = 0; v < 1U << (count > FG_ATOM_LIMIT ? FG_ATOM_LIMIT : count); v++) {
        const char *before = reaction(a, names, count, v), *after = reaction(b, names, count, v);

        if (strcmp(before, after) == 0)
            continue;
        differences++;
        (void)fprintf(out, "%s in %s", a->model->events[a->event]->name,
                      a->model->leaves[a->leaf]->name);
        for (int i = 0; i < count; i++)
            (void)fprintf(out, "%s%s%s", i == 0 ? " when " : ", ", (v >> i & 1U) != 0 ? "" : "not ",
                          names[i]);
        (void)fprintf(out, "\n  - %s\n  + %s\n", before, after);
    }
    return differences;
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

int fg_compare(const struct fg_model *before, const struct fg_model *after, FILE *out)
{
    int differences = list_missing(before, after, '-', out) + list_missing(after, before, '+', out);

    if (strcmp(before->start->name, after->start->name) != 0) {
        (void)fprintf(out, "start\n  - %s\n  + %s\n", before->start->name, after->start->name);
        differences++;
    }
    for (int i = 0; i < before->leaf_count; i++)
        for (int e = 0; e < before->event_count; e++) {
            const struct side a = { before, i, e };
            const struct side b = { after, find_leaf(after, before->leaves[i]->name),
                                    find_event(after, before->events[e]->name) };

            if (b.leaf >= 0 && b.event >= 0)
                differences += compare_cell(&a, &b, out);
        }
    return differences > 0 ? 1 : 0;
}
