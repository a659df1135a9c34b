/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: the grammar of a specification. */
/* Called by: fg_parse. */
/* Must not know: what names mean. */
%require "3.8"
%define api.pure full
%define api.token.prefix {FG_T_}
%define parse.error custom
%define parse.lac full
%locations
%param { yyscan_t scanner }
%parse-param { struct fg_spec *spec }
%initial-action { (void)yynerrs; @$.first_line = @$.last_line = 1; @$.first_column = @$.last_column = 1; }
%expect 0

%code requires {
#include "ast.h"
#ifndef YY_TYPEDEF_YY_SCANNER_T
#define YY_TYPEDEF_YY_SCANNER_T
typedef void *yyscan_t;
#endif
}

%code provides {
static inline struct fg_place place_of(const YYLTYPE *loc)
{
    const int len = loc->last_line == loc->first_line ? loc->last_column - loc->first_column : 1;

    return (struct fg_place){loc->first_line, loc->first_column, len};
}
}

%union {
    struct fg_name *name;
    struct fg_names names;
    struct fg_expr *expr;
    struct fg_branch *branch;
    struct fg_target target;
    struct fg_handler *handler;
    int number;
}

%code {
#include <stdio.h>
#include <string.h>

int yylex(YYSTYPE *value, YYLTYPE *loc, yyscan_t scanner);

static void yyerror(const YYLTYPE *loc, yyscan_t scanner, struct fg_spec *spec,
                       const char *text)
{
    (void)scanner;
    spec->current->is_broken = true;
    if (!spec->has_bad_token)
        fg_error(spec->diag, FG_E00, place_of(loc), "%s", text);
    spec->has_bad_token = false; /* the mistake that follows from a bad token was not reported */
}

/* A mistake between the outermost braces loses a declaration. */
static void lose_item(struct fg_spec *spec)
{
    spec->current = &spec->root;
    spec->is_unreadable = true;
}

}

%token <name> NAME "name" STRING "text"
%token <number> NUMBER "number"
%token ARROW "'->'" AND "'&&'" OR "'||'"
%token MACHINE "'machine'" PREFIX "'prefix'" CONTEXT "'context'" INCLUDE "'include'" TYPES "'types'"
%token EVENT "'event'" TIMER "'timer'" SET "'set'" GUARD "'guard'" ACTION "'action'"
%token INITIAL "'initial'" FINAL "'final'" RESTING "'resting'" STATE "'state'"
%token ARM "'arm'" ENTRY "'entry'" EXIT "'exit'" ON "'on'" IGNORE "'ignore'" DEFER "'defer'" MAX "'max'"
%token UNEXPECTED "'unexpected'" OTHERWISE "'otherwise'" ELSE "'else'"
%token PROJECT "'project'" ALLOW "'allow'" CHECK "'check'" QUEUE "'queue'"
%token ALWAYS_REACHABLE "'always_reachable'" LEADS_TO "'leads_to'"
%token ACQUIRES "'acquires'" RELEASES "'releases'" INTERNAL "'internal'"
%token RESTART "'restart'" POST "'post'" EVERY "'every'" OUTER "'outer'" CHOICE "'choice'"

%type <names> names actions effects arms
%type <name> effect armed
%type <target> target
%type <name> text_opt type_opt carries
%type <number> max_opt kind quiet
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
    | QUEUE NUMBER[n] ';' { fg_set_queue(spec, place_of(&@n), $n); }
    | EVENT NAME[class] '{' { spec->event_class = $class->text; } events '}'
    | TIMER names ';' { fg_add_decls(spec, FG_TIMER, $names); }
    | SET NAME[n] '=' '{' names '}' ';' {
          fg_add_decl(spec, FG_SET, $n, NULL)->members = $names;
      }
    | GUARD guard_list ';'
    | ACTION action_list ';'
    | INITIAL NAME[n] ';' { fg_names_add(&spec->root.initial, $n); }
    | state
    | choice
    | PROJECT NAME[n] STRING[type] '{' { (void)fg_open_project(spec, $n, $type); }
      public_items public_end
    | CHECK ALWAYS_REACHABLE NAME[s] ';' {
          fg_add_check(spec, place_of(&@$), false, (struct fg_names){NULL, NULL, 0}, $s);
      }
    | CHECK names LEADS_TO NAME[s] ';' { fg_add_check(spec, place_of(&@$), true, $names, $s); }
    | error ';' { lose_item(spec); yyerrok; }
    | error '{' junk '}' { lose_item(spec); yyerrok; }
    ;

events: %empty
    | events event
    ;

event: NAME[n] type_opt ';' { (void)fg_add_decl(spec, FG_EVENT, $n, $type_opt); }
    | error ';' { spec->is_unreadable = true; yyerrok; }
    ;

type_opt: %empty { $$ = NULL; }
    | STRING
    ;

guard_list: one_guard
    | guard_list ',' one_guard
    ;

one_guard: NAME[n] carries[type] { (void)fg_add_decl(spec, FG_GUARD, $n, $type); }
    ;

