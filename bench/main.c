/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: what is measured: the price of a check, of a handle, of a lookup in the pool.
 * Used by: `make bench`.
 * Must not know: the library's rooms; it includes what a program includes, and core for comparison.
 */
#include <ev.h>
#include <getopt.h>
#include <grpc/grpc.h>
#include <grpc/grpc_security.h>
#include <isa/isa.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "report.h"

enum { ROUNDS = 11, CHECKS = 5000000, CORE_CHECKS = 200000, LOOKUPS = 20000, HANDLES = 2000 };

static struct figure health = { .name = "health_check_ns", .unit = "ns" };
static struct figure core_check = { .name = "core_check_ns", .unit = "ns" };
static struct figure health_ratio = { .name = "health_check_ratio",
                                      .unit = "x",
                                      .baseline = "grpc_channel_check_connectivity_state" };
static struct figure handle_open = { .name = "handle_open_ns", .unit = "ns" };
static struct figure lookup_100 = { .name = "pool_lookup_ns_100", .unit = "ns" };
static struct figure lookup_10000 = { .name = "pool_lookup_ns_10000", .unit = "ns" };
static struct figure lookup_ratio = { .name = "pool_lookup_ratio",
                                      .unit = "x",
                                      .baseline = "pool_lookup_ns_100" };

static const struct figure *const all[] = { &health,     &core_check,   &health_ratio, &handle_open,
                                            &lookup_100, &lookup_10000, &lookup_ratio };

static double now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static void fail(const char *what, int error)
{
    fprintf(stderr, "isa-bench: %s: %s\n", what, isa_error_text(error));
    exit(1);
}

static struct isa_conn *open_at(struct ev_loop *loop, int number)
{
    char target[64];
    struct isa_conn *conn;
    snprintf(target, sizeof target, "10.%d.%d.1:443", number / 200, number % 200);
    int error = isa_conn_open(loop, target, NULL, &conn);
    if (error)
        fail(target, error);
    return conn;
}

/* A handle in use: connecting to a port of loopback where nobody listens keeps its channel busy in
 * one of the states a check must tell apart; the price is the same in each. */
static void measure_health(struct isa_conn *conn, grpc_channel *core)
{
    unsigned yes = 0;
    double start = now_ns();
    for (int i = 0; i < CHECKS; i++)
        yes += isa_conn_is_healthy(conn);
    double ours = (now_ns() - start) / CHECKS;
    start = now_ns();
    for (int i = 0; i < CORE_CHECKS; i++)
        yes += grpc_channel_check_connectivity_state(core, 0) == GRPC_CHANNEL_READY;
    double theirs = (now_ns() - start) / CORE_CHECKS;
    if (yes == 1)
        putchar('\0'); /* so that nothing above can be left out */
    figure_add(&health, ours);
    figure_add(&core_check, theirs);
    figure_add(&health_ratio, ours / theirs);
}

static void measure_open(struct ev_loop *loop)
{
    static struct isa_conn *conns[HANDLES];
    double start = now_ns();
    for (int i = 0; i < HANDLES; i++)
        conns[i] = open_at(loop, i);
    figure_add(&handle_open, (now_ns() - start) / HANDLES);
    for (int i = 0; i < HANDLES; i++)
        isa_conn_unref(conns[i]);
    ev_run(loop, EVRUN_NOWAIT); /* let them go */
}

/* Another handle to an address that is in the pool already. */
static double lookup_ns(struct ev_loop *loop, int addresses)
{
    struct isa_conn **held = calloc((size_t)addresses, sizeof(struct isa_conn *));
    struct isa_conn **found = calloc(LOOKUPS, sizeof(struct isa_conn *));
    if (!held || !found)
        exit(1);
    for (int i = 0; i < addresses; i++)
        held[i] = open_at(loop, i);
    double start = now_ns();
    for (int i = 0; i < LOOKUPS; i++)
        found[i] = open_at(loop, (int)((long)i * 7919 % addresses));
    double spent = (now_ns() - start) / LOOKUPS;
    for (int i = 0; i < LOOKUPS; i++)
        isa_conn_unref(found[i]);
    for (int i = 0; i < addresses; i++)
        isa_conn_unref(held[i]);
    ev_run(loop, EVRUN_NOWAIT);
    free(held);
    free(found);
    return spent;
}

static void measure_lookup(struct ev_loop *loop)
{
    double small = lookup_ns(loop, 100);
    double large = lookup_ns(loop, 10000);
    figure_add(&lookup_100, small);
    figure_add(&lookup_10000, large);
    figure_add(&lookup_ratio, large / small);
}

static void run(struct ev_loop *loop)
{
    struct isa_conn *conn;
    int error = isa_conn_open(loop, "127.0.0.1:1", NULL, &conn);
    if (!error)
        error = isa_conn_connect(conn);
    if (error)
        fail("127.0.0.1:1", error);
    grpc_channel_credentials *credentials = grpc_insecure_credentials_create();
    grpc_channel *core = grpc_channel_create("127.0.0.1:1", credentials, NULL);
    grpc_channel_credentials_release(credentials);
    for (int i = 0; i < ROUNDS; i++) {
        measure_health(conn, core);
        measure_open(loop);
        measure_lookup(loop);
    }
    grpc_channel_destroy(core);
    isa_conn_unref(conn);
    isa_pool_shutdown(loop, 0, NULL, NULL);
    ev_run(loop, 0);
}

static const char *read_arguments(int argc, char **argv)
{
    static const struct option options[] = { { "json", required_argument, NULL, 'j' },
                                             { "help", no_argument, NULL, 'h' },
                                             { NULL, 0, NULL, 0 } };
    const char *json = NULL;
    for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (c == 'j') {
            json = optarg;
            continue;
        }
        fprintf(c == 'h' ? stdout : stderr,
                "usage: isa-bench [--json FILE]\nMeasures and prints; writes FILE as well.\n");
        exit(c == 'h' ? 0 : 1);
    }
    return json;
}

int main(int argc, char **argv)
{
    /* Memory that was given back stays mapped: from the second round on no page is touched for the first
     * time, which would count the kernel's work as a handle's. */
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
    const char *json = read_arguments(argc, argv);
    struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO);
    if (!loop)
        return 1;
    run(loop);
    ev_loop_destroy(loop);
    report_print(all, sizeof all / sizeof *all);
    if (json && !report_write(json, all, sizeof all / sizeof *all)) {
        perror(json);
        return 1;
    }
    return 0;
}
