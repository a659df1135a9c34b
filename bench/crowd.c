/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: what many connections cost: time until all are READY, memory of each, and whether an event on
 * one costs more when there are others.
 * Used by: a shell: isa-bench-crowd [--rounds N] [--largest N] [--json FILE]
 * Must not know: the library's rooms; it includes what a program includes, and core for comparison.
 *
 * The peer is a process that sends an empty SETTINGS frame to whoever connects: all that core needs to
 * be READY, and little for the machine to do. It listens on the loopback device alone, so each of
 * 127.1.0.1, 127.1.0.2, ... is an address of its own. Every measurement runs in a process of its own,
 * with the library and with bare core in turn.
 */
#include <ev.h>
#include <getopt.h>
#include <isa/isa.h>
#include <malloc.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "crowd.h"
#include "report.h"

enum { EXIT_MISSING = 77, EVENTS = 100, BUDGET_S = 50 /* no round begins after it */ };

double crowd_now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static double cpu_us(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

/* The default, but for sizes at which it would be what is measured: thousands of attempts that begin
 * at once run into 2 s and begin anew. */
int crowd_connect_ms(int count)
{
    return count > 1000 ? 60000 : 2000;
}

void crowd_give_up(const char *who, int ready, int count)
{
    fprintf(stderr, "isa-bench-crowd: %s: %d of %d READY after %d s\n", who, ready, count,
            (int)CROWD_LIMIT_S);
    _exit(EXIT_FAILURE);
}

double crowd_rss_bytes(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    char line[128] = "";
    const char *resident = NULL; /* the second number */
    if (file && fgets(line, sizeof line, file))
        resident = strchr(line, ' ');
    if (file)
        fclose(file);
    return (double)(resident ? strtoul(resident, NULL, 10) : 0) * (double)sysconf(_SC_PAGESIZE);
}

void crowd_write_target(char target[CROWD_TARGET_BYTES], int number, unsigned port)
{
    snprintf(target, CROWD_TARGET_BYTES, "ipv4:127.1.%d.%d:%u", number / 250, number % 250 + 1,
             port);
}

/* ---- the library ------------------------------------------------------------------------------ */

static atomic_llong own_bytes;

static void *count_alloc(size_t size_bytes, void *user)
{
    (void)user;
    void *memory = malloc(size_bytes);
    if (memory)
        atomic_fetch_add(&own_bytes,
                         (long long)malloc_usable_size(memory) + (long long)sizeof(size_t));
    return memory;
}

static void count_release(void *memory, void *user)
{
    (void)user;
    atomic_fetch_sub(&own_bytes, (long long)malloc_usable_size(memory) + (long long)sizeof(size_t));
    free(memory);
}

struct crowd {
    struct ev_loop *loop;
    struct isa_conn **conns;
    int count;
    int ready;
};

static void on_state(struct isa_conn *conn, const struct isa_change *change, void *user)
{
    struct crowd *crowd = user;
    (void)conn;
    crowd->ready += (change->to == ISA_STATE_READY) - (change->from == ISA_STATE_READY);
    if (crowd->ready == crowd->count)
        ev_break(crowd->loop, EVBREAK_ALL);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

/* One connection is replaced, again and again, among all the others. */
static void measure_events(struct crowd *crowd, struct sample *sample)
{
    static double took_us[EVENTS];
    double cpu_before_us = cpu_us();
    for (int i = 0; i < EVENTS; i++) {
        double begin_us = crowd_now_us();
        isa_conn_reconnect(crowd->conns[i % crowd->count]);
        ev_run(crowd->loop, 0);
        took_us[i] = crowd_now_us() - begin_us;
    }
    sample->event_cpu_us = (cpu_us() - cpu_before_us) / EVENTS;
    qsort(took_us, EVENTS, sizeof *took_us, by_value);
    sample->event_median_us = took_us[EVENTS / 2];
}

static void on_patience(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)loop;
    (void)events;
    const struct crowd *crowd = timer->data;
    crowd_give_up("the library", crowd->ready, crowd->count);
}

static void run_library(int count, unsigned port, struct sample *sample)
{
    static const struct isa_allocator allocator = { count_alloc, count_release, NULL };
    struct crowd crowd = { .loop = ev_loop_new(EVFLAG_AUTO), .count = count };
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    char target[CROWD_TARGET_BYTES];
    ev_timer patience;
    isa_set_allocator(&allocator);
    crowd.conns = calloc((size_t)count, sizeof(struct isa_conn *));
    if (!crowd.conns)
        _exit(1);
    options.on_state = on_state;
    options.user = &crowd;
    options.connect_timeout_ms = (uint32_t)crowd_connect_ms(count);
    patience.data = &crowd;
    ev_timer_init(&patience, on_patience, CROWD_LIMIT_S, 0.);
    ev_timer_start(crowd.loop, &patience);
    double rss_before = crowd_rss_bytes();
    double begin_us = crowd_now_us();
    for (int i = 0; i < count; i++) {
        crowd_write_target(target, i, port);
        if (isa_conn_open(crowd.loop, target, &options, &crowd.conns[i]) < 0 ||
            isa_conn_connect(crowd.conns[i]) < 0)
            _exit(1);
    }
    ev_run(crowd.loop, 0);
    sample->ready_ms = (crowd_now_us() - begin_us) / 1e3;
    sample->rss_bytes = (crowd_rss_bytes() - rss_before) / count;
    sample->own_bytes = (double)atomic_load(&own_bytes) / count;
    measure_events(&crowd, sample);
}

/* ---- the comparison --------------------------------------------------------------------------- */

typedef void run_fn(int count, unsigned port, struct sample *sample);

/* In a process of its own. @return false: it failed */
static bool measure(run_fn *run, int count, unsigned port, struct sample *ret_sample)
{
    int pipe_fds[2];
    int status = 0;
    if (pipe(pipe_fds) < 0)
        return false;
    pid_t pid = fork();
    if (pid == 0) {
        struct sample sample = { 0 };
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        run(count, port, &sample);
        _exit(write(pipe_fds[1], &sample, sizeof sample) != (ssize_t)sizeof sample);
    }
    close(pipe_fds[1]);
    bool is_read = read(pipe_fds[0], ret_sample, sizeof *ret_sample) == (ssize_t)sizeof *ret_sample;
    close(pipe_fds[0]);
    return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0 && is_read;
}

enum { SIZES = 3, FIGURES = 7 };

struct row {
    int count;
    char names[FIGURES][48];
    struct figure figures[FIGURES];
};

static void init_row(struct row *row, int count)
{
    static const char *const what[FIGURES][3] = {
        { "ready_%d_ms", "ms", NULL },
        { "ready_%d_core_ms", "ms", NULL },
        { "ready_%d_ratio", "x", "bare core" },
        { "own_bytes_per_connection_%d", "B", NULL },
        { "rss_per_connection_over_core_%d", "B", "bare core" },
        { "reconnect_among_%d_cpu", "us", NULL },
        { "reconnect_among_%d", "us", NULL },
    };
    row->count = count;
    for (int i = 0; i < FIGURES; i++) {
        const char *rest = strstr(what[i][0], "%d");
        snprintf(row->names[i], sizeof row->names[i], "%.*s%d%s", (int)(rest - what[i][0]),
                 what[i][0], count, rest + 2);
        row->figures[i] =
            (struct figure){ .name = row->names[i], .unit = what[i][1], .baseline = what[i][2] };
    }
}

static bool run_round(struct row *row, unsigned port, bool is_core_first)
{
    struct sample ours = { 0 };
    struct sample core = { 0 };
    bool is_ok = !is_core_first || measure(crowd_run_core, row->count, port, &core);
    is_ok = is_ok && measure(run_library, row->count, port, &ours);
    is_ok = is_ok && (is_core_first || measure(crowd_run_core, row->count, port, &core));
    if (!is_ok)
        return false;
    const double values[FIGURES] = { ours.ready_ms,
                                     core.ready_ms,
                                     ours.ready_ms / core.ready_ms,
                                     ours.own_bytes,
                                     ours.rss_bytes - core.rss_bytes,
                                     ours.event_cpu_us,
                                     ours.event_median_us };
    for (int i = 0; i < FIGURES; i++)
        figure_add(&row->figures[i], values[i]);
    return true;
}

static bool allow_descriptors(int count)
{
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    rlim_t needed = (rlim_t)count + 512;
    if (limit.rlim_cur >= needed)
        return true;
    limit.rlim_cur = needed;
    if (limit.rlim_max < needed)
        limit.rlim_max = needed;
    if (setrlimit(RLIMIT_NOFILE, &limit) == 0)
        return true;
    fprintf(stderr, "isa-bench-crowd: %d connections need %lu descriptors: raise `ulimit -n`\n",
            count, (unsigned long)needed);
    return false;
}

static int run(int rounds, int largest, const char *json)
{
    static struct row rows[SIZES];
    static const int sizes[SIZES] = { 100, 1000, 10000 };
    const struct figure *figures[SIZES * FIGURES];
    unsigned port = 0;
    int count = 0;
    int status = 0;
    if (!allow_descriptors(largest))
        return EXIT_MISSING;
    int listener = crowd_listen(&port);
    if (listener < 0)
        return EXIT_MISSING;
    pid_t peer = fork();
    if (peer == 0)
        crowd_serve(listener);
    close(listener);
    double begin_us = crowd_now_us();
    for (int i = 0; i < SIZES && sizes[i] <= largest && status == 0; i++) {
        init_row(&rows[i], sizes[i]);
        for (int round = 0; round < rounds && status == 0; round++) {
            if (crowd_now_us() - begin_us < BUDGET_S * 1e6)
                status = run_round(&rows[i], port, round % 2) ? 0 : EXIT_FAILURE;
        }
        for (int f = 0; f < FIGURES && rows[i].figures[f].count > 0; f++)
            figures[count++] = &rows[i].figures[f];
    }
    kill(peer, SIGKILL);
    waitpid(peer, NULL, 0);
    /* What was measured counts, whatever came after it. */
    report_print(figures, count);
    if (json && !report_write(json, figures, count))
        status = EXIT_FAILURE;
    return status;
}

int main(int argc, char **argv)
{
    static const struct option options[] = { { "rounds", required_argument, NULL, 'r' },
                                             { "largest", required_argument, NULL, 'l' },
                                             { "json", required_argument, NULL, 'j' },
                                             { NULL, 0, NULL, 0 } };
    long rounds = 5;
    long largest = 10000;
    const char *json = NULL;
    for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (c == 'r')
            rounds = strtol(optarg, NULL, 10);
        else if (c == 'l')
            largest = strtol(optarg, NULL, 10);
        else if (c == 'j')
            json = optarg;
        else
            return 2;
    }
    if (rounds < 1 || rounds > RUNS_MAX || largest < 100 || largest > 10000 || optind < argc) {
        fprintf(stderr,
                "usage: isa-bench-crowd [--rounds 1..%d] [--largest 100..10000] "
                "[--json FILE]\n",
                (int)RUNS_MAX);
        return 2;
    }
    return run((int)rounds, (int)largest, json);
}
