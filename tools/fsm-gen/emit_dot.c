/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: the picture for Graphviz: nested states as boxes, one arrow for each pair of states. */
/* Called by: main. */
/* Must not know: C. */
#include "emit.h"

#include <string.h>

/* An arrow as written: a handler of a composite state leaves its box, not each state inside. */
struct edge {
    const struct fg_state *from;
    const struct fg_state *to;
    const char *label;
};

static const char *const colors[] = { "#e8e8e8", "#fff3c4", "#d3f0d3", "#ffd6cc",
                                      "#d9d2e9", "#cfe8fc", "#fde2f3", "#e2f0cb" };

/* Room around the label of an arrow, so that no two touch. */
#define ROOM "<table border=\"0\" cellpadding=\"4\"><tr><td balign=\"left\">"
#define ROOM_END "</td></tr></table>"

enum { LINE_WIDTH = 34 }; /* characters in a line of a label, until the next comma */

/* Adds a word to a label, on a new line when the last one is full; what joins them stays on the old one. */
static const char *add_word(const struct fg_model *m, const char *text, const char *joint,
                            const char *word)
{
    const char *line = strrchr(text, '\n');
    const size_t used = strlen(line != NULL ? line : text);
    size_t joint_length = strlen(joint);

    if (used == 0 || used + joint_length + strlen(word) <= LINE_WIDTH)
        return fg_arena_printf(m->spec->arena, "%s%s%s", text, joint, word);
    while (joint_length > 0 && joint[joint_length - 1] == ' ')
        joint_length--;
    return fg_arena_printf(m->spec->arena, "%s%.*s\n   %s", text, (int)joint_length, joint, word);
}

static const char *add_names(const struct fg_model *m, const char *text, const char *before,
                             struct fg_names names)
{
    for (const struct fg_name *n = names.first; n != NULL; n = n->next)
        text = add_word(m, text, n == names.first ? before : ", ", n->text);
    return text;
}

/* "EVENT, EVENT [guard] / action, action": lines divided by "\n". */
static const char *branch_text(const struct fg_model *m, const struct fg_handler *h,
                               const struct fg_branch *b)
{
    const char *guard = fg_guard_text(m, b);
    const char *text = "";

    for (int i = 0; i < h->ref_count; i++)
        text = add_word(m, text, i == 0 ? "" : ", ", m->events[h->refs[i].event]->name);
    if (*guard != '\0')
        text = add_word(m, text, " ", fg_arena_printf(m->spec->arena, "[%s]", guard));
    return add_names(m, text, " / ", b->actions);
}

/* A text of one or more lines inside an HTML-like label, each ended as Graphviz wants it. */
static void put_html(struct fg_out *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '\n')
            fg_put(out, "<br align=\"left\"/>");
        else if (*text == '&')
            fg_put(out, "&amp;");
        else if (*text == '<')
            fg_put(out, "&lt;");
        else if (*text == '>')
            fg_put(out, "&gt;");
        else
            fg_put(out, *text == ' ' && text[1] == ' ' ? "&#160;" : "%c", *text);
    }
    fg_put(out, "<br align=\"left\"/>");
}

/* What a state does by itself: its timers, entry, exit, and what it does without leaving. */
static void put_notes(const struct fg_model *m, struct fg_out *out, const struct fg_state *s)
{
    if (s->arms.first != NULL)
        put_html(out, add_names(m, "", "timer ", s->arms));
    if (s->entry.first != NULL)
        put_html(out, add_names(m, "", "entry / ", s->entry));
    if (s->exit.first != NULL)
        put_html(out, add_names(m, "", "exit / ", s->exit));
    for (const struct fg_handler *h = s->handlers; h != NULL; h = h->next)
        for (const struct fg_branch *b = h->branches; b != NULL; b = b->next)
            if (b->effect == FG_STAY)
                put_html(out, branch_text(m, h, b));
}

static void put_leaf(const struct fg_model *m, struct fg_out *out, const struct fg_state *s,
                     int indent)
{
    const struct fg_project *p = m->spec->projects;

    if (s->is_choice) {
        fg_put(out, "%*s\"%s\" [shape=diamond, style=filled, label=\"%s\"];\n", indent, "", s->name,
               s->name);
        return;
    }
    fg_put(out, "%*s\"%s\" [label=<<b>%s</b>", indent, "", s->name, s->name);
    if (fg_has_doings(s)) {
        fg_put(out, "<br/><font point-size=\"9\">");
        put_notes(m, out, s);
        fg_put(out, "</font>");
    }
    fg_put(out, ">");
    if (p != NULL)
        fg_put(out, ", fillcolor=\"%s\"", colors[(size_t)p->of_leaf[s->leaf_id] % 8]);
    if (s->is_final)
        fg_put(out, ", peripheries=2");
    fg_put(out, "];\n");
}

