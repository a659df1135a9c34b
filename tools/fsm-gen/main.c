/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: the command line, reading the specification, the order of the steps. */
/* Called by: the shell, make. */
/* Must not know: how any step works. */
#include "abi.h"
#include "explain.h"
#include "outputs.h"
#include "simulate.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STATUS_OK, STATUS_ERRORS, STATUS_USAGE };

enum { FIRST_OUTPUT = 1000 }; /* above every character */

enum verb { VERB_WRITE, VERB_RUN, VERB_DIFF };

struct options {
    struct fg_outputs outputs;
    const char *spec, *second; /* second: the script of run, the other one of diff */
    enum verb verb;
    const char **warnings;
    int warning_count;
    bool is_lax, is_json;
    const char *abi; /* NULL: numbers are not kept */
    bool breaks_abi;
};

static const char help_begin[] =
    "Usage: fsm-gen [options] NAME.fsm\n"
    "       fsm-gen [options] run NAME.fsm [SCRIPT]\n"
    "       fsm-gen [options] diff OLD.fsm NEW.fsm\n"
    "\n"
    "Check the specification of a state machine, and write what is asked for.\n"
    "Without an output option it is only checked. With run it reacts to a script, one\n"
    "event or 'guard NAME=1' a line; status 1 after an unexpected event. With diff two\n"
    "are compared by what they do, cell by cell; status 1 when they differ.\n"
    "\n";

static const char help_end[] =
    "  --depfile FILE        make rule: the outputs depend on the specification\n"
    "  --deptarget NAME      what that rule says depends on it (default: the outputs)\n"
    "  --trace               the C tells each event that it takes up, for traces\n"
    "  --coverage FILE       --table and --report show how often it came, as FILE tells;\n"
    "                        may be given again: they are added up\n"
    "  --dispatch WAY        how the C finds what to do: switch (default), handlers, table\n"
    "  -WNAME, -Wno-NAME     switch a warning on or off\n"
    "  -Werror[=NAME]        make warnings errors; -Wno-error=NAME takes one out\n"
    "  --lax                 an event that a state leaves unstated is a warning, and\n"
    "                        unexpected there; for sketches only\n"
    "  --abi FILE            keep the numbers of states, events, timers and public values\n"
    "                        in FILE: names may be added behind the others only\n"
    "  --abi-break           write that file anew\n"
    "  --diagnostics=FORMAT  text, or json: one object a line\n"
    "  --explain CODE        what a message means, with an example and its remedy\n"
    "  --help, --version\n"
    "\n"
    "Nothing is written when there is an error, and files that would not change are\n"
    "left alone. Exit status: 0, 1 for errors in the specification, 2 for wrong use\n"
    "or a file that cannot be read or written.\n"
    "\n"
    "Warnings, on by default unless they say otherwise:\n";

#define WARNING_HELP(id, code, name, text) { name, text },
static const struct {
    const char *name, *text;
} warning_help[] = { FG_WARNING_MAP(WARNING_HELP) };
#undef WARNING_HELP

static void print_help(void)
{
    (void)fputs(help_begin, stdout);
    fg_outputs_help();
    (void)fputs(help_end, stdout);
    for (size_t i = 0; i < sizeof(warning_help) / sizeof(warning_help[0]); i++)
        (void)printf("  -W%-16s %s\n", warning_help[i].name, warning_help[i].text);
}

static int wrong_use(const char *why)
{
    if (why != NULL)
        (void)fprintf(stderr, "fsm-gen: %s\n", why);
    (void)fputs("fsm-gen: try 'fsm-gen --help'\n", stderr);
    return STATUS_USAGE;
}

enum { FIXED_OPTIONS = 12 };

/* The options of the outputs come first: their value is the number of the output. */
static const struct option *make_options(struct fg_arena *arena)
{
    static const struct option fixed[FIXED_OPTIONS] = {
        { "depfile", required_argument, NULL, 'd' },
        { "deptarget", required_argument, NULL, 't' },
        { "dispatch", required_argument, NULL, 'y' },
        { "diagnostics", required_argument, NULL, 'D' },
        { "explain", required_argument, NULL, 'e' },
        { "coverage", required_argument, NULL, 'c' },
        { "trace", no_argument, NULL, 'T' },
        { "lax", no_argument, NULL, 'l' },
        { "abi", required_argument, NULL, 'a' },
        { "abi-break", no_argument, NULL, 'b' },
        { "help", no_argument, NULL, 'h' },
        { "version", no_argument, NULL, 'v' },
    };
    struct option *known = FG_NEW_ARRAY(arena, FG_OUTPUT_COUNT + FIXED_OPTIONS + 1, struct option);

    for (int i = 0; i < FG_OUTPUT_COUNT; i++)
        known[i] = (struct option){ fg_output_option((enum fg_output)i), required_argument, NULL,
                                    FIRST_OUTPUT + i };
    memcpy(&known[FG_OUTPUT_COUNT], fixed, sizeof(fixed));
    return known;
}

