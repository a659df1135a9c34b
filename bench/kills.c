/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: a real etcd that is killed again and again under traffic, and then left alone under more of it.
 * Used by: a shell: isa-bench-kills [--kills N] [--calls N]
 * Must not know: the library's rooms; it includes what a program includes.
 *
 * Traffic is IN_FLIGHT calls at a time. How soon after its port accepts is the connection READY, and
 * does a call succeed then? At the end so many calls are made while etcd is up: none may fail.
 */
#include <ev.h>
#include <getopt.h>
#include <inttypes.h>
#include <isa/isa.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "etcd.h"
#include "etcd_kv.pb-c.h"

enum {
    EXIT_MISSING = 77,
    IN_FLIGHT = 20,
    TICK_MS = 2,
    UP_MS = 150,   /* under traffic before each kill, and up to twice as long */
    DOWN_MS = 250, /* at most */
    BOUND_MS = 1000,
    STUCK_MS = 30000,
    KILLS_MAX = 100000
};

enum phase { STARTING, UP, DOWN, RETURNING, COUNTING, OVER };

static struct {
    struct ev_loop *loop;
    struct etcd *etcd;
    struct isa_conn *conn;
    ev_timer tick;
    enum phase phase;
    double began_ms; /* of the phase */
    double length_ms;
    double accepted_ms; /* 0: the port does not accept yet */
    double ready_ms;    /* 0: not READY since */
    unsigned kills_wanted;
    unsigned kills;
    unsigned recovered;
    unsigned late;
    double *took_ms;
    uint64_t calls_wanted; /* while it is up */
    uint64_t calls_begun;
    uint64_t calls_failed;
    uint64_t started, completed, ok, told_closed;
    uint64_t failed_by_reason[ISA_REASON_COUNT];
    bool is_answered; /* a call that began in this phase has succeeded */
    bool is_stuck;
    double counting_s;
} run;

static double now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void enter(enum phase phase, double length_ms)
{
    run.phase = phase;
    run.began_ms = now_ms();
    run.length_ms = length_ms;
    run.is_answered = false;
}

static double draw_ms(unsigned max)
{
    return (double)(rand() % (int)max);
}

static void start_call(void);

/* The phase in which a call began is its user pointer. */
static void on_reply(struct isa_call *call, const struct isa_reply *reply, void *user)
{
    bool is_ok = reply->status.code == ISA_STATUS_OK;
    bool is_counted = user == &run.calls_begun;
    (void)call;
    run.completed++;
    run.ok += is_ok;
    run.failed_by_reason[reply->status.reason] += !is_ok;
    run.calls_failed += is_counted && !is_ok;
    run.told_closed += strstr(reply->status.message, "hannel is closed") != NULL;
    if (is_counted && !is_ok)
        fprintf(stderr, "failed while etcd was up: %s: %s\n",
                isa_status_name((int)reply->status.code), reply->status.message);
    if (is_ok && (run.phase != RETURNING || run.ready_ms > 0.))
        run.is_answered = true;
    if (run.phase == COUNTING && run.calls_begun < run.calls_wanted)
        start_call();
}

static void start_call(void)
{
    static Etcdserverpb__RangeRequest request = ETCDSERVERPB__RANGE_REQUEST__INIT;
    request.key = (ProtobufCBinaryData){ 3, (uint8_t *)"key" };
    request.serializable = 1; /* from its own memory */
    struct isa_unary get = ISA_UNARY_INIT;
    get.method = "/etcdserverpb.KV/Range";
    get.request = &request.base;
    get.reply_type = &etcdserverpb__range_response__descriptor;
    get.on_reply = on_reply;
    get.user = run.phase == COUNTING ? &run.calls_begun : NULL;
    run.calls_begun += run.phase == COUNTING;
    if (isa_call_unary(run.conn, &get, NULL) < 0)
        abort();
    run.started++;
}

static void on_state(struct isa_conn *conn, const struct isa_change *change, void *user)
{
    (void)conn, (void)user;
    run.ready_ms = change->to == ISA_STATE_READY ? now_ms() : 0.;
}

static void on_done(void *user)
{
    (void)user;
    ev_break(run.loop, EVBREAK_ALL);
}

static void end(void)
{
    if (run.phase == COUNTING)
        run.counting_s = (now_ms() - run.began_ms) / 1e3;
    enter(OVER, STUCK_MS);
    ev_timer_stop(run.loop, &run.tick);
    isa_pool_shutdown(run.loop, 5000, on_done, NULL);
}

/* READY can be seen before the port is looked at: then it took no time. */
static void note_recovery(void)
{
    double took_ms = run.ready_ms > run.accepted_ms ? run.ready_ms - run.accepted_ms : 0.;
    run.took_ms[run.recovered++] = took_ms;
    run.late += took_ms > BOUND_MS;
    if (run.recovered % 100 == 0) {
        printf("%u kills, %u recovered\n", run.kills, run.recovered);
        fflush(stdout);
    }
    if (run.kills < run.kills_wanted)
        enter(UP, UP_MS + draw_ms(UP_MS));
    else if (run.calls_wanted > 0)
        enter(COUNTING, 0.);
    else
        end();
}

