/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: projections: every state has one public value, and every edge between them is allowed. */
/* Called by: main. */
/* Must not know: C. */
#include "map.h"
#include "model.h"

#include <string.h>

enum { PUBLIC_LIMIT = 255 };

struct projection {
    struct fg_model *model;
    struct fg_project *project;
    struct fg_map *publics, *states;
    struct fg_name **edges; /* [from * count + to]: where it is allowed; NULL: it is not */
    bool *is_used;
    bool is_broken;
};

static struct fg_public *find_public(struct projection *pr, const struct fg_name *name)
{
    struct fg_public *value = fg_map_get(pr->publics, name->text);
    const char *like;

    if (value != NULL)
        return value;
    pr->is_broken = true;
    like = fg_map_suggest(pr->publics, name->text);
    if (like != NULL)
        fg_error(pr->model->spec->diag, FG_E01, name->at,
                 "'%s' is no value of '%s'; did you mean '%s'?", name->text,
                 pr->project->name->text, like);
    else
        fg_error(pr->model->spec->diag, FG_E01, name->at, "'%s' is no value of '%s'", name->text,
                 pr->project->name->text);
    return NULL;
}

static const char *other_kind(const struct fg_model *m, const char *name)
{
    static const char *const kinds[] = { "an event", "a timer", "a set", "a guard", "an action" };

    for (const struct fg_decl *d = m->spec->decls; d != NULL; d = d->next)
        if (strcmp(d->name, name) == 0)
            return kinds[d->kind];
    return NULL;
}

static void map_state(struct projection *pr, const struct fg_public *value,
                      const struct fg_name *name, const struct fg_name **mapped)
{
    const struct fg_state *state = fg_map_get(pr->states, name->text);
    struct fg_diag *diag = pr->model->spec->diag;

    if (state == NULL) {
        const char *like = fg_map_suggest(pr->states, name->text);

        pr->is_broken = true;
        if (other_kind(pr->model, name->text) != NULL)
            fg_error(diag, FG_E01, name->at, "'%s' is %s, not a state", name->text,
                     other_kind(pr->model, name->text));
        else if (like != NULL)
            fg_error(diag, FG_E01, name->at, "undeclared state '%s'; did you mean '%s'?",
                     name->text, like);
        else
            fg_error(diag, FG_E01, name->at, "undeclared state '%s'", name->text);
        return;
    }
    if (state->is_choice) {
        pr->is_broken = true;
        fg_error(diag, FG_E28, name->at, "'%s' is a choice: the machine is never in it",
                 name->text);
        return;
    }
    for (int i = state->first_leaf; i < state->first_leaf + state->leaf_count; i++) {
        if (mapped[i] != NULL) {
            pr->is_broken = true;
            fg_error(diag, FG_E14, name->at, "state '%s' has two values in '%s'",
                     pr->model->leaves[i]->name, pr->project->name->text);
            fg_note(diag, mapped[i]->at, "the first is given here");
            return;
        }
        mapped[i] = name;
        pr->project->of_leaf[i] = value->id;
    }
}

static void map_all(struct projection *pr)
{
    struct fg_model *m = pr->model;
    const struct fg_name **mapped =
        FG_NEW_ARRAY(m->spec->arena, m->leaf_count + 1, const struct fg_name *);

    pr->project->of_leaf = FG_NEW_ARRAY(m->spec->arena, m->leaf_count + 1, int);
    for (struct fg_public *v = pr->project->publics; v != NULL; v = v->next) {
        const struct fg_public *old = fg_map_put(pr->publics, v->name->text, v);

        if (old != NULL) {
            pr->is_broken = true;
            fg_error(m->spec->diag, FG_E02, v->name->at, "value '%s' is already declared",
                     v->name->text);
            fg_note(m->spec->diag, old->name->at, "first declared here");
        }
        for (const struct fg_name *n = v->states.first; n != NULL; n = n->next)
            map_state(pr, v, n, mapped);
    }
    for (int i = 0; i < m->leaf_count && !pr->is_broken; i++)
        if (mapped[i] == NULL) {
            fg_error(m->spec->diag, FG_E14, pr->project->name->at,
                     "state '%s' has no value in '%s'", m->leaves[i]->name,
                     pr->project->name->text);
            fg_note(m->spec->diag, m->leaves[i]->at, "'%s' is declared here", m->leaves[i]->name);
            pr->is_broken = i + 1 == m->leaf_count || pr->is_broken;
        }
}

