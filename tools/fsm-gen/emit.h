/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: the list of emitters, and what they share. */
/* Called by: main. */
/* Must not know: files. */
#ifndef FG_EMIT_H
#define FG_EMIT_H

#include "coverage.h"
#include "model.h"
#include "out.h"

#include <stdint.h>

#define FG_VERSION "0.1.0"

/* How the generated code finds what an event does. The behaviour is the same; the
 * first one, the default, is the fastest by measurement. */
enum fg_dispatch { FG_DISPATCH_SWITCH, FG_DISPATCH_HANDLERS, FG_DISPATCH_TABLE };

/* What an emitter may know beside the machine. */
struct fg_choice {
    enum fg_dispatch dispatch;
    bool has_libev;                     /* the timers on libev are written in this run */
    bool has_trace;                     /* the C tells each event that is taken up */
    const char *self;                   /* name of the file that will be written */
    const char *header;                 /* that of the C header; NULL: not written in this run */
    const char *events;                 /* the same, of the header of events */
    const struct fg_coverage *coverage; /* to be shown; NULL: none was given */
};

void fg_emit_events(const struct fg_model *model, struct fg_out *out,
                    const struct fg_choice *choice);
void fg_emit_header(const struct fg_model *model, struct fg_out *out,
                    const struct fg_choice *choice);
void fg_emit_source(const struct fg_model *model, struct fg_out *out,
                    const struct fg_choice *choice);
void fg_emit_table(const struct fg_model *model, struct fg_out *out,
                   const struct fg_choice *choice);
void fg_emit_dot(const struct fg_model *model, struct fg_out *out, const struct fg_choice *choice);

void fg_emit_tests(const struct fg_model *model, struct fg_out *out,
                   const struct fg_choice *choice);

void fg_emit_promela(const struct fg_model *model, struct fg_out *out,
                     const struct fg_choice *choice);
void fg_emit_mermaid(const struct fg_model *model, struct fg_out *out,
                     const struct fg_choice *choice);
void fg_emit_plantuml(const struct fg_model *model, struct fg_out *out,
                      const struct fg_choice *choice);
void fg_emit_scxml(const struct fg_model *model, struct fg_out *out,
                   const struct fg_choice *choice);
void fg_emit_json(const struct fg_model *model, struct fg_out *out, const struct fg_choice *choice);
void fg_emit_report(const struct fg_model *model, struct fg_out *out,
                    const struct fg_choice *choice);
void fg_emit_dot_full(const struct fg_model *model, struct fg_out *out,
                      const struct fg_choice *choice);
void fg_emit_libev(const struct fg_model *model, struct fg_out *out,
                   const struct fg_choice *choice);
void fg_emit_decoder(const struct fg_model *model, struct fg_out *out,
                     const struct fg_choice *choice);
void fg_emit_stubs(const struct fg_model *model, struct fg_out *out,
                   const struct fg_choice *choice);

/* Parts of both headers. known: a struct that is declared already, or NULL. */
void fg_put_doc(struct fg_out *out, const char *doc);

/* "x.h" or <x.h>, as the specification says. */
void fg_put_include(struct fg_out *out, const char *header);
void fg_put_types(const struct fg_model *model, struct fg_out *out);
void fg_put_enums(const struct fg_model *model, struct fg_out *out, const char *known);
void fg_put_payload(const struct fg_model *model, struct fg_out *out);
void fg_put_project_calls(const struct fg_model *model, struct fg_out *out);
void fg_put_name_calls(struct fg_out *out);

/* Part of the header, for the timers on libev. */
void fg_put_libev_declarations(struct fg_out *out);

/* What --trace adds: to the header, to the source before and after its tables and at its end, to the
 * stubs. */
void fg_put_trace_declarations(const struct fg_model *model, struct fg_out *out);
void fg_put_trace_tell(struct fg_out *out);
void fg_put_trace_tell_cell(struct fg_out *out);
void fg_put_trace_save(const struct fg_model *model, struct fg_out *out);
void fg_put_trace_stub(struct fg_out *out);

/* Of all that gives the numbers in a trace their meaning; the same for the same machine. */
uint32_t fg_fingerprint(const struct fg_model *model);

/* Parts of the tests. */
void fg_emit_tests_types(struct fg_out *out);
void fg_emit_tests_record(const struct fg_model *model, struct fg_out *out);
void fg_emit_tests_body(const struct fg_model *model, struct fg_out *out);

/* Parts of the source. */
void fg_emit_handlers(const struct fg_model *model, struct fg_out *out,
                      const struct fg_choice *choice);
bool fg_has_handler_list(const struct fg_model *model, enum fg_dispatch dispatch);
void fg_emit_back_end(const struct fg_model *model, struct fg_out *out, enum fg_dispatch dispatch);
void fg_emit_questions(const struct fg_model *model, struct fg_out *out);

const char *fg_base_name(const char *path);

/* Enumerators: "$P_ST_IDLE", "$P_EV_CONNECT" or "$P_TM_IDLE", "$P_TIMER_IDLE", of a project. */
const char *fg_state_id(const struct fg_model *model, int leaf);
const char *fg_event_id(const struct fg_model *model, int event);
const char *fg_timer_id(const struct fg_model *model, int event);
const char *fg_public_id(const struct fg_model *model, const struct fg_project *project, int id);

/* Number of a cell in the table that runs: the four fixed kinds first, then the handlers. */
enum { FG_FIXED_HANDLERS = 4 };

/* The guard as it would be written: "has_queued && !is_idle", "else", or "". */
const char *fg_guard_text(const struct fg_model *model, const struct fg_branch *branch);

/* Does the state do anything by itself: timers, entry, exit, or without leaving? */
bool fg_has_doings(const struct fg_state *state);

/* Does the machine do anything when it enters its first state? */
bool fg_needs_start(const struct fg_model *model);

/* Code that enters the leaf from the domain: timers outer to inner, then entry actions. */
void fg_put_enter(const struct fg_model *model, struct fg_out *out, const struct fg_state *leaf,
                  const struct fg_state *domain);

#endif
