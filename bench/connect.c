/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: how long a connection takes, from isa_conn_connect() on a fresh handle to READY.
 * Used by: a shell: isa-bench-connect [--rounds N] [--json FILE]
 * Must not know: the library's rooms; it includes what a program includes.
 *
 * Each round makes a hundred connections to a server in another process, one after the other; each
 * is ended before the next.
 */
#include <ev.h>
#include <getopt.h>
#include <isa/isa.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "load.h"
#include "report.h"

enum { CONNECTS = 200, PATIENCE_MS = 10000 };

struct connect {
    struct ev_loop *loop;
    struct isa_conn *conn;
    uint64_t started_ns;
    double took_ms;
};

static struct figure median = { .name = "connect_ms_p50", .unit = "ms" };
static struct figure late = { .name = "connect_ms_p99", .unit = "ms" };

static void on_state(struct isa_conn *conn, const struct isa_change *change, void *user)
{
    struct connect *connect = user;
    if (change->to == ISA_STATE_READY) {
        connect->took_ms = (double)(load_now_ns() - connect->started_ns) / 1e6;
        isa_conn_force_close(conn);
    } else if (change->to == ISA_STATE_TRANSIENT_FAILURE) {
        load_fail(change->text);
    }
}

/* The loop returns when the handle is closed: it has nothing to wait for then. */
static double connect_once(struct ev_loop *loop, const char *target)
{
    struct connect connect = { .loop = loop };
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.on_state = on_state;
    options.user = &connect;
    int error = isa_conn_open(loop, target, &options, &connect.conn);
    connect.started_ns = load_now_ns();
    if (!error)
        error = isa_conn_connect(connect.conn);
    if (error)
        load_fail(isa_error_text(error));
    while (connect.took_ms == 0.)
        ev_run(loop, EVRUN_ONCE);
    ev_run(loop, 0);
    isa_conn_unref(connect.conn);
    return connect.took_ms;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static void run_round(struct ev_loop *loop, const char *target)
{
    double took_ms[CONNECTS];
    for (int i = 0; i < CONNECTS; i++)
        took_ms[i] = connect_once(loop, target);
    qsort(took_ms, CONNECTS, sizeof *took_ms, by_value);
    figure_add(&median, took_ms[CONNECTS / 2]);
    figure_add(&late, took_ms[CONNECTS * 99 / 100]);
}

/* Beside this program. Its standard input is our end of the pipe: it ends when we do. */
static pid_t start_server(const char *self, char target[32])
{
    char path[4096];
    char port[16] = "";
    int in[2];
    int out[2];
    const char *slash = strrchr(self, '/');
    snprintf(path, sizeof path, "%.*sisa-bench-server", slash ? (int)(slash - self) + 1 : 0, self);
    if (pipe(in) < 0 || pipe(out) < 0)
        load_fail("no pipe");
    pid_t pid = fork();
    if (pid == 0) {
        dup2(in[0], STDIN_FILENO);
        dup2(out[1], STDOUT_FILENO);
        close(in[1]);
        execl(path, path, (char *)NULL);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    if (pid < 0 || read(out[0], port, sizeof port - 1) <= 0)
        load_fail("isa-bench-server does not start");
    snprintf(target, 32, "127.0.0.1:%.8s", port);
    target[strcspn(target, "\n")] = '\0';
    return pid;
}

int main(int argc, char **argv)
{
    static const struct option options[] = { { "rounds", required_argument, NULL, 'r' },
                                             { "json", required_argument, NULL, 'j' },
                                             { NULL, 0, NULL, 0 } };
    static const struct figure *const all[] = { &median, &late };
    long rounds = 5;
    const char *json = NULL;
    char target[32];
    for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (c == 'r')
            rounds = strtol(optarg, NULL, 10);
        else if (c == 'j')
            json = optarg;
        else
            return 2;
    }
    struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO);
    if (!loop || rounds < 1 || rounds > RUNS_MAX)
        return 2;
    pid_t server = start_server(argv[0], target);
    for (long i = 0; i < rounds; i++)
        run_round(loop, target);
    kill(server, SIGKILL);
    waitpid(server, NULL, 0);
    report_print(all, 2);
    return json && !report_write(json, all, 2);
}
