/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the demo's options, their help and their defaults.
 * Used by: main.c, through options.h.
 * Must not know: etcd, the library.
 */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

enum option_id { OPTION_QUICK = 256, OPTION_DOWN, OPTION_ROUNDS, OPTION_NO_TRAFFIC, OPTION_JSON };

static const struct option known[] = {
    { "quick", no_argument, NULL, OPTION_QUICK },
    { "down", required_argument, NULL, OPTION_DOWN },
    { "rounds", required_argument, NULL, OPTION_ROUNDS },
    { "no-traffic", no_argument, NULL, OPTION_NO_TRAFFIC },
    { "json", required_argument, NULL, OPTION_JSON },
    { "verbose", no_argument, NULL, 'v' },
    { "help", no_argument, NULL, 'h' },
    { NULL, 0, NULL, 0 },
};

static const char help[] =
    "Usage: isa-demo [OPTION]...\n"
    "Start a real etcd, put and get keys fifty times a second, kill etcd with SIGKILL, start\n"
    "it again, and watch the connection and every operation come through.\n"
    "\n"
    "      --quick       the same in about three seconds instead of twelve\n"
    "      --down MS     time from a kill to the next start (default 3000; quick: 1000)\n"
    "      --rounds N    kill and start N times (default 1)\n"
    "      --no-traffic  start no operation from a kill until the connection is READY again\n"
    "      --json FILE   write the figures to FILE\n"
    "  -v, --verbose     print every change of state, not only the first ones of an outage\n"
    "  -h, --help        print this help\n"
    "\n"
    "Exit status: 0 when all went as promised, 1 when not, 77 when etcd is not installed.\n";

static int parse_number(const char *name, const char *text, uint32_t most, uint32_t *ret_number)
{
    char *end = NULL;
    errno = 0;
    long number = strtol(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || number < 1 || number > (long)most) {
        fprintf(stderr, "isa-demo: --%s takes a whole number from 1 to %u\n", name, (unsigned)most);
        return -1;
    }
    *ret_number = (uint32_t)number;
    return 0;
}

static int parse_option(int id, struct options *options, bool *is_quick)
{
    switch (id) {
    case OPTION_QUICK:
        *is_quick = true;
        return 0;
    case OPTION_DOWN:
        return parse_number("down", optarg, 600000, &options->down_ms);
    case OPTION_ROUNDS:
        return parse_number("rounds", optarg, 1000, &options->rounds);
    case OPTION_NO_TRAFFIC:
        options->traffic_when_down = false;
        return 0;
    case OPTION_JSON:
        options->json_path = optarg;
        return 0;
    case 'v':
        options->verbose = true;
        return 0;
    case 'h':
        fputs(help, stdout);
        return 1;
    default: /* getopt_long() has said what is wrong */
        fputs("Try 'isa-demo --help' for more information.\n", stderr);
        return -1;
    }
}

int options_parse(int argc, char **argv, struct options *ret_options)
{
    struct options options = { .rounds = 1, .traffic_when_down = true };
    bool is_quick = false;
    int id = 0;

    while ((id = getopt_long(argc, argv, "hv", known, NULL)) != -1) {
        int done = parse_option(id, &options, &is_quick);
        if (done != 0)
            return done;
    }
    if (optind < argc) {
        fprintf(stderr, "isa-demo: unexpected argument '%s'\n", argv[optind]);
        return -1;
    }
    if (options.down_ms == 0)
        options.down_ms = is_quick ? 1000 : 3000;
    options.first_up_ms = is_quick ? 1000 : 4000;
    options.between_ms = is_quick ? 500 : 1000;
    options.last_up_ms = is_quick ? 1000 : 5000;
    *ret_options = options;
    return 0;
}
