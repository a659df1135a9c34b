/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: the tables of the generated tests: every case, its steps, the tour; and the stubs. */
/* Called by: the list of outputs. */
/* Must not know: how the generated machine works. */
#include "ctype_name.h"
#include "emit.h"
#include "tour.h"

#include <string.h>

static void put_steps(const struct fg_model *m, struct fg_out *out, struct fg_plan plan, int from)
{
    int seen = from;

    for (int i = 0; i < plan.count; i++) {
        const struct fg_step *s = &plan.steps[i];
        int project = 0;

        switch (s->kind) {
        case FG_STEP_BECOME:
            seen = s->id;
            break;
        case FG_STEP_TELL:
            for (const struct fg_project *p = m->spec->projects; p != s->project; p = p->next)
                project++;
            fg_put(out, "    { DO_TELL + %d, %d, %d, %d },\n", project, s->id, s->to, seen);
            break;
        default:
            fg_put(out, "    { %s, %d, 0, %d },\n",
                   s->kind == FG_STEP_ACTION ? "DO_ACTION"
                   : s->kind == FG_STEP_POST ? "DO_SEND"
                   : s->kind == FG_STEP_ARM  ? "DO_ARM"
                                             : "DO_DISARM",
                   s->id, seen);
            break;
        }
    }
}

static int count_steps(struct fg_plan plan)
{
    int count = 0;

    for (int i = 0; i < plan.count; i++)
        count += plan.steps[i].kind != FG_STEP_BECOME;
    return count;
}

static void put_all_steps(const struct fg_model *m, struct fg_out *out)
{
    fg_put(out, "/* Kind, number, second number, and the state in which it is done. */\n"
                "static const struct step steps[] = {\n");
    put_steps(m, out, fg_plan_start(m), m->start->leaf_id);
    for (int t = 0; t < m->trans_count; t++)
        put_steps(m, out, fg_plan_branch(m, &m->trans[t]), m->trans[t].from);
    fg_put(out, "    { 0, 0, 0, 0 },\n};\n\n");
}

static const char *effect_of(const struct fg_model *m, const struct fg_case *c)
{
    static const char *const by_kind[] = { "UNEXPECTED", "UNEXPECTED", "IGNORED", "DEFERRED" };
    static const char *const by_effect[] = { "OK", "OK", "IGNORED", "DEFERRED", "UNEXPECTED" };

    if (c->trans == NULL)
        return by_kind[fg_cell_at(m, c->leaf, c->event)->kind];
    if (c->trans->branch->effect == FG_GO && m->leaves[c->trans->to]->is_final)
        return "FINAL";
    return by_effect[c->trans->branch->effect];
}

static void put_cases(const struct fg_model *m, struct fg_out *out, const struct fg_tour *tour)
{
    int *first = FG_NEW_ARRAY(m->spec->arena, m->trans_count + 1, int);

    first[0] = count_steps(fg_plan_start(m));
    for (int t = 0; t < m->trans_count; t++)
        first[t + 1] = first[t] + count_steps(fg_plan_branch(m, &m->trans[t]));
    fg_put(
        out,
        "enum { NO_BRANCH = 0xFFFF, RESTART = -1, START_STEPS = %d, REACHABLE = %d };\n\n"
        "/* State, event, values of its guards, branch, first step, steps, next state, result. */\n"
        "static const struct row rows[] = {\n",
        first[0], tour->reachable);
    for (int i = 0; i < tour->case_count; i++) {
        const struct fg_case *c = &tour->cases[i];
        const int t = c->trans == NULL ? 0 : (int)(c->trans - m->trans);

        fg_put(out, "    { %d, %d, %u, ", c->leaf, c->event, c->valuation);
        if (c->trans == NULL)
            fg_put(out, "NO_BRANCH, 0, 0, %d", c->leaf);
        else
            fg_put(out, "%d, %d, %d, %d", t, first[t], first[t + 1] - first[t], c->trans->to);
        fg_put(out, ", $P_%s },\n", effect_of(m, c));
    }
    fg_put(out, "};\n\n");
}

