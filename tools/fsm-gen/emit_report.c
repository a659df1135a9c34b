/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: the report: counts, sizes, the longest ways, and what coverage says. */
/* Called by: the list of outputs. */
/* Must not know: the shape of the generated code. */
#include "chain.h"
#include "emit.h"
#include "plan.h"
#include "sizes.h"

static void put_counts(const struct fg_model *m, struct fg_out *out)
{
    static const char *const kinds[] = { "unarmed", "unexpected", "ignored", "deferred",
                                         "handled" };
    int counts[FG_CELL_MISSING + 1] = { 0 };

    for (int i = 0; i < m->leaf_count * m->event_count; i++)
        counts[m->cells[i].kind]++;
    fg_put(out, "machine %s\nstates %d\nevents %d\ntimers %d\nguards %d\nactions %d\ncells %d\n",
           m->spec->name->text, m->leaf_count, m->event_count - m->timer_count, m->timer_count,
           m->guard_count, m->action_count, m->leaf_count * m->event_count);
    for (int k = FG_CELL_HANDLED; k >= 0; k--)
        fg_put(out, "cells %s %d\n", kinds[k], counts[k]);
    fg_put(out, "branches %d\n", m->trans_count);
}

static void put_sizes(const struct fg_model *m, struct fg_out *out)
{
    const struct fg_sizes sizes = fg_sizes_of(m);

    if (sizes.unknown == NULL)
        fg_put(out, "bytes of an instance, struct $p_fsm %zu\n", sizes.instance);
    else
        fg_put(out, "bytes of an instance, struct $p_fsm, not known here: it may hold a '%s'\n",
               sizes.unknown);
    fg_put(out,
           "bytes of the byte table, in every way %zu\n"
           "bytes of pointers, --dispatch switch %zu\n"
           "bytes of pointers, --dispatch table %zu\n"
           "bytes of pointers, --dispatch handlers %zu\n"
           "bytes of descriptions of branches %zu\n"
           "bytes of pointers to names and descriptions %zu\n"
           "bytes of public values %zu\n",
           sizes.cells, fg_has_handler_list(m, FG_DISPATCH_SWITCH) ? sizes.handlers : 0,
           sizes.handlers, sizes.pointers, sizes.branches, sizes.names, sizes.publics);
    fg_put(out, "events sent by actions that may wait %d, %s\nevents deferred that may wait %d\n",
           m->queue_size, m->spec->queue < 0 ? "by default" : "as declared", m->defer_total);
}

/* Of a chain that comes round, the circle alone. */
static void put_circle(const struct fg_model *m, struct fg_out *out, const struct fg_chain *chain)
{
    int first = 0, last = 0;

    while (chain->steps[last]->to != chain->steps[first]->from) {
        first++;
        if (first > last) {
            first = 0;
            last++;
        }
    }
    fg_put(out, "longest chain of local events without bound, %s",
           m->leaves[chain->steps[first]->from]->name);
    for (int i = first; i <= last; i++)
        fg_put(out, " --%s--> %s", m->events[chain->steps[i]->event]->name,
               m->leaves[chain->steps[i]->to]->name);
    fg_put(out, "\n");
}

static void put_chain(const struct fg_model *m, struct fg_out *out)
{
    const struct fg_chain chain = fg_longest_chain(m);

    if (chain.is_endless) {
        put_circle(m, out, &chain);
        return;
    }
    fg_put(out, "longest chain of local events %d", chain.length);
    for (int i = 0; i < chain.length; i++)
        fg_put(out, ", %s in %s", m->events[chain.steps[i]->event]->name,
               m->leaves[chain.steps[i]->from]->name);
    fg_put(out, "\n");
}

/* The state that is the most events away from the start, by the shortest way to it. */
static void put_longest(const struct fg_model *m, struct fg_out *out)
{
    int *distance = FG_NEW_ARRAY(m->spec->arena, m->leaf_count, int);
    int far = m->start->leaf_id;
    bool has_grown = true;

    distance[far] = 1;
    for (int at = 1; has_grown; at++) {
        has_grown = false;
        for (int i = 0; i < m->trans_count; i++)
            if (distance[m->trans[i].from] == at && distance[m->trans[i].to] == 0) {
                distance[m->trans[i].to] = at + 1;
                far = m->trans[i].to;
                has_grown = true;
            }
    }
    fg_put(out, "farthest state %s, %d events from the start\n", m->leaves[far]->name,
           distance[far] - 1);
}

static void put_most_steps(const struct fg_model *m, struct fg_out *out)
{
    int most = 0, which = -1;

    for (int i = 0; i < m->trans_count; i++) {
        const int count = fg_plan_branch(m, &m->trans[i]).count;

        if (count > most) {
            most = count;
            which = i;
        }
    }
    if (which >= 0)
        fg_put(out, "longest reaction %d steps, %s in %s, line %d\n", most,
               m->events[m->trans[which].event]->name, m->leaves[m->trans[which].from]->name,
               m->trans[which].branch->at.line);
}

static void put_coverage(const struct fg_model *m, struct fg_out *out,
                         const struct fg_coverage *seen)
{
    int cells = 0, met = 0;

    for (int i = 0; i < m->leaf_count * m->event_count; i++) {
        cells += m->cells[i].kind != FG_CELL_HANDLED && m->cells[i].kind != FG_CELL_UNARMED;
        met += m->cells[i].kind != FG_CELL_UNARMED && seen->cells[i] > 0;
    }
    fg_put(out, "coverage, files %d\ncoverage, branches %d of %d\n", seen->file_count,
           fg_coverage_hit(seen, m), m->trans_count);
    fg_put(out, "coverage, other cells of a timer that runs or an event %d of %d\n", met, cells);
    for (int i = 0; i < m->trans_count; i++) {
        const struct fg_trans *t = &m->trans[i];
        const char *guard = fg_guard_text(m, t->branch);

        if (seen->branches[i] > 0)
            continue;
        fg_put(out, "never taken %s in %s", m->events[t->event]->name, m->leaves[t->from]->name);
        if (*guard != '\0')
            fg_put(out, " [%s]", guard);
        fg_put(out, ", line %d\n", t->branch->at.line);
    }
}

void fg_emit_report(const struct fg_model *model, struct fg_out *out,
                    const struct fg_choice *choice)
{
    put_counts(model, out);
    put_sizes(model, out);
    put_chain(model, out);
    put_longest(model, out);
    put_most_steps(model, out);
    if (choice->coverage != NULL)
        put_coverage(model, out, choice->coverage);
}
