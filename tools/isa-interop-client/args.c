/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the flags of isa-interop-client, which are those of every gRPC interoperability client.
 * Used by: main.c, through args.h.
 * Must not know: loops, handles.
 */
#include "args.h"
#include "cases.h"

#include <isa/conn.h>

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_OVERRIDE "foo.test.google.fr"

enum option_id {
    OPTION_HOST = 256, /* beyond every character */
    OPTION_PORT,
    OPTION_RETRY_PORT,
    OPTION_CASE,
    OPTION_TLS,
    OPTION_TEST_CA,
    OPTION_CA_FILE,
    OPTION_OVERRIDE,
    OPTION_ITERATIONS,
    OPTION_MAX_FAILURES,
    OPTION_LATENCY,
    OPTION_LIST,
};

static const struct option options[] = {
    { "server_host", required_argument, NULL, OPTION_HOST },
    { "server_port", required_argument, NULL, OPTION_PORT },
    { "server_retry_port", required_argument, NULL, OPTION_RETRY_PORT },
    { "test_case", required_argument, NULL, OPTION_CASE },
    { "use_tls", optional_argument, NULL, OPTION_TLS },
    { "use_test_ca", optional_argument, NULL, OPTION_TEST_CA },
    { "ca_file", required_argument, NULL, OPTION_CA_FILE },
    { "server_host_override", required_argument, NULL, OPTION_OVERRIDE },
    { "soak_iterations", required_argument, NULL, OPTION_ITERATIONS },
    { "soak_max_failures", required_argument, NULL, OPTION_MAX_FAILURES },
    { "soak_per_iteration_max_acceptable_latency_ms", required_argument, NULL, OPTION_LATENCY },
    { "list_test_cases", no_argument, NULL, OPTION_LIST },
    { "help", no_argument, NULL, 'h' },
    { NULL, 0, NULL, 0 },
};

static const char help[] =
    "Usage: isa-interop-client --server_port=PORT --test_case=CASE [FLAG]...\n"
    "Run one of gRPC's interoperability cases against a server.\n"
    "\n"
    "      --server_host=HOST             default 127.0.0.1\n"
    "      --server_port=PORT\n"
    "      --server_retry_port=PORT       where a server hangs up, for connection_backoff\n"
    "      --test_case=CASE\n"
    "      --use_tls[=true|false]         default false\n"
    "      --use_test_ca[=true|false]     trust the authority of --ca_file, and expect the server "
    "to\n"
    "                                     be " DEFAULT_OVERRIDE " unless told otherwise\n"
    "      --ca_file=FILE                 authorities in PEM; default: the system's\n"
    "      --server_host_override=NAME    name that the server's certificate must bear\n"
    "      --soak_iterations=N            default 10\n"
    "      --soak_max_failures=N          default 0\n"
    "      --soak_per_iteration_max_acceptable_latency_ms=N    default 1000\n"
    "      --list_test_cases              print the names of the cases, a line each\n"
    "  -h, --help                         print this help\n"
    "\n"
    "Exit status: 0 when the case passes, 1 when it fails, 2 for a usage error, 3 when it cannot "
    "be\n"
    "run: the server does not support it, or HTTP as grpc-core speaks it has no such thing. A\n"
    "sentence says what differed.\n"
    "\n"
    "Cases:\n";

/* What was given, before it is known what belongs together. */
struct given {
    const char *host;
    const char *port;
    const char *name;
    bool use_test_ca;
};

static void print_cases(FILE *to, const char *indent)
{
    for (size_t i = 0; i < interop_case_count; i++)
        fprintf(to, "%s%s\n", indent, interop_cases[i].name);
}

static int wrong(const char *what, const char *value)
{
    fprintf(stderr, "isa-interop-client: %s%s\n", what, value);
    return -1;
}

static int parse_bool(const char *text, bool *ret_value)
{
    if (text == NULL || strcmp(text, "true") == 0)
        *ret_value = true;
    else if (strcmp(text, "false") == 0)
        *ret_value = false;
    else
        return wrong("neither true nor false: ", text);
    return 0;
}

