/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: building handlers, projections and checks while they are parsed. */
/* Called by: the parser. */
/* Must not know: whether names are declared. */
#include "ast.h"

struct fg_expr *fg_new_expr(struct fg_spec *spec, enum fg_expr_op op, struct fg_expr *left,
                            struct fg_expr *right)
{
    struct fg_expr *expr = FG_NEW(spec->arena, struct fg_expr);

    expr->op = op;
    expr->left = left;
    expr->right = right;
    expr->size = 1 + (left == NULL ? 0 : left->size) + (right == NULL ? 0 : right->size);
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

void fg_open_state(struct fg_spec *spec, int kind, struct fg_name *name)
{
    struct fg_state *state = FG_NEW(spec->arena, struct fg_state);
    struct fg_state *parent = spec->current;

    state->name = name->text;
    state->at = name->at;
    state->is_final = kind == 'f';
    state->is_resting = kind == 'r';
    state->is_choice = kind == 'c';
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

struct fg_names fg_one_name(struct fg_name *name)
{
    struct fg_names names = { NULL, NULL, 0 };

    fg_names_add(&names, name);
    return names;
}

struct fg_name *fg_used_name(struct fg_name *name, enum fg_use use)
{
    name->use = use;
    return name;
}

struct fg_handler *fg_add_branch(struct fg_spec *spec, struct fg_handler *handler,
                                 struct fg_branch *branch)
{
    if (handler == NULL)
        handler = FG_NEW(spec->arena, struct fg_handler);
    if (branch == NULL)
        return handler;
    if (handler->last_branch == NULL)
        handler->branches = branch;
    else
        handler->last_branch->next = branch;
    handler->last_branch = branch;
    handler->branch_count++;
    if (branch->defer_max > handler->defer_max)
        handler->defer_max = branch->defer_max;
    return handler;
}

int fg_limited(struct fg_spec *spec, struct fg_place at, int number, int low, int high)
{
    if (number >= low && number <= high)
        return number;
    fg_error(spec->diag, FG_E24, at, "this number is not in %d..%d", low, high);
    return low;
}

void fg_set_queue(struct fg_spec *spec, struct fg_place at, int number)
{
    if (spec->queue >= 0) {
        fg_error(spec->diag, FG_E02, at, "'queue' is given twice");
        fg_note(spec->diag, spec->queue_at, "first given here");
    }
    spec->queue = fg_limited(spec, at, number, 0, FG_QUEUE_LIMIT);
    spec->queue_at = at;
}

void fg_set_otherwise(struct fg_spec *spec, struct fg_place at, int effect, struct fg_name *why)
{
    struct fg_state *state = spec->current;

    if (state->has_otherwise) {
        fg_error(spec->diag, FG_E02, at, "'otherwise' is given twice in '%s'", state->name);
        fg_note(spec->diag, state->otherwise_at, "first given here");
        return;
    }
    state->has_otherwise = true;
    state->otherwise = (enum fg_effect)effect;
    state->otherwise_why = why == NULL ? NULL : why->text;
    state->otherwise_at = at;
}

void fg_names_append(struct fg_names *to, struct fg_names more)
{
    for (struct fg_name *n = more.first, *next; n != NULL; n = next) {
        next = n->next;
        n->next = NULL;
        fg_names_add(to, n);
    }
}

struct fg_project *fg_open_project(struct fg_spec *spec, struct fg_name *name, struct fg_name *type)
{
    struct fg_project *project = FG_NEW(spec->arena, struct fg_project);

    project->name = name;
    project->type = type;
    if (spec->last_project == NULL)
        spec->projects = project;
    else
        spec->last_project->next = project;
    spec->last_project = project;
    return project;
}

void fg_add_public(struct fg_spec *spec, struct fg_name *name, struct fg_names states)
{
    struct fg_project *project = spec->last_project;
    struct fg_public *value = FG_NEW(spec->arena, struct fg_public);

    value->name = name;
    value->states = states;
    value->id = project->public_count++;
    if (project->last_public == NULL)
        project->publics = value;
    else
        project->last_public->next = value;
    project->last_public = value;
}

void fg_add_allow(struct fg_spec *spec, struct fg_name *from, struct fg_names to)
{
    struct fg_project *project = spec->last_project;
    struct fg_allow *allow = FG_NEW(spec->arena, struct fg_allow);

    allow->from = from;
    allow->to = to;
    if (project->last_allow == NULL)
        project->allows = allow;
    else
        project->last_allow->next = allow;
    project->last_allow = allow;
}

void fg_add_check(struct fg_spec *spec, struct fg_place at, bool is_leads_to,
                  struct fg_names events, struct fg_name *state)
{
    struct fg_check *check = FG_NEW(spec->arena, struct fg_check);

    check->is_leads_to = is_leads_to;
    check->events = events;
    check->state = state;
    check->at = at;
    if (spec->last_check == NULL)
        spec->checks = check;
    else
        spec->last_check->next = check;
    spec->last_check = check;
}
