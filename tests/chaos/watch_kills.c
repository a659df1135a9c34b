/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: a watch of a real etcd that is killed again and again while keys are written.
 * Used by: ctest, and a shell: isa-watch-kills [--events N] [--seconds S] [--every MS]
 * Must not know: the library's rooms; it includes what a program includes.
 *
 * A writer puts numbered keys, one after the other, each again until etcd has acknowledged it. Every
 * write has a revision of its own, one more than the last; nobody else writes. So the watcher must
 * hear each revision once, in order, and all numbers.
 */
#include <ev.h>
#include <getopt.h>
#include <inttypes.h>
#include <isa/isa.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "dice.h"
#include "etcd.h"
#include "etcd_kv.isa.h"
#include "etcd_watch.isa.h"

enum { EXIT_MISSING = 77, TICK_MS = 2, DOWN_MS = 200, STUCK_MS = 60000, COMPLAINTS = 10 };

static struct {
    struct ev_loop *loop;
    struct etcd *etcd;
    struct isa_conn *conn;
    ev_timer tick;
    struct dice dice;
    unsigned long events_wanted;
    double seconds;
    double every_ms;
    double began_ms; /* 0: etcd has not answered the watch yet */
    double next_kill_ms;
    double start_ms; /* when etcd is started again; 0: it runs */
    double took_ms;
    unsigned kills;
    /* the writer */
    bool is_putting;
    unsigned long acknowledged;
    unsigned long puts_failed;
    int64_t acknowledged_revision;
    /* the watcher */
    int64_t revision; /* heard last */
    unsigned long number;
    unsigned long heard;
    unsigned long lost;
    unsigned long twice;
    unsigned long out_of_order; /* numbers */
    unsigned resumptions;
    unsigned ends;
    double heard_ms;
    double silence_ms; /* the longest one */
    bool is_over;
    bool is_stuck;
} run;

static double now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void on_done(void *user)
{
    (void)user;
    ev_break(run.loop, EVBREAK_ALL);
}

static void end(void)
{
    run.is_over = true;
    run.took_ms = now_ms() - run.began_ms;
    ev_timer_stop(run.loop, &run.tick);
    isa_pool_shutdown(run.loop, 0, on_done, NULL);
}

static void pump(void);

static void on_put(struct isa_call *call, const Etcdserverpb__PutResponse *response,
                   const struct isa_reply *reply, void *user)
{
    (void)call, (void)reply, (void)user;
    run.is_putting = false;
    if (!response) { /* the next tick puts the same number again */
        run.puts_failed++;
        return;
    }
    run.acknowledged++;
    run.acknowledged_revision = response->header->revision;
    pump();
}

/* One at a time: an attempt whose etcd was killed cannot overtake the next. */
static void pump(void)
{
    static char key[24];
    struct isa_call_options options = ISA_CALL_OPTIONS_INIT;
    Etcdserverpb__PutRequest request = ETCDSERVERPB__PUT_REQUEST__INIT;
    double share = (now_ms() - run.began_ms) / (run.seconds * 1e3);
    unsigned long due =
        share < 1. ? (unsigned long)(share * (double)run.events_wanted) + 1 : run.events_wanted;
    if (run.is_over || run.is_putting || run.acknowledged >= due)
        return;
    int length = snprintf(key, sizeof key, "n/%lu", run.acknowledged + 1);
    request.key = (ProtobufCBinaryData){ (size_t)length, (uint8_t *)key };
    options.wait_for_ready = true;
    run.is_putting = true;
    if (etcdserverpb_kv_put(run.conn, &request, &options, on_put, NULL, NULL) != 0)
        abort();
}

static void complain(const char *what, int64_t got)
{
    if (run.lost + run.twice + run.out_of_order <= COMPLAINTS)
        fprintf(stderr, "%s: %" PRId64 " after %" PRId64 "\n", what, got, run.revision);
}

static void hear(const Mvccpb__KeyValue *kv)
{
    char text[24];
    snprintf(text, sizeof text, "%.*s", (int)kv->key.len, (const char *)kv->key.data);
    unsigned long number = strtoul(text + 2, NULL, 10);
    if (kv->mod_revision <= run.revision) {
        run.twice++;
        complain("heard again", kv->mod_revision);
        return;
    }
    if (kv->mod_revision > run.revision + 1) {
        run.lost += (unsigned long)(kv->mod_revision - run.revision - 1);
        complain("revisions lost", kv->mod_revision);
    }
    if (number != run.number && number != run.number + 1) {
        run.out_of_order++;
        complain("numbers out of order", kv->mod_revision);
    }
    run.heard++;
    run.number = number;
    run.revision = kv->mod_revision;
}

static void on_message(struct isa_call *call, const Etcdserverpb__WatchResponse *response,
                       void *user)
{
    double at_ms = now_ms();
    (void)call, (void)user;
    if (response->created && run.began_ms == 0.) {
        run.revision = response->header->revision;
        run.began_ms = run.heard_ms = at_ms;
        run.next_kill_ms = at_ms + run.every_ms;
    }
    for (size_t i = 0; i < response->n_events; i++)
        hear(response->events[i]->kv);
    if (response->n_events == 0)
        return;
    if (at_ms - run.heard_ms > run.silence_ms)
        run.silence_ms = at_ms - run.heard_ms;
    run.heard_ms = at_ms;
}

static void ask(struct isa_call *resumed);

static void on_resume(struct isa_call *call, const struct isa_gap *gap, void *user)
{
    (void)gap, (void)user;
    run.resumptions++;
    ask(call);
}

