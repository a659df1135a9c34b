/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: how soon a connection is usable again after its service was killed and came back.
 * Used by: a shell: isa-bench-outage --rounds 20 --down 3000 [--json FILE]
 * Must not know: the library's rooms; it includes what a program includes.
 *
 * Two handles look at one etcd. `watcher` has the default settings and makes no call: how long after
 * etcd's port accepts is it READY again? `sleeper` would wait a minute before it tries again by
 * itself: when etcd serves again (watcher is READY), one operation is made on it, which has to
 * bring the connection back at once: how long does it take?
 */
#include <ev.h>
#include <getopt.h>
#include <isa/isa.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "etcd.h"
#include "etcd_kv.pb-c.h"
#include "report.h"

enum { EXIT_MISSING = 77, MINUTE_MS = 60000, UP_MS = 500, PATIENCE_S = 30 };

enum phase { STARTING, UP, DOWN, RETURNING, OPERATING, OVER };

struct bench {
    struct ev_loop *loop;
    struct etcd *etcd;
    struct isa_conn *watcher;
    struct isa_conn *sleeper;
    enum phase phase;
    int rounds;
    uint32_t down_ms;
    double accepted_ms; /* 0: the port does not accept yet */
    ev_timer step;
    ev_timer probe;
    struct figure ready, ready_late;
    struct figure operation, operation_late;
    int status;
};

static double now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void enter(struct bench *bench, enum phase phase, double after_s)
{
    bench->phase = phase;
    ev_timer_stop(bench->loop, &bench->step);
    ev_timer_set(&bench->step, after_s, 0.);
    ev_timer_start(bench->loop, &bench->step);
}

static void on_gone(void *user)
{
    struct bench *bench = user;
    ev_break(bench->loop, EVBREAK_ALL);
}

static void end(struct bench *bench, const char *trouble)
{
    if (trouble) {
        fprintf(stderr, "isa-bench-outage: %s\n", trouble);
        bench->status = 1;
    }
    ev_timer_stop(bench->loop, &bench->probe);
    enter(bench, OVER, PATIENCE_S);
    isa_pool_shutdown(bench->loop, 0, on_gone, bench);
}

static void on_reply(struct isa_call *call, const struct isa_reply *reply, void *user)
{
    (void)call;
    struct bench *bench = user;
    if (reply->status.code != ISA_STATUS_OK) {
        end(bench, reply->status.message);
        return;
    }
    if (bench->phase == STARTING) {
        enter(bench, UP, UP_MS / 1e3);
        return;
    }
    figure_add(&bench->operation, (double)reply->duration_us / 1e3);
    figure_add(&bench->operation_late, (double)reply->duration_us / 1e3);
    printf("round %d: READY %.1f ms after etcd's port accepted; operation %.1f ms\n",
           bench->ready.count, bench->ready.runs[bench->ready.count - 1],
           (double)reply->duration_us / 1e3);
    fflush(stdout);
    if (bench->ready.count == bench->rounds)
        end(bench, NULL);
    else
        enter(bench, UP, UP_MS / 1e3);
}

static void operate(struct bench *bench)
{
    Etcdserverpb__RangeRequest request = ETCDSERVERPB__RANGE_REQUEST__INIT;
    request.key = (ProtobufCBinaryData){ 3, (uint8_t *)"key" };
    struct isa_unary get = ISA_UNARY_INIT;
    get.method = "/etcdserverpb.KV/Range";
    get.request = &request.base;
    get.reply_type = &etcdserverpb__range_response__descriptor;
    get.on_reply = on_reply;
    get.user = bench;
    int error = isa_call_unary(bench->sleeper, &get, NULL);
    if (error)
        end(bench, isa_error_text(error));
}

static void on_watcher_state(struct isa_conn *conn, const struct isa_change *change, void *user)
{
    (void)conn;
    struct bench *bench = user;
    if (change->to != ISA_STATE_READY)
        return;
    if (bench->phase == RETURNING) {
        /* Between two looks at the port READY can be first. */
        double since = bench->accepted_ms > 0. ? now_ms() - bench->accepted_ms : 0.;
        figure_add(&bench->ready, since);
        figure_add(&bench->ready_late, since);
        enter(bench, OPERATING, PATIENCE_S);
    }
    if (bench->phase == STARTING || bench->phase == OPERATING)
        operate(bench);
}

