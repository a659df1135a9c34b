/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: the generated handlers: straight-line code for each cell that does something. */
/* Called by: emit_source. */
/* Must not know: how handlers are found at run time. */
#include "ctype_name.h"
#include "emit.h"

#include <string.h>

enum what { EXIT_ACTIONS, DISARM, ARM, ENTRY_ACTIONS };

static void put_timer(struct fg_out *out, const char *verb, const struct fg_model *m,
                      const struct fg_decl *timer)
{
    fg_put(out, "$i$p_%s(ctx, $P_TIMER_%s);\n", verb, fg_upper(m->spec->arena, timer->name));
}

static void put_timers(const struct fg_model *m, struct fg_out *out, struct fg_decl *const *timers,
                       int count, const char *verb)
{
    for (int i = 0; i < count; i++)
        put_timer(out, verb, m, timers[i]);
}

static void put_restart(const struct fg_model *m, struct fg_out *out, const struct fg_decl *timer)
{
    put_timer(out, "disarm", m, timer);
    put_timer(out, "arm", m, timer);
}

/* Actions, timers that are started anew, events that are posted; p has the event's payload. */
static void put_effects(const struct fg_model *m, struct fg_out *out, struct fg_decl *const *decls,
                        int count)
{
    for (int i = 0; i < count; i++) {
        const struct fg_decl *d = decls[i];

        if (d->kind == FG_TIMER)
            put_restart(m, out, d);
        else if (d->kind == FG_EVENT)
            fg_put(out, "$i(void)fsm_push(ctx, %s, %s);\n", fg_event_id(m, d->id),
                   d->type == NULL ? "NULL" : "p");
        else if (d->type == NULL)
            fg_put(out, "$i$p_act_%s(ctx);\n", d->name);
        else
            fg_put(out, "$i$p_act_%s(ctx, p->%s);\n", d->name,
                   fg_ctype_member(m->spec->arena, d->type));
    }
}

