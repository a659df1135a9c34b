/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: the transitions of all cells: through choices, on to outer handlers, with periodic timers. */
/* Called by: flatten. */
/* Must not know: C. */
#include "emit.h"
#include "model.h"

#include <string.h>

enum { TRANS_LIMIT = 60000, LEG_LIMIT = 8 };

struct filler {
    struct fg_model *model;
    int room;
    int from, event;
    struct fg_branch *legs[LEG_LIMIT];
    bool is_over, is_full; /* too many transitions; too many branches, said already */
};

struct fg_branch *fg_leg(const struct fg_trans *trans, int leg)
{
    return trans->legs == NULL ? trans->branch : trans->legs[leg];
}

const struct fg_state *fg_leg_from(const struct fg_model *model, const struct fg_trans *trans,
                                   int leg)
{
    return leg == 0 ? model->leaves[trans->from] : fg_leg(trans, leg)->owner;
}

const struct fg_state *fg_leg_to(const struct fg_model *model, const struct fg_trans *trans,
                                 int leg)
{
    return leg + 1 == trans->leg_count ? model->leaves[trans->to] : fg_leg(trans, leg)->to;
}

bool fg_uses_handler(const struct fg_model *model, const struct fg_cell *cell,
                     const struct fg_handler *handler)
{
    if (cell->handler == handler)
        return true;
    for (int i = 0; i < cell->trans_count; i++)
        if (fg_leg(&model->trans[cell->first_trans + i], 0)->handler == handler)
            return true;
    return false;
}

static int target_of(const struct fg_branch *branch, int from)
{
    const struct fg_state *leaf;

    if (branch->effect != FG_GO)
        return from;
    leaf = branch->to == NULL ? NULL : fg_entry_leaf(branch->to);
    return leaf == NULL ? -1 : leaf->leaf_id;
}

static struct fg_expr *both(struct fg_spec *spec, struct fg_expr *left, struct fg_expr *right)
{
    if (left == NULL || right == NULL)
        return left == NULL ? right : left;
    return fg_new_expr(spec, FG_AND, left, right);
}

/* One branch that does what the legs do, one after the other, for those that need no more. */
static struct fg_branch *join(struct fg_model *m, struct fg_branch *const *legs, int count)
{
    struct fg_branch *b = FG_NEW(m->spec->arena, struct fg_branch);
    const char *text = "";
    int at = 0;

    *b = *legs[count - 1];
    b->owner = legs[0]->owner;
    b->handler = legs[0]->handler;
    b->at = legs[0]->at;
    b->is_else = b->is_internal = false;
    b->guard = NULL;
    b->actions = (struct fg_names){ NULL, NULL, 0 };
    for (int i = 0; i < count; i++)
        at += legs[i]->actions.count;
    b->action_decls = FG_NEW_ARRAY(m->spec->arena, at + 1, struct fg_decl *);
    at = 0;
    for (int i = 0; i < count; i++) {
        const char *guard = fg_guard_text(m, legs[i]);
        int n = 0;

        b->guard = both(m->spec, b->guard, legs[i]->guard);
        if (*guard != '\0')
            text = fg_arena_printf(m->spec->arena, "%s%s%s", text, *text == '\0' ? "" : ", then ",
                                   guard);
        for (const struct fg_name *a = legs[i]->actions.first; a != NULL; a = a->next) {
            struct fg_name *copy = FG_NEW(m->spec->arena, struct fg_name);

            *copy = *a;
            copy->next = NULL;
            fg_names_add(&b->actions, copy);
            b->action_decls[at++] = legs[i]->action_decls[n++];
        }
    }
    b->guard_text = text;
    return b;
}

static bool is_periodic_here(const struct filler *f)
{
    return fg_is_timer(f->model, f->event) && f->model->events[f->event]->is_periodic &&
           fg_is_armed(f->model, f->from, f->event);
}

static bool arms(const struct fg_state *s, const struct fg_decl *timer)
{
    for (int i = 0; i < s->arms.count; i++)
        if (s->arm_decls[i] == timer)
            return true;
    return false;
}

bool fg_is_armed_around(const struct fg_state *state, const struct fg_decl *timer)
{
    for (; state->parent != NULL; state = state->parent)
        if (arms(state, timer))
            return true;
    return false;
}

/* A periodic timer is armed anew whenever its state is not left. */
static bool is_rearmed(const struct filler *f, const struct fg_branch *first)
{
    if (!is_periodic_here(f) || first->effect == FG_DEFER || first->effect == FG_UNEXPECTED)
        return false;
    return first->effect != FG_GO || first->to == NULL ||
           fg_is_armed_around(fg_domain(first), f->model->events[f->event]);
}

static void add_trans(struct filler *f, int count)
{
    struct fg_model *m = f->model;
    struct fg_trans *t;

    if (m->trans_count == f->room) {
        struct fg_trans *more = FG_NEW_ARRAY(m->spec->arena, 2 * f->room + 64, struct fg_trans);

        if (f->room > 0)
            memcpy(more, m->trans, (size_t)f->room * sizeof(*more));
        m->trans = more;
        f->room = 2 * f->room + 64;
    }
    t = &m->trans[m->trans_count++];
    *t = (struct fg_trans){ .from = f->from, .event = f->event, .leg_count = count };
    t->to = target_of(f->legs[count - 1], f->from);
    t->is_rearmed = is_rearmed(f, f->legs[0]);
    t->branch = f->legs[0];
    if (count == 1)
        return;
    t->legs = FG_NEW_ARRAY(m->spec->arena, count, struct fg_branch *);
    memcpy(t->legs, f->legs, (size_t)count * sizeof(struct fg_branch *));
    t->branch = join(m, f->legs, count);
}