/* Returns -1 to go on, else the exit status. */
static int take_format(struct options *options, const char *format)
{
    options->is_json = strcmp(format, "json") == 0;
    if (!options->is_json && strcmp(format, "text") != 0)
        return wrong_use("diagnostics are text or json");
    return -1;
}

static int explain(const char *code)
{
    if (fg_explain(code, stdout) != 0)
        return wrong_use("no message has this code");
    return STATUS_OK;
}

/* The same as take_format. */
static int take_option(struct options *options, int option)
{
    if (option >= FIRST_OUTPUT) {
        options->outputs.paths[option - FIRST_OUTPUT] = optarg;
        return -1;
    }
    switch (option) {
    case 'd':
        options->outputs.depfile = optarg;
        return -1;
    case 't':
        options->outputs.deptarget = optarg;
        return -1;
    case 'y':
        return fg_choose_dispatch(&options->outputs.choice, optarg) ? -1 : wrong_use(NULL);
    case 'W':
        options->warnings[options->warning_count++] = optarg;
        return -1;
    case 'D':
        return take_format(options, optarg);
    case 'e':
        return explain(optarg);
    case 'a':
        options->abi = optarg;
        return -1;
    case 'b':
        options->breaks_abi = true;
        return -1;
    case 'c':
        options->outputs.coverage[options->outputs.coverage_count++] = optarg;
        return -1;
    case 'T':
        options->outputs.choice.has_trace = true;
        return -1;
    case 'l':
        options->is_lax = true;
        return -1;
    case 'h':
        print_help();
        return STATUS_OK;
    case 'v':
        (void)puts("fsm-gen " FG_VERSION);
        return STATUS_OK;
    default:
        return wrong_use(NULL);
    }
}

/* What is no option: a verb and names of files. */
static int read_names(struct options *options, int count, char **names)
{
    int most = 1;

    if (count > 0 && strcmp(names[0], "run") == 0)
        options->verb = VERB_RUN;
    else if (count > 0 && strcmp(names[0], "diff") == 0)
        options->verb = VERB_DIFF;
    if (options->verb != VERB_WRITE) {
        most = 2;
        names++;
        count--;
    }
    if (count < 1 || (options->verb == VERB_DIFF && count < 2))
        return wrong_use("no specification given");
    if (count > most)
        return wrong_use("one specification at a time");
    options->spec = names[0];
    options->second = count > 1 ? names[1] : NULL;
    return -1;
}

/* The same. */
static int read_options(struct options *options, struct fg_arena *arena, int argc, char **argv)
{
    const struct option *known = make_options(arena);
    int option, status;

    while ((option = getopt_long(argc, argv, "W:", known, NULL)) != -1) {
        status = take_option(options, option);
        if (status >= 0)
            return status;
    }
    if (options->outputs.coverage_count > 0 && options->outputs.paths[FG_OUT_TABLE] == NULL &&
        options->outputs.paths[FG_OUT_REPORT] == NULL)
        return wrong_use("--coverage needs --table or --report");
    if (options->breaks_abi && options->abi == NULL)
        return wrong_use("--abi-break needs --abi");
    return read_names(options, argc - optind, argv + optind);
}

static int complain(const char *path, const char *why)
{
    (void)fprintf(stderr, "fsm-gen: cannot read %s: %s\n", path, why);
    return -1;
}

static int read_file(struct fg_arena *arena, const char *path, char **ret_text, size_t *ret_len)
{
    FILE *file = fopen(path, "rb");
    char *text;
    size_t len;
    int failed;

    if (file == NULL)
        return complain(path, strerror(errno));
    text = fg_arena_alloc(arena, FG_SOURCE_LIMIT + 2, 1);
    len = fread(text, 1, FG_SOURCE_LIMIT + 1, file);
    failed = ferror(file);
    (void)fclose(file);
    if (failed != 0)
        return complain(path, "read error");
    if (len > FG_SOURCE_LIMIT)
        return complain(path, "too large for a specification");
    if (memchr(text, '\0', len) != NULL)
        return complain(path, "this is not a text");
    *ret_text = text;
    *ret_len = len;
    return 0;
}

