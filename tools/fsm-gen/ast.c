/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: building the pieces of a specification while it is parsed. */
/* Called by: the parser. */
/* Must not know: whether names are declared. */
#include "ast.h"

#include "ctype_name.h"

#include <limits.h>
#include <string.h>

void fg_names_add(struct fg_names *names, struct fg_name *name)
{
    if (names->last == NULL)
        names->first = name;
    else
        names->last->next = name;
    names->last = name;
    names->count++;
}

void fg_set_once(struct fg_spec *spec, struct fg_name **slot, struct fg_name *value,
                 const char *what)
{
    if (*slot != NULL) {
        fg_error(spec->diag, value->at, "'%s' is given twice", what);
        fg_note(spec->diag, (*slot)->at, "first given here");
        return;
    }
    *slot = value;
}

struct fg_decl *fg_add_decl(struct fg_spec *spec, enum fg_decl_kind kind, struct fg_name *name,
                            struct fg_name *type)
{
    struct fg_decl *decl = FG_NEW(spec->arena, struct fg_decl);

    decl->kind = kind;
    decl->name = name->text;
    decl->at = name->at;
    if (type != NULL) {
        decl->type = fg_ctype_normalise(spec->arena, type->text);
        decl->type_at = type->at;
        if (decl->type == NULL)
            fg_error(spec->diag, type->at,
                     "\"%s\" is not a payload type: names and '*' only, no qualified value",
                     type->text);
    }
    if (spec->last_decl == NULL)
        spec->decls = decl;
    else
        spec->last_decl->next = decl;
    spec->last_decl = decl;
    return decl;
}

void fg_add_decls(struct fg_spec *spec, enum fg_decl_kind kind, struct fg_names names)
{
    for (struct fg_name *n = names.first; n != NULL; n = n->next)
        (void)fg_add_decl(spec, kind, n, NULL);
}

struct fg_expr *fg_new_expr(struct fg_spec *spec, enum fg_expr_op op, struct fg_expr *left,
                            struct fg_expr *right)
{
    struct fg_expr *expr = FG_NEW(spec->arena, struct fg_expr);
    const int left_depth = left == NULL ? 0 : left->depth;
    const int right_depth = right == NULL ? 0 : right->depth;

    expr->op = op;
    expr->left = left;
    expr->right = right;
    expr->depth = 1 + (left_depth > right_depth ? left_depth : right_depth);
    return expr;
}

struct fg_branch *fg_new_branch(struct fg_spec *spec, struct fg_place at, enum fg_effect effect)
{
    struct fg_branch *branch = FG_NEW(spec->arena, struct fg_branch);

    branch->at = at;
    branch->effect = effect;
    return branch;
}

void fg_add_handler(struct fg_spec *spec, struct fg_handler *handler)
{
    struct fg_state *state = spec->current;

    if (state->last_handler == NULL)
        state->handlers = handler;
    else
        state->last_handler->next = handler;
    state->last_handler = handler;
}

struct fg_handler *fg_add_clause(struct fg_spec *spec, struct fg_place at, enum fg_effect effect,
                                 struct fg_names events, struct fg_name *why)
{
    struct fg_handler *handler = FG_NEW(spec->arena, struct fg_handler);

    handler->is_clause = true;
    handler->at = at;
    handler->events = events;
    handler->branches = handler->last_branch = fg_new_branch(spec, at, effect);
    handler->branches->why = why == NULL ? NULL : why->text;
    fg_add_handler(spec, handler);
    return handler;
}

void fg_open_state(struct fg_spec *spec, int first_line, int kind, struct fg_name *name)
{
    struct fg_state *state = FG_NEW(spec->arena, struct fg_state);
    struct fg_state *parent = spec->current;

    state->name = name->text;
    state->at = name->at;
    state->first_line = first_line;
    state->is_final = kind == 'f';
    state->is_resting = kind == 'r';
    state->parent = parent;
    state->depth = parent->depth + 1;
    if (parent->last_child == NULL)
        parent->children = state;
    else
        parent->last_child->next = state;
    parent->last_child = state;
    spec->current = state;
    spec->state_count++;
}

void fg_close_state(struct fg_spec *spec)
{
    if (spec->current->parent != NULL)
        spec->current = spec->current->parent;
}

/* A description belongs to what stands first on the line below it, or, when it trails,
 * to what was declared last before it on its own line. */
struct target {
    struct fg_place at;
    int line; /* where the declaration starts; a state may start before its name */
    const char **doc;
};

static int count_targets(const struct fg_spec *spec)
{
    int count = spec->state_count;

    for (const struct fg_decl *d = spec->decls; d != NULL; d = d->next)
        count++;
    return count;
}

static struct target *collect_states(struct fg_state *state, struct target *out)
{
    for (struct fg_state *s = state->children; s != NULL; s = s->next) {
        *out++ = (struct target){ s->at, s->first_line, &s->doc };
        out = collect_states(s, out);
    }
    return out;
}

static struct target *find_target(struct target *all, int count, int line, int before_col)
{
    struct target *best = NULL;

    for (int i = 0; i < count; i++) {
        if (before_col == 0 && all[i].line == line &&
            (best == NULL || all[i].at.col < best->at.col))
            best = &all[i];
        if (before_col > 0 && all[i].at.line == line && all[i].at.col < before_col &&
            (best == NULL || all[i].at.col > best->at.col))
            best = &all[i];
    }
    return best;
}

static void attach(struct fg_spec *spec, struct target *target, struct fg_place at,
                   const char *text)
{
    if (target == NULL)
        fg_warn(spec->diag, FG_W_DOC, at, "this description belongs to no declaration");
    else if (*target->doc == NULL)
        *target->doc = text;
    else
        *target->doc = fg_arena_printf(spec->arena, "%s %s", *target->doc, text);
}

void fg_attach_docs(struct fg_spec *spec)
{
    const int count = count_targets(spec);
    struct target *all = FG_NEW_ARRAY(spec->arena, count + 1, struct target), *end = all;

    for (struct fg_decl *d = spec->decls; d != NULL; d = d->next)
        *end++ = (struct target){ d->at, d->at.line, &d->doc };
    (void)collect_states(&spec->root, end);
    for (struct fg_doc *doc = spec->docs; doc != NULL; doc = doc->next) {
        const struct fg_doc *last = doc;
        const char *text = doc->text;

        if (doc->is_trailing) {
            attach(spec, find_target(all, count, doc->at.line, doc->at.col), doc->at, text);
            continue;
        }
        while (last->next != NULL && !last->next->is_trailing &&
               last->next->at.line == last->at.line + 1 && strlen(text) < FG_TEXT_LIMIT) {
            last = last->next;
            text = fg_arena_printf(spec->arena, "%s %s", text, last->text);
        }
        attach(spec, find_target(all, count, last->at.line + 1, 0), doc->at, text);
        while (doc != last)
            doc = doc->next;
    }
}
