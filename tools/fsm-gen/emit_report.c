/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: the report: counts, sizes of the tables that each way to dispatch needs, the longest way. */
/* Called by: the list of outputs. */
/* Must not know: the shape of the generated code beyond the size of its tables. */
#include "emit.h"
#include "plan.h"

enum { POINTER_BYTES = 8 };

static int round_up(int n)
{
    int power = 1;

    while (power < n)
        power *= 2;
    return power;
}

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
    int handlers = FG_FIXED_HANDLERS, row = round_up(m->leaf_count), bytes;

    for (int i = 0; i < m->leaf_count * m->event_count; i++)
        handlers += m->cells[i].kind == FG_CELL_HANDLED;
    bytes = m->event_count * row * (handlers <= 256 ? 1 : 2);
    fg_put(out,
           "bytes of the byte table, in every way %d\n"
           "bytes of pointers, --dispatch table %d\n"
           "bytes of pointers, --dispatch handlers %d\n"
           "events sent by actions that may wait %d\n"
           "events deferred that may wait %d\n",
           bytes, handlers * POINTER_BYTES, m->event_count * row * POINTER_BYTES, m->queue_size,
           m->defer_total);
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
    put_longest(model, out);
    put_most_steps(model, out);
    if (choice->coverage != NULL)
        put_coverage(model, out, choice->coverage);
}