static void on_end(struct isa_call *call, const struct isa_reply *reply, void *user)
{
    (void)call, (void)user;
    run.ends++;
    if (!run.is_over)
        fprintf(stderr, "the watch ended: %s: %s\n", isa_status_name((int)reply->status.code),
                reply->status.message);
}

/* Start the watch, or start it again behind what was heard. */
static void ask(struct isa_call *resumed)
{
    static uint8_t first[] = "n/", behind[] = "n0";
    struct etcdserverpb_watch_watch_events events = ETCDSERVERPB_WATCH_WATCH_EVENTS_INIT;
    struct isa_call_options options = ISA_CALL_OPTIONS_INIT;
    Etcdserverpb__WatchCreateRequest create = ETCDSERVERPB__WATCH_CREATE_REQUEST__INIT;
    Etcdserverpb__WatchRequest request = ETCDSERVERPB__WATCH_REQUEST__INIT;
    create.key = (ProtobufCBinaryData){ 2, first };
    create.range_end = (ProtobufCBinaryData){ 2, behind };
    create.start_revision = run.revision ? run.revision + 1 : 0;
    request.request_union_case = ETCDSERVERPB__WATCH_REQUEST__REQUEST_UNION_CREATE_REQUEST;
    request.create_request = &create;
    options.deadline_ms = ISA_NEVER;
    options.wait_for_ready = true;
    events.on_message = on_message;
    events.on_resume = on_resume;
    events.on_end = on_end;
    int error = resumed ? etcdserverpb_watch_watch_resume(resumed, &request)
                        : etcdserverpb_watch_watch(run.conn, &request, &options, &events, NULL);
    if (error != 0)
        abort();
}

/* While it is killed at its times; etcd must not be killed any more to hear the last. */
static void be_fate(double at_ms)
{
    bool is_time_left = at_ms - run.began_ms < run.seconds * 1e3;
    if (run.start_ms > 0. && at_ms >= run.start_ms) {
        run.start_ms = 0.;
        if (etcd_start(run.etcd) < 0)
            exit(EXIT_FAILURE);
    }
    if (run.start_ms == 0. && at_ms >= run.next_kill_ms && is_time_left) {
        etcd_kill(run.etcd);
        run.kills++;
        run.next_kill_ms += run.every_ms;
        run.start_ms = at_ms + (double)dice_below(&run.dice, DOWN_MS) + 1.;
    }
}

static void on_tick(struct ev_loop *loop, ev_timer *timer, int revents)
{
    double at_ms = now_ms();
    (void)loop, (void)timer, (void)revents;
    if (run.began_ms == 0.)
        return;
    be_fate(at_ms);
    pump();
    bool is_all =
        run.acknowledged == run.events_wanted && run.revision >= run.acknowledged_revision;
    run.is_stuck = at_ms - run.began_ms > run.seconds * 1e3 + STUCK_MS;
    if ((is_all && at_ms - run.began_ms >= run.seconds * 1e3) || run.is_stuck || run.ends > 0)
        end();
}

static int judge(void)
{
    printf("kills: %u in %.1f s, resumptions: %u\n", run.kills, run.took_ms / 1e3, run.resumptions);
    printf("writes acknowledged: %lu, attempts that failed: %lu\n", run.acknowledged,
           run.puts_failed);
    printf("watch events heard: %lu, lost %lu, twice %lu, out of order %lu\n", run.heard, run.lost,
           run.twice, run.out_of_order);
    printf("longest time between two events: %.0f ms\n", run.silence_ms);
    bool is_well = !run.is_stuck && run.lost + run.twice + run.out_of_order == 0 &&
                   run.acknowledged == run.events_wanted && run.number == run.events_wanted &&
                   run.heard >= run.events_wanted && run.ends == 1 && run.resumptions > 0;
    return is_well ? EXIT_SUCCESS : EXIT_FAILURE;
}

static void read_arguments(int argc, char **argv)
{
    static const struct option options[] = { { "events", required_argument, NULL, 'e' },
                                             { "seconds", required_argument, NULL, 's' },
                                             { "every", required_argument, NULL, 'k' },
                                             { NULL, 0, NULL, 0 } };
    bool is_good = true;
    run.events_wanted = 10000;
    run.seconds = 60.;
    run.every_ms = 2000.;
    for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (c == 'e')
            run.events_wanted = strtoul(optarg, NULL, 10);
        else if (c == 's')
            run.seconds = strtod(optarg, NULL);
        else if (c == 'k')
            run.every_ms = strtod(optarg, NULL);
        else
            is_good = false;
    }
    if (is_good && run.events_wanted > 0 && run.seconds > 0. && run.every_ms > 0. && optind == argc)
        return;
    fprintf(stderr, "usage: isa-watch-kills [--events N] [--seconds S] [--every MS]\n");
    exit(2);
}

int main(int argc, char **argv)
{
    read_arguments(argc, argv);
    if (!etcd_is_installed()) {
        fprintf(stderr, "isa-watch-kills: %s\n", etcd_missing_text);
        return EXIT_MISSING;
    }
    run.loop = ev_loop_new(EVFLAG_AUTO);
    run.etcd = etcd_new();
    if (!run.loop || !run.etcd || etcd_start(run.etcd) < 0 ||
        isa_conn_open(run.loop, etcd_target(run.etcd), NULL, &run.conn) < 0)
        return EXIT_FAILURE;
    ask(NULL);
    ev_timer_init(&run.tick, on_tick, 0., TICK_MS / 1e3);
    ev_timer_start(run.loop, &run.tick);
    ev_run(run.loop, 0);
    int status = judge();
    isa_conn_unref(run.conn);
    etcd_free(run.etcd);
    ev_loop_destroy(run.loop);
    return status;
}