static void complain_once(struct filler *f, struct fg_branch *b, const char *text)
{
    if (!b->is_refused)
        fg_error(f->model->spec->diag, FG_E28, b->target == NULL ? b->at : b->target->at, "%s",
                 text);
    b->is_refused = true;
}

/* Follow a branch that goes to a choice; the choice is a new leg for each of its branches. */
static void add_leg(struct filler *f, struct fg_branch *b, int count)
{
    const struct fg_handler *h;

    f->legs[count] = b;
    f->is_over = f->is_over || f->model->trans_count >= TRANS_LIMIT;
    if (f->is_over)
        return;
    if (b->effect != FG_GO || b->to == NULL || !b->to->is_choice) {
        add_trans(f, count + 1);
        return;
    }
    for (int i = 1; i <= count; i++)
        if (f->legs[i]->owner == b->to) {
            complain_once(f, b, "this choice leads to itself");
            return;
        }
    if (count + 1 == LEG_LIMIT) {
        complain_once(f, b, "more than 7 choices one after the other");
        return;
    }
    h = b->to->handlers;
    for (struct fg_branch *next = h == NULL ? NULL : h->branches; next != NULL; next = next->next)
        add_leg(f, next, count + 1);
}

/* What answers the event around this state. */
static struct fg_handler *outer_handler(struct fg_state *s, int event,
                                        struct fg_state **ret_otherwise)
{
    *ret_otherwise = NULL;
    for (s = s->parent; s->parent != NULL; s = s->parent) {
        for (struct fg_handler *h = s->handlers; h != NULL; h = h->next)
            for (int i = 0; i < h->ref_count; i++)
                if (h->refs[i].event == event)
                    return h;
        if (*ret_otherwise == NULL && s->has_otherwise)
            *ret_otherwise = s;
    }
    return NULL;
}

static void add_handler(struct filler *f, struct fg_handler *h);

static void add_outer(struct filler *f, struct fg_branch *b)
{
    struct fg_model *m = f->model;
    struct fg_state *otherwise;
    struct fg_handler *h = outer_handler(b->owner, f->event, &otherwise);
    struct fg_branch *quiet;

    if (b->next != NULL)
        complain_once(f, b, "'outer' takes what the branches above leave: it comes last");
    else if (h != NULL)
        add_handler(f, h);
    else if (otherwise != NULL) {
        quiet = fg_new_branch(m->spec, otherwise->otherwise_at, otherwise->otherwise);
        quiet->owner = otherwise;
        quiet->why = otherwise->otherwise_why;
        quiet->is_else = true;
        add_leg(f, quiet, 0);
    } else
        complain_once(f, b,
                      fg_arena_printf(m->spec->arena, "no state around '%s' answers '%s'",
                                      b->owner->name, m->events[f->event]->name));
}

static void add_handler(struct filler *f, struct fg_handler *h)
{
    for (struct fg_branch *b = h->branches; b != NULL; b = b->next) {
        if (b->effect == FG_OUTER)
            add_outer(f, b);
        else
            add_leg(f, b, 0);
    }
}

static bool is_put_together(const struct fg_model *m, const struct fg_cell *cell)
{
    for (int i = 0; i < cell->trans_count; i++) {
        const struct fg_trans *t = &m->trans[cell->first_trans + i];

        if (t->leg_count > 1 || t->branch->handler != cell->handler)
            return true;
    }
    return false;
}

/* A handler alone was looked at before; here are those that were put together. */
static void check_size(struct filler *f, const struct fg_cell *cell)
{
    struct fg_model *m = f->model;
    int asked = 0;

    if (f->is_full || !is_put_together(m, cell))
        return;
    for (int g = 0; g < m->guard_count; g++)
        for (int i = 0; i < cell->trans_count; i++)
            if (fg_asks(m->trans[cell->first_trans + i].branch->guard, m->guards[g])) {
                asked++;
                break;
            }
    f->is_full = cell->trans_count > FG_BRANCH_LIMIT || asked > FG_ATOM_LIMIT;
    if (f->is_full)
        fg_error(m->spec->diag, FG_E24, cell->handler->at,
                 "with its choices and what is around it, this handler has more than %d branches "
                 "or %d guards",
                 FG_BRANCH_LIMIT, FG_ATOM_LIMIT);
}

static void fill_cell(struct filler *f, struct fg_cell *cell)
{
    cell->first_trans = f->model->trans_count;
    if (cell->kind != FG_CELL_HANDLED)
        return;
    add_handler(f, cell->handler);
    cell->trans_count = f->model->trans_count - cell->first_trans;
    if (cell->trans_count == 0)
        cell->kind = FG_CELL_UNEXPECTED; /* after an error only */
    check_size(f, cell);
}

static void drop_all(struct fg_model *m)
{
    for (int i = 0; i < m->leaf_count * m->event_count; i++) {
        m->cells[i].first_trans = m->cells[i].trans_count = 0;
    }
    m->trans_count = 0;
}

void fg_fill_transitions(struct fg_model *model)
{
    struct filler f = { .model = model };

    for (int i = 0; i < model->leaf_count * model->event_count && !f.is_over; i++) {
        f.from = i / model->event_count;
        f.event = i % model->event_count;
        fill_cell(&f, &model->cells[i]);
    }
    if (!f.is_over)
        return;
    fg_error(model->spec->diag, FG_E24, model->spec->name->at,
             "this machine has more than %d transitions", TRANS_LIMIT);
    drop_all(model);
}
