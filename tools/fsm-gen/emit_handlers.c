/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: the generated handlers: straight-line code for each cell that does something. */
/* Called by: emit_source. */
/* Must not know: how handlers are found at run time. */
#include "ctype_name.h"
#include "emit.h"

#include <string.h>

enum what { EXIT_ACTIONS, DISARM, ARM, ENTRY_ACTIONS };

static void put_timers(const struct fg_model *m, struct fg_out *out, struct fg_names timers,
                       const char *verb)
{
    for (const struct fg_name *n = timers.first; n != NULL; n = n->next)
        fg_put(out, "$i$p_%s(ctx, $P_TIMER_%s);\n", verb, fg_upper(m->spec->arena, n->text));
}

static void put_plain_actions(struct fg_out *out, struct fg_names actions)
{
    for (const struct fg_name *n = actions.first; n != NULL; n = n->next)
        fg_put(out, "$i$p_act_%s(ctx);\n", n->text);
}

static void put_one(const struct fg_model *m, struct fg_out *out, const struct fg_state *state,
                    enum what what)
{
    switch (what) {
    case EXIT_ACTIONS:
        put_plain_actions(out, state->exit);
        break;
    case DISARM:
        put_timers(m, out, state->arms, "disarm");
        break;
    case ARM:
        put_timers(m, out, state->arms, "arm");
        break;
    case ENTRY_ACTIONS:
        put_plain_actions(out, state->entry);
        break;
    }
}

static void put_outward(const struct fg_model *m, struct fg_out *out, const struct fg_state *leaf,
                        const struct fg_state *domain, enum what what)
{
    for (const struct fg_state *s = leaf; s != domain; s = s->parent)
        put_one(m, out, s, what);
}

static void put_inward(const struct fg_model *m, struct fg_out *out, const struct fg_state *leaf,
                       const struct fg_state *domain, enum what what)
{
    if (leaf == domain)
        return;
    put_inward(m, out, leaf->parent, domain, what);
    put_one(m, out, leaf, what);
}

void fg_put_enter(const struct fg_model *model, struct fg_out *out, const struct fg_state *leaf,
                  const struct fg_state *domain)
{
    put_inward(model, out, leaf, domain, ARM);
    put_inward(model, out, leaf, domain, ENTRY_ACTIONS);
}

static void put_actions(const struct fg_model *m, struct fg_out *out, const struct fg_branch *b)
{
    for (int i = 0; i < b->actions.count; i++) {
        const struct fg_decl *action = b->action_decls[i];

        if (action->type == NULL)
            fg_put(out, "$i$p_act_%s(ctx);\n", action->name);
        else
            fg_put(out, "$i$p_act_%s(ctx, p->%s);\n", action->name,
                   fg_ctype_member(m->spec->arena, action->type));
    }
}

static void put_projections(const struct fg_model *m, struct fg_out *out, const struct fg_trans *t)
{
    for (const struct fg_project *p = m->spec->projects; p != NULL; p = p->next) {
        const int from = p->of_leaf[t->from], to = p->of_leaf[t->to];

        if (from != to)
            fg_put(out, "$i$p_on_%s(ctx, %s, %s);\n", p->name->text, fg_public_id(m, p, from),
                   fg_public_id(m, p, to));
    }
}

static void put_go(const struct fg_model *m, struct fg_out *out, const struct fg_trans *t)
{
    const struct fg_state *from = m->leaves[t->from], *to = m->leaves[t->to];
    const struct fg_state *domain = fg_domain(t->branch);

    put_outward(m, out, from, domain, EXIT_ACTIONS);
    put_outward(m, out, from, domain, DISARM);
    put_actions(m, out, t->branch);
    fg_put(out, "$ifsm_become(ctx, %s);\n", fg_state_id(m, t->to));
    fg_put_enter(m, out, to, domain);
    put_projections(m, out, t);
    fg_put(out, to->is_final ? "$ireturn $P_FINAL;\n" : "$ireturn $P_OK;\n");
}

static void put_branch(const struct fg_model *m, struct fg_out *out, const struct fg_trans *t,
                       bool has_trace)
{
    if (has_trace)
        fg_put(out, "$ifsm_tell(ctx, ev, %d, false);\n", (int)(t - m->trans));
    switch (t->branch->effect) {
    case FG_GO:
        put_go(m, out, t);
        break;
    case FG_STAY:
        put_actions(m, out, t->branch);
        fg_put(out, "$ireturn $P_OK;\n");
        break;
    case FG_IGNORE:
        fg_put(out, "$ireturn fsm_ignore(ctx, ev, p);\n");
        break;
    case FG_DEFER:
        fg_put(out, "$ireturn fsm_keep(ctx, ev, p);\n");
        break;
    case FG_UNEXPECTED:
        fg_put(out, "$ireturn fsm_unexpected(ctx, ev, p);\n");
        break;
    }
}

