/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: what things of a specification are called in the generated C, and that no two clash. */
/* Called by: emitters; main, for the check. */
/* Must not know: the shape of the generated code. */
#include "ctype_name.h"
#include "emit.h"
#include "map.h"

#include <ctype.h>
#include <string.h>

static const char *with_prefix(const struct fg_model *m, const char *kind, const char *name)
{
    struct fg_arena *arena = m->spec->arena;

    return fg_arena_printf(arena, "%s_%s_%s", fg_upper(arena, m->spec->prefix->text), kind,
                           fg_upper(arena, name));
}

const char *fg_state_id(const struct fg_model *model, int leaf)
{
    return model->state_ids[leaf];
}

const char *fg_event_id(const struct fg_model *model, int event)
{
    return model->event_ids[event];
}

const char *fg_timer_id(const struct fg_model *model, int event)
{
    return model->timer_ids[event - model->first_timer];
}

static void make_ids(struct fg_model *m)
{
    m->state_ids = FG_NEW_ARRAY(m->spec->arena, m->leaf_count + 1, const char *);
    m->event_ids = FG_NEW_ARRAY(m->spec->arena, m->event_count + 1, const char *);
    m->timer_ids = FG_NEW_ARRAY(m->spec->arena, m->timer_count + 1, const char *);
    for (int i = 0; i < m->leaf_count; i++)
        m->state_ids[i] = with_prefix(m, "ST", m->leaves[i]->name);
    for (int e = 0; e < m->event_count; e++)
        m->event_ids[e] = with_prefix(m, fg_is_timer(m, e) ? "TM" : "EV", m->events[e]->name);
    for (int t = 0; t < m->timer_count; t++)
        m->timer_ids[t] = with_prefix(m, "TIMER", m->events[m->first_timer + t]->name);
}

static const char *public_id(const struct fg_model *m, const struct fg_project *project,
                             const char *name)
{
    return with_prefix(m, fg_upper(m->spec->arena, project->name->text), name);
}

const char *fg_public_id(const struct fg_model *model, const struct fg_project *project, int id)
{
    const struct fg_public *p = project->publics;

    while (p->id != id)
        p = p->next;
    return public_id(model, project, p->name->text);
}

struct clash {
    struct fg_model *model;
    struct fg_map *ids;
};

static struct fg_place fixed_place;

/* Returns whether the name is free. */
static bool claim(struct clash *cl, const char *id, const char *name, struct fg_place *at)
{
    const struct fg_place *old = fg_map_put(cl->ids, id, at);

    if (old == NULL)
        return true;
    fg_error(cl->model->spec->diag, FG_E23, *at,
             old == &fixed_place && strchr(name, ' ') == NULL
                 ? "'%s' would become %s in C, which every machine has: give it "
                   "another name, such as '%s_%s'"
                 : "'%s' would become %s in C, which exists already",
             name, id, name, isupper((unsigned char)*name) ? "NOW" : "it");
    if (old != &fixed_place)
        fg_note(cl->model->spec->diag, *old, "made from this name");
    return false;
}

static void claim_fixed(struct clash *cl)
{
    static const char *const functions[] = {
        "init",        "start",         "dispatch",    "arm",        "disarm",
        "current",     "state_name",    "event_name",  "state_text", "event_text",
        "cell",        "transition",    "fsm",         "payload",    "queued",
        "tinfo",       "on_unexpected", "libev_init",  "libev_stop", "libev_remaining",
        "libev_ended", "timer_after",   "trace_step",  "trace_head", "trace_pack",
        "on_trace",    "trace_hits",    "trace_count", "trace_save",
    };
    static const char *const constants[] = {
        "STATE_COUNT",     "EVENT_COUNT",  "TIMER_COUNT",     "TRANSITION_COUNT",
        "QUEUE_MAX",       "DEFER_MAX",    "DEFERRABLE",      "OK",
        "IGNORED",         "DEFERRED",     "QUEUED",          "UNEXPECTED",
        "FINAL",           "OVERFLOW",     "FSM_H",           "CELL_UNARMED",
        "CELL_UNEXPECTED", "CELL_IGNORED", "CELL_DEFERRED",   "CELL_HANDLED",
        "EVENTS_H",        "TRACE_BYTES",  "TRACE_NO_BRANCH",
    };
    struct fg_arena *arena = cl->model->spec->arena;
    const char *prefix = cl->model->spec->prefix->text, *upper = fg_upper(arena, prefix);

    for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
        (void)fg_map_put(cl->ids, fg_arena_printf(arena, "%s_%s", prefix, functions[i]),
                         &fixed_place);
    for (size_t i = 0; i < sizeof(constants) / sizeof(constants[0]); i++)
        (void)fg_map_put(cl->ids, fg_arena_printf(arena, "%s_%s", upper, constants[i]),
                         &fixed_place);
}

static bool claim_function(struct clash *cl, const char *infix, const char *name,
                           struct fg_place *at)
{
    struct fg_arena *arena = cl->model->spec->arena;
    const char *id = fg_arena_printf(arena, "%s_%s%s", cl->model->spec->prefix->text, infix, name);

