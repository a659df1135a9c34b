/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: the truth table of a handler's guards: nothing missing (E05), nothing shadowed (W06). */
/* Called by: main. */
/* Must not know: what guards ask. */
#include "model.h"

#include <string.h>

struct table {
    const struct fg_model *model;
    const struct fg_decl *atoms[FG_ATOM_LIMIT];
    int count;
    bool is_unknown; /* an undeclared guard, or too many */
};

static void collect(struct table *t, const struct fg_expr *e)
{
    if (e == NULL)
        return;
    collect(t, e->left);
    collect(t, e->right);
    if (e->op != FG_ATOM || t->is_unknown)
        return;
    if (e->guard == NULL) {
        t->is_unknown = true;
        return;
    }
    for (int i = 0; i < t->count; i++)
        if (t->atoms[i] == e->guard)
            return;
    if (t->count == FG_ATOM_LIMIT) {
        fg_error(t->model->spec->diag, FG_E24, e->name->at, "more than %d guards in one handler",
                 FG_ATOM_LIMIT);
        t->is_unknown = true;
        return;
    }
    t->atoms[t->count++] = e->guard;
}

static bool value_of(const struct table *t, const struct fg_expr *e, unsigned valuation)
{
    switch (e->op) {
    case FG_NOT:
        return !value_of(t, e->left, valuation);
    case FG_AND:
        return value_of(t, e->left, valuation) && value_of(t, e->right, valuation);
    case FG_OR:
        return value_of(t, e->left, valuation) || value_of(t, e->right, valuation);
    case FG_ATOM:
        break;
    }
    for (int i = 0; i < t->count; i++)
        if (t->atoms[i] == e->guard)
            return (valuation >> i & 1U) != 0;
    return false;
}

static const char *describe(const struct table *t, unsigned valuation)
{
    const char *text = "";

    for (int i = 0; i < t->count; i++)
        text = fg_arena_printf(t->model->spec->arena, "%s%s%s%s", text, i == 0 ? "" : " and ",
                               (valuation >> i & 1U) != 0 ? "" : "not ", t->atoms[i]->name);
    return text;
}

/* Number of the branch that this valuation takes; -1: none. */
static int choose(const struct table *t, const struct fg_handler *h, unsigned valuation)
{
    int number = 0;

    for (const struct fg_branch *b = h->branches; b != NULL; b = b->next, number++)
        if (b->guard == NULL || value_of(t, b->guard, valuation))
            return number;
    return -1;
}

static void check_shadows(const struct table *t, const struct fg_handler *h, const bool *is_taken)
{
    for (const struct fg_branch *b = h->branches; b != NULL; b = b->next)
        if (!*is_taken++)
            fg_warn(t->model->spec->diag, FG_W_SHADOWED_GUARD, b->at,
                    "this branch is never taken: those above take every case");
}

static void check_table(const struct table *t, const struct fg_handler *h)
{
    bool is_taken[FG_BRANCH_LIMIT + 1] = { false };
    bool is_complete = true;

    for (unsigned v = 0; v < 1U << t->count; v++) {
        const int number = choose(t, h, v);

        if (number >= 0) {
            is_taken[number] = true;
        } else if (is_complete) {
            is_complete = false;
            fg_error(t->model->spec->diag, FG_E05, h->at,
                     "guards of this handler are not exhaustive: add '[else] ...' "
                     "(no branch when %s)",
                     describe(t, v));
        }
    }
    check_shadows(t, h, is_taken);
}

static void check_handler(const struct fg_model *model, const struct fg_handler *h)
{
    struct table t = { .model = model };

    if (h->branches->guard == NULL && h->branches->next == NULL)
        return;
    for (const struct fg_branch *b = h->branches; b != NULL; b = b->next) {
        collect(&t, b->guard);
        if (!b->is_else || b->next == NULL)
            continue;
        fg_error(model->spec->diag, FG_E05, b->next->at, "nothing may follow '[else]'");
        fg_note(model->spec->diag, b->at, "'[else]' is here");
        return;
    }
    if (!t.is_unknown)
        check_table(&t, h);
}

void fg_check_guards(struct fg_model *model)
{
    for (int i = 0; i < model->state_count; i++)
        for (const struct fg_handler *h = model->states[i]->handlers; h != NULL; h = h->next)
            check_handler(model, h);
}
