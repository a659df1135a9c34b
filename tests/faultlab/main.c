/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the command line of isa-faultlab; a process for each scenario; the sum at the end.
 * Used by: people, ctest.
 * Must not know: what the scenarios do.
 */
#include "lab.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { EXIT_USAGE = 2, GO_ON = -1, LONG_EXTRA_S = 120, WANTED_MAX = 256 };

static const struct scenario_family *const families[] = {
    &family_grpc, &family_raw,  &family_proxy, &family_address,
    &family_net,  &family_real, &family_tls,
};
enum { FAMILIES = sizeof families / sizeof *families };

static unsigned passed, failed, skipped;
static bool has_seed;

static const char usage[] =
    "usage: isa-faultlab [--seed N] [--long] [--verbose] --all | --run NAME...\n"
    "       isa-faultlab --list | --help\n"
    "\n"
    "Does harm to the peers of a connection and judges what the library makes of it.\n"
    "\n"
    "  --list      name every scenario and what must come of it\n"
    "  --run NAME  run one scenario; may be given again\n"
    "  --all       run every scenario, one after the other\n"
    "  --seed N    draw times from this seed (default: another one each time; it is printed)\n"
    "  --long      full lengths: a partition of 60 s instead of 6 s\n"
    "  --verbose   show what happens while it happens\n"
    "\n"
    "Exit status: 0 passed, 1 failed, 2 wrong arguments, 77 nothing could be run here.\n";

static const struct scenario *find(const char *name)
{
    for (size_t i = 0; i < FAMILIES; i++) {
        for (const struct scenario *s = families[i]->scenarios; s->name; s++) {
            if (strcmp(s->name, name) == 0)
                return s;
        }
    }
    return NULL;
}

static void list(void)
{
    for (size_t i = 0; i < FAMILIES; i++) {
        printf("%s%s\n", i ? "\n" : "", families[i]->title);
        for (const struct scenario *s = families[i]->scenarios; s->name; s++)
            printf("  %-26s %s\n", s->name, s->line);
    }
}

static unsigned limit_of(const struct scenario *scenario)
{
    return scenario->limit_s + (lab.is_long ? LONG_EXTRA_S : 0);
}

/* In the child, before anything of the library was used. */
static void play(const struct scenario *scenario)
{
    signal(SIGPIPE, SIG_IGN);
    alarm(limit_of(scenario));
    lab_now_ms();
    scenario->run();
    exit(EXIT_SUCCESS); /* with all that is checked at exit */
}

static int run_child(const struct scenario *scenario)
{
    int status = 0;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0)
        play(scenario);
    if (pid < 0) {
        perror("fork");
        return EXIT_FAILURE;
    }
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (WIFEXITED(status))
        return WEXITSTATUS(status);
    if (WTERMSIG(status) == SIGALRM)
        printf("  it took longer than %u s\n", limit_of(scenario));
    else
        printf("  it was ended by signal %d\n", WTERMSIG(status));
    return EXIT_FAILURE;
}

static void judge(const struct scenario *scenario)
{
    struct timespec began, ended;
    uint64_t seed = lab.seed;
    clock_gettime(CLOCK_MONOTONIC, &began);
    if (lab.is_verbose)
        printf("%s: %s\n", scenario->name, scenario->line);
    int status = run_child(scenario);
    clock_gettime(CLOCK_MONOTONIC, &ended);
    double took_s =
        (double)(ended.tv_sec - began.tv_sec) + (double)(ended.tv_nsec - began.tv_nsec) / 1e9;
    const char *verdict = "FAILED ";
    if (status == EXIT_SUCCESS) {
        verdict = "passed ";
        passed++;
    } else if (status == EXIT_SKIPPED) {
        verdict = "SKIPPED";
        skipped++;
    } else {
        failed++;
    }
    printf("%s  %-26s %5.1f s", verdict, scenario->name, took_s);
    printf(status == EXIT_SUCCESS || status == EXIT_SKIPPED ? "\n" : "  --seed %llu\n",
           (unsigned long long)seed);
}

static int sum_up(void)
{
    if (passed + failed + skipped > 1)
        printf("%u passed, %u failed, %u skipped\n", passed, failed, skipped);
    if (failed)
        return EXIT_FAILURE;
    return passed ? EXIT_SUCCESS : EXIT_SKIPPED;
}

static void run_all(void)
{
    for (size_t i = 0; i < FAMILIES; i++) {
        for (const struct scenario *s = families[i]->scenarios; s->name; s++)
            judge(s);
    }
}

static int misuse(const char *what, const char *word)
{
    fprintf(stderr, "isa-faultlab: %s%s\n%s", what, word, usage);
    return EXIT_USAGE;
}

static void set_seed(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (!has_seed)
        lab.seed = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
    printf("seed %llu\n", (unsigned long long)lab.seed);
}

struct wishes {
    const struct scenario *wanted[WANTED_MAX];
    size_t count;
    bool is_all;
};

static const struct option options[] = {
    { "list", no_argument, NULL, 'l' }, { "run", required_argument, NULL, 'r' },
    { "all", no_argument, NULL, 'a' },  { "seed", required_argument, NULL, 's' },
    { "long", no_argument, NULL, 'L' }, { "verbose", no_argument, NULL, 'v' },
    { "help", no_argument, NULL, 'h' }, { NULL, 0, NULL, 0 },
};

/* GO_ON, or the exit status. */
static int take_option(int option, struct wishes *wishes)
{
    char *end = NULL;
    switch (option) {
    case 'l':
        list();
        return EXIT_SUCCESS;
    case 'h':
        fputs(usage, stdout);
        return EXIT_SUCCESS;
    case 'r':
        if (wishes->count == WANTED_MAX || !(wishes->wanted[wishes->count++] = find(optarg)))
            return misuse("no such scenario: ", optarg);
        return GO_ON;
    case 's':
        lab.seed = strtoull(optarg, &end, 10);
        has_seed = true;
        return *optarg && !*end ? GO_ON : misuse("not a number: ", optarg);
    case 'a':
        wishes->is_all = true;
        return GO_ON;
    case 'L':
        lab.is_long = true;
        return GO_ON;
    case 'v':
        lab.is_verbose = true;
        return GO_ON;
    default:
        fputs(usage, stderr);
        return EXIT_USAGE;
    }
}

int main(int argc, char **argv)
{
    struct wishes wishes = { .count = 0 };
    int option = 0;
    setvbuf(stdout, NULL, _IOLBF, 0);
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        int status = take_option(option, &wishes);
        if (status != GO_ON)
            return status;
    }
    if (optind < argc)
        return misuse("unexpected: ", argv[optind]);
    if (wishes.is_all == (wishes.count > 0))
        return misuse(wishes.is_all ? "--all or --run, not both" : "nothing to do", "");
    set_seed();
    for (size_t i = 0; i < wishes.count; i++)
        judge(wishes.wanted[i]);
    if (wishes.is_all)
        run_all();
    return sum_up();
}
