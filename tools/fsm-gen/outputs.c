/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: writing every output that was asked for, and the rule for make. */
/* Called by: main. */
/* Must not know: the shape of any output. */
#include "outputs.h"

#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

typedef void emit_fn(const struct fg_model *model, struct fg_out *out,
                     const struct fg_choice *choice);

#define OUTPUT_ROW(id, option, help, emitter) { option, help, emitter },
static const struct {
    const char *option, *help;
    emit_fn *emit;
} rows[] = { FG_OUTPUT_MAP(OUTPUT_ROW) };
#undef OUTPUT_ROW

const char *fg_output_option(enum fg_output output)
{
    return rows[output].option;
}

void fg_outputs_help(void)
{
    for (int i = 0; i < FG_OUTPUT_COUNT; i++) {
        (void)printf("  --%s FILE%*s %s\n", rows[i].option, 14 - (int)strlen(rows[i].option), "",
                     rows[i].help);
    }
}

bool fg_choose_dispatch(struct fg_choice *choice, const char *name)
{
    static const char *const names[] = { "switch", "handlers", "table" };

    for (int i = 0; i < 3; i++)
        if (strcmp(name, names[i]) == 0) {
            choice->dispatch = (enum fg_dispatch)i;
            return true;
        }
    (void)fprintf(stderr, "fsm-gen: --dispatch is switch, handlers or table, not '%s'\n", name);
    return false;
}

static void put_escaped(struct fg_out *out, const char *path)
{
    for (; *path != '\0'; path++)
        fg_put(out, strchr(" #", *path) != NULL ? "\\%c" : *path == '$' ? "$%c" : "%c", *path);
}

static int write_depfile(const struct fg_outputs *outputs, struct fg_arena *arena,
                         const char *spec_path)
{
    struct fg_out *out = fg_out_new(arena, "", "");
    bool has_target = outputs->deptarget != NULL;

    if (has_target)
        put_escaped(out, outputs->deptarget);
    for (int i = 0; i < FG_OUTPUT_COUNT && outputs->deptarget == NULL; i++) {
        if (outputs->paths[i] == NULL)
            continue;
        fg_put(out, has_target ? " " : "");
        put_escaped(out, outputs->paths[i]);
        has_target = true;
    }
    if (!has_target) {
        (void)fputs("fsm-gen: --depfile needs an output or --deptarget\n", stderr);
        return -1;
    }
    fg_put(out, ": ");
    put_escaped(out, spec_path);
    for (int i = 0; i < outputs->coverage_count; i++) {
        fg_put(out, " ");
        put_escaped(out, outputs->coverage[i]);
    }
    fg_put(out, "\n");
    return fg_out_save(out, outputs->depfile);
}

/* Let Graphviz draw in; the result is saved like any other output. */
static int run_dot(const char *dot, const char *svg)
{
    char *const arguments[] = { "dot", "-Tsvg", "-o", (char *)svg, (char *)dot, NULL };
    int status = -1;
    pid_t pid;

    if (posix_spawnp(&pid, "dot", NULL, NULL, arguments, environ) != 0)
        return -1;
    if (waitpid(pid, &status, 0) != pid)
        return -1;
    return status == 0 ? 0 : -1;
}

static void copy_text(struct fg_out *out, const char *path)
{
    char block[4096];
    FILE *file = fopen(path, "rb");
    size_t got;

    if (file == NULL)
        return;
    while ((got = fread(block, 1, sizeof(block) - 1, file)) > 0) {
        block[got] = '\0';
        fg_put(out, "%s", block);
    }
    (void)fclose(file);
}

static int draw(const struct fg_out *picture, struct fg_arena *arena, const char *path)
{
    const char *dot = fg_arena_printf(arena, "%s.tmp%ld.dot", path, (long)getpid());
    const char *svg = fg_arena_printf(arena, "%s.tmp%ld.svg", path, (long)getpid());
    struct fg_out *drawn = fg_out_new(arena, "", "");
    int failed = fg_out_save(picture, dot);

    if (failed != 0)
        return -1;
    failed = run_dot(dot, svg);
    copy_text(drawn, svg);
    (void)remove(dot);
    (void)remove(svg);
    if (failed != 0) {
        (void)fprintf(stderr, "fsm-gen: cannot draw %s: Graphviz's dot did not run\n", path);
        return -1;
    }
    return fg_out_save(drawn, path);
}

static int write_one(const struct fg_outputs *outputs, const struct fg_model *model, int i)
{
    const char *header = outputs->paths[FG_OUT_HEADER], *events = outputs->paths[FG_OUT_EVENTS];
    const struct fg_spec *spec = model->spec;
    struct fg_out *out = fg_out_new(spec->arena, spec->prefix->text, spec->context->text);
    struct fg_choice choice = outputs->choice;

    choice.self = fg_base_name(outputs->paths[i]);
    choice.has_libev = outputs->paths[FG_OUT_LIBEV] != NULL;
    choice.header = header == NULL ? NULL : fg_base_name(header);
    choice.events = events == NULL ? NULL : fg_base_name(events);
    if (i == FG_OUT_STUBS && access(outputs->paths[i], F_OK) == 0)
        return 0; /* the user's by now */
    rows[i].emit(model, out, &choice);
    if (i == FG_OUT_SVG)
        return draw(out, spec->arena, outputs->paths[i]);
    return fg_out_save(out, outputs->paths[i]);
}

int fg_outputs_write(const struct fg_outputs *outputs, const struct fg_model *model,
                     const char *spec_path)
{
    for (int i = 0; i < FG_OUTPUT_COUNT; i++)
        if (outputs->paths[i] != NULL && write_one(outputs, model, i) != 0)
            return -1;
    if (outputs->depfile != NULL)
        return write_depfile(outputs, model->spec->arena, spec_path);
    return 0;
}
