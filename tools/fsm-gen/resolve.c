/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: binding names to declarations: undeclared (E01), declared twice (E02), initials (E07). */
/* Called by: main. */
/* Must not know: cells; what the names will be called in C. */
#include "map.h"
#include "model.h"

#include <string.h>

struct scope {
    struct fg_model *model;
    struct fg_spec *spec;
    struct fg_map *states, *events, *guards, *actions;
};

static const char *kind_name(enum fg_decl_kind kind)
{
    static const char *const names[] = { "event", "timer", "set", "guard", "action" };

    return names[kind];
}

static struct fg_map *map_of(const struct scope *sc, enum fg_decl_kind kind)
{
    if (kind == FG_GUARD)
        return sc->guards;
    return kind == FG_ACTION ? sc->actions : sc->events;
}

static void add_decls(struct scope *sc)
{
    for (struct fg_decl *d = sc->spec->decls; d != NULL; d = d->next) {
        const struct fg_decl *old = fg_map_put(map_of(sc, d->kind), d->name, d);

        if (old == NULL)
            continue;
        fg_error(sc->spec->diag, FG_E02, d->at, "%s '%s' is already declared", kind_name(d->kind),
                 d->name);
        fg_note(sc->spec->diag, old->at, "first declared here, as %s", kind_name(old->kind));
    }
}

static int number_decls(struct scope *sc, enum fg_decl_kind kind, int first, struct fg_decl **out)
{
    int id = first;

    for (struct fg_decl *d = sc->spec->decls; d != NULL; d = d->next)
        if (d->kind == kind && fg_map_get(map_of(sc, kind), d->name) == d) {
            out[id] = d;
            d->id = id++;
        }
    return id - first;
}

static void number_all(struct scope *sc)
{
    struct fg_model *m = sc->model;
    int total = 1;

    for (const struct fg_decl *d = sc->spec->decls; d != NULL; d = d->next)
        total++;
    m->events = FG_NEW_ARRAY(sc->spec->arena, total, struct fg_decl *);
    m->guards = FG_NEW_ARRAY(sc->spec->arena, total, struct fg_decl *);
    m->actions = FG_NEW_ARRAY(sc->spec->arena, total, struct fg_decl *);
    m->sets = FG_NEW_ARRAY(sc->spec->arena, total, struct fg_decl *);
    m->first_timer = number_decls(sc, FG_EVENT, 0, m->events);
    m->timer_count = number_decls(sc, FG_TIMER, m->first_timer, m->events);
    m->event_count = m->first_timer + m->timer_count;
    m->guard_count = number_decls(sc, FG_GUARD, 0, m->guards);
    m->action_count = number_decls(sc, FG_ACTION, 0, m->actions);
    m->set_count = number_decls(sc, FG_SET, 0, m->sets);
}

static void add_states(struct scope *sc, struct fg_state *parent)
{
    struct fg_model *m = sc->model;

    for (struct fg_state *s = parent->children; s != NULL; s = s->next) {
        const struct fg_state *old = fg_map_put(sc->states, s->name, s);

        if (old != NULL) {
            fg_error(sc->spec->diag, FG_E02, s->at, "state '%s' is already declared", s->name);
            fg_note(sc->spec->diag, old->at, "first declared here");
            s->is_duplicate = true;
        }
        s->id = m->state_count;
        s->first_leaf = m->leaf_count;
        s->leaf_id = -1;
        m->states[m->state_count++] = s;
        if (s->children == NULL && !s->is_choice) {
            s->leaf_id = m->leaf_count;
            m->leaves[m->leaf_count++] = s;
        }
        add_states(sc, s);
        s->leaf_count = m->leaf_count - s->first_leaf;
    }
}

/* What a name is that is not what it should be; NULL: nothing. */
static const char *other_kind(const struct scope *sc, const char *name)
{
    struct fg_map *const maps[] = { sc->events, sc->guards, sc->actions };

    for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++) {
        const struct fg_decl *d = fg_map_get(maps[i], name);

        if (d != NULL)
            return kind_name(d->kind);
    }
    if (fg_map_get(sc->states, name) != NULL)
        return "state";
    for (const struct fg_project *p = sc->spec->projects; p != NULL; p = p->next)
        for (const struct fg_public *v = p->publics; v != NULL; v = v->next)
            if (strcmp(v->name->text, name) == 0)
                return "public value";
    return NULL;
}

static const char *article(const char *kind)
{
    return strchr("ae", *kind) != NULL ? "an" : "a";
}

