/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: the grammar of a specification. */
/* Called by: fg_parse. */
/* Must not know: what names mean. */
%require "3.8"
%define api.pure full
%define api.token.prefix {FG_T_}
%define parse.error detailed
%locations
%param { yyscan_t scanner }
%parse-param { struct fg_spec *spec }
%initial-action { @$.first_line = @$.last_line = 1; @$.first_column = @$.last_column = 1; }
%expect 0

%code requires {
#include "ast.h"
#ifndef YY_TYPEDEF_YY_SCANNER_T
#define YY_TYPEDEF_YY_SCANNER_T
typedef void *yyscan_t;
#endif
}

%union {
    struct fg_name *name;
    struct fg_names names;
    struct fg_expr *expr;
    struct fg_branch *branch;
    struct fg_handler *handler;
    int number;
}

%code {
#include <string.h>

int yylex(YYSTYPE *value, YYLTYPE *loc, yyscan_t scanner);

static struct fg_place place_of(const YYLTYPE *loc)
{
    const int len = loc->last_line == loc->first_line ? loc->last_column - loc->first_column : 1;

    return (struct fg_place){loc->first_line, loc->first_column, len};
}

static void yyerror(const YYLTYPE *loc, yyscan_t scanner, struct fg_spec *spec,
                       const char *text)
{
    (void)scanner;
    fg_error(spec->diag, place_of(loc), "%s", text);
    spec->current->is_broken = true;
}

/* A mistake between the outermost braces loses a declaration. */
static void lose_item(struct fg_spec *spec)
{
    spec->current = &spec->root;
    spec->is_unreadable = true;
}

static struct fg_names one_name(struct fg_name *name)
{
    struct fg_names names = {NULL, NULL, 0};

    fg_names_add(&names, name);
    return names;
}

static struct fg_handler *add_branch(struct fg_spec *spec, struct fg_handler *handler,
                                     struct fg_branch *branch)
{
    if (handler == NULL)
        handler = FG_NEW(spec->arena, struct fg_handler);
    if (branch == NULL)
        return handler;
    if (handler->last_branch == NULL)
        handler->branches = branch;
    else
        handler->last_branch->next = branch;
    handler->last_branch = branch;
    return handler;
}

static int limited(struct fg_spec *spec, const YYLTYPE *loc, int number, int low, int high)
{
    if (number >= low && number <= high)
        return number;
    fg_error(spec->diag, place_of(loc), "this number is not in %d..%d", low, high);
    return low;
}

static void set_queue(struct fg_spec *spec, const YYLTYPE *loc, int number)
{
    if (spec->queue >= 0) {
        fg_error(spec->diag, place_of(loc), "'queue' is given twice");
        fg_note(spec->diag, spec->queue_at, "first given here");
    }
    spec->queue = number;
    spec->queue_at = place_of(loc);
}

static void set_otherwise(struct fg_spec *spec, const YYLTYPE *loc, int effect,
                          struct fg_name *why)
{
    struct fg_state *state = spec->current;

    if (state->has_otherwise) {
        fg_error(spec->diag, place_of(loc), "'otherwise' is given twice in '%s'", state->name);
        fg_note(spec->diag, state->otherwise_at, "first given here");
        return;
    }
    state->has_otherwise = true;
    state->otherwise = (enum fg_effect)effect;
    state->otherwise_why = why == NULL ? NULL : why->text;
    state->otherwise_at = place_of(loc);
}

static void append(struct fg_names *to, struct fg_names more)
{
    for (struct fg_name *n = more.first, *next; n != NULL; n = next) {
        next = n->next;
        n->next = NULL;
        fg_names_add(to, n);
    }
}

static struct fg_project *open_project(struct fg_spec *spec, struct fg_name *name,
                                       struct fg_name *type)
{
    struct fg_project *project = FG_NEW(spec->arena, struct fg_project);

    project->name = name;
    project->type = type;
    if (spec->last_project == NULL)
        spec->projects = project;
    else
        spec->last_project->next = project;
    spec->last_project = project;
    return project;
}

static void add_public(struct fg_spec *spec, struct fg_name *name, struct fg_names states)
{
    struct fg_project *project = spec->last_project;
    struct fg_public *value = FG_NEW(spec->arena, struct fg_public);

    value->name = name;
    value->states = states;
    value->id = project->public_count++;
    if (project->last_public == NULL)
        project->publics = value;
    else
        project->last_public->next = value;
    project->last_public = value;
}

static void add_allow(struct fg_spec *spec, struct fg_name *from, struct fg_names to)
{
    struct fg_project *project = spec->last_project;
    struct fg_allow *allow = FG_NEW(spec->arena, struct fg_allow);

    allow->from = from;
    allow->to = to;
    if (project->last_allow == NULL)
        project->allows = allow;
    else
        project->last_allow->next = allow;
    project->last_allow = allow;
}

static void add_check(struct fg_spec *spec, const YYLTYPE *loc, bool is_leads_to,
                      struct fg_names events, struct fg_name *state)
{
    struct fg_check *check = FG_NEW(spec->arena, struct fg_check);

    check->is_leads_to = is_leads_to;
    check->events = events;
    check->state = state;
    check->at = place_of(loc);
    if (spec->last_check == NULL)
        spec->checks = check;
    else
        spec->last_check->next = check;
    spec->last_check = check;
}
}