/* For each cell: its first row and the guards it asks. */
static void put_cells(const struct fg_model *m, struct fg_out *out)
{
    int ids[FG_ATOM_LIMIT], row = 0;

    fg_put(out, "/* First row, how many guards are asked, and which. */\n"
                "static const struct cell cells[$P_STATE_COUNT][$P_EVENT_COUNT] = {\n");
    for (int leaf = 0; leaf < m->leaf_count; leaf++) {
        fg_put(out, "    {\n");
        for (int e = 0; e < m->event_count; e++) {
            const int count = fg_cell_guards(m, fg_cell_at(m, leaf, e), ids);

            fg_put(out, "        { %d, %d, { %s", row, count, count == 0 ? "0" : "");
            for (int i = 0; i < count; i++)
                fg_put(out, "%s%d", i == 0 ? "" : ", ", ids[i]);
            fg_put(out, " } },\n");
            row += 1 << count;
        }
        fg_put(out, "    },\n");
    }
    fg_put(out, "};\n\n");
}

static void put_tour(struct fg_out *out, const struct fg_tour *tour)
{
    fg_put(out, "/* Rows to walk through, from the start. */\nstatic const int tour[] = {");
    for (int i = 0; i < tour->step_count; i++) {
        fg_put(out, i % 12 == 0 ? "\n    " : " ");
        if (tour->steps[i] == FG_RESTART)
            fg_put(out, "RESTART,");
        else
            fg_put(out, "%d,", tour->steps[i]);
    }
    fg_put(out, "\n    RESTART\n};\n\n");
}

static void put_armed(const struct fg_model *m, struct fg_out *out)
{
    fg_put(out, "/* Which timers run in a state. */\n"
                "static const bool runs_in[$P_STATE_COUNT][TIMERS + 1] = {\n");
    for (int leaf = 0; leaf < m->leaf_count; leaf++) {
        fg_put(out, "    { ");
        for (int t = 0; t < m->timer_count; t++)
            fg_put(out, "%s, ", fg_is_armed(m, leaf, m->first_timer + t) ? "true" : "false");
        fg_put(out, "false },\n");
    }
    fg_put(out, "};\n\nstatic const unsigned char bounds[$P_EVENT_COUNT] = {");
    for (int e = 0; e < m->event_count; e++)
        fg_put(out, "%s%d,", e % 16 == 0 ? "\n    " : " ", m->defer_bound[e]);
    fg_put(out, "\n};\n\n");
}

static bool is_public(const struct fg_project *p, const struct fg_name *name, int id)
{
    const struct fg_public *v = p->publics;

    while (v != NULL && v->id != id)
        v = v->next;
    return v != NULL && strcmp(v->name->text, name->text) == 0;
}

static bool is_allowed(const struct fg_project *p, int from, int to)
{
    for (const struct fg_allow *a = p->allows; a != NULL; a = a->next)
        for (const struct fg_name *n = a->to.first; n != NULL; n = n->next)
            if (is_public(p, a->from, from) && is_public(p, n, to))
                return true;
    return p->allows == NULL;
}

static void put_project_stub(const struct fg_model *m, struct fg_out *out,
                             const struct fg_project *p, int number)
{
    fg_put(out, "static const bool %s_allowed[%d][%d] = {\n", p->name->text, p->public_count,
           p->public_count);
    for (int from = 0; from < p->public_count; from++) {
        fg_put(out, "    { ");
        for (int to = 0; to < p->public_count; to++)
            fg_put(out, "%s%s", is_allowed(p, from, to) ? "true" : "false",
                   to + 1 < p->public_count ? ", " : " },\n");
    }
    (void)m;
    fg_put(out,
           "};\n\n"
           "void $p_on_%s($c *ctx, %s from, %s to)\n{\n"
           "    cr_assert(%s_allowed[from][to], \"a change of %s that is not allowed\");\n"
           "    cr_assert_eq((unsigned)to, (unsigned)$p_%s($p_current(ctx)));\n"
           "    note(&real, DO_TELL + %dU, (unsigned)from, (unsigned)to, "
           "(unsigned)$p_current(ctx));\n}\n\n",
           p->name->text, p->type->text, p->type->text, p->name->text, p->name->text, p->name->text,
           number);
}

static const char *compared_size(const struct fg_decl *d)
{
    return strncmp(d->type, "struct ", 7) == 0 && !fg_ctype_is_pointer(d->type) ? "1"
                                                                                : "sizeof(payload)";
}