static void put_one(const struct fg_model *m, struct fg_out *out, const struct fg_state *state,
                    enum what what)
{
    switch (what) {
    case EXIT_ACTIONS:
        put_effects(m, out, state->exit_decls, state->exit.count);
        break;
    case DISARM:
        put_timers(m, out, state->arm_decls, state->arms.count, "disarm");
        break;
    case ARM:
        put_timers(m, out, state->arm_decls, state->arms.count, "arm");
        break;
    case ENTRY_ACTIONS:
        put_effects(m, out, state->entry_decls, state->entry.count);
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

static void put_projections(const struct fg_model *m, struct fg_out *out, const struct fg_trans *t)
{
    for (const struct fg_project *p = m->spec->projects; p != NULL; p = p->next) {
        const int from = p->of_leaf[t->from], to = p->of_leaf[t->to];

        if (from != to)
            fg_put(out, "$i$p_on_%s(ctx, %s, %s);\n", p->name->text, fg_public_id(m, p, from),
                   fg_public_id(m, p, to));
    }
}

static void put_leg(const struct fg_model *m, struct fg_out *out, const struct fg_trans *t, int leg)
{
    const struct fg_branch *b = fg_leg(t, leg);
    const struct fg_state *from = fg_leg_from(m, t, leg), *to = fg_leg_to(m, t, leg);
    const struct fg_state *domain = fg_domain(b);
    const bool is_last = leg + 1 == t->leg_count;

    put_outward(m, out, from, domain, EXIT_ACTIONS);
    put_outward(m, out, from, domain, DISARM);
    if (leg == 0 && t->is_rearmed)
        put_restart(m, out, m->events[t->event]);
    put_effects(m, out, b->action_decls, b->actions.count);
    if (is_last)
        fg_put(out, "$ifsm_become(ctx, %s);\n", fg_state_id(m, t->to));
    fg_put_enter(m, out, to, domain);
    if (!is_last)
        return;
    put_projections(m, out, t);
    fg_put(out, to->is_final ? "$ireturn $P_FINAL;\n" : "$ireturn $P_OK;\n");
}

/* The last thing that a handler does. */
static void put_end(const struct fg_model *m, struct fg_out *out, const struct fg_trans *t, int leg)
{
    const struct fg_branch *b = t->branch;

    if (t->is_rearmed && b->effect != FG_GO)
        put_restart(m, out, m->events[t->event]);
    switch (b->effect) {
    case FG_GO:
        put_leg(m, out, t, leg);
        break;
    case FG_STAY:
        put_effects(m, out, b->action_decls, b->actions.count);
        fg_put(out, "$ireturn $P_OK;\n");
        break;
    case FG_IGNORE:
        fg_put(out, "$ireturn fsm_ignore(ctx, ev, p);\n");
        break;
    case FG_DEFER:
        fg_put(out, "$ireturn fsm_keep(ctx, ev, p);\n");
        break;
    default:
        fg_put(out, "$ireturn fsm_unexpected(ctx, ev, p);\n");
        break;
    }
}

/* The branches between which a handler chooses, or a choice that they go through: transitions that
 * have all legs before this one in common, and the first of each. */
struct fork {
    const struct fg_trans *first, *end;
    int leg;
};

static const struct fg_trans *next_branch(const struct fork *f, const struct fg_trans *t)
{
    const struct fg_branch *b = fg_leg(t, f->leg);

    while (t < f->end && fg_leg(t, f->leg) == b)
        t++;
    return t;
}

static int count_uses(const struct fg_expr *expr, const struct fg_decl *guard)
{
    if (expr == NULL)
        return 0;
    return (expr->op == FG_ATOM && expr->guard == guard) + count_uses(expr->left, guard) +
           count_uses(expr->right, guard);
}

/* The last branch is taken without a question, so what it asks does not count. */
static int count_all_uses(const struct fork *f, const struct fg_decl *guard)
{
    int uses = 0;

    for (const struct fg_trans *t = f->first; next_branch(f, t) < f->end; t = next_branch(f, t))
        uses += count_uses(fg_leg(t, f->leg)->guard, guard);
    return uses;
}

/* A choice asks anew: what was done on the way to it may have changed the answer. */
static const char *value_name(const struct fg_model *m, const struct fork *f,
                              const struct fg_decl *guard)
{
    if (f->leg == 0)
        return fg_arena_printf(m->spec->arena, "is_%s", guard->name);
    return fg_arena_printf(m->spec->arena, "is_%s_%d", guard->name, f->leg);
}

static void put_question(const struct fg_model *m, struct fg_out *out, const struct fg_decl *guard)
{
    if (guard->type == NULL)
        fg_put(out, "$p_grd_%s(ctx)", guard->name);
    else
        fg_put(out, "$p_grd_%s(ctx, p->%s)", guard->name,
               fg_ctype_member(m->spec->arena, guard->type));
}

static void put_expr(const struct fg_model *m, struct fg_out *out, const struct fork *f,
                     const struct fg_expr *e, bool is_inner)
{
    const bool has_parens = is_inner && (e->op == FG_AND || e->op == FG_OR);

    fg_put(out, "%s", has_parens ? "(" : "");
    switch (e->op) {
    case FG_ATOM:
        if (count_all_uses(f, e->guard) == 1)
            put_question(m, out, e->guard);
        else
            fg_put(out, "%s", value_name(m, f, e->guard));
        break;
    case FG_NOT:
        fg_put(out, "!");
        put_expr(m, out, f, e->left, true);
        break;
    default:
        put_expr(m, out, f, e->left, true);
        fg_put(out, "%s", e->op == FG_AND ? " && " : " || ");
        put_expr(m, out, f, e->right, true);
        break;
    }
    fg_put(out, "%s", has_parens ? ")" : "");
}

/* A guard that is used once is asked where it stands; others are asked once, in advance. */
static void put_guard_values(const struct fg_model *m, struct fg_out *out, const struct fork *f)
{
    for (int i = 0; i < m->guard_count; i++)
        if (count_all_uses(f, m->guards[i]) > 1) {
            fg_put(out, "$iconst bool %s = ", value_name(m, f, m->guards[i]));
            put_question(m, out, m->guards[i]);
            fg_put(out, ";\n");
        }
}

static const char *where_to(const struct fg_model *m, const struct fg_trans *t, int leg)
{
    if (fg_leg(t, leg)->effect != FG_GO)
        return "stay";
    return fg_leg_to(m, t, leg)->name;
}

static void put_fork(const struct fg_model *m, struct fg_out *out, struct fork f,
                     const struct fg_choice *choice, int indent);

static void put_branch(const struct fg_model *m, struct fg_out *out, struct fork f,
                       const struct fg_choice *choice, int indent)
{
    if (f.leg + 1 < f.first->leg_count) {
        put_leg(m, out, f.first, f.leg);
        f.leg++;
        put_fork(m, out, f, choice, indent);
        return;
    }
    if (choice->has_trace)
        fg_put(out, "$ifsm_tell(ctx, ev, %d, false);\n", (int)(f.first - m->trans));
    put_end(m, out, f.first, f.leg);
}

static void put_fork(const struct fg_model *m, struct fg_out *out, struct fork f,
                     const struct fg_choice *choice, int indent)
{
    const struct fg_trans *end;

    fg_indent(out, indent);
    if (f.leg > 0)
        put_guard_values(m, out, &f);
    for (const struct fg_trans *t = f.first; t < f.end; t = end) {
        const struct fg_branch *b = fg_leg(t, f.leg);
        const char *guard = fg_guard_text(m, b);
        bool is_last;

        end = next_branch(&f, t);
        is_last = end == f.end;
        fg_indent(out, indent);
        fg_put(out, "$i/* %s%s%s%s, %s:%d */\n", *guard == '\0' ? "" : "[", guard,
               *guard == '\0' ? "" : "] ", where_to(m, t, f.leg), m->spec->file_name, b->at.line);
        if (!is_last) {
            fg_put(out, "$iif (");
            put_expr(m, out, &f, b->guard, false);
            fg_put(out, ") {\n");
        }
        fg_indent(out, is_last ? indent : indent + 4);
        put_branch(m, out, (struct fork){ t, end, f.leg }, choice, is_last ? indent : indent + 4);
        fg_indent(out, indent);
        fg_put(out, is_last ? "" : "$i}\n");
    }
}

static void put_handler(const struct fg_model *m, struct fg_out *out, int number,
                        const struct fg_cell *cell, const struct fg_choice *choice)
{
    const struct fg_trans *t = &m->trans[cell->first_trans];
    const struct fork f = { t, t + cell->trans_count, 0 };

    fg_put(out,
           "static %senum $p_result h%d_%s_%s($c *ctx, enum $p_event ev,\n        "
           "const union $p_payload *p)\n{\n",
           choice->dispatch == FG_DISPATCH_SWITCH ? "inline " : "", number,
           m->leaves[t->from]->name, m->events[t->event]->name);
    fg_indent(out, 4);
    put_guard_values(m, out, &f);
    fg_put(out, "    (void)ev;\n    (void)p;\n");
    put_fork(m, out, f, choice, 4);
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