action_list: one_action
    | action_list ',' one_action
    ;

one_action: NAME[n] carries[type] { (void)fg_add_decl(spec, FG_ACTION, $n, $type); } uses
    ;

carries: %empty { $$ = NULL; }
    | '(' STRING[type] ')' { $$ = $type; }
    ;

uses: %empty
    | uses ACQUIRES NAME[n] { fg_names_add(&spec->last_decl->acquires, $n); }
    | uses RELEASES NAME[n] { fg_names_add(&spec->last_decl->releases, $n); }
    ;

names: NAME[n] { $$ = fg_one_name($n); }
    | names[list] ',' NAME[n] {
          $$ = $list;
          fg_names_add(&$$, $n);
          if ($$.count > FG_LIST_LIMIT) {
              fg_error(spec->diag, FG_E24, $n->at, "more than %d names in one list", FG_LIST_LIMIT);
              YYABORT;
          }
      }
    ;

kind: %empty { $$ = 0; }
    | FINAL { $$ = 'f'; }
    | RESTING { $$ = 'r'; }
    ;

state: kind STATE NAME[n] '{' {
          if (spec->current->depth >= FG_NESTING_LIMIT || spec->state_count >= FG_STATE_LIMIT) {
              fg_error(spec->diag, FG_E24, $n->at, "more than %d states, or nested deeper than %d",
                       FG_STATE_LIMIT, FG_NESTING_LIMIT);
              YYABORT;
          }
          fg_open_state(spec, $kind, $n);
      }
      state_items state_end { fg_close_state(spec); }
    ;

/* Its branches are a handler of no event. */
choice: CHOICE NAME[n] '{' {
          if (spec->state_count >= FG_STATE_LIMIT) {
              fg_error(spec->diag, FG_E24, $n->at, "more than %d states", FG_STATE_LIMIT);
              YYABORT;
          }
          fg_open_state(spec, 'c', $n);
      }
      branches branches_end {
          $branches->at = $n->at;
          if ($branches->branches != NULL)
              fg_add_handler(spec, $branches);
          else if (!spec->current->is_broken)
              fg_error(spec->diag, FG_E25, $n->at, "choice '%s' has no branch", $n->text);
          fg_close_state(spec);
      }
    ;

state_end: '}'
    | error '}' { yyerrok; }
    ;

state_items: %empty
    | state_items state_item
    ;