static void undeclared(const struct scope *sc, const struct fg_name *name, const char *kind,
                       const struct fg_map *map)
{
    const char *like = fg_diag_is_full(sc->spec->diag) ? NULL : fg_map_suggest(map, name->text);
    const char *other = other_kind(sc, name->text);

    if (other != NULL && strcmp(other, kind) != 0)
        fg_error(sc->spec->diag, FG_E01, name->at, "'%s' is %s %s, not %s %s", name->text,
                 article(other), other, article(kind), kind);
    else if (like != NULL)
        fg_error(sc->spec->diag, FG_E01, name->at, "undeclared %s '%s'; did you mean '%s'?", kind,
                 name->text, like);
    else
        fg_error(sc->spec->diag, FG_E01, name->at, "undeclared %s '%s'", kind, name->text);
}

static struct fg_state *find_state(struct scope *sc, const struct fg_name *name)
{
    struct fg_state *state = fg_map_get(sc->states, name->text);

    if (state == NULL) {
        undeclared(sc, name, "state", sc->states);
        sc->model->lost_states = true;
    }
    return state;
}

/* A state in which the machine can be found. */
static struct fg_state *find_rest(struct scope *sc, const struct fg_name *name)
{
    struct fg_state *state = find_state(sc, name);

    if (state == NULL || !state->is_choice)
        return state;
    fg_error(sc->spec->diag, FG_E28, name->at, "'%s' is a choice: the machine is never in it",
             name->text);
    sc->model->lost_states = true;
    return NULL;
}

static struct fg_decl *find_event(struct scope *sc, const struct fg_name *name)
{
    struct fg_decl *decl = fg_map_get(sc->events, name->text);

    if (decl == NULL) {
        undeclared(sc, name, "event", sc->events);
        sc->model->lost_events = true;
        return NULL;
    }
    decl->is_used = true;
    return decl;
}

static void expand_set(struct scope *sc, struct fg_decl *set)
{
    bool *seen = FG_NEW_ARRAY(sc->spec->arena, sc->model->event_count + 1, bool);
    int count = 0;

    for (const struct fg_name *n = set->members.first; n != NULL; n = n->next) {
        struct fg_decl *member = find_event(sc, n);

        if (member == NULL) {
            set->is_broken = true;
            continue;
        }
        if (member->kind == FG_SET && member->set_ids == NULL) {
            set->is_broken = true;
            fg_error(sc->spec->diag, FG_E01, n->at,
                     "set '%s' is not complete here: declare it before", n->text);
            continue;
        }
        if (member->kind != FG_SET)
            seen[member->id] = true;
        else
            for (int i = 0; i < member->set_count; i++)
                seen[member->set_ids[i]] = true;
    }
    set->set_ids = FG_NEW_ARRAY(sc->spec->arena, sc->model->event_count + 1, int);
    for (int i = 0; i < sc->model->event_count; i++)
        if (seen[i])
            set->set_ids[count++] = i;
    set->set_count = count;
}

/* Members do not count as used: only a state that names an event uses it. */
static void expand_sets(struct scope *sc)
{
    for (struct fg_decl *d = sc->spec->decls; d != NULL; d = d->next)
        if (d->kind == FG_SET)
            expand_set(sc, d);
    for (struct fg_decl *d = sc->spec->decls; d != NULL; d = d->next)
        d->is_used = d->is_used && d->kind == FG_SET;
}

static int count_refs(const struct scope *sc, struct fg_names names)
{
    int count = 0;

    for (const struct fg_name *n = names.first; n != NULL; n = n->next) {
        const struct fg_decl *d = fg_map_get(sc->events, n->text);

        if (d != NULL)
            count += d->kind == FG_SET ? d->set_count : 1;
    }
    return count;
}

/* An event named twice in one list is reported here; the flattening would see it only once. */
static struct fg_event_ref *bind_events(struct scope *sc, struct fg_names names, int *ret_count,
                                        bool *ret_is_broken)
{
    struct fg_event_ref *refs =
        FG_NEW_ARRAY(sc->spec->arena, count_refs(sc, names) + 1, struct fg_event_ref);
    int count = 0;

    for (const struct fg_name *n = names.first; n != NULL; n = n->next) {
        struct fg_decl *d = find_event(sc, n);

        *ret_is_broken = *ret_is_broken || d == NULL || d->is_broken;
        if (d == NULL)
            continue;
        if (d->kind != FG_SET)
            refs[count++] = (struct fg_event_ref){ d->id, n->at };
        else
            for (int i = 0; i < d->set_count; i++) {
                sc->model->events[d->set_ids[i]]->is_used = true;
                refs[count++] = (struct fg_event_ref){ d->set_ids[i], n->at };
            }
    }
    *ret_count = count;
    return refs;
}

