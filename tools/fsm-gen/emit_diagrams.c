/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: the diagrams as written, not flattened: Mermaid and PlantUML. */
/* Called by: the list of outputs. */
/* Must not know: cells, C. */
#include "emit.h"

/* Where the two notations differ. */
struct notation {
    const char *arrow; /* and whether a simple state is declared before it is used */
    bool is_declared;
    bool notes_boxes;       /* the text of a composite state is a note */
    bool titles_first;      /* the first text of a state replaces its name */
    const char *line_break; /* inside a label */
};

static void put_names(struct fg_out *out, const char *before, struct fg_names names)
{
    for (const struct fg_name *n = names.first; n != NULL; n = n->next)
        fg_put(out, "%s%s", n == names.first ? before : ", ", n->text);
}

static void put_events(const struct fg_model *m, struct fg_out *out, const struct fg_handler *h)
{
    for (int i = 0; i < h->ref_count; i++)
        fg_put(out, "%s%s", i == 0 ? "" : ", ", m->events[h->refs[i].event]->name);
}

static void put_label(const struct fg_model *m, struct fg_out *out, const struct fg_handler *h,
                      const struct fg_branch *b)
{
    const char *guard = fg_guard_text(m, b);

    put_events(m, out, h);
    if (*guard != '\0')
        fg_put(out, " [%s]", guard);
    put_names(out, " / ", b->actions);
}

/* The branches of a state that lead to one and the same target, as one arrow; `first` is the first. */
static void put_arrow(const struct fg_model *m, struct fg_out *out, const struct fg_state *s,
                      const struct fg_branch *first, const struct notation *as)
{
    const char *joint = "";

    fg_put(out, "    %s %s %s : ", s->name, as->arrow, first->to->name);
    for (const struct fg_handler *h = s->handlers; h != NULL; h = h->next)
        for (const struct fg_branch *b = h->branches; b != NULL; b = b->next) {
            if (b->effect != FG_GO || b->to != first->to)
                continue;
            fg_put(out, "%s", joint);
            put_label(m, out, h, b);
            joint = as->line_break;
        }
    fg_put(out, "\n");
}

static const struct fg_branch *first_to(const struct fg_state *s, const struct fg_state *to)
{
    for (const struct fg_handler *h = s->handlers; h != NULL; h = h->next)
        for (const struct fg_branch *b = h->branches; b != NULL; b = b->next)
            if (b->effect == FG_GO && b->to == to)
                return b;
    return NULL;
}

static void put_arrows(const struct fg_model *m, struct fg_out *out, const struct fg_state *s,
                       const struct notation *as)
{
    for (const struct fg_handler *h = s->handlers; h != NULL; h = h->next)
        for (const struct fg_branch *b = h->branches; b != NULL; b = b->next)
            if (b->effect == FG_GO && first_to(s, b->to) == b)
                put_arrow(m, out, s, b, as);
    if (s->is_final)
        fg_put(out, "    %s %s [*]\n", s->name, as->arrow);
}

static void put_states(struct fg_out *out, const struct fg_state *parent, const struct notation *as,
                       int indent)
{
    const struct fg_state *start = parent->start;

    if (start != NULL)
        fg_put(out, "%*s[*] %s %s\n", indent, "", as->arrow, start->name);
    for (const struct fg_state *s = parent->children; s != NULL; s = s->next) {
        if (s->children != NULL) {
            fg_put(out, "%*sstate %s {\n", indent, "", s->name);
            put_states(out, s, as, indent + 4);
            fg_put(out, "%*s}\n", indent, "");
        } else {
            fg_put(out,
                   s->is_choice      ? "%*sstate %s <<choice>>\n"
                   : as->is_declared ? "%*sstate %s\n"
                                     : "%*s%s\n",
                   indent, "", s->name);
        }
    }
}

static void put_line(struct fg_out *out, const char *before, const char *word,
                     struct fg_names names)
{
    if (names.first == NULL)
        return;
    fg_put(out, "    %s", before);
    put_names(out, word, names);
    fg_put(out, "\n");
}

static void put_doings(const struct fg_model *m, struct fg_out *out, const struct fg_state *s,
                       const char *before)
{
    put_line(out, before, "timer ", s->arms);
    put_line(out, before, "entry / ", s->entry);
    put_line(out, before, "exit / ", s->exit);
    for (const struct fg_handler *h = s->handlers; h != NULL; h = h->next)
        for (const struct fg_branch *b = h->branches; b != NULL; b = b->next)
            if (b->effect == FG_STAY) {
                fg_put(out, "    %s", before);
                put_label(m, out, h, b);
                fg_put(out, "\n");
            }
}

/* What a state does by itself stands inside it; beside it where the notation has no room in a box. */
static void put_descriptions(const struct fg_model *m, struct fg_out *out, const struct fg_state *s,
                             const struct notation *as)
{
    if (!fg_has_doings(s))
        return;
    if (s->children != NULL && as->notes_boxes) {
        fg_put(out, "    note right of %s\n", s->name);
        put_doings(m, out, s, "    ");
        fg_put(out, "    end note\n");
    } else {
        if (as->titles_first)
            fg_put(out, "    %s : %s\n", s->name, s->name);
        put_doings(m, out, s, fg_arena_printf(m->spec->arena, "%s : ", s->name));
    }
}

static void put_diagram(const struct fg_model *m, struct fg_out *out, const struct notation *as)
{
    put_states(out, &m->spec->root, as, 4);
    for (int i = 0; i < m->state_count; i++) {
        put_descriptions(m, out, m->states[i], as);
        put_arrows(m, out, m->states[i], as);
    }
}

void fg_emit_mermaid(const struct fg_model *model, struct fg_out *out,
                     const struct fg_choice *choice)
{
    static const struct notation mermaid = { "-->", false, true, true, "<br/>" };

    (void)choice;
    fg_put(out, "%%%% Generated by fsm-gen from %s, do not edit.\nstateDiagram-v2\n",
           model->spec->file_name);
    put_diagram(model, out, &mermaid);
}

void fg_emit_plantuml(const struct fg_model *model, struct fg_out *out,
                      const struct fg_choice *choice)
{
    static const struct notation plantuml = { "-->", true, false, false, "\\n" };

    (void)choice;
    fg_put(out,
           "@startuml\n' Generated by fsm-gen from %s, do not edit.\ntitle %s\n"
           "hide empty description\n",
           model->spec->file_name, model->spec->name->text);
    put_diagram(model, out, &plantuml);
    fg_put(out, "@enduml\n");
}
