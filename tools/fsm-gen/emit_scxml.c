/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: the export to SCXML: nested states, guards and actions as calls of ECMAScript functions. */
/* Called by: the list of outputs. */
/* Must not know: cells, C. */
#include "emit.h"

static const char *raw(const struct fg_name *n)
{
    return n->raw == NULL ? n->text : n->raw;
}

static void put_arm(struct fg_out *out, const char *timer, int indent)
{
    fg_put(out, "%*s<send event=\"%s\" id=\"%s\" delayexpr=\"after('%s')\"/>\n", indent, "", timer,
           timer, timer);
}

static void put_restart(struct fg_out *out, const char *timer, int indent)
{
    fg_put(out, "%*s<cancel sendid=\"%s\"/>\n", indent, "", timer);
    put_arm(out, timer, indent);
}

static void put_calls(struct fg_out *out, struct fg_names names, int indent)
{
    for (const struct fg_name *n = names.first; n != NULL; n = n->next) {
        if (n->use == FG_USE_POST)
            fg_put(out, "%*s<raise event=\"%s\"/>\n", indent, "", n->raw);
        else if (n->use == FG_USE_RESTART)
            put_restart(out, n->raw, indent);
        else
            fg_put(out, "%*s<script>%s(_event);</script>\n", indent, "", n->text);
    }
}

/* What was deferred comes again in another state, oldest first, one at a time; the event fsm.replay,
 * of which there is one at most, goes through the list. */
static void put_replay_begin(struct fg_out *out, const struct fg_state *leaf, int indent)
{
    fg_put(out,
           "%*s<if cond=\"leaf !== '%s'\">\n"
           "%*s<assign location=\"leaf\" expr=\"'%s'\"/>\n"
           "%*s<assign location=\"next\" expr=\"0\"/>\n"
           "%*s<if cond=\"!is_replaying\">\n"
           "%*s<assign location=\"is_replaying\" expr=\"true\"/>\n"
           "%*s<raise event=\"fsm.replay\"/>\n"
           "%*s</if>\n"
           "%*s</if>\n",
           indent, "", leaf->name, indent + 2, "", leaf->name, indent + 2, "", indent + 2, "",
           indent + 4, "", indent + 4, "", indent + 2, "", indent, "");
}

static void put_replay(struct fg_out *out, int indent)
{
    fg_put(out,
           "%*s<transition event=\"fsm.replay\" cond=\"next &lt; kept.length\">\n"
           "%*s<script>again = kept.splice(next, 1)[0];</script>\n"
           "%*s<send eventexpr=\"again\" target=\"#_internal\"/>\n"
           "%*s<raise event=\"fsm.replay\"/>\n"
           "%*s</transition>\n"
           "%*s<transition event=\"fsm.replay\">\n"
           "%*s<script>is_replaying = false; again = '';</script>\n"
           "%*s</transition>\n",
           indent, "", indent + 2, "", indent + 2, "", indent + 2, "", indent, "", indent, "",
           indent + 2, "", indent, "");
}

static void put_entry(const struct fg_model *m, struct fg_out *out, const struct fg_state *s,
                      int indent)
{
    const bool is_replaying = m->can_defer && s->leaf_id >= 0;

    if (s->arms.first == NULL && s->entry.first == NULL && !is_replaying)
        return;
    fg_put(out, "%*s<onentry>\n", indent, "");
    for (const struct fg_name *n = s->arms.first; n != NULL; n = n->next)
        put_arm(out, raw(n), indent + 2);
    put_calls(out, s->entry, indent + 2);
    if (is_replaying)
        put_replay_begin(out, s, indent + 2);
    fg_put(out, "%*s</onentry>\n", indent, "");
}

static void put_exit(struct fg_out *out, const struct fg_state *s, int indent)
{
    if (s->arms.first == NULL && s->exit.first == NULL)
        return;
    fg_put(out, "%*s<onexit>\n", indent, "");
    put_calls(out, s->exit, indent + 2);
    for (const struct fg_name *n = s->arms.first; n != NULL; n = n->next)
        fg_put(out, "%*s<cancel sendid=\"%s\"/>\n", indent + 2, "", raw(n));
    fg_put(out, "%*s</onexit>\n", indent, "");
}

