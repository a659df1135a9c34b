/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: the generated functions that tell what the table says: names, cells, transitions. */
/* Called by: emit_source. */
/* Must not know: dispatch. */
#include "emit.h"

static void begin_texts(struct fg_out *out, const char *what)
{
    fg_put(out, "static const char *const %s[] = {\n", what);
}

static void put_text(struct fg_out *out, const char *id, const char *text)
{
    fg_put(out, "    [%s] = \"", id);
    fg_put_string(out, text == NULL ? "" : text);
    fg_put(out, "\",\n");
}

static void put_state_texts(const struct fg_model *m, struct fg_out *out)
{
    begin_texts(out, "state_names");
    for (int i = 0; i < m->leaf_count; i++)
        put_text(out, fg_state_id(m, i), m->leaves[i]->name);
    fg_put(out, "};\n\n");
    begin_texts(out, "state_texts");
    for (int i = 0; i < m->leaf_count; i++)
        put_text(out, fg_state_id(m, i), m->leaves[i]->doc);
    fg_put(out, "};\n\n");
}

static void put_event_texts(const struct fg_model *m, struct fg_out *out)
{
    begin_texts(out, "event_names");
    for (int e = 0; e < m->event_count; e++)
        put_text(out, fg_event_id(m, e), m->events[e]->name);
    fg_put(out, "};\n\n");
    begin_texts(out, "event_texts");
    for (int e = 0; e < m->event_count; e++)
        put_text(out, fg_event_id(m, e), m->events[e]->doc);
    fg_put(out, "};\n\n");
}

static void put_text_functions(struct fg_out *out)
{
    fg_put(out, "const char *$p_state_name(enum $p_state state)\n{\n"
                "    return (unsigned)state < (unsigned)$P_STATE_COUNT ? state_names[state] : "
                "\"\\?\";\n}\n\n"
                "const char *$p_state_text(enum $p_state state)\n{\n"
                "    return (unsigned)state < (unsigned)$P_STATE_COUNT ? state_texts[state] : "
                "\"\";\n}\n\n"
                "const char *$p_event_name(enum $p_event ev)\n{\n"
                "    return (unsigned)ev < (unsigned)$P_EVENT_COUNT ? event_names[ev] : "
                "\"\\?\";\n}\n\n"
                "const char *$p_event_text(enum $p_event ev)\n{\n"
                "    return (unsigned)ev < (unsigned)$P_EVENT_COUNT ? event_texts[ev] : "
                "\"\";\n}\n\n");
}

static void put_projects(const struct fg_model *m, struct fg_out *out)
{
    for (const struct fg_project *p = m->spec->projects; p != NULL; p = p->next) {
        fg_put(out, "static const unsigned char %s_of[] = {\n", p->name->text);
        for (int i = 0; i < m->leaf_count; i++)
            fg_put(out, "    [%s] = %s,\n", fg_state_id(m, i), fg_public_id(m, p, p->of_leaf[i]));
        fg_put(out,
               "};\n\n"
               "%s $p_%s(enum $p_state state)\n{\n"
               "    return (%s)%s_of[(unsigned)state < (unsigned)$P_STATE_COUNT ? "
               "(unsigned)state : 0U];\n}\n\n",
               p->type->text, p->name->text, p->type->text, p->name->text);
    }
}

static void put_cell_function(struct fg_out *out)
{
    fg_put(out, "enum $p_cell_kind $p_cell(enum $p_state state, enum $p_event ev)\n{\n"
                "    if ((unsigned)state >= (unsigned)$P_STATE_COUNT ||\n"
                "        (unsigned)ev >= (unsigned)$P_EVENT_COUNT)\n"
                "        return $P_CELL_UNEXPECTED;\n"
                "    if (cells[ev][state] >= (unsigned)$P_CELL_HANDLED)\n"
                "        return $P_CELL_HANDLED;\n"
                "    return (enum $p_cell_kind)cells[ev][state];\n}\n\n");
}

static const char *result_of(const struct fg_model *m, const struct fg_trans *t)
{
    switch (t->branch->effect) {
    case FG_IGNORE:
        return "IGNORED";
    case FG_DEFER:
        return "DEFERRED";
    case FG_UNEXPECTED:
        return "UNEXPECTED";
    case FG_GO:
        return m->leaves[t->to]->is_final ? "FINAL" : "OK";
    default:
        return "OK";
    }
}

static void put_transitions(const struct fg_model *m, struct fg_out *out)
{
    if (m->trans_count > 0)
        fg_put(out, "static const struct $p_tinfo infos[$P_TRANSITION_COUNT] = {\n");
    for (int i = 0; i < m->trans_count; i++) {
        const struct fg_trans *t = &m->trans[i];

        fg_put(out, "    { %s, %s, %s, %s,\n      $P_%s, \"", fg_state_id(m, t->from),
               fg_event_id(m, t->event), fg_state_id(m, t->to),
               t->branch->effect == FG_GO ? "false" : "true", result_of(m, t));
        fg_put_string(out, fg_guard_text(m, t->branch));
        fg_put(out, "\", \"%s:%d\" },\n", m->spec->file_name, t->branch->at.line);
    }
    if (m->trans_count > 0)
        fg_put(out, "};\n\n");
    fg_put(out, "const struct $p_tinfo *$p_transition(unsigned tid)\n{\n");
    fg_put(out, m->trans_count > 0
                    ? "    return tid < (unsigned)$P_TRANSITION_COUNT ? &infos[tid] : NULL;\n}\n"
                    : "    (void)tid;\n    return NULL;\n}\n");
}

void fg_emit_questions(const struct fg_model *model, struct fg_out *out)
{
    put_state_texts(model, out);
    put_event_texts(model, out);
    put_text_functions(out);
    put_projects(model, out);
    put_cell_function(out);
    put_transitions(model, out);
}