%token <name> NAME "name" STRING "text"
%token <number> NUMBER "number"
%token ARROW "->" AND "&&" OR "||"
%token MACHINE "machine" PREFIX "prefix" CONTEXT "context" INCLUDE "include" TYPES "types"
%token EVENT "event" TIMER "timer" SET "set" GUARD "guard" ACTION "action"
%token INITIAL "initial" FINAL "final" RESTING "resting" STATE "state"
%token ARM "arm" ENTRY "entry" EXIT "exit" ON "on" IGNORE "ignore" DEFER "defer" MAX "max"
%token UNEXPECTED "unexpected" OTHERWISE "otherwise" ELSE "else"
%token PROJECT "project" ALLOW "allow" CHECK "check" QUEUE "queue"
%token ALWAYS_REACHABLE "always_reachable" LEADS_TO "leads_to"

%type <names> names actions
%type <name> text_opt target type_opt
%type <number> max_opt kind effect quiet
%type <expr> expr term factor guard
%type <branch> branch tail
%type <handler> branches

%%

spec: MACHINE NAME[n] '{' items end { spec->name = $n; }
    ;

end: '}'
    | error '}' { lose_item(spec); }
    ;

items: %empty
    | items item
    ;

item: PREFIX NAME[n] ';' { fg_set_once(spec, &spec->prefix, $n, "prefix"); }
    | CONTEXT STRING[s] ';' { fg_set_once(spec, &spec->context, $s, "context"); }
    | INCLUDE STRING[s] ';' { fg_set_once(spec, &spec->include, $s, "include"); }
    | TYPES STRING[s] ';' { fg_names_add(&spec->types, $s); }
    | QUEUE NUMBER[n] ';' { set_queue(spec, &@n, limited(spec, &@n, $n, 0, FG_QUEUE_LIMIT)); }
    | EVENT NAME[class] '{' events '}' {
          for (struct fg_decl *d = spec->decls; d != NULL; d = d->next)
              if (d->kind == FG_EVENT && d->class_name == NULL)
                  d->class_name = $class->text;
      }
    | TIMER names ';' { fg_add_decls(spec, FG_TIMER, $names); }
    | SET NAME[n] '=' '{' names '}' ';' {
          fg_add_decl(spec, FG_SET, $n, NULL)->members = $names;
      }
    | GUARD names ';' { fg_add_decls(spec, FG_GUARD, $names); }
    | ACTION action_list ';'
    | INITIAL NAME[n] ';' { fg_names_add(&spec->root.initial, $n); }
    | state
    | PROJECT NAME[n] STRING[type] '{' { (void)open_project(spec, $n, $type); }
      public_items public_end
    | CHECK ALWAYS_REACHABLE NAME[s] ';' {
          add_check(spec, &@$, false, (struct fg_names){NULL, NULL, 0}, $s);
      }
    | CHECK names LEADS_TO NAME[s] ';' { add_check(spec, &@$, true, $names, $s); }
    | error ';' { lose_item(spec); }
    | error '{' junk '}' { lose_item(spec); }
    ;

events: %empty
    | events event
    ;

event: NAME[n] type_opt ';' { (void)fg_add_decl(spec, FG_EVENT, $n, $type_opt); }
    | error ';' { spec->is_unreadable = true; }
    ;

type_opt: %empty { $$ = NULL; }
    | STRING
    ;

action_list: one_action
    | action_list ',' one_action
    ;

one_action: NAME[n] { (void)fg_add_decl(spec, FG_ACTION, $n, NULL); }
    | NAME[n] '(' STRING[type] ')' { (void)fg_add_decl(spec, FG_ACTION, $n, $type); }
    ;

names: NAME[n] { $$ = one_name($n); }
    | names[list] ',' NAME[n] { $$ = $list; fg_names_add(&$$, $n); }
    ;

kind: %empty { $$ = 0; }
    | FINAL { $$ = 'f'; }
    | RESTING { $$ = 'r'; }
    ;

state: kind STATE NAME[n] '{' {
          if (spec->current->depth >= FG_NESTING_LIMIT || spec->state_count >= FG_STATE_LIMIT) {
              fg_error(spec->diag, $n->at, "more than %d states, or nested deeper than %d",
                       FG_STATE_LIMIT, FG_NESTING_LIMIT);
              YYABORT;
          }
          fg_open_state(spec, $kind == 0 ? @2.first_line : @kind.first_line, $kind, $n);
      }
      state_items state_end { fg_close_state(spec); }
    ;

state_end: '}'
    | error '}'
    ;

state_items: %empty
    | state_items state_item
    ;