static void read_edges(struct projection *pr)
{
    const int count = pr->project->public_count;
    struct fg_arena *arena = pr->model->spec->arena;

    pr->edges = FG_NEW_ARRAY(arena, count * count + 1, struct fg_name *);
    pr->is_used = FG_NEW_ARRAY(arena, count * count + 1, bool);
    for (const struct fg_allow *a = pr->project->allows; a != NULL; a = a->next) {
        const struct fg_public *from = find_public(pr, a->from);

        for (struct fg_name *n = a->to.first; n != NULL; n = n->next) {
            const struct fg_public *to = find_public(pr, n);
            struct fg_name **edge;

            if (from == NULL || to == NULL)
                continue;
            edge = &pr->edges[from->id * count + to->id];
            if (*edge != NULL) {
                fg_error(pr->model->spec->diag, FG_E02, n->at, "%s -> %s is allowed twice",
                         from->name->text, n->text);
                fg_note(pr->model->spec->diag, (*edge)->at, "first allowed here");
                continue;
            }
            *edge = n;
        }
    }
}

static const char *public_name(const struct projection *pr, int id)
{
    const struct fg_public *v = pr->project->publics;

    while (v->id != id)
        v = v->next;
    return v->name->text;
}

static void check_edges(struct projection *pr)
{
    const struct fg_model *m = pr->model;

    for (int i = 0; i < m->trans_count; i++) {
        const struct fg_trans *t = &m->trans[i];
        int from, to, edge;

        if (t->to < 0)
            continue;
        from = pr->project->of_leaf[t->from];
        to = pr->project->of_leaf[t->to];
        edge = from * pr->project->public_count + to;
        pr->is_used[edge] = true;
        if (from == to || pr->edges[edge] != NULL || t->branch->reported_in == pr->project)
            continue;
        t->branch->reported_in = pr->project;
        fg_error(m->spec->diag, FG_E14, t->branch->target->at,
                 "%s --%s--> %s projects to %s -> %s, which is not allowed",
                 m->leaves[t->from]->name, m->events[t->event]->name, m->leaves[t->to]->name,
                 public_name(pr, from), public_name(pr, to));
    }
}

static void check_unused_edges(const struct projection *pr)
{
    const int count = pr->project->public_count;

    for (int i = 0; i < count * count; i++)
        if (pr->edges[i] != NULL && !pr->is_used[i])
            fg_warn(pr->model->spec->diag, FG_W_UNUSED, pr->edges[i]->at,
                    "no transition makes the allowed edge %s -> %s", public_name(pr, i / count),
                    public_name(pr, i % count));
}

void fg_check_projects(struct fg_model *model)
{
    struct fg_arena *arena = model->spec->arena;
    struct fg_map *states = fg_map_new(arena), *projects = fg_map_new(arena);

    for (int i = 0; i < model->state_count; i++)
        (void)fg_map_put(states, model->states[i]->name, model->states[i]);
    for (struct fg_project *p = model->spec->projects; p != NULL; p = p->next) {
        struct projection pr = { .model = model, .project = p, .states = states };
        const struct fg_project *old = fg_map_put(projects, p->name->text, p);

        if (old != NULL) {
            fg_error(model->spec->diag, FG_E02, p->name->at, "projection '%s' is already declared",
                     p->name->text);
            fg_note(model->spec->diag, old->name->at, "first declared here");
        }
        if (p->public_count > PUBLIC_LIMIT || strncmp(p->type->text, "enum ", 5) != 0) {
            fg_error(model->spec->diag, FG_E14, p->type->at,
                     "a projection is an \"enum NAME\" of at most %d values", PUBLIC_LIMIT);
            continue;
        }
        pr.publics = fg_map_new(arena);
        map_all(&pr);
        read_edges(&pr);
        if (pr.is_broken || p->allows == NULL)
            continue;
        check_edges(&pr);
        if (!model->lost_states && !model->lost_events)
            check_unused_edges(&pr);
    }
}
