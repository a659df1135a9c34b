/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: the flattened machine as JSON, for other generators and for documents. */
/* Called by: the list of outputs. */
/* Must not know: C. */
#include "emit.h"
#include "plan.h"
#include "utf8.h"

static void put_json(struct fg_out *out, const char *text)
{
    if (text == NULL) {
        fg_put(out, "null");
        return;
    }
    fg_put(out, "\"");
    while (*text != '\0') {
        const unsigned char c = (unsigned char)*text;
        const size_t len = fg_utf8_length((const unsigned char *)text);

        if (len == 0)
            fg_put(out, "\\ufffd"); /* as in messages */
        else if (c < ' ' || c == 127)
            fg_put(out, "\\u%04x", c);
        else if (c == '"' || c == '\\')
            fg_put(out, "\\%c", c);
        else
            fg_put(out, "%.*s", (int)len, text);
        text += len == 0 ? 1 : len;
    }
    fg_put(out, "\"");
}

static void put_field(struct fg_out *out, const char *name, const char *text, const char *after)
{
    fg_put(out, "\"%s\": ", name);
    put_json(out, text);
    fg_put(out, "%s", after);
}

static void put_list(struct fg_out *out, const char *name, struct fg_names names)
{
    fg_put(out, "\"%s\": [", name);
    for (const struct fg_name *n = names.first; n != NULL; n = n->next)
        fg_put(out, "%s\"%s\"", n == names.first ? "" : ", ", n->text);
    fg_put(out, "]");
}

static void put_states(const struct fg_model *m, struct fg_out *out)
{
    fg_put(out, "  \"states\": [\n");
    for (int i = 0; i < m->leaf_count; i++) {
        const struct fg_state *s = m->leaves[i];

        fg_put(out, "    { \"id\": %d, ", i);
        put_field(out, "name", s->name, ", ");
        put_field(out, "inside", s->parent->name, ", ");
        fg_put(out, "\"final\": %s, \"resting\": %s, ", s->is_final ? "true" : "false",
               fg_is_resting(s) ? "true" : "false");
        fg_put(out, "\"armed\": [");
        for (int t = 0, n = 0; t < m->timer_count; t++)
            if (fg_is_armed(m, i, m->first_timer + t))
                fg_put(out, "%s\"%s\"", n++ == 0 ? "" : ", ", m->events[m->first_timer + t]->name);
        fg_put(out, "], \"line\": %d, ", s->at.line);
        put_field(out, "text", s->doc, i + 1 < m->leaf_count ? " },\n" : " }\n");
    }
    fg_put(out, "  ],\n");
}

static void put_events(const struct fg_model *m, struct fg_out *out)
{
    fg_put(out, "  \"events\": [\n");
    for (int e = 0; e < m->event_count; e++) {
        const struct fg_decl *d = m->events[e];

        fg_put(out, "    { \"id\": %d, ", e);
        put_field(out, "name", d->name, ", ");
        put_field(out, "class", fg_is_timer(m, e) ? "timer" : d->class_name, ", ");
        put_field(out, "carries", d->type, ", ");
        put_field(out, "text", d->doc, e + 1 < m->event_count ? " },\n" : " }\n");
    }
    fg_put(out, "  ],\n");
}

static void put_decls(struct fg_out *out, const char *name, struct fg_decl *const *decls, int count)
{
    fg_put(out, "  \"%s\": [", name);
    for (int i = 0; i < count; i++) {
        fg_put(out, i == 0 ? "\n    { " : ",\n    { ");
        put_field(out, "name", decls[i]->name, ", ");
        put_field(out, "carries", decls[i]->type, ", ");
        put_field(out, "text", decls[i]->doc, " }");
    }
    fg_put(out, count == 0 ? "],\n" : "\n  ],\n");
}

static void put_cells(const struct fg_model *m, struct fg_out *out)
{
    static const char *const kinds[] = { "unarmed", "unexpected", "ignored", "deferred",
                                         "handled" };

    fg_put(out, "  \"cells\": {\n");
    for (int leaf = 0; leaf < m->leaf_count; leaf++) {
        fg_put(out, "    \"%s\": { ", m->leaves[leaf]->name);
        for (int e = 0; e < m->event_count; e++)
            fg_put(out, "\"%s\": \"%s\"%s", m->events[e]->name, kinds[fg_cell_at(m, leaf, e)->kind],
                   e + 1 < m->event_count ? ", " : "");
        fg_put(out, " }%s\n", leaf + 1 < m->leaf_count ? "," : "");
    }
    fg_put(out, "  },\n");
}

static void put_steps(const struct fg_model *m, struct fg_out *out, struct fg_plan plan)
{
    static const char *const verbs[] = { "do", "disarm", "become", "arm", "tell", "post" };

    fg_put(out, "\"steps\": [");
    for (int i = 0; i < plan.count; i++) {
        const struct fg_step *s = &plan.steps[i];
        const char *what = s->kind == FG_STEP_ACTION   ? m->actions[s->id]->name
                           : s->kind == FG_STEP_BECOME ? m->leaves[s->id]->name
                           : s->kind == FG_STEP_TELL   ? s->project->name->text
                           : s->kind == FG_STEP_POST   ? m->events[s->id]->name
                                                       : m->events[m->first_timer + s->id]->name;

        fg_put(out, "%s\"%s %s\"", i == 0 ? "" : ", ", verbs[s->kind], what);
    }
    fg_put(out, "]");
}

static void put_transitions(const struct fg_model *m, struct fg_out *out)
{
    static const char *const effects[] = { "go", "stay", "ignore", "defer", "unexpected" };

    fg_put(out, "  \"transitions\": [\n");
    for (int i = 0; i < m->trans_count; i++) {
        const struct fg_trans *t = &m->trans[i];

        fg_put(out, "    { \"id\": %d, \"from\": \"%s\", \"event\": \"%s\", ", i,
               m->leaves[t->from]->name, m->events[t->event]->name);
        put_field(out, "guard", fg_guard_text(m, t->branch), ", ");
        fg_put(out, "\"effect\": \"%s\", \"to\": \"%s\", ", effects[t->branch->effect],
               m->leaves[t->to]->name);
        put_list(out, "actions", t->branch->actions);
        fg_put(out, ", ");
        put_steps(m, out, fg_plan_branch(m, t));
        fg_put(out, ", \"line\": %d }%s\n", t->branch->at.line, i + 1 < m->trans_count ? "," : "");
    }
    fg_put(out, "  ]\n");
}

void fg_emit_json(const struct fg_model *model, struct fg_out *out, const struct fg_choice *choice)
{
    (void)choice;
    fg_put(out, "{\n  ");
    put_field(out, "generator", "fsm-gen " FG_VERSION, ",\n  ");
    put_field(out, "file", model->spec->file_name, ",\n  ");
    put_field(out, "machine", model->spec->name->text, ",\n  ");
    put_field(out, "text", model->spec->doc, ",\n  ");
    put_field(out, "prefix", model->spec->prefix->text, ",\n  ");
    put_field(out, "start", model->start->name, ",\n");
    put_states(model, out);
    put_events(model, out);
    put_decls(out, "guards", model->guards, model->guard_count);
    put_decls(out, "actions", model->actions, model->action_count);
    put_cells(model, out);
    put_transitions(model, out);
    fg_put(out, "}\n");
}
