/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the chaos run: services that are harmed at random under load, and what must hold.
 * Used by: make chaos, ctest, and a shell:
 *          isa-chaos [--minutes M | --seconds S] [--seed N] [--patience N] [--verbose]
 * Must not know: the rooms behind the public headers.
 */
#include "chaos.h"
#include "clock.h"
#include "verdict.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static bool read_arguments(int argc, char **argv, struct chaos_settings *settings)
{
    static const struct option options[] = {
        { "minutes", required_argument, NULL, 'm' }, { "seconds", required_argument, NULL, 't' },
        { "seed", required_argument, NULL, 's' },    { "patience", required_argument, NULL, 'p' },
        { "verbose", no_argument, NULL, 'v' },       { NULL, 0, NULL, 0 }
    };
    for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (c == 'm')
            settings->seconds = (unsigned)(60. * strtod(optarg, NULL));
        else if (c == 't')
            settings->seconds = (unsigned)strtoul(optarg, NULL, 10);
        else if (c == 's')
            settings->seed = strtoull(optarg, NULL, 10);
        else if (c == 'p')
            settings->patience = (unsigned)strtoul(optarg, NULL, 10);
        else if (c == 'v')
            settings->is_verbose = true;
        else
            return false;
    }
    return settings->seconds > 0 && settings->patience > 0 && optind == argc;
}

static void print_calls(void)
{
    struct worker_counts counts = workers_counts();
    printf("operations: accepted %" PRIu64 ", completed %" PRIu64 " (ok %" PRIu64
           ", failed %" PRIu64 ", cancelled %" PRIu64 "), duplicates %" PRIu64 ", stuck %" PRIu64
           "\n",
           counts.accepted, counts.completed, counts.ok, counts.failed, counts.cancelled,
           counts.duplicates, counts.stuck);
    printf("at peace: %" PRIu64 " operations, which had to end as they should\n", counts.at_peace);
    must_hold(counts.accepted == counts.completed, "accepted and completed differ");
}

static void on_log(enum isa_log_level level, const char *line, void *unused)
{
    (void)level, (void)unused;
    printf("%9.3f %s\n", (double)clock_us() / 1e6, line);
}

int main(int argc, char **argv)
{
    struct chaos_settings settings = { .seconds = 60, .patience = 1 };
    if (!read_arguments(argc, argv, &settings)) {
        fprintf(stderr, "usage: isa-chaos [--minutes M | --seconds S] [--seed N] [--patience N] "
                        "[--verbose]\n");
        return 2;
    }
    if (!settings.seed)
        settings.seed = clock_us() ^ (uint64_t)getpid() << 32;
    printf("seed %" PRIu64 ": %u services, %u loops, %u calls in flight, %u s\n", settings.seed,
           (unsigned)TARGETS, (unsigned)LOOPS, (unsigned)(WORKERS * LOOPS), settings.seconds);
    fflush(stdout);
    verdict_begin(settings.seed);
    if (settings.is_verbose)
        isa_set_log(on_log, ISA_LOG_INFO, NULL);

    fate_begin(&settings);
    clients_open(&settings);
    workers_start(&settings);
    fate_run();
    workers_stop();
    clients_judge();
    clients_close();

    fate_print();
    print_calls();
    fate_end();
    printf("violations: %u (seed %" PRIu64 ")\n", verdict_count(), settings.seed);
    return verdict_count() ? EXIT_FAILURE : EXIT_SUCCESS;
}
