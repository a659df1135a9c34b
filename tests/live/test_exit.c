/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests of processes that end without a shutdown, and of whose signals are whose.
 * Used by: ctest.
 * Must not know: the rooms behind the public headers.
 */
#include "client.h"
#include "grpc_server.h"
#include "identity.h"
#include "loop_thread.h"
#include "proc.h"
#include "tcp_peer.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <ev.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LIMIT_S = 10, STATUS = 42 };

/* Each of these runs in a process of its own, and leaves it by exit(). */

static int exit_with_a_call_in_flight(void *server)
{
    static struct client client;
    static struct client_op op;
    client_open(&client, server_child_target(server), NULL);
    client_send(&client, &op, "/test.Test/Hold", "x");
    client_await_state(&client, ISA_STATE_READY);
    exit(STATUS);
}

static int exit_with_a_dial_in_flight(void *silent)
{
    static struct client client;
    client_open(&client, tcp_peer_target(silent), NULL);
    isa_conn_connect(client.conn);
    client_await_state(&client, ISA_STATE_CONNECTING);
    exit(STATUS);
}

static void leave(struct client_op *op)
{
    (void)op;
    exit(STATUS);
}

static int exit_inside_a_callback(void *server)
{
    static struct client client;
    static struct client_op op = { .then = leave };
    client_open(&client, server_child_target(server), NULL);
    client_do(&client, &op, "/test.Test/Echo", "x");
    return 1;
}

static struct loop_thread *other;

static void open_and_call(void *server)
{
    static struct client client;
    static struct client_op op;
    client_open_on(&client, loop_thread_loop(other), server_child_target(server), NULL);
    client_send(&client, &op, "/test.Test/Hold", "x");
}

static int exit_while_another_thread_runs_its_loop(void *server)
{
    other = loop_thread_new();
    loop_thread_do(other, open_and_call, server);
    exit(STATUS);
}

static int return_with_an_unused_handle(void *server)
{
    static struct client client;
    client_open(&client, server_child_target(server), NULL);
    return STATUS;
}

static void expect_end(struct proc_result child)
{
    cr_expect_eq(child.signal, 0, "it hung or crashed: %s", child.output);
    cr_expect_eq(child.exit_status, STATUS, "%s", child.output);
    cr_expect_eq(child.output_bytes, 0, "%s", child.output);
}

Test(live_exit, without_shutdown_neither_hangs_nor_crashes)
{
    struct server_child *server = server_child_new();

    expect_end(proc_run(exit_with_a_call_in_flight, server, LIMIT_S));
    expect_end(proc_run(exit_inside_a_callback, server, LIMIT_S));
    expect_end(proc_run(exit_while_another_thread_runs_its_loop, server, LIMIT_S));
    expect_end(proc_run(return_with_an_unused_handle, server, LIMIT_S));

    server_child_free(server);
}

Test(live_exit, without_shutdown_ends_an_attempt)
{
    struct tcp_peer *silent = tcp_peer_new(0, tcp_accept_silently, NULL);

    expect_end(proc_run(exit_with_a_dial_in_flight, silent, LIMIT_S));

    tcp_peer_free(silent);
}

/* A server over TLS, in a process of its own, with a certificate of an authority that the client does
 * not know: each handshake ends in a refusal, and the next call makes another one. */
static struct identity *authority;
static struct identity *theirs;

static void run_untrusted_server(int socket)
{
    struct server_tls with = { identity_chain(theirs), identity_key(theirs), NULL };
    struct server *server = server_new(&(struct server_options){ .tls = &with });
    char line[64];
    while (recv(socket, line, sizeof line, 0) > 0) {
        const char *target = server_target(server);
        if (send(socket, target, strlen(target) + 1, MSG_NOSIGNAL) < 0)
            break;
    }
    _exit(EXIT_SUCCESS);
}

static struct client dialer;

static void on_call_again(struct ev_loop *loop, ev_timer *timer, int events)
{
    static struct client_op ops[64];
    static unsigned used;
    (void)loop, (void)timer, (void)events;
    if (used < sizeof ops / sizeof *ops)
        client_send(&dialer, &ops[used++], "/test.Test/Echo", "x");
}

static void on_leave(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)loop, (void)timer, (void)events;
    exit(STATUS);
}

struct handshakes {
    char target[64];
    double leave_s;
};

static int exit_during_handshakes(void *arg)
{
    const struct handshakes *with = arg;
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    struct isa_tls_options tls = ISA_TLS_OPTIONS_INIT;
    tls.roots_pem = identity_chain(authority);
    options.tls = &tls;
    client_open(&dialer, with->target, &options);
    ev_timer again;
    ev_timer leave;
    ev_timer_init(&again, on_call_again, 0, 0.005);
    ev_timer_start(dialer.loop, &again);
    ev_timer_init(&leave, on_leave, with->leave_s, 0);
    ev_timer_start(dialer.loop, &leave);
    ev_run(dialer.loop, 0);
    return 1;
}

Test(live_exit, in_the_middle_of_tls_handshakes_is_clean)
{
    enum { TIMES = 30 };
    struct identity *stranger = identity_new(NULL, "Stranger", NULL, 30);
    struct proc_helper server;
    struct handshakes with = { .leave_s = 0 };
    authority = identity_new(NULL, "Authority", NULL, 30);
    theirs = identity_new(stranger, "server", "IP:127.0.0.2", 30);
    proc_helper_start(&server, run_untrusted_server);
    proc_helper_ask(&server, "target", with.target, sizeof with.target);

    for (unsigned i = 0; i < TIMES; i++) {
        with.leave_s = 0.02 + 0.003 * i;
        expect_end(proc_run(exit_during_handshakes, &with, LIMIT_S));
    }

    proc_helper_kill(&server);
    identity_free(theirs);
    identity_free(stranger);
    identity_free(authority);
}

/* Whether a thread of this process blocks these signals; the first one is the program's own. */
static bool blocks(const char *task, uint64_t signals)
{
    char path[64];
    char line[128];
    uint64_t blocked = 0;
    snprintf(path, sizeof path, "/proc/self/task/%.16s/status", task);
    FILE *file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file)) {
        if (strncmp(line, "SigBlk:", 7) == 0)
            blocked = strtoull(line + 7, NULL, 16);
    }
    if (file)
        fclose(file);
    return (blocked & signals) == signals;
}

static int count_threads_that_take_signals(void *server)
{
    static struct client client;
    static struct client_op op;
    static const int numbers[] = { SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGCHLD, SIGALRM, SIGPIPE };
    uint64_t signals = 0;
    int takers = 0;
    int threads = 0;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        signals |= UINT64_C(1) << (numbers[i] - 1);
    client_open(&client, server_child_target(server), NULL);
    client_do(&client, &op, "/test.Test/Echo", "x");

    DIR *tasks = opendir("/proc/self/task");
    for (struct dirent *task; tasks && (task = readdir(tasks));) {
        if (task->d_name[0] == '.')
            continue;
        threads++;
        takers += !blocks(task->d_name, signals);
    }
    if (tasks)
        closedir(tasks);
    return threads > 2 ? takers : 99;
}

Test(live_exit, signals_are_delivered_to_the_programs_own_threads_only)
{
    struct server_child *server = server_child_new();

    struct proc_result child = proc_run(count_threads_that_take_signals, server, LIMIT_S);

    cr_expect_eq(child.signal, 0, "%s", child.output);
    cr_expect_eq(child.exit_status, 1, "so many threads take signals: %d", child.exit_status);
    server_child_free(server);
}
