/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: the shape of a specification as written, and the marks that resolving leaves on it. */
/* Called by: the parser (fills it), the resolver (marks it), model, checks, emitters (read it). */
/* Must not know: cells, tables, C. */
#ifndef FG_AST_H
#define FG_AST_H

#include "arena.h"
#include "diag.h"

#include <stdbool.h>

enum {
    FG_NAME_LIMIT = 128,
    FG_TEXT_LIMIT = 1024,
    FG_NESTING_LIMIT = 64,
    FG_STATE_LIMIT = 1024,
    FG_EVENT_LIMIT = 1024,
    FG_DECL_LIMIT = 8192,
    FG_LIST_LIMIT = 1024,
    FG_EXPR_LIMIT = 128,
    FG_BRANCH_LIMIT = 64,
    FG_ATOM_LIMIT = 12,
    FG_QUEUE_LIMIT = 255,
    FG_SOURCE_LIMIT = 1024 * 1024
};

/* What stands before a name in a list of effects, or behind one in a list of timers. */
enum fg_use { FG_USE_PLAIN, FG_USE_RESTART, FG_USE_POST, FG_USE_EVERY };

struct fg_name {
    const char *text; /* as shown: with its use, once it is resolved */
    const char *raw;  /* without; NULL: the same */
    enum fg_use use;
    struct fg_place at;
    struct fg_name *next;
};

struct fg_names {
    struct fg_name *first, *last;
    int count;
};

enum fg_decl_kind { FG_EVENT, FG_TIMER, FG_SET, FG_GUARD, FG_ACTION };

struct fg_decl {
    enum fg_decl_kind kind;
    const char *name;
    const char *class_name; /* of an event: user, net, local, ... */
    const char *type;       /* C type of the payload, normalised; NULL: none */
    const char *doc;
    struct fg_place at, type_at;
    struct fg_names members;            /* of a set, as written */
    struct fg_names acquires, releases; /* of an action: resources, as written */
    struct fg_decl *next;
    /* marks of the resolver */
    int id; /* index among its kind; timers follow the events */
    int *set_ids, set_count;
    unsigned acquires_mask, releases_mask; /* a bit for each resource */
    bool is_used, is_broken;               /* broken: a set with a member that is not known */
    bool is_periodic;                      /* of a timer: every state that arms it says `every` */
};

enum fg_expr_op { FG_ATOM, FG_NOT, FG_AND, FG_OR };

struct fg_expr {
    enum fg_expr_op op;
    struct fg_expr *left, *right;
    struct fg_name *name;
    struct fg_decl *guard; /* mark: NULL when undeclared */
    int size;              /* number of terms */
};

/* Outer: as the handler around this one says; flattening puts its branches in the place. */
enum fg_effect { FG_GO, FG_STAY, FG_IGNORE, FG_DEFER, FG_UNEXPECTED, FG_OUTER };

/* What stands behind an arrow, while it is read. */
struct fg_target {
    struct fg_name *name; /* NULL: no arrow */
    bool is_internal;
};

struct fg_branch {
    struct fg_expr *guard;     /* NULL: always taken when reached */
    bool is_refused;           /* an error was reported of it: once is enough */
    bool is_else, is_internal; /* internal: `-> internal S` */
    enum fg_effect effect;
    int defer_max; /* 0: not given */
    struct fg_names actions;
    struct fg_name *target;
    const char *why;
    struct fg_place at;
    struct fg_branch *next;
    /* marks */
    const struct fg_project *reported_in; /* of the check of projections */
    struct fg_decl **action_decls;        /* actions.count of them; NULL where undeclared */
    struct fg_handler *handler;
    struct fg_state *owner; /* that has the handler */
    const char *guard_text; /* of one that flattening has joined: how its guards follow */
    struct fg_state *to;
};

struct fg_event_ref {
    int event;
    struct fg_place at; /* where it, or its set, is named */
};

struct fg_handler {
    struct fg_names events;
    struct fg_branch *branches, *last_branch;
    int branch_count;
    int defer_max;  /* the largest of its branches; 0: not given */
    bool is_clause; /* ignore, defer, unexpected: no "on" */
    struct fg_place at;
    struct fg_handler *next;
    /* marks */
    struct fg_event_ref *refs;
    int ref_count;
};

struct fg_state {
    const char *name, *doc;
    struct fg_place at;
    bool is_final, is_resting, is_choice;
    struct fg_names initial, arms, entry, exit;
    struct fg_handler *handlers, *last_handler;
    bool has_otherwise;
    enum fg_effect otherwise;
    const char *otherwise_why;
    struct fg_place otherwise_at;
    struct fg_state *parent, *children, *last_child, *next;
    bool is_broken; /* something in it could not be read: do not call it incomplete */
    /* marks */
    bool is_duplicate;
    int id, depth, leaf_id; /* leaf_id -1: composite */
    int first_leaf, leaf_count;
    struct fg_state *start;   /* what `initial` names */
    struct fg_handler *quiet; /* made of `otherwise ignore` for a periodic timer */
    bool is_target;
    struct fg_decl **arm_decls, **entry_decls, **exit_decls;
};

