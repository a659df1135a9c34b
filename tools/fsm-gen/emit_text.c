/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: small texts that several emitters need. */
/* Called by: emitters, checks, main. */
/* Must not know: one output from another. */
#include "emit.h"

#include <string.h>

const char *fg_base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash == NULL ? path : slash + 1;
}

void fg_put_include(struct fg_out *out, const char *header)
{
    fg_put(out, *header == '<' ? "#include %s\n" : "#include \"%s\"\n", header);
}

static const char *expr_text(const struct fg_model *m, const struct fg_expr *e, bool is_inner)
{
    struct fg_arena *arena = m->spec->arena;
    const char *left, *right;

    if (e->op == FG_ATOM)
        return e->name->text;
    left = expr_text(m, e->left, true);
    if (e->op == FG_NOT)
        return fg_arena_printf(arena, "!%s", left);
    right = expr_text(m, e->right, true);
    return fg_arena_printf(arena, is_inner ? "(%s %s %s)" : "%s %s %s", left,
                           e->op == FG_AND ? "&&" : "||", right);
}

const char *fg_guard_text(const struct fg_model *model, const struct fg_branch *branch)
{
    if (branch->guard_text != NULL)
        return branch->guard_text;
    if (branch->is_else)
        return "else";
    return branch->guard == NULL ? "" : expr_text(model, branch->guard, false);
}

bool fg_needs_start(const struct fg_model *model)
{
    for (const struct fg_state *s = model->start; s != NULL; s = s->parent)
        if (s->arms.count > 0 || s->entry.count > 0)
            return true;
    return false;
}

bool fg_has_doings(const struct fg_state *state)
{
    if (state->arms.first != NULL || state->entry.first != NULL || state->exit.first != NULL)
        return true;
    for (const struct fg_handler *h = state->handlers; h != NULL; h = h->next)
        for (const struct fg_branch *b = h->branches; b != NULL; b = b->next)
            if (b->effect == FG_STAY)
                return true;
    return false;
}