/* A box: its own actions under its name, and a point where it is entered. */
static void put_box_head(const struct fg_model *m, struct fg_out *out, const struct fg_state *s,
                         int indent)
{
    fg_put(out, "%*slabel=<<b>%s</b>", indent, "", s->name);
    if (fg_has_doings(s)) {
        fg_put(out, "<br align=\"left\"/><font point-size=\"9\">");
        put_notes(m, out, s);
        fg_put(out, "</font>");
    }
    fg_put(out, ">;\n");
    if (s->start == NULL)
        return;
    fg_put(out, "%*s\"%s@start\" [shape=point, width=0.08, fillcolor=black];\n", indent, "",
           s->name);
}

/* The point from which arrows start that leave the box for a state inside it. */
static void put_any(struct fg_out *out, const struct fg_state *s, const struct edge *edges,
                    int count, int indent)
{
    for (int i = 0; i < count; i++) {
        if (edges[i].from != s || !fg_is_inside(edges[i].to, s))
            continue;
        fg_put(out,
               "%*s\"%s@any\" [shape=plaintext, fontsize=9, height=0.2, margin=\"0.02,0\", "
               "style=\"\", label=<<i>in any state of %s</i>>];\n",
               indent, "", s->name, s->name);
        return;
    }
}

static void put_states(const struct fg_model *m, struct fg_out *out, const struct fg_state *parent,
                       const struct edge *edges, int count, int indent)
{
    for (const struct fg_state *s = parent->children; s != NULL; s = s->next) {
        if (s->is_choice && edges == NULL)
            continue; /* the flattened machine goes through it */
        if (s->children == NULL) {
            put_leaf(m, out, s, indent);
            continue;
        }
        fg_put(out, "%*ssubgraph \"cluster_%s\" {\n", indent, "", s->name);
        put_box_head(m, out, s, indent + 4);
        put_any(out, s, edges, count, indent + 4);
        put_states(m, out, s, edges, count, indent + 4);
        fg_put(out, "%*s}\n", indent, "");
    }
}

static void add_edge(const struct fg_model *m, struct edge *edges, int *count,
                     const struct fg_state *from, const struct fg_state *to, const char *text)
{
    for (int i = 0; i < *count; i++)
        if (edges[i].from == from && edges[i].to == to) {
            edges[i].label = fg_arena_printf(m->spec->arena, "%s\n%s", edges[i].label, text);
            return;
        }
    edges[(*count)++] = (struct edge){ from, to, text };
}

/* A handler is drawn once, from the state that has it to the state that it names. */
static int collect_edges(const struct fg_model *m, struct edge *edges)
{
    int count = 0;

    for (int i = 0; i < m->state_count; i++)
        for (const struct fg_handler *h = m->states[i]->handlers; h != NULL; h = h->next)
            for (const struct fg_branch *b = h->branches; b != NULL; b = b->next)
                if (b->effect == FG_GO)
                    add_edge(m, edges, &count, m->states[i], b->to, branch_text(m, h, b));
    return count;
}

static int count_branches(const struct fg_model *m)
{
    int count = 0;

    for (int i = 0; i < m->state_count; i++)
        for (const struct fg_handler *h = m->states[i]->handlers; h != NULL; h = h->next)
            count += h->branch_count;
    return count;
}

/* Where an arrow starts: at the state, at a state in the middle of a box, or at the box's own point. */
static void put_tail(const struct fg_model *m, struct fg_out *out, const struct edge *e)
{
    if (e->from->children == NULL)
        fg_put(out, "    \"%s\"", e->from->name);
    else if (fg_is_inside(e->to, e->from))
        fg_put(out, "    \"%s@any\"", e->from->name);
    else
        fg_put(out, "    \"%s\"", m->leaves[e->from->first_leaf + e->from->leaf_count / 2]->name);
}

static void put_edge(const struct fg_model *m, struct fg_out *out, const struct edge *e)
{
    const bool is_to_box = e->to->children != NULL;

    put_tail(m, out, e);
    fg_put(out, " -> \"%s%s\" [label=<" ROOM, e->to->name, is_to_box ? "@start" : "");
    put_html(out, e->label);
    fg_put(out, ROOM_END ">");
    if (e->from->children != NULL && !fg_is_inside(e->to, e->from))
        fg_put(out, ", ltail=\"cluster_%s\"", e->from->name);
    if (is_to_box && !fg_is_inside(e->from, e->to))
        fg_put(out, ", lhead=\"cluster_%s\"", e->to->name);
    fg_put(out, "];\n");
}

