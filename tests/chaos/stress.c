/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the stress test: handles on several loops, worked on by all threads at random.
 * Used by: ctest, and a shell: isa-stress [--seed N] [--rounds N] [--seconds S]
 * Must not know: the rooms behind the public headers.
 *
 * Each round is a process of its own and takes the next seed; it ends with the pool. What must hold
 * is in stress_model.c. The seed repeats what is drawn; how threads meet is the machine's.
 */
#include "stress.h"
#include "clock.h"
#include "grpc_server.h"
#include "verdict.h"

#include <errno.h>
#include <ev.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    SERVERS = 2,
    END_MS_MAX = 8000,
    LIMIT_EXTRA_S = 60,
    THREAD_OF_FATE = 1,
    THREAD_OF_ACTORS = 10
};

struct settings {
    uint64_t seed;
    unsigned rounds;
    unsigned seconds;
};

/* The servers, and a target where nothing listens. */
static struct {
    struct server *servers[SERVERS];
    struct server_child *children[SERVERS];
    struct server *nobody;
    const char *targets[TARGETS];
} peers;

static atomic_bool is_over;
static struct settings settings = { .rounds = 1, .seconds = 3 };

/* In this process, or in processes of their own. The latter before anything here uses gRPC. */
static void start_peers(bool is_outside)
{
    for (unsigned i = 0; i < SERVERS; i++) {
        if (is_outside)
            peers.children[i] = server_child_new();
    }
    for (unsigned i = 0; i < SERVERS; i++) {
        if (!is_outside)
            peers.servers[i] = server_new(NULL);
        peers.targets[i] =
            is_outside ? server_child_target(peers.children[i]) : server_target(peers.servers[i]);
    }
    peers.nobody = server_new(NULL);
    server_down(peers.nobody);
    peers.targets[SERVERS] = server_target(peers.nobody);
}

static void end_peers(void)
{
    for (unsigned i = 0; i < SERVERS; i++) {
        server_child_free(peers.children[i]);
        server_free(peers.servers[i]);
    }
    server_free(peers.nobody);
}

static void go_down_and_up(unsigned i, unsigned down_us)
{
    if (peers.children[i])
        server_child_down(peers.children[i]);
    else
        server_down(peers.servers[i]);
    pause_us(down_us);
    if (peers.children[i])
        server_child_up(peers.children[i]);
    else
        server_up(peers.servers[i]);
}

static void release(unsigned i)
{
    if (peers.children[i])
        server_child_release(peers.children[i]);
    else
        server_release(peers.servers[i]);
}

/* What happens to the servers meanwhile. */
static void *be_fate(void *unused)
{
    (void)unused;
    act_as(THREAD_OF_FATE);
    while (!atomic_load(&is_over)) {
        unsigned server = dice_below(act_dice(), SERVERS);
        unsigned pick = dice_below(act_dice(), 10);
        pause_us(dice_below(act_dice(), 40000));
        if (pick < 2)
            go_down_and_up(server, dice_below(act_dice(), 60000));
        else if (pick < 4 && peers.servers[server])
            server_cut(peers.servers[server]);
        else
            release(server);
    }
    return NULL;
}

static void *be_actor(void *thread)
{
    act_as(THREAD_OF_ACTORS + (uint64_t)(uintptr_t)thread);
    while (!atomic_load(&is_over)) {
        act();
        pause_us(dice_below(act_dice(), dice_one_in(act_dice(), 4) ? 3000 : 200));
    }
    return NULL;
}

static void on_pool_done(void *user)
{
    *(bool *)user = true;
    model_pool_is_gone();
}

/* The threads go on meanwhile, hear that it is over, and begin anew. */
static void end_pool(struct dice *dice)
{
    struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO);
    bool is_done = false;
    uint32_t drain_ms = dice_one_in(dice, 2) ? 0 : dice_below(dice, 300);
    uint64_t began_us = clock_us();
    model_pool_ends();
    int error = isa_pool_shutdown(loop, drain_ms, on_pool_done, &is_done);
    must_hold(error == 0, "shutdown gives %s", isa_error_name(error));
    must_hold(isa_pool_shutdown(loop, 0, NULL, NULL) == ISA_ESHUTDOWN, "a second shutdown goes");
    ev_run(loop, 0);
    must_hold(is_done, "the loop ended before the pool was gone");
    uint64_t took_ms = (clock_us() - began_us) / 1000;
    must_hold(took_ms < drain_ms + END_MS_MAX, "the shutdown took %" PRIu64 " ms", took_ms);
    ev_loop_destroy(loop);
}