/* Generated comments and strings show the name: keep to what is harmless there. */
static const char *safe_name(struct fg_arena *arena, const char *path)
{
    const char *base = fg_base_name(path);
    char *name = fg_arena_strndup(arena, base, strlen(base));

    for (char *c = name; *c != '\0'; c++)
        if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-+", *c) ==
            NULL)
            *c = '_';
    return name;
}

/* Nothing is said of numbers while the names are not sure. */
static int check_abi(const struct options *options, const struct fg_model *model)
{
    if (options->abi == NULL || options->breaks_abi || fg_diag_errors(model->spec->diag) > 0)
        return 0;
    return fg_abi_check(model, options->abi);
}

static int read_coverage(struct fg_outputs *outputs, const struct fg_model *model)
{
    struct fg_coverage *coverage = fg_coverage_new(model);

    for (int i = 0; i < outputs->coverage_count; i++)
        if (fg_coverage_add(coverage, model, outputs->coverage[i]) != 0)
            return -1;
    if (outputs->coverage_count > 0)
        outputs->choice.coverage = coverage;
    return 0;
}

static int write_all(struct options *options, const struct fg_model *model)
{
    if (read_coverage(&options->outputs, model) != 0)
        return STATUS_USAGE;
    if (fg_outputs_write(&options->outputs, model, options->spec) != 0)
        return STATUS_USAGE;
    if (options->abi != NULL && fg_abi_save(model, options->abi) != 0)
        return STATUS_USAGE;
    return STATUS_OK;
}

static int load(const struct options *options, struct fg_arena *arena, const char *path,
                struct fg_model *model)
{
    struct fg_spec *spec = FG_NEW(arena, struct fg_spec);
    char *text = NULL;
    size_t len = 0;

    if (read_file(arena, path, &text, &len) != 0)
        return STATUS_USAGE;
    model->spec = spec;
    spec->arena = arena;
    spec->diag = fg_diag_new(arena, path, text);
    spec->file_name = safe_name(arena, path);
    for (int i = 0; i < options->warning_count; i++)
        if (fg_diag_option(spec->diag, options->warnings[i]) != 0) {
            (void)fprintf(stderr, "fsm-gen: unknown warning -W%s\n", options->warnings[i]);
            return wrong_use(NULL);
        }
    spec->is_lax = options->is_lax;
    fg_parse(spec, text, len);
    fg_check(model, spec);
    if (check_abi(options, model) != 0)
        return STATUS_USAGE;
    if (options->is_json)
        fg_diag_print_json(spec->diag, stderr);
    else
        fg_diag_print(spec->diag, stderr);
    return fg_diag_errors(spec->diag) > 0 ? STATUS_ERRORS : STATUS_OK;
}

static int simulate(const char *path, const struct fg_model *model)
{
    FILE *script = path == NULL ? stdin : fopen(path, "r");
    int status;

    if (script == NULL) {
        (void)complain(path, strerror(errno));
        return STATUS_USAGE;
    }
    status = fg_simulate(model, script, stdout);
    if (script != stdin)
        (void)fclose(script);
    return status;
}

static int run(struct options *options, struct fg_arena *arena)
{
    struct fg_model *model = FG_NEW(arena, struct fg_model);
    struct fg_model *other = FG_NEW(arena, struct fg_model);
    int status = load(options, arena, options->spec, model);

    if (status != STATUS_OK)
        return status;
    if (options->verb == VERB_RUN)
        return simulate(options->second, model);
    if (options->verb == VERB_WRITE)
        return write_all(options, model);
    status = load(options, arena, options->second, other);
    return status == STATUS_OK ? fg_compare(model, other, stdout) : status;
}

int main(int argc, char **argv)
{
    struct fg_arena *arena = fg_arena_new();
    struct options options = { .warnings = FG_NEW_ARRAY(arena, argc, const char *),
                               .outputs.coverage = FG_NEW_ARRAY(arena, argc, const char *) };
    int status = read_options(&options, arena, argc, argv);

    if (status < 0)
        status = run(&options, arena);
    fg_arena_free(arena);
    return status;
}