static void put_starts(const struct fg_model *m, struct fg_out *out)
{
    const struct fg_state *first = m->spec->root.start;

    fg_put(out, "    \"\" -> \"%s%s\"", first->name, first->children != NULL ? "@start" : "");
    if (first->children != NULL)
        fg_put(out, " [lhead=\"cluster_%s\"]", first->name);
    fg_put(out, ";\n");
    for (int i = 0; i < m->state_count; i++) {
        const struct fg_state *to = m->states[i]->start;
        if (to == NULL)
            continue;
        fg_put(out, "    \"%s@start\" -> \"%s%s\"", m->states[i]->name, to->name,
               to->children != NULL ? "@start" : "");
        if (to->children != NULL)
            fg_put(out, " [lhead=\"cluster_%s\"]", to->name);
        fg_put(out, ";\n");
    }
}

static void put_begin(const struct fg_model *m, struct fg_out *out, const char *left_out)
{
    fg_put(out,
           "// Generated by fsm-gen from %s, do not edit.%s\n"
           "digraph \"%s\" {\n"
           "    compound=true;\n    newrank=true;\n    nodesep=0.35;\n    ranksep=0.45;\n"
           "    graph [fontname=\"Helvetica\", fontsize=11, style=rounded, labeljust=l];\n"
           "    node [shape=box, style=\"rounded,filled\", fillcolor=\"#e8e8e8\", "
           "fontname=\"Helvetica\", fontsize=11];\n"
           "    edge [fontname=\"Helvetica\", fontsize=9];\n"
           "    \"\" [shape=point, width=0.1, fillcolor=black];\n",
           m->spec->file_name, left_out, m->spec->name->text);
}

void fg_emit_dot(const struct fg_model *model, struct fg_out *out, const struct fg_choice *choice)
{
    struct edge *edges = FG_NEW_ARRAY(model->spec->arena, count_branches(model) + 1, struct edge);
    const int count = collect_edges(model, edges);

    (void)choice;
    put_begin(model, out,
              " Events that are\n"
              "// ignored, deferred or unexpected are not drawn.");
    put_states(model, out, &model->spec->root, edges, count, 4);
    put_starts(model, out);
    for (int i = 0; i < count; i++)
        put_edge(model, out, &edges[i]);
    fg_put(out, "}\n");
}

/* What a leaf does with events that no branch takes, as one dashed arrow for each kind. */
static void put_loop(const struct fg_model *m, struct fg_out *out, int leaf, enum fg_cell_kind kind,
                     const char *word)
{
    int count = 0;

    for (int e = 0; e < m->event_count; e++) {
        if (fg_cell_at(m, leaf, e)->kind != kind)
            continue;
        if (count++ == 0)
            fg_put(out, "    \"%s\" -> \"%s\" [style=dashed, color=grey, label=\"%s:",
                   m->leaves[leaf]->name, m->leaves[leaf]->name, word);
        fg_put(out, "\\n%s", m->events[e]->name);
    }
    fg_put(out, count > 0 ? "\"];\n" : "");
}

void fg_emit_dot_full(const struct fg_model *model, struct fg_out *out,
                      const struct fg_choice *choice)
{
    (void)choice;
    put_begin(model, out, " Every branch of every state.");
    put_states(model, out, &model->spec->root, NULL, 0, 4);
    put_starts(model, out);
    for (int i = 0; i < model->trans_count; i++) {
        const struct fg_trans *t = &model->trans[i];
        const char *guard = fg_guard_text(model, t->branch);

        fg_put(out, "    \"%s\" -> \"%s\" [label=\"%s%s%s%s", model->leaves[t->from]->name,
               model->leaves[t->to]->name, model->events[t->event]->name,
               *guard == '\0' ? "" : " [", guard, *guard == '\0' ? "" : "]");
        for (const struct fg_name *n = t->branch->actions.first; n != NULL; n = n->next)
            fg_put(out, "\\n%s", n->text);
        fg_put(out, t->branch->effect == FG_GO ? "\"];\n" : "\", style=dotted];\n");
    }
    for (int leaf = 0; leaf < model->leaf_count; leaf++) {
        put_loop(model, out, leaf, FG_CELL_IGNORED, "ignored");
        put_loop(model, out, leaf, FG_CELL_DEFERRED, "deferred");
        put_loop(model, out, leaf, FG_CELL_UNEXPECTED, "unexpected");
    }
    fg_put(out, "}\n");
}