static int count_uses(const struct fg_expr *expr, const struct fg_decl *guard)
{
    if (expr == NULL)
        return 0;
    return (expr->op == FG_ATOM && expr->guard == guard) + count_uses(expr->left, guard) +
           count_uses(expr->right, guard);
}

static int count_all_uses(const struct fg_model *m, const struct fg_cell *cell,
                          const struct fg_decl *guard)
{
    int uses = 0;

    /* The last branch is taken without a question, so what it asks does not count. */
    for (int i = 0; i + 1 < cell->trans_count; i++)
        uses += count_uses(m->trans[cell->first_trans + i].branch->guard, guard);
    return uses;
}

static void put_expr(const struct fg_model *m, struct fg_out *out, const struct fg_cell *cell,
                     const struct fg_expr *e, bool is_inner)
{
    const bool has_parens = is_inner && (e->op == FG_AND || e->op == FG_OR);

    fg_put(out, "%s", has_parens ? "(" : "");
    switch (e->op) {
    case FG_ATOM:
        if (count_all_uses(m, cell, e->guard) == 1)
            fg_put(out, "$p_grd_%s(ctx)", e->guard->name);
        else
            fg_put(out, "is_%s", e->guard->name);
        break;
    case FG_NOT:
        fg_put(out, "!");
        put_expr(m, out, cell, e->left, true);
        break;
    default:
        put_expr(m, out, cell, e->left, true);
        fg_put(out, "%s", e->op == FG_AND ? " && " : " || ");
        put_expr(m, out, cell, e->right, true);
        break;
    }
    fg_put(out, "%s", has_parens ? ")" : "");
}

/* A guard that is used once is asked where it stands; others are asked once, in advance. */
static void put_guard_values(const struct fg_model *m, struct fg_out *out,
                             const struct fg_cell *cell)
{
    for (int i = 0; i < m->guard_count; i++)
        if (count_all_uses(m, cell, m->guards[i]) > 1)
            fg_put(out, "    const bool is_%s = $p_grd_%s(ctx);\n", m->guards[i]->name,
                   m->guards[i]->name);
}

static void put_handler(const struct fg_model *m, struct fg_out *out, int number,
                        const struct fg_cell *cell, const struct fg_choice *choice)
{
    const struct fg_trans *t = &m->trans[cell->first_trans];

    fg_put(out,
           "static %senum $p_result h%d_%s_%s($c *ctx, enum $p_event ev,\n        "
           "const union $p_payload *p)\n{\n",
           choice->dispatch == FG_DISPATCH_SWITCH ? "inline " : "", number,
           m->leaves[t->from]->name, m->events[t->event]->name);
    put_guard_values(m, out, cell);
    fg_put(out, "    (void)ev;\n    (void)p;\n");
    for (int i = 0; i < cell->trans_count; i++, t++) {
        const bool is_last = i + 1 == cell->trans_count;
        const char *guard = fg_guard_text(m, t->branch);

        fg_put(out, "    /* %s%s%s%s, %s:%d */\n", *guard == '\0' ? "" : "[", guard,
               *guard == '\0' ? "" : "] ",
               t->branch->effect == FG_GO ? m->leaves[t->to]->name : "stay", m->spec->file_name,
               t->branch->at.line);
        if (!is_last) {
            fg_put(out, "    if (");
            put_expr(m, out, cell, t->branch->guard, false);
            fg_put(out, ") {\n");
        }
        fg_indent(out, is_last ? 4 : 8);
        put_branch(m, out, t, choice->has_trace);
        fg_put(out, is_last ? "" : "    }\n");
    }
    fg_put(out, "}\n\n");
}

void fg_emit_handlers(const struct fg_model *model, struct fg_out *out,
                      const struct fg_choice *choice)
{
    int number = FG_FIXED_HANDLERS;

    for (int i = 0; i < model->leaf_count * model->event_count; i++)
        if (model->cells[i].kind == FG_CELL_HANDLED)
            put_handler(model, out, number++, &model->cells[i], choice);
}
