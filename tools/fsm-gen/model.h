/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: the flattened machine: leaf states, events, one cell for each pair, and transitions. */
/* Called by: flatten (fills it), checks and emitters (read it). */
/* Must not know: how the text was written, beyond places to point at. */
#ifndef FG_MODEL_H
#define FG_MODEL_H

#include "ast.h"

enum fg_cell_kind {
    FG_CELL_UNARMED, /* a timer that does not run in this state */
    FG_CELL_UNEXPECTED,
    FG_CELL_IGNORED,
    FG_CELL_DEFERRED,
    FG_CELL_HANDLED,
    FG_CELL_MISSING /* not stated: an error, so emitters never see it */
};

struct fg_cell {
    enum fg_cell_kind kind;
    struct fg_handler *handler;   /* NULL: by `otherwise`, unarmed or missing */
    const struct fg_state *owner; /* state that has the handler or the `otherwise` */
    const char *why;
    int first_trans, trans_count; /* of a handled cell: one for each branch */
};

struct fg_model;
struct fg_posts;

struct fg_trans {
    int from, event; /* from: leaf id */
    int to;          /* leaf id; equals from when the branch stays; -1: target is not known */
    struct fg_branch *branch; /* as written, or joined of its legs */
    struct fg_branch **legs;  /* of one that goes through choices: from the state, then from each */
    int leg_count;            /* 1: legs is NULL, the only leg is the branch */
    bool is_rearmed;          /* by a periodic timer, which this does not end */
};

struct fg_branch *fg_leg(const struct fg_trans *trans, int leg);

/* Where a leg begins and ends: a leaf, or a choice. */
const struct fg_state *fg_leg_from(const struct fg_model *model, const struct fg_trans *trans,
                                   int leg);
const struct fg_state *fg_leg_to(const struct fg_model *model, const struct fg_trans *trans,
                                 int leg);

/* Is the timer armed by this state or one around it? */
bool fg_is_armed_around(const struct fg_state *state, const struct fg_decl *timer);

bool fg_asks(const struct fg_expr *expr, const struct fg_decl *guard);

/* Does what this cell does come, at least in part, from this handler? */
bool fg_uses_handler(const struct fg_model *model, const struct fg_cell *cell,
                     const struct fg_handler *handler);

struct fg_model {
    struct fg_spec *spec;
    struct fg_state **states; /* parents before children */
    int state_count;
    struct fg_state **leaves;
    int leaf_count;
    struct fg_decl **events; /* then the timers */
    int event_count, timer_count, first_timer;
    struct fg_decl **guards, **actions, **sets;
    int guard_count, action_count, set_count;
    const char **types; /* distinct payload types of events */
    int type_count;
    struct fg_state *start; /* leaf; NULL when the specification has none */
    bool lost_states, lost_events, lost_timers, lost_uses; /* names that could not be resolved */
    struct fg_cell *cells;                                 /* [leaf * event_count + event] */
    bool *is_armed; /* the same: does this timer run in this leaf? */
    struct fg_trans *trans;
    int trans_count;
    bool can_defer, has_posts, has_choices;
    struct fg_posts *posts; /* NULL: the machine posts nothing */
    int *defer_bound;       /* of each event: how many may wait; 0: never deferred */
    int defer_total, queue_size;
    const char **state_ids, **event_ids, **timer_ids; /* enumerators in C */
};

/* Bind every name of the specification to its declaration: E01, E02, E07. */
void fg_resolve(struct fg_model *model, struct fg_spec *spec);

/* Refuse two declarations that would get the same name in C. */
void fg_check_generated_names(struct fg_model *model);

/* The transitions of all cells, with choices and outer handlers followed (E24, E28). */
void fg_fill_transitions(struct fg_model *model);

/* Build cells and transitions; E04 shows here, because a cell can take one handler only. */
void fg_flatten(struct fg_model *model);

/* All of the above and below, in order, as far as the specification allows. */
void fg_check(struct fg_model *model, struct fg_spec *spec);

/* The checks on the flattened machine. */
void fg_check_cells(struct fg_model *model);
void fg_check_guards(struct fg_model *model);
void fg_check_payloads(struct fg_model *model);
void fg_check_deadlines(struct fg_model *model);
void fg_check_effects(struct fg_model *model);
void fg_check_states(struct fg_model *model);
void fg_check_handlers(struct fg_model *model);
void fg_check_unused(struct fg_model *model);
void fg_check_projects(struct fg_model *model);
void fg_check_temporal(struct fg_model *model);
void fg_check_defer(struct fg_model *model);
void fg_check_hidden(struct fg_model *model);
void fg_check_livelock(struct fg_model *model);
void fg_check_resources(struct fg_model *model);
void fg_check_equal(struct fg_model *model);

struct fg_cell *fg_cell_at(const struct fg_model *model, int leaf, int event);
bool fg_is_timer(const struct fg_model *model, int event);

/* The leaf in which entering this state ends; NULL: a composite without `initial`. */
struct fg_state *fg_entry_leaf(struct fg_state *state);

/* May the machine stay in this leaf for ever, because it or a state around it is `resting`? */
bool fg_is_resting(const struct fg_state *leaf);

bool fg_is_inside(const struct fg_state *state, const struct fg_state *ancestor);

/* The innermost state that a transition neither leaves nor enters. It is the same from every leaf:
 * a transition leaves the state that has the handler, or, with `internal`, the states inside it. */
const struct fg_state *fg_domain(const struct fg_branch *branch);

bool fg_is_armed(const struct fg_model *model, int leaf, int event);

#endif