static int parse_number(const char *text, unsigned long least, unsigned long most,
                        uint32_t *ret_value)
{
    char *end = NULL;
    errno = 0;
    unsigned long value = strtoul(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || value < least ||
        value > most) {
        fprintf(stderr, "isa-interop-client: not a number from %lu to %lu: %s\n", least, most,
                text);
        return -1;
    }
    *ret_value = (uint32_t)value;
    return 0;
}

static int parse_option(int id, const char *value, struct args *args, struct given *given)
{
    switch (id) {
    case OPTION_HOST:
        given->host = value;
        return 0;
    case OPTION_PORT:
        given->port = value;
        return parse_number(value, 1, 65535, &args->port);
    case OPTION_RETRY_PORT:
        return parse_number(value, 1, 65535, &args->retry_port);
    case OPTION_CASE:
        given->name = value;
        return 0;
    case OPTION_TLS:
        return parse_bool(value, &args->use_tls);
    case OPTION_TEST_CA:
        return parse_bool(value, &given->use_test_ca);
    case OPTION_CA_FILE:
        args->ca_file = value;
        return 0;
    case OPTION_OVERRIDE:
        args->server_host_override = value;
        return 0;
    case OPTION_ITERATIONS:
        return parse_number(value, 1, 1000000, &args->soak_iterations);
    case OPTION_MAX_FAILURES:
        return parse_number(value, 0, 1000000, &args->soak_max_failures);
    case OPTION_LATENCY:
        return parse_number(value, 1, 3600000, &args->soak_latency_ms);
    default: /* getopt_long() has said what is wrong */
        return -1;
    }
}

static int find_case(const char *name, const struct interop_case **ret_case)
{
    for (size_t i = 0; name != NULL && i < interop_case_count; i++) {
        if (strcmp(interop_cases[i].name, name) == 0) {
            *ret_case = &interop_cases[i];
            return 0;
        }
    }
    if (name == NULL)
        wrong("--test_case is missing; it is one of", "");
    else
        fprintf(stderr, "isa-interop-client: no case \"%s\"; there are\n", name);
    print_cases(stderr, "  ");
    return -1;
}

static int combine(struct args *args, const struct given *given)
{
    char why[200];
    if (find_case(given->name, &args->test_case) != 0)
        return -1;
    if (given->port == NULL)
        return wrong("--server_port is missing", "");
    if (given->use_test_ca && args->ca_file == NULL)
        return wrong("--use_test_ca needs --ca_file", "");
    if (!args->use_tls && (args->ca_file != NULL || args->server_host_override != NULL))
        return wrong("--ca_file and --server_host_override need --use_tls", "");
    if (given->use_test_ca && args->server_host_override == NULL)
        args->server_host_override = DEFAULT_OVERRIDE;

    snprintf(args->target, sizeof args->target, strchr(given->host, ':') ? "[%s]:%s" : "%s:%s",
             given->host, given->port);
    if (isa_target_check(args->target, why, sizeof why) != 0)
        return wrong(args->target, why);
    return 0;
}

enum args_verdict args_parse(int argc, char **argv, struct args *ret_args)
{
    struct args args = { .soak_iterations = 10, .soak_latency_ms = 1000 };
    struct given given = { .host = "127.0.0.1" };
    int id = 0;

    while ((id = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        if (id == 'h') {
            fputs(help, stdout);
            print_cases(stdout, "  ");
            return ARGS_SHOWN;
        }
        if (id == OPTION_LIST) {
            print_cases(stdout, "");
            return ARGS_SHOWN;
        }
        if (parse_option(id, optarg, &args, &given) != 0) {
            fputs("Try 'isa-interop-client --help' for the flags and cases.\n", stderr);
            return ARGS_WRONG;
        }
    }
    if (optind < argc) {
        wrong("not a flag: ", argv[optind]);
        return ARGS_WRONG;
    }
    if (combine(&args, &given) != 0)
        return ARGS_WRONG;
    *ret_args = args;
    return ARGS_RUN;
}
