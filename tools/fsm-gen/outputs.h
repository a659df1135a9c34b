/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: the list of outputs: option, help, emitter; and what is chosen on the command line. */
/* Called by: main. */
/* Must not know: the shape of any output. */
#ifndef FG_OUTPUTS_H
#define FG_OUTPUTS_H

#include "emit.h"

/* identifier, option, help, emitter */
#define FG_OUTPUT_MAP(X)                                                                           \
    X(HEADER, "header", "C header", fg_emit_header)                                                \
    X(EVENTS, "events-header", "C header: numbers, names and payloads alone", fg_emit_events)      \
    X(SOURCE, "source", "C source", fg_emit_source)                                                \
    X(TABLE, "table", "Markdown: states, events, the table, the transitions", fg_emit_table)       \
    X(DOT, "dot", "picture for Graphviz", fg_emit_dot)                                             \
    X(TESTS, "tests", "Criterion tests of every cell, streams and a tour", fg_emit_tests)          \
    X(PROMELA, "promela", "model for Spin, with the promises of 'check'", fg_emit_promela)         \
    X(MERMAID, "mermaid", "diagram for Mermaid", fg_emit_mermaid)                                  \
    X(PLANTUML, "plantuml", "diagram for PlantUML", fg_emit_plantuml)                              \
    X(SCXML, "scxml", "export to SCXML", fg_emit_scxml)                                            \
    X(JSON, "json", "the flattened machine as JSON", fg_emit_json)                                 \
    X(REPORT, "report", "counts, sizes of tables, the longest ways", fg_emit_report)               \
    X(LIBEV, "libev", "C source: the timers on libev", fg_emit_libev)                              \
    X(STUBS, "stubs", "C source: what the user writes; kept when it exists", fg_emit_stubs)        \
    X(DECODER, "trace-decoder", "C source: a program that prints a trace", fg_emit_decoder)        \
    X(DOT_FULL, "dot-full", "picture of every branch, for Graphviz", fg_emit_dot_full)             \
    X(SVG, "svg", "the picture of --dot, drawn by Graphviz", fg_emit_dot)

#define FG_OUTPUT_ENUM(id, option, help, emitter) FG_OUT_##id,
enum fg_output { FG_OUTPUT_MAP(FG_OUTPUT_ENUM) FG_OUTPUT_COUNT };
#undef FG_OUTPUT_ENUM

struct fg_outputs {
    const char *paths[FG_OUTPUT_COUNT]; /* NULL: not asked for */
    const char *depfile, *deptarget;
    const char **coverage; /* coverage_count files */
    int coverage_count;
    struct fg_choice choice;
};

/* "switch", "handlers", "table"; false, after a message, for anything else. */
bool fg_choose_dispatch(struct fg_choice *choice, const char *name);

const char *fg_output_option(enum fg_output output);
void fg_outputs_help(void);

/* Write what is asked for. Returns 0, or -1 after a message on stderr. */
int fg_outputs_write(const struct fg_outputs *outputs, const struct fg_model *model,
                     const char *spec_path);

#endif