struct fg_public {
    struct fg_name *name;
    struct fg_names states;
    struct fg_public *next;
    int id;
};

struct fg_allow {
    struct fg_name *from;
    struct fg_names to;
    struct fg_allow *next;
};

struct fg_project {
    struct fg_name *name, *type;
    struct fg_public *publics, *last_public;
    struct fg_allow *allows, *last_allow;
    struct fg_project *next;
    /* marks */
    int public_count;
    int *of_leaf; /* public id of each leaf, -1 when missing */
};

struct fg_check {
    bool is_leads_to;
    struct fg_names events; /* of leads_to */
    struct fg_name *state;
    struct fg_place at;
    struct fg_check *next;
    /* marks */
    struct fg_event_ref *refs;
    int ref_count;
    struct fg_state *to;
};

struct fg_doc {
    const char *text;
    struct fg_place at;
    bool is_trailing;
    struct fg_doc *next;
};

struct fg_spec {
    struct fg_arena *arena;
    struct fg_diag *diag;
    const char *file_name; /* without its directory */
    struct fg_name *name, *prefix, *context, *include;
    const char *doc; /* of the machine */
    struct fg_names types;
    int queue; /* -1: not given */
    struct fg_place queue_at;
    struct fg_decl *decls, *last_decl;
    struct fg_state root; /* not a state of the machine: holds the outermost ones and `initial` */
    struct fg_state *current;
    struct fg_project *projects, *last_project;
    struct fg_check *checks, *last_check;
    struct fg_doc *docs, *last_doc;
    const char *text; /* of the lexer, as are the next: where it reads */
    int last_token_line, last_token, token_before;
    bool closes_next; /* a state that has no braces at all */
    struct fg_place comment_at;
    int state_count, decl_count;
    const char *event_class; /* of the block being read */
    bool has_bad_token;      /* reported by the lexer: the parser need not complain of the same */
    bool is_lax;             /* an unstated cell is a warning */
    bool is_unreadable;      /* whole declarations were lost: checking names would only add noise */
};

/* Read text (len bytes, followed by a NUL) into spec. Errors go to spec->diag. */
void fg_parse(struct fg_spec *spec, const char *text, size_t len);

void fg_names_add(struct fg_names *names, struct fg_name *name);

/* Used by the parser only. */
void fg_add_decls(struct fg_spec *spec, enum fg_decl_kind kind, struct fg_names names);
struct fg_decl *fg_add_decl(struct fg_spec *spec, enum fg_decl_kind kind, struct fg_name *name,
                            struct fg_name *type);
struct fg_expr *fg_new_expr(struct fg_spec *spec, enum fg_expr_op op, struct fg_expr *left,
                            struct fg_expr *right);
struct fg_branch *fg_new_branch(struct fg_spec *spec, struct fg_place at, enum fg_effect effect);
void fg_add_handler(struct fg_spec *spec, struct fg_handler *handler);
struct fg_handler *fg_add_clause(struct fg_spec *spec, struct fg_place at, enum fg_effect effect,
                                 struct fg_names events, struct fg_name *why);
void fg_open_state(struct fg_spec *spec, int kind, struct fg_name *name);
void fg_close_state(struct fg_spec *spec);
void fg_set_once(struct fg_spec *spec, struct fg_name **slot, struct fg_name *value,
                 const char *what);
struct fg_names fg_one_name(struct fg_name *name);
struct fg_name *fg_used_name(struct fg_name *name, enum fg_use use);
void fg_names_append(struct fg_names *to, struct fg_names more);
struct fg_handler *fg_add_branch(struct fg_spec *spec, struct fg_handler *handler,
                                 struct fg_branch *branch);
int fg_limited(struct fg_spec *spec, struct fg_place at, int number, int low, int high);
void fg_set_queue(struct fg_spec *spec, struct fg_place at, int number);
void fg_set_otherwise(struct fg_spec *spec, struct fg_place at, int effect, struct fg_name *why);
struct fg_project *fg_open_project(struct fg_spec *spec, struct fg_name *name,
                                   struct fg_name *type);
void fg_add_public(struct fg_spec *spec, struct fg_name *name, struct fg_names states);
void fg_add_allow(struct fg_spec *spec, struct fg_name *from, struct fg_names to);
void fg_add_check(struct fg_spec *spec, struct fg_place at, bool is_leads_to,
                  struct fg_names events, struct fg_name *state);
void fg_attach_docs(struct fg_spec *spec);

#endif