    return claim(cl, id, name, at);
}

static void claim_event(struct clash *cl, int event)
{
    struct fg_model *m = cl->model;
    struct fg_decl *d = m->events[event];
    const char *function =
        fg_arena_printf(m->spec->arena, "%s_%s%s", m->spec->prefix->text,
                        fg_is_timer(m, event) ? "tm_" : "", fg_lower(m->spec->arena, d->name));

    if (claim(cl, function, d->name, &d->at) && claim(cl, fg_event_id(m, event), d->name, &d->at) &&
        fg_is_timer(m, event))
        (void)claim(cl, fg_timer_id(m, event), d->name, &d->at);
}

static void claim_decls(struct clash *cl)
{
    struct fg_model *m = cl->model;

    for (int e = 0; e < m->event_count; e++)
        claim_event(cl, e);
    for (int i = 0; i < m->action_count; i++)
        (void)claim_function(cl, "act_", m->actions[i]->name, &m->actions[i]->at);
    for (int i = 0; i < m->guard_count; i++)
        (void)claim_function(cl, "grd_", m->guards[i]->name, &m->guards[i]->at);
    for (int i = 0; i < m->leaf_count; i++)
        if (!m->leaves[i]->is_duplicate)
            (void)claim(cl, fg_state_id(m, i), m->leaves[i]->name, &m->leaves[i]->at);
}

static void need(struct fg_model *m, const struct fg_name *name, const char *what)
{
    if (name == NULL)
        fg_error(m->spec->diag, FG_E23, m->spec->name->at, "machine '%s' has no '%s'",
                 m->spec->name->text, what);
}

static void check_types(struct fg_model *m)
{
    const struct fg_name *context = m->spec->context;
    const char *normal = context == NULL ? NULL : fg_ctype_normalise(m->spec->arena, context->text);

    if (context != NULL &&
        (normal == NULL || strncmp(normal, "struct ", 7) != 0 || !fg_is_c_name(normal + 7)))
        fg_error(m->spec->diag, FG_E23, context->at, "the context must be a \"struct NAME\"");
    for (int e = 0; e < m->first_timer; e++) {
        const char *type = m->events[e]->type;

        if (type != NULL && m->spec->types.first == NULL && !fg_ctype_is_pointer(type) &&
            strchr(type, ' ') != NULL && fg_ctype_tag(m->spec->arena, type) != NULL)
            fg_error(m->spec->diag, FG_E23, m->events[e]->type_at,
                     "\"%s\" by value needs 'types \"file.h\";' with its definition", type);
    }
}

/* "dir/x.h" or "<x.h>". */
static void check_header(struct fg_model *m, const struct fg_name *name)
{
    static const char good[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                               "_-+./";
    const char *text = name == NULL ? "x" : name->text;
    const bool is_angular = *text == '<';
    const size_t len = strspn(text + is_angular, good);

    if (len == 0 || strcmp(text + is_angular + len, is_angular ? ">" : "") != 0)
        fg_error(m->spec->diag, FG_E23, name->at,
                 "\"%s\" is not the name of a header: \"dir/x.h\" or \"<x.h>\"", text);
}

/* Each projection has an enum of its own. */
static void claim_enum(struct clash *cl, struct fg_project *p)
{
    struct fg_arena *arena = cl->model->spec->arena;
    const char *type = fg_ctype_normalise(arena, p->type->text);
    const char *const own[] = { "state", "event", "timer", "result", "cell_kind" };

    if (type == NULL || strncmp(type, "enum ", 5) != 0)
        return; /* E14 */
    if (!fg_is_c_name(type + 5)) {
        fg_error(cl->model->spec->diag, FG_E23, p->type->at, "\"%s\" is no name of an enum in C",
                 p->type->text);
        return;
    }
    p->type->text = type;
    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
        (void)fg_map_put(
            cl->ids, fg_arena_printf(arena, "enum %s_%s", cl->model->spec->prefix->text, own[i]),
            &fixed_place);
    (void)claim(cl, type, p->type->text, &p->type->at);
}

void fg_check_generated_names(struct fg_model *model)
{
    struct clash cl = { model, fg_map_new(model->spec->arena) };

    need(model, model->spec->prefix, "prefix");
    need(model, model->spec->context, "context");
    need(model, model->spec->include, "include");
    check_types(model);
    check_header(model, model->spec->include);
    for (const struct fg_name *n = model->spec->types.first; n != NULL; n = n->next)
        check_header(model, n);
    if (model->spec->prefix == NULL)
        return;
    make_ids(model);
    claim_fixed(&cl);
    claim_decls(&cl);
    for (struct fg_project *p = model->spec->projects; p != NULL; p = p->next) {
        claim_enum(&cl, p);
        (void)claim_function(&cl, "", p->name->text, &p->name->at);
        (void)claim_function(&cl, "on_", p->name->text, &p->name->at);
        for (struct fg_public *v = p->publics; v != NULL; v = v->next)
            (void)claim(&cl, public_id(model, p, v->name->text), v->name->text, &v->name->at);
    }
}