static void put_action_stub(const struct fg_model *m, struct fg_out *out, int id)
{
    const struct fg_decl *d = m->actions[id];

    if (d->type == NULL) {
        fg_put(out, "void $p_act_%s($c *ctx)\n{\n    act(ctx, %d);\n}\n\n", d->name, id);
        return;
    }
    fg_put(out,
           "void $p_act_%s($c *ctx, %s%spayload)\n{\n"
           "    cr_assert_eq(memcmp(&payload, &sent, %s), 0, \"payload of %s\");\n"
           "    act(ctx, %d);\n}\n\n",
           d->name, d->type, fg_ctype_is_pointer(d->type) ? "" : " ", compared_size(d), d->name,
           id);
}

static void put_guard_stub(const struct fg_decl *d, struct fg_out *out)
{
    fg_put(out, "bool $p_grd_%s(const $c *ctx", d->name);
    if (d->type != NULL)
        fg_put(out, ", %s%spayload", d->type, fg_ctype_is_pointer(d->type) ? "" : " ");
    fg_put(out, ")\n{\n    (void)ctx;\n");
    if (d->type != NULL)
        fg_put(out, "    cr_assert_eq(memcmp(&payload, &sent, %s), 0, \"payload of %s\");\n",
               compared_size(d), d->name);
    fg_put(out, "    asked[%d]++;\n    return guard_values[%d];\n}\n\n", d->id, d->id);
}

/* What is told names a branch of this cell, or none when there is none. */
static const char trace_stub[] =
    "void $p_on_trace($c *ctx, const struct $p_trace_step *step)\n{\n"
    "    const struct $p_tinfo *info = $p_transition(step->tid);\n"
    "    const bool is_handled = $p_cell(step->state, step->event) == $P_CELL_HANDLED;\n\n"
    "    cr_assert_eq(step->state, $p_current(ctx), \"the trace tells another state\");\n"
    "    cr_assert_eq(info == NULL, step->tid == (unsigned)$P_TRACE_NO_BRANCH);\n"
    "    cr_assert(info == NULL || (info->from == step->state && info->event == step->event),\n"
    "              \"the trace tells another branch\");\n"
    "    cr_assert(step->is_lost || (info != NULL) == is_handled, \"the trace tells no branch\");\n"
    "}\n\n";

static void put_stubs(const struct fg_model *m, struct fg_out *out, bool has_trace)
{
    int number = 0;

    for (int i = 0; i < m->action_count; i++)
        put_action_stub(m, out, i);
    fg_put(out, has_trace ? trace_stub : "");
    for (int i = 0; i < m->guard_count; i++)
        put_guard_stub(m->guards[i], out);
    if (m->timer_count > 0)
        fg_put(out, "void $p_arm($c *ctx, enum $p_timer timer)\n{\n"
                    "    runs[timer] = true;\n"
                    "    note(&real, DO_ARM, (unsigned)timer, 0, (unsigned)$p_current(ctx));\n}\n\n"
                    "void $p_disarm($c *ctx, enum $p_timer timer)\n{\n"
                    "    runs[timer] = false;\n"
                    "    note(&real, DO_DISARM, (unsigned)timer, 0, (unsigned)$p_current(ctx));\n"
                    "}\n\n");
    for (const struct fg_project *p = m->spec->projects; p != NULL; p = p->next)
        put_project_stub(m, out, p, number++);
    fg_put(out, "void $p_on_unexpected($c *ctx, enum $p_state state, enum $p_event ev)\n{\n"
                "    (void)ctx;\n"
                "    note(&real, DO_UNEXPECTED, (unsigned)ev, 0, (unsigned)state);\n}\n\n");
}

void fg_emit_tests(const struct fg_model *model, struct fg_out *out, const struct fg_choice *choice)
{
    const struct fg_tour *tour = fg_tour_new(model);

    fg_put(out, "/* %s - generated by fsm-gen " FG_VERSION " from %s, do not edit */\n",
           choice->self, model->spec->file_name);
    fg_put_include(out, model->spec->include->text);
    fg_put(out,
           "\n#include <criterion/criterion.h>\n\n#include <stdio.h>\n"
           "#include <string.h>\n\n"
           "enum { TIMERS = %d, GUARDS = %d, GUARDS_OF_CELL = %d, ASKED_MAX = %d };\n\n",
           model->timer_count, model->guard_count, FG_ATOM_LIMIT,
           model->has_posts || model->has_choices ? 1000 : 1);
    fg_emit_tests_types(out);
    put_all_steps(model, out);
    put_cases(model, out, tour);
    put_cells(model, out);
    put_armed(model, out);
    put_tour(out, tour);
    fg_emit_tests_record(model, out);
    put_stubs(model, out, choice->has_trace);
    fg_emit_tests_body(model, out);
}