state_item: INITIAL NAME[n] ';' { fg_names_add(&spec->current->initial, $n); }
    | ARM arms ';' { fg_names_append(&spec->current->arms, $arms); }
    | ENTRY '/' effects ';' { fg_names_append(&spec->current->entry, $effects); }
    | EXIT '/' effects ';' { fg_names_append(&spec->current->exit, $effects); }
    | ON names tail ';' {
          struct fg_handler *h = fg_add_branch(spec, NULL, $tail);

          h->events = $names;
          h->at = place_of(&@ON);
          fg_add_handler(spec, h);
      }
    | ON names guard tail ';' {
          struct fg_handler *h = fg_add_branch(spec, NULL, $tail);

          h->branches->guard = $guard;
          h->branches->is_else = $guard == NULL;
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
              fg_error(spec->diag, FG_E25, h->at, "this handler has no branch");
          spec->current->is_broken = spec->current->is_broken || h->branches == NULL;
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
    | OTHERWISE quiet text_opt ';' { fg_set_otherwise(spec, place_of(&@$), $quiet, $text_opt); }
    | state
    | choice
    | error ';' { yyerrok; }
    | error '{' junk '}' { spec->is_unreadable = true; yyerrok; }
    ;

quiet: IGNORE { $$ = FG_IGNORE; }
    | UNEXPECTED { $$ = FG_UNEXPECTED; }
    ;

text_opt: %empty { $$ = NULL; }
    | STRING
    ;

max_opt: %empty { $$ = 0; }
    | MAX NUMBER[n] { $$ = fg_limited(spec, place_of(&@n), $n, 1, FG_QUEUE_LIMIT); }
    ;

branches: %empty { $$ = fg_add_branch(spec, NULL, NULL); }
    | branches[list] branch {
          $$ = fg_add_branch(spec, $list, $branch);
          if ($$->branch_count > FG_BRANCH_LIMIT) {
              fg_error(spec->diag, FG_E24, $branch->at, "more than %d branches", FG_BRANCH_LIMIT);
              YYABORT;
          }
      }
    ;

branches_end: '}'
    | error '}' { yyerrok; }
    ;

branch: guard tail[t] ';' { $$ = $t; $$->guard = $guard; $$->is_else = $guard == NULL;
                            $$->at = place_of(&@guard); }
    | guard DEFER max_opt text_opt ';' {
          $$ = fg_new_branch(spec, place_of(&@guard), FG_DEFER);
          $$->guard = $guard;
          $$->is_else = $guard == NULL;
          $$->defer_max = $max_opt;
          $$->why = $text_opt == NULL ? NULL : $text_opt->text;
      }
    | guard quiet[effect] text_opt ';' {
          $$ = fg_new_branch(spec, place_of(&@guard), (enum fg_effect)$effect);
          $$->guard = $guard;
          $$->is_else = $guard == NULL;
          $$->why = $text_opt == NULL ? NULL : $text_opt->text;
      }
    | guard OUTER ';' {
          $$ = fg_new_branch(spec, place_of(&@guard), FG_OUTER);
          $$->guard = $guard;
          $$->is_else = $guard == NULL;
      }
    | error ';' { $$ = NULL; yyerrok; }
    ;

tail: actions target {
          $$ = fg_new_branch(spec, place_of(&@$), $target.name == NULL ? FG_STAY : FG_GO);
          $$->actions = $actions;
          $$->target = $target.name;
          $$->is_internal = $target.is_internal;
      }
    ;

actions: %empty { $$ = (struct fg_names){NULL, NULL, 0}; }
    | '/' effects { $$ = $effects; }
    ;

effects: effect { $$ = fg_one_name($effect); }
    | effects[list] ',' effect {
          $$ = $list;
          fg_names_add(&$$, $effect);
          if ($$.count > FG_LIST_LIMIT) {
              fg_error(spec->diag, FG_E24, $effect->at, "more than %d names in one list",
                       FG_LIST_LIMIT);
              YYABORT;
          }
      }
    ;

effect: NAME
    | RESTART NAME[n] { $$ = fg_used_name($n, FG_USE_RESTART); }
    | POST NAME[n] { $$ = fg_used_name($n, FG_USE_POST); }
    ;

arms: armed { $$ = fg_one_name($armed); }
    | arms[list] ',' armed {
          $$ = $list;
          fg_names_add(&$$, $armed);
          if ($$.count > FG_LIST_LIMIT) {
              fg_error(spec->diag, FG_E24, $armed->at, "more than %d names in one list",
                       FG_LIST_LIMIT);
              YYABORT;
          }
      }
    ;

armed: NAME
    | NAME[n] EVERY { $$ = fg_used_name($n, FG_USE_EVERY); }
    ;

target: %empty { $$ = (struct fg_target){NULL, false}; }
    | ARROW NAME { $$ = (struct fg_target){$NAME, false}; }
    | ARROW INTERNAL NAME { $$ = (struct fg_target){$NAME, true}; }
    ;

guard: '[' expr ']' {
          $$ = $expr;
          if ($expr->size > FG_EXPR_LIMIT) {
              fg_error(spec->diag, FG_E24, place_of(&@$), "this guard has more than %d terms",
                       FG_EXPR_LIMIT);
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

public_item: NAME[n] '=' names ';' { fg_add_public(spec, $n, $names); }
    | ALLOW NAME[n] ARROW names ';' { fg_add_allow(spec, $n, $names); }
    | error ';' { spec->is_unreadable = true; yyerrok; }
    ;

public_end: '}'
    | error '}' { spec->is_unreadable = true; yyerrok; }
    ;

junk: %empty
    | junk junk_token
    | junk '{' junk '}'
    ;

junk_token: NAME | STRING | NUMBER | ARROW | AND | OR | MACHINE | PREFIX | CONTEXT | INCLUDE
    | TYPES | EVENT | TIMER | SET | GUARD | ACTION | INITIAL | FINAL | RESTING | STATE | ARM
    | ENTRY | EXIT | ON | IGNORE | DEFER | MAX | UNEXPECTED | OTHERWISE | ELSE | PROJECT | ALLOW
    | CHECK | QUEUE | ALWAYS_REACHABLE | LEADS_TO | ACQUIRES | RELEASES | INTERNAL | RESTART
    | POST | EVERY | OUTER | CHOICE
    | ';' | ',' | '=' | '/' | '!' | '(' | ')' | '[' | ']'
    ;

%%

static void add_text(char *text, size_t room, const char *joint, const char *more)
{
    const size_t used = strlen(text);

    (void)snprintf(text + used, room - used, "%s%s", joint, more);
}

/* All that would be right, however much it is; the list is exact. */
static int yyreport_syntax_error(const yypcontext_t *context, yyscan_t scanner,
                                 struct fg_spec *spec)
{
    yysymbol_kind_t expected[YYNTOKENS];
    const int count = yypcontext_expected_tokens(context, expected, YYNTOKENS);
    const yysymbol_kind_t found = yypcontext_token(context);
    char text[2048] = "syntax error"; /* longer than all tokens together */

    if (found != YYSYMBOL_YYEMPTY)
        add_text(text, sizeof(text), ", unexpected ", yysymbol_name(found));
    for (int i = 0; i < count && !fg_diag_is_full(spec->diag); i++)
        add_text(text, sizeof(text), i == 0 ? ", expecting " : " or ", yysymbol_name(expected[i]));
    yyerror(yypcontext_location(context), scanner, spec, text);
    return 0;
}