static void start_etcd(enum phase phase)
{
    run.accepted_ms = 0.;
    if (etcd_start(run.etcd) < 0)
        exit(EXIT_FAILURE);
    enter(phase, STUCK_MS);
}

static void step(void)
{
    bool is_over = now_ms() - run.began_ms >= run.length_ms;
    switch (run.phase) {
    case UP:
        if (!is_over)
            break;
        etcd_kill(run.etcd);
        run.kills++;
        enter(DOWN, 1. + draw_ms(DOWN_MS));
        break;
    case DOWN:
        if (is_over)
            start_etcd(RETURNING);
        break;
    case STARTING:
    case RETURNING:
        if (run.accepted_ms == 0. && etcd_accepts(run.etcd))
            run.accepted_ms = now_ms();
        if (run.ready_ms > 0. && run.is_answered && run.phase == RETURNING)
            note_recovery();
        else if (run.ready_ms > 0. && run.is_answered)
            enter(UP, UP_MS);
        run.is_stuck = run.is_stuck || (is_over && run.phase == RETURNING);
        break;
    default:
        break;
    }
}

static void on_tick(struct ev_loop *loop, ev_timer *timer, int revents)
{
    (void)loop, (void)timer, (void)revents;
    step();
    bool is_counted_out = run.phase == COUNTING && run.calls_begun >= run.calls_wanted;
    for (unsigned i = 0; i < IN_FLIGHT / 4 && run.started - run.completed < IN_FLIGHT; i++) {
        if (!is_counted_out && run.phase != OVER)
            start_call();
    }
    if (run.is_stuck || (is_counted_out && run.started == run.completed))
        end();
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static int judge(void)
{
    unsigned n = run.recovered;
    qsort(run.took_ms, n, sizeof *run.took_ms, compare);
    printf("kills: %u, recovered %u, stuck %u\n", run.kills, n, run.kills - n);
    double p99_ms = n ? run.took_ms[n * 99 / 100] : 0.;
    if (n)
        printf("READY after etcd's port accepts: p50 %.1f ms, p99 %.1f ms, max %.1f ms\n",
               run.took_ms[n / 2], p99_ms, run.took_ms[n - 1]);
    printf("calls: accepted %" PRIu64 ", completed %" PRIu64 ", ok %" PRIu64
           ", with a closed channel as their cause %" PRIu64 "\n",
           run.started, run.completed, run.ok, run.told_closed);
    for (unsigned i = 0; i < ISA_REASON_COUNT; i++) {
        if (run.failed_by_reason[i])
            printf("  failed as %s: %" PRIu64 "\n", isa_reason_name(i), run.failed_by_reason[i]);
    }
    printf("calls while etcd was up: %" PRIu64 " in %.0f s, failed %" PRIu64 "\n", run.calls_begun,
           run.counting_s, run.calls_failed);
    bool is_well = n == run.kills_wanted && p99_ms <= BOUND_MS && run.started == run.completed &&
                   run.calls_failed == 0 && run.told_closed == 0 &&
                   run.calls_begun == run.calls_wanted;
    return is_well ? EXIT_SUCCESS : EXIT_FAILURE;
}

static void read_arguments(int argc, char **argv)
{
    static const struct option options[] = { { "kills", required_argument, NULL, 'k' },
                                             { "calls", required_argument, NULL, 'c' },
                                             { NULL, 0, NULL, 0 } };
    run.kills_wanted = 20;
    run.calls_wanted = 20000;
    for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (c == 'k')
            run.kills_wanted = (unsigned)strtoul(optarg, NULL, 10);
        else if (c == 'c')
            run.calls_wanted = strtoull(optarg, NULL, 10);
        else
            run.kills_wanted = 0;
    }
    if (run.kills_wanted < 1 || run.kills_wanted > KILLS_MAX || optind != argc) {
        fprintf(stderr, "usage: isa-bench-kills [--kills 1..%d] [--calls N]\n", KILLS_MAX);
        exit(2);
    }
}

int main(int argc, char **argv)
{
    read_arguments(argc, argv);
    if (!etcd_is_installed()) {
        fprintf(stderr, "isa-bench-kills: %s\n", etcd_missing_text);
        return EXIT_MISSING;
    }
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.on_state = on_state;
    run.loop = ev_loop_new(EVFLAG_AUTO);
    run.etcd = etcd_new();
    run.took_ms = calloc(run.kills_wanted + 1U, sizeof *run.took_ms);
    if (!run.loop || !run.etcd || !run.took_ms ||
        isa_conn_open(run.loop, etcd_target(run.etcd), &options, &run.conn) < 0)
        return EXIT_FAILURE;
    start_etcd(STARTING);
    ev_timer_init(&run.tick, on_tick, 0., TICK_MS / 1e3);
    ev_timer_start(run.loop, &run.tick);
    ev_run(run.loop, 0);
    int status = judge();
    isa_conn_unref(run.conn);
    etcd_free(run.etcd);
    ev_loop_destroy(run.loop);
    free(run.took_ms);
    return status;
}