static struct fg_decl **bind_decls(struct scope *sc, struct fg_names names, enum fg_decl_kind kind)
{
    struct fg_decl **decls = FG_NEW_ARRAY(sc->spec->arena, names.count + 1, struct fg_decl *);
    int i = 0;

    for (const struct fg_name *n = names.first; n != NULL; n = n->next, i++) {
        struct fg_decl *d = fg_map_get(map_of(sc, kind), n->text);

        if (d != NULL && d->kind == kind) {
            decls[i] = d;
            d->is_used = true;
        } else if (d != NULL) {
            fg_error(sc->spec->diag, FG_E01, n->at, "'%s' is %s %s, not %s %s", n->text,
                     article(kind_name(d->kind)), kind_name(d->kind), article(kind_name(kind)),
                     kind_name(kind));
        } else {
            undeclared(sc, n, kind_name(kind), map_of(sc, kind));
        }
        sc->model->lost_timers = sc->model->lost_timers || (decls[i] == NULL && kind == FG_TIMER);
        sc->model->lost_uses = sc->model->lost_uses || decls[i] == NULL;
    }
    return decls;
}

/* What is shown of a name says what it is used for. */
static void show_use(struct fg_arena *arena, struct fg_name *n)
{
    n->raw = n->text;
    n->text =
        n->use == FG_USE_EVERY
            ? fg_arena_printf(arena, "%s every", n->raw)
            : fg_arena_printf(arena, "%s %s", n->use == FG_USE_POST ? "post" : "restart", n->raw);
}

/* Actions, timers that are started anew, events that are posted, in one list. */
static struct fg_decl **bind_effects(struct scope *sc, struct fg_names names)
{
    static const enum fg_decl_kind kinds[] = { FG_ACTION, FG_TIMER, FG_EVENT, FG_TIMER };
    struct fg_decl **decls = FG_NEW_ARRAY(sc->spec->arena, names.count + 1, struct fg_decl *);
    int i = 0;

    for (struct fg_name *n = names.first; n != NULL; n = n->next, i++) {
        struct fg_name one = *n;

        one.next = NULL;
        decls[i] = bind_decls(sc, fg_one_name(&one), kinds[n->use])[0];
        if (n->use != FG_USE_PLAIN)
            show_use(sc->spec->arena, n);
    }
    return decls;
}

static void bind_arms(struct scope *sc, struct fg_state *s)
{
    int i = 0;

    s->arm_decls = bind_decls(sc, s->arms, FG_TIMER);
    for (struct fg_name *n = s->arms.first; n != NULL; n = n->next, i++) {
        if (n->use != FG_USE_EVERY)
            continue;
        if (s->arm_decls[i] != NULL)
            s->arm_decls[i]->is_periodic = true;
        show_use(sc->spec->arena, n);
    }
}

static void bind_guard(struct scope *sc, struct fg_expr *expr)
{
    struct fg_names one = { NULL, NULL, 0 };

    if (expr == NULL)
        return;
    if (expr->op == FG_ATOM) {
        fg_names_add(&one, expr->name);
        expr->guard = bind_decls(sc, one, FG_GUARD)[0];
    }
    bind_guard(sc, expr->left);
    bind_guard(sc, expr->right);
}

static void check_internal(const struct scope *sc, struct fg_branch *b)
{
    if (b->target == NULL || fg_is_inside(b->to, b->owner) || fg_is_inside(b->owner, b->to))
        return;
    fg_error(sc->spec->diag, FG_E28, b->target->at,
             "'internal' goes to a state inside '%s', or around it; '%s' is neither",
             b->owner->name, b->target->text);
    b->is_internal = false;
}

static void bind_handler(struct scope *sc, struct fg_state *state, struct fg_handler *h)
{
    bool is_broken = false;

    h->refs = bind_events(sc, h->events, &h->ref_count, &is_broken);
    state->is_broken = state->is_broken || is_broken;
    for (struct fg_branch *b = h->branches; b != NULL; b = b->next) {
        bind_guard(sc, b->guard);
        b->action_decls = bind_effects(sc, b->actions);
        b->owner = state;
        b->handler = h;
        if (b->target != NULL)
            b->to = find_state(sc, b->target);
        if (b->to != NULL)
            b->to->is_target = true;
        if (b->is_internal && b->to != NULL)
            check_internal(sc, b);
        if (b->effect == FG_STAY && b->actions.first == NULL)
            fg_error(sc->spec->diag, FG_E25, h->at,
                     "this handler does nothing; say 'ignore' instead");
    }
}