static void print_counts(uint64_t seed)
{
    struct model_counts counts = model_counts();
    printf("seed %" PRIu64 ": loops %" PRIu64 ", handles %" PRIu64 ", calls %" PRIu64
           " accepted (%" PRIu64 " ok), %" PRIu64 " refused, changes %" PRIu64 " told (%" PRIu64
           " merged), violations %u\n",
           seed, counts.lives, counts.seats, counts.accepted, counts.ok, counts.refused,
           counts.changes, counts.skipped, verdict_count());
    fflush(stdout);
}

static void work(struct dice *dice)
{
    pthread_t fate;
    pthread_t actors[ACTORS];
    lanes_start();
    if (pthread_create(&fate, NULL, be_fate, NULL) != 0)
        abort();
    for (uintptr_t i = 0; i < ACTORS; i++) {
        if (pthread_create(&actors[i], NULL, be_actor, (void *)i) != 0)
            abort();
    }
    for (unsigned i = 0; i < settings.seconds; i++) {
        pause_us(1000000);
        if (dice_one_in(dice, 2))
            end_pool(dice);
    }
    act_no_more();
    end_pool(dice);
    atomic_store(&is_over, true);
    pthread_join(fate, NULL);
    for (unsigned i = 0; i < ACTORS; i++)
        pthread_join(actors[i], NULL);
    lanes_end();
}

/* In a process of its own. Returns its exit status. */
static int run_round(uint64_t seed)
{
    struct dice dice = dice_of(seed, 0);
    verdict_begin(seed);
    start_peers(dice_one_in(&dice, 2));
    act_begin(seed, peers.targets);
    work(&dice);
    act_end();
    model_judge();
    print_counts(seed);
    model_free();
    end_peers();
    return verdict_count() ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* In a child; what it has to say it has said. */
static bool run_round_apart(uint64_t seed)
{
    int status = 0;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        alarm(settings.seconds + LIMIT_EXTRA_S);
        exit(run_round(seed));
    }
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    bool is_good = pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (!is_good)
        fprintf(stderr,
                "isa-stress: seed %" PRIu64 " failed (%s %d); again with --seed %" PRIu64 "\n",
                seed, WIFSIGNALED(status) ? "signal" : "exit status",
                WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status), seed);
    return is_good;
}

static uint64_t seed_of_the_day(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_nsec ^ (uint64_t)now.tv_sec << 20 ^ (uint64_t)getpid();
}

static bool read_arguments(int argc, char **argv)
{
    static const struct option options[] = { { "seed", required_argument, NULL, 's' },
                                             { "rounds", required_argument, NULL, 'r' },
                                             { "seconds", required_argument, NULL, 't' },
                                             { NULL, 0, NULL, 0 } };
    for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (c == 's')
            settings.seed = strtoull(optarg, NULL, 10);
        else if (c == 'r')
            settings.rounds = (unsigned)strtoul(optarg, NULL, 10);
        else if (c == 't')
            settings.seconds = (unsigned)strtoul(optarg, NULL, 10);
        else
            return false;
    }
    if (!settings.seed)
        settings.seed = seed_of_the_day();
    return settings.rounds > 0 && settings.seconds > 0 && optind == argc;
}

int main(int argc, char **argv)
{
    unsigned failed = 0;
    if (!read_arguments(argc, argv)) {
        fprintf(stderr, "usage: isa-stress [--seed N] [--rounds N] [--seconds S]\n");
        return 2;
    }
    for (unsigned round = 0; round < settings.rounds; round++)
        failed += !run_round_apart(settings.seed + round);
    printf("%u of %u rounds passed\n", settings.rounds - failed, settings.rounds);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