state_item: INITIAL NAME[n] ';' { fg_names_add(&spec->current->initial, $n); }
    | ARM names ';' { append(&spec->current->arms, $names); }
    | ENTRY '/' names ';' { append(&spec->current->entry, $names); }
    | EXIT '/' names ';' { append(&spec->current->exit, $names); }
    | ON names tail ';' {
          struct fg_handler *h = add_branch(spec, NULL, $tail);

          h->events = $names;
          h->at = place_of(&@ON);
          fg_add_handler(spec, h);
      }
    | ON names '{' branches branches_end {
          struct fg_handler *h = $branches;

          h->events = $names;
          h->at = place_of(&@ON);
          if (h->branches != NULL)
              fg_add_handler(spec, h);
          else if (!spec->current->is_broken)
              fg_error(spec->diag, h->at, "this handler has no branch");
      }
    | IGNORE names text_opt ';' {
          (void)fg_add_clause(spec, place_of(&@$), FG_IGNORE, $names, $text_opt);
      }
    | UNEXPECTED names text_opt ';' {
          (void)fg_add_clause(spec, place_of(&@$), FG_UNEXPECTED, $names, $text_opt);
      }
    | DEFER names max_opt text_opt ';' {
          fg_add_clause(spec, place_of(&@$), FG_DEFER, $names, $text_opt)->defer_max = $max_opt;
      }
    | OTHERWISE quiet text_opt ';' { set_otherwise(spec, &@$, $quiet, $text_opt); }
    | state
    | error ';'
    | error '{' junk '}' { spec->is_unreadable = true; }
    ;

quiet: IGNORE { $$ = FG_IGNORE; }
    | UNEXPECTED { $$ = FG_UNEXPECTED; }
    ;

text_opt: %empty { $$ = NULL; }
    | STRING
    ;

max_opt: %empty { $$ = 0; }
    | MAX NUMBER[n] { $$ = limited(spec, &@n, $n, 1, FG_QUEUE_LIMIT); }
    ;

branches: %empty { $$ = add_branch(spec, NULL, NULL); }
    | branches[list] branch { $$ = add_branch(spec, $list, $branch); }
    ;

branches_end: '}'
    | error '}'
    ;

branch: guard tail[t] ';' { $$ = $t; $$->guard = $guard; $$->is_else = $guard == NULL;
                            $$->at = place_of(&@guard); }
    | guard effect text_opt ';' {
          $$ = fg_new_branch(spec, place_of(&@guard), (enum fg_effect)$effect);
          $$->guard = $guard;
          $$->is_else = $guard == NULL;
          $$->why = $text_opt == NULL ? NULL : $text_opt->text;
      }
    | error ';' { $$ = NULL; }
    ;

effect: IGNORE { $$ = FG_IGNORE; }
    | UNEXPECTED { $$ = FG_UNEXPECTED; }
    | DEFER { $$ = FG_DEFER; }
    ;

tail: actions target {
          $$ = fg_new_branch(spec, place_of(&@$), $target == NULL ? FG_STAY : FG_GO);
          $$->actions = $actions;
          $$->target = $target;
      }
    ;

actions: %empty { $$ = (struct fg_names){NULL, NULL, 0}; }
    | '/' names { $$ = $names; }
    ;

target: %empty { $$ = NULL; }
    | ARROW NAME { $$ = $NAME; }
    ;

guard: '[' expr ']' {
          $$ = $expr;
          if ($expr->depth > FG_NESTING_LIMIT) {
              fg_error(spec->diag, place_of(&@$), "this guard is nested deeper than %d",
                       FG_NESTING_LIMIT);
              YYABORT;
          }
      }
    | '[' ELSE ']' { $$ = NULL; }
    ;

expr: term
    | expr[l] OR term[r] { $$ = fg_new_expr(spec, FG_OR, $l, $r); }
    ;

term: factor
    | term[l] AND factor[r] { $$ = fg_new_expr(spec, FG_AND, $l, $r); }
    ;

factor: NAME[n] { $$ = fg_new_expr(spec, FG_ATOM, NULL, NULL); $$->name = $n; }
    | '!' factor[f] { $$ = fg_new_expr(spec, FG_NOT, $f, NULL); }
    | '(' expr ')' { $$ = $expr; }
    ;

public_items: %empty
    | public_items public_item
    ;

public_item: NAME[n] '=' names ';' { add_public(spec, $n, $names); }
    | ALLOW NAME[n] ARROW names ';' { add_allow(spec, $n, $names); }
    | error ';' { spec->is_unreadable = true; }
    ;

public_end: '}'
    | error '}' { spec->is_unreadable = true; }
    ;

junk: %empty
    | junk junk_token
    | junk '{' junk '}'
    ;

junk_token: NAME | STRING | NUMBER | ARROW | AND | OR | MACHINE | PREFIX | CONTEXT | INCLUDE
    | TYPES | EVENT | TIMER | SET | GUARD | ACTION | INITIAL | FINAL | RESTING | STATE | ARM
    | ENTRY | EXIT | ON | IGNORE | DEFER | MAX | UNEXPECTED | OTHERWISE | ELSE | PROJECT | ALLOW
    | CHECK | QUEUE | ALWAYS_REACHABLE | LEADS_TO
    | ';' | ',' | '=' | '/' | '!' | '(' | ')' | '[' | ']'
    ;