static void start_etcd(struct bench *bench, enum phase phase)
{
    bench->accepted_ms = 0.;
    enter(bench, phase, PATIENCE_S);
    if (etcd_start(bench->etcd) < 0)
        end(bench, "etcd could not be started");
    else
        ev_timer_again(bench->loop, &bench->probe);
}

static void on_step(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)loop, (void)events;
    struct bench *bench = timer->data;
    switch (bench->phase) {
    case UP:
        etcd_kill(bench->etcd);
        enter(bench, DOWN, bench->down_ms / 1e3);
        break;
    case DOWN:
        start_etcd(bench, RETURNING);
        break;
    case OVER:
        ev_break(bench->loop, EVBREAK_ALL);
        break;
    default:
        end(bench, "not READY in time");
    }
}

static void on_probe(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)events;
    struct bench *bench = timer->data;
    if (!etcd_accepts(bench->etcd))
        return;
    bench->accepted_ms = now_ms();
    ev_timer_stop(loop, timer);
    if (bench->phase == STARTING)
        isa_conn_connect(bench->watcher);
}

static int open_both(struct bench *bench)
{
    struct isa_conn_options patient = ISA_CONN_OPTIONS_INIT;
    patient.backoff_min_ms = MINUTE_MS;
    patient.backoff_max_ms = MINUTE_MS;
    patient.backoff_jitter = ISA_JITTER_NONE;
    struct isa_conn_options standard = ISA_CONN_OPTIONS_INIT;
    standard.on_state = on_watcher_state;
    standard.user = bench;
    const char *target = etcd_target(bench->etcd);
    int error = isa_conn_open(bench->loop, target, &standard, &bench->watcher);
    return error ? error : isa_conn_open(bench->loop, target, &patient, &bench->sleeper);
}

static const char *read_arguments(int argc, char **argv, struct bench *bench)
{
    static const struct option options[] = { { "rounds", required_argument, NULL, 'r' },
                                             { "down", required_argument, NULL, 'd' },
                                             { "json", required_argument, NULL, 'j' },
                                             { NULL, 0, NULL, 0 } };
    const char *json = NULL;
    for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (c == 'r')
            bench->rounds = (int)strtol(optarg, NULL, 10);
        else if (c == 'd')
            bench->down_ms = (uint32_t)strtoul(optarg, NULL, 10);
        else if (c == 'j')
            json = optarg;
        else
            bench->rounds = 0;
    }
    if (bench->rounds < 1 || bench->rounds > RUNS_MAX || bench->down_ms < 100) {
        fprintf(stderr,
                "usage: isa-bench-outage [--rounds 1..%d] [--down MS (at least 100)] "
                "[--json FILE]\n",
                RUNS_MAX);
        exit(1);
    }
    return json;
}

static int run(struct bench *bench)
{
    bench->loop = ev_loop_new(EVFLAG_AUTO);
    bench->etcd = etcd_new();
    if (!bench->loop || !bench->etcd)
        return 1;
    ev_timer_init(&bench->step, on_step, 0., 0.);
    ev_timer_init(&bench->probe, on_probe, 0., 0.002);
    bench->step.data = bench->probe.data = bench;
    if (open_both(bench) < 0)
        return 1;
    start_etcd(bench, STARTING);
    ev_run(bench->loop, 0);
    isa_conn_unref(bench->watcher);
    isa_conn_unref(bench->sleeper);
    etcd_free(bench->etcd);
    ev_loop_destroy(bench->loop);
    return bench->status;
}

int main(int argc, char **argv)
{
    static struct bench bench = {
        .rounds = 20,
        .down_ms = 3000,
        .ready = { .name = "ready_after_return_ms_p50", .unit = "ms" },
        .ready_late = { .name = "ready_after_return_ms_p99", .unit = "ms", .percentile = 99 },
        .operation = { .name = "op_after_return_ms_p50", .unit = "ms" },
        .operation_late = { .name = "op_after_return_ms_p99", .unit = "ms", .percentile = 99 },
    };
    const char *json = read_arguments(argc, argv, &bench);
    if (!etcd_is_installed()) {
        fprintf(stderr, "isa-bench-outage: %s\n", etcd_missing_text);
        return EXIT_MISSING;
    }
    if (run(&bench) != 0)
        return 1;
    const struct figure *const all[] = { &bench.ready, &bench.ready_late, &bench.operation,
                                         &bench.operation_late };
    report_print(all, sizeof all / sizeof *all);
    return json && !report_write(json, all, sizeof all / sizeof *all);
}