static void bind_initial(struct scope *sc, struct fg_state *state, const char *what)
{
    const struct fg_name *first = state->initial.first;

    if (first == NULL)
        return;
    state->start = find_rest(sc, first);
    if (state->start != NULL && (!fg_is_inside(state->start, state) || state->start == state)) {
        fg_error(sc->spec->diag, FG_E07, first->at, "initial '%s' is not a state inside '%s'",
                 first->text, what);
        state->start = NULL;
        sc->model->lost_states = true;
    }
    for (const struct fg_name *n = first->next; n != NULL; n = n->next) {
        fg_error(sc->spec->diag, FG_E07, n->at, "'%s' has several initial states", what);
        fg_note(sc->spec->diag, first->at, "first given here");
    }
}

static void bind_state(struct scope *sc, struct fg_state *s)
{
    bind_initial(sc, s, s->name);
    bind_arms(sc, s);
    s->entry_decls = bind_effects(sc, s->entry);
    s->exit_decls = bind_effects(sc, s->exit);
    for (struct fg_handler *h = s->handlers; h != NULL; h = h->next)
        bind_handler(sc, s, h);
}

static void bind_checks(struct scope *sc)
{
    bool ignored = false;

    for (struct fg_check *c = sc->spec->checks; c != NULL; c = c->next) {
        c->to = find_rest(sc, c->state);
        c->refs = bind_events(sc, c->events, &c->ref_count, &ignored);
    }
}

static void need_initial(const struct scope *sc, const struct fg_state *target, struct fg_place at)
{
    const struct fg_state *s = target;

    while (s != NULL && s->children != NULL && s->start != NULL)
        s = s->start;
    if (s == NULL || s->children == NULL || s->initial.first != NULL)
        return;
    fg_error(sc->spec->diag, FG_E07, at, "composite state '%s' is a target but has no 'initial'",
             s->name);
    fg_note(sc->spec->diag, s->at, "declared here");
    sc->model->lost_states = true;
}

static void check_targets(struct scope *sc)
{
    for (int i = 0; i < sc->model->state_count; i++)
        for (const struct fg_handler *h = sc->model->states[i]->handlers; h != NULL; h = h->next)
            for (const struct fg_branch *b = h->branches; b != NULL; b = b->next)
                if (b->to != NULL)
                    need_initial(sc, b->to, b->target->at);
    if (sc->spec->root.start != NULL)
        need_initial(sc, sc->spec->root.start, sc->spec->root.initial.first->at);
}

static void bind_start(struct scope *sc)
{
    struct fg_state *root = &sc->spec->root;
    struct fg_model *m = sc->model;

    bind_initial(sc, root, sc->spec->name->text);
    if (root->initial.first == NULL)
        fg_error(sc->spec->diag, FG_E07, sc->spec->name->at, "machine '%s' has no 'initial'",
                 sc->spec->name->text);
    if (root->start == NULL)
        return;
    m->start = fg_entry_leaf(root->start);
    if (m->start != NULL && m->start->leaf_id != 0) {
        fg_error(sc->spec->diag, FG_E07, root->initial.first->at,
                 "the machine starts in '%s': that state must be declared first, as number 0",
                 m->start->name);
        fg_note(sc->spec->diag, m->leaves[0]->at, "'%s' comes first", m->leaves[0]->name);
    }
}

void fg_resolve(struct fg_model *model, struct fg_spec *spec)
{
    struct scope sc = { model,
                        spec,
                        fg_map_new(spec->arena),
                        fg_map_new(spec->arena),
                        fg_map_new(spec->arena),
                        fg_map_new(spec->arena) };

    model->spec = spec;
    model->states = FG_NEW_ARRAY(spec->arena, spec->state_count + 1, struct fg_state *);
    model->leaves = FG_NEW_ARRAY(spec->arena, spec->state_count + 1, struct fg_state *);
    add_decls(&sc);
    number_all(&sc);
    add_states(&sc, &spec->root);
    expand_sets(&sc);
    for (int i = 0; i < model->state_count; i++)
        bind_state(&sc, model->states[i]);
    bind_start(&sc);
    check_targets(&sc);
    bind_checks(&sc);
}
