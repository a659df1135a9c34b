/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the run of one case: see run.h.
 * Used by: main.c and the cases.
 * Must not know: which case runs.
 */
#include "run.h"
#include "args.h"
#include "cases.h"

#include <ev.h>

#include <arpa/inet.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

/* Longer than any call's deadline: what has not ended by then never will. */
static const double patience_s = 150;
enum { MOST_DESCRIPTORS = 1024 };

static void keep_sentence(struct run *run, enum verdict verdict, const char *format, va_list list)
{
    if (run->verdict != VERDICT_PASSED)
        return;
    run->verdict = verdict;
    vsnprintf(run->why, sizeof run->why, format, list);
}

void run_fail(struct run *run, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    keep_sentence(run, VERDICT_FAILED, format, list);
    va_end(list);
}

void run_cannot(struct run *run, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    keep_sentence(run, VERDICT_CANNOT, format, list);
    va_end(list);
}

bool run_is_over(const struct run *run)
{
    return run->verdict != VERDICT_PASSED;
}

static void on_patience_end(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)events;
    *(bool *)timer->data = true;
    ev_break(loop, EVBREAK_ALL);
}

void run_wait(struct run *run, const bool *is_done)
{
    bool is_late = false;
    ev_timer patience;
    ev_timer_init(&patience, on_patience_end, patience_s, 0);
    patience.data = &is_late;
    ev_timer_start(run->loop, &patience);
    while (!*is_done && !is_late)
        ev_run(run->loop, EVRUN_ONCE);
    ev_timer_stop(run->loop, &patience);
    if (*is_done)
        return;
    /* Its callbacks may still come, and what they write to is about to go. */
    printf("%s: FAILED: a call had not ended after %.0f s\n", run->args->test_case->name,
           patience_s);
    exit(EXIT_FAILURE);
}

void run_started(struct run *run, int error, const bool *is_done)
{
    if (error < 0)
        run_fail(run, "a call could not be started: %s", isa_error_text(error));
    else
        run_wait(run, is_done);
}

int run_open(struct run *run, struct isa_conn **ret_conn)
{
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    struct isa_tls_options tls = ISA_TLS_OPTIONS_INIT;
    options.accept_compressed = true; /* the server is ours */
    tls.roots_file = run->args->ca_file;
    tls.server_name = run->args->server_host_override;
    if (run->args->use_tls)
        options.tls = &tls;

    int error = isa_conn_open(run->loop, run->args->target, &options, ret_conn);
    if (error < 0)
        run_fail(run, "no connection to %s: %s", run->args->target, isa_error_text(error));
    return error;
}

int run_begin(struct run *run, const struct args *args)
{
    *run = (struct run){ .args = args, .loop = ev_default_loop(EVFLAG_AUTO) };
    return run_open(run, &run->conn);
}

static void on_shut_down(void *user)
{
    *(bool *)user = true;
}

void run_end(struct run *run)
{
    bool is_shut_down = false;
    run->conn = isa_conn_unref(run->conn);
    if (isa_pool_shutdown(run->loop, 1000, on_shut_down, &is_shut_down) == 0)
        run_wait(run, &is_shut_down);
    ev_loop_destroy(run->loop);
}

/* The port of the peer; 0: not a connected TCP socket. */
static uint32_t peer_port(int fd)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } peer;
    socklen_t size = sizeof peer;
    if (getpeername(fd, &peer.any, &size) != 0)
        return 0;
    if (peer.any.sa_family == AF_INET)
        return ntohs(peer.v4.sin_port);
    return peer.any.sa_family == AF_INET6 ? ntohs(peer.v6.sin6_port) : 0;
}

uint64_t run_bytes_received(const struct run *run)
{
    uint64_t sum = 0;
    for (int fd = 0; fd < MOST_DESCRIPTORS; fd++) {
        struct tcp_info info = { 0 };
        socklen_t size = sizeof info;
        if (peer_port(fd) == run->args->port &&
            getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0)
            sum += info.tcpi_bytes_received;
    }
    return sum;
}