static void put_condition(const struct fg_expr *e, struct fg_out *out)
{
    switch (e->op) {
    case FG_ATOM:
        fg_put(out, "%s()", e->name->text);
        break;
    case FG_NOT:
        fg_put(out, "!(");
        put_condition(e->left, out);
        fg_put(out, ")");
        break;
    default:
        fg_put(out, "(");
        put_condition(e->left, out);
        fg_put(out, e->op == FG_AND ? " &amp;&amp; " : " || ");
        put_condition(e->right, out);
        fg_put(out, ")");
        break;
    }
}

/* A target around the source is not left: what is entered anew is the state in it that its `initial`
 * leads through. */
static const struct fg_state *inner_target(const struct fg_state *around)
{
    const struct fg_state *leaf = fg_entry_leaf(around->start);

    for (struct fg_state *s = around->children; s != NULL; s = s->next)
        if (fg_is_inside(leaf, s) && fg_entry_leaf(s) == leaf)
            return s;
    return leaf;
}

static void put_target(struct fg_out *out, const struct fg_branch *b)
{
    const bool is_outward = b->is_internal && b->to->start != NULL && b->to != b->owner &&
                            fg_is_inside(b->owner, b->to);

    if (b->effect != FG_GO)
        return;
    fg_put(out, " target=\"%s\"", is_outward ? inner_target(b->to)->name : b->to->name);
    if (b->is_internal && fg_is_inside(b->to, b->owner))
        fg_put(out, " type=\"internal\"");
}

/* What SCXML has no word for is a script: `unexpected(_event)` is the program's, as in C. */
static void put_effect(struct fg_out *out, const struct fg_branch *b, int indent)
{
    put_calls(out, b->actions, indent);
    if (b->effect == FG_UNEXPECTED)
        fg_put(out, "%*s<script>unexpected(_event);</script>\n", indent, "");
    if (b->effect == FG_DEFER)
        fg_put(out,
               "%*s<script>kept.splice(again === _event.name ? next++ : kept.length, 0, "
               "_event.name); again = '';</script>\n",
               indent, "");
}

/* Does this branch leave a periodic timer running? */
static bool keeps_period(const struct fg_decl *event, const struct fg_branch *b)
{
    if (!event->is_periodic || b->effect == FG_DEFER || b->effect == FG_UNEXPECTED)
        return false;
    return b->effect != FG_GO || fg_is_armed_around(fg_domain(b), event);
}

static bool goes_on(const struct fg_model *m, const struct fg_handler *h, const struct fg_branch *b)
{
    for (int i = 0; i < h->ref_count; i++)
        if (keeps_period(m->events[h->refs[i].event], b))
            return true;
    return false;
}

static void put_periods(const struct fg_model *m, struct fg_out *out, const struct fg_handler *h,
                        const struct fg_branch *b, int indent)
{
    for (int i = 0; i < h->ref_count; i++) {
        const struct fg_decl *event = m->events[h->refs[i].event];

        if (!keeps_period(event, b))
            continue;
        fg_put(out, "%*s<if cond=\"_event.name === '%s'\">\n", indent, "", event->name);
        put_restart(out, event->name, indent + 2);
        fg_put(out, "%*s</if>\n", indent, "");
    }
}

static void put_transition(const struct fg_model *m, struct fg_out *out, const struct fg_handler *h,
                           const struct fg_branch *b, int indent)
{
    if (b->effect == FG_OUTER)
        return; /* what no transition takes is left to the state around */
    fg_put(out, "%*s<transition", indent, "");
    for (int i = 0; i < h->ref_count; i++)
        fg_put(out, "%s%s", i == 0 ? " event=\"" : " ", m->events[h->refs[i].event]->name);
    fg_put(out, h->ref_count > 0 ? "\"" : "");
    if (b->guard != NULL) {
        fg_put(out, " cond=\"");
        put_condition(b->guard, out);
        fg_put(out, "\"");
    }
    put_target(out, b);
    if (b->actions.first == NULL && b->effect != FG_DEFER && b->effect != FG_UNEXPECTED &&
        !goes_on(m, h, b)) {
        fg_put(out, "/>\n");
        return;
    }
    fg_put(out, ">\n");
    put_periods(m, out, h, b, indent + 2);
    put_effect(out, b, indent + 2);
    fg_put(out, "%*s</transition>\n", indent, "");
}

/* `otherwise unexpected` of this state or one around it, where no handler comes before it. */
static void put_otherwise(const struct fg_model *m, struct fg_out *out, const struct fg_state *leaf,
                          int indent)
{
    bool is_first = true;

    for (int e = 0; e < m->event_count; e++) {
        const struct fg_cell *cell = fg_cell_at(m, leaf->leaf_id, e);

        if (cell->kind != FG_CELL_UNEXPECTED || cell->handler != NULL)
            continue;
        fg_put(out, is_first ? "%*s<transition event=\"%s" : "%*s%s", is_first ? indent : 1, "",
               m->events[e]->name);
        is_first = false;
    }
    if (!is_first)
        fg_put(out, "\">\n%*s<script>unexpected(_event);</script>\n%*s</transition>\n", indent + 2,
               "", indent, "");
}

/* A periodic timer that `otherwise` ignores goes on. */
static void put_quiet(const struct fg_model *m, struct fg_out *out, const struct fg_state *leaf,
                      int indent)
{
    for (int e = m->first_timer; e < m->event_count; e++) {
        const struct fg_cell *cell = fg_cell_at(m, leaf->leaf_id, e);

        if (cell->kind != FG_CELL_HANDLED || cell->handler->ref_count > 0)
            continue;
        fg_put(out, "%*s<transition event=\"%s\">\n", indent, "", m->events[e]->name);
        put_restart(out, m->events[e]->name, indent + 2);
        fg_put(out, "%*s</transition>\n", indent, "");
    }
}

/* A <final> of SCXML takes no events; one that answers some, as it may in C, is a <state>. */
static bool is_mute(const struct fg_model *m, const struct fg_state *s)
{
    if (!s->is_final || s->leaf_id < 0)
        return false;
    for (int e = 0; e < m->event_count; e++) {
        const enum fg_cell_kind kind = fg_cell_at(m, s->leaf_id, e)->kind;

        if (kind != FG_CELL_IGNORED && kind != FG_CELL_UNARMED)
            return false;
    }
    return true;
}

static void put_state(const struct fg_model *m, struct fg_out *out, const struct fg_state *s,
                      int indent)
{
    const char *tag = is_mute(m, s) ? "final" : "state";

    fg_put(out, "%*s<%s id=\"%s\"", indent, "", tag, s->name);
    if (s->start != NULL)
        fg_put(out, " initial=\"%s\"", s->start->name);
    fg_put(out, ">\n");
    put_entry(m, out, s, indent + 2);
    put_exit(out, s, indent + 2);
    for (const struct fg_handler *h = s->handlers; h != NULL && !is_mute(m, s); h = h->next)
        for (const struct fg_branch *b = h->branches; b != NULL; b = b->next)
            put_transition(m, out, h, b, indent + 2);
    if (s->leaf_id >= 0 && !is_mute(m, s)) {
        put_quiet(m, out, s, indent + 2);
        put_otherwise(m, out, s, indent + 2);
        if (m->can_defer)
            put_replay(out, indent + 2);
    }
    for (const struct fg_state *c = s->children; c != NULL; c = c->next)
        put_state(m, out, c, indent + 2);
    fg_put(out, "%*s</%s>\n", indent, "", tag);
}

void fg_emit_scxml(const struct fg_model *model, struct fg_out *out, const struct fg_choice *choice)
{
    (void)choice;
    fg_put(out,
           "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
           "<!-- Generated by fsm-gen, do not edit. -->\n"
           "<scxml xmlns=\"http://www.w3.org/2005/07/scxml\" version=\"1.0\" "
           "datamodel=\"ecmascript\" name=\"%s\" initial=\"%s\">\n",
           model->spec->name->text, model->spec->root.start->name);
    if (model->can_defer)
        fg_put(out,
               "  <datamodel>\n"
               "    <data id=\"kept\" expr=\"[]\"/> <!-- events that were deferred, by name -->\n"
               "    <data id=\"next\" expr=\"0\"/>\n"
               "    <data id=\"is_replaying\" expr=\"false\"/>\n"
               "    <data id=\"again\" expr=\"''\"/>\n"
               "    <data id=\"leaf\" expr=\"''\"/>\n"
               "  </datamodel>\n");
    for (const struct fg_state *s = model->spec->root.children; s != NULL; s = s->next)
        put_state(model, out, s, 2);
    fg_put(out, "</scxml>\n");
}
