/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the plot: start etcd, let operations run, kill etcd, start it again, again and again, end.
 * Used by: a shell; `make demo`.
 * Must not know: grpc-core; how operations are made, what a line looks like.
 */
#include "options.h"
#include "show.h"
#include "summary.h"
#include "traffic.h"

#include "etcd.h"

#include <isa/isa.h>

#include <ev.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#define PROBE_EVERY_S 0.002

enum { EXIT_MISSING = 77, PATIENCE_MS = 20000, DRAIN_MS = 2000 };

enum phase {
    PHASE_STARTING,  /* waiting for the first READY */
    PHASE_UP,        /* waiting for the time of the next kill */
    PHASE_DOWN,      /* waiting for the time of the next start */
    PHASE_RETURNING, /* waiting for READY again */
    PHASE_LAST,      /* up for the last time, waiting for the end */
    PHASE_ENDING,    /* waiting for the pool to be gone */
};

struct demo {
    struct options options;
    struct figures figures;
    struct traffic traffic;
    struct show show;
    struct ev_loop *loop;
    struct etcd *etcd;
    struct isa_conn *conn;
    enum phase phase;
    double returned_ms; /* when the port accepted again; 0: not yet */
    double ending_ms;
    ev_timer step; /* the end of the phase, or of patience with it */
    ev_timer probe;
    ev_timer progress;
    ev_signal interrupted;
    ev_signal terminated;
};

static void set_step(struct demo *demo, enum phase phase, uint32_t after_ms)
{
    demo->phase = phase;
    ev_timer_stop(demo->loop, &demo->step);
    ev_timer_set(&demo->step, after_ms / 1000.0, 0.);
    ev_timer_start(demo->loop, &demo->step);
}

static void on_pool_gone(void *user)
{
    struct demo *demo = user;
    demo->figures.shutdown_ms = show_clock_ms() - demo->ending_ms;
    show_step("the pool is gone, %.1f ms after it was told to go", demo->figures.shutdown_ms);
    ev_break(demo->loop, EVBREAK_ALL);
}

static void end(struct demo *demo, const char *trouble)
{
    if (demo->phase == PHASE_ENDING)
        return;
    demo->figures.trouble = trouble;
    demo->ending_ms = show_clock_ms();
    traffic_stop(&demo->traffic, demo->loop);
    ev_timer_stop(demo->loop, &demo->probe);
    ev_timer_stop(demo->loop, &demo->progress);
    show_step("%s", trouble != NULL ? trouble : "enough: shutting the pool down");
    set_step(demo, PHASE_ENDING, PATIENCE_MS);
    int error = isa_pool_shutdown(demo->loop, DRAIN_MS, on_pool_gone, demo);
    if (error != 0) {
        show_step("isa_pool_shutdown(): %s", isa_error_text(error));
        ev_break(demo->loop, EVBREAK_ALL);
    }
}

static void start_etcd(struct demo *demo, enum phase phase)
{
    show_step("starting etcd at %s", etcd_target(demo->etcd));
    demo->returned_ms = 0;
    set_step(demo, phase, PATIENCE_MS);
    if (etcd_start(demo->etcd) == 0)
        ev_timer_again(demo->loop, &demo->probe);
    else
        end(demo, "etcd could not be started");
}

static void kill_etcd(struct demo *demo)
{
    book_mark_kill(&demo->traffic.book);
    demo->traffic.is_etcd_up = false;
    if (!demo->options.traffic_when_down)
        traffic_stop(&demo->traffic, demo->loop);
    etcd_kill(demo->etcd);
    show_step("killed etcd with SIGKILL");
    set_step(demo, PHASE_DOWN, demo->options.down_ms);
}

static void on_step(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)events;
    struct demo *demo = timer->data;
    switch (demo->phase) {
    case PHASE_STARTING:
    case PHASE_RETURNING:
        etcd_show_log(demo->etcd);
        end(demo, "not READY in time");
        break;
    case PHASE_UP:
        kill_etcd(demo);
        break;
    case PHASE_DOWN:
        start_etcd(demo, PHASE_RETURNING);
        break;
    case PHASE_LAST:
        end(demo, NULL);
        break;
    case PHASE_ENDING:
        show_step("the pool did not go in time");
        ev_break(loop, EVBREAK_ALL);
        break;
    }
}

/* From the first accepted connection on, etcd counts as up. */
static void on_probe(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)events;
    struct demo *demo = timer->data;
    if (etcd_accepts(demo->etcd)) {
        ev_timer_stop(loop, timer);
        demo->returned_ms = show_clock_ms();
        demo->traffic.is_etcd_up = true;
        show_step("etcd's port accepts connections");
    } else if (!etcd_is_running(demo->etcd)) {
        end(demo, "etcd ended by itself");
    }
}

static void on_progress(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)loop;
    (void)events;
    struct demo *demo = timer->data;
    show_progress(&demo->show, &demo->traffic.book, isa_conn_state(demo->conn));
}

static void on_ready(struct demo *demo)
{
    if (demo->phase == PHASE_STARTING) {
        traffic_start(&demo->traffic, demo->loop);
        set_step(demo, PHASE_UP, demo->options.first_up_ms);
        return;
    }
    if (demo->phase != PHASE_RETURNING)
        return;
    if (ev_is_active(&demo->probe)) /* the library saw the return before the probe did */
        ev_invoke(demo->loop, &demo->probe, EV_CUSTOM);
    double ready_after_ms = demo->returned_ms > 0 ? show_clock_ms() - demo->returned_ms : 0;
    demo->figures.ready_after_ms[demo->figures.rounds_done++] = ready_after_ms;
    show_step("READY %.1f ms after etcd's return", ready_after_ms);
    traffic_start(&demo->traffic, demo->loop);
    if (demo->figures.rounds_done < demo->options.rounds)
        set_step(demo, PHASE_UP, demo->options.between_ms);
    else
        set_step(demo, PHASE_LAST, demo->options.last_up_ms);
}

static void on_state(struct isa_conn *conn, const struct isa_change *change, void *user)
{
    (void)conn;
    struct demo *demo = user;
    show_change(&demo->show, change);
    demo->figures.reconnects = change->reconnects;
    if (change->from == ISA_STATE_READY && (demo->phase == PHASE_UP || demo->phase == PHASE_LAST))
        demo->figures.losses_while_up++;
    if (change->to == ISA_STATE_READY)
        on_ready(demo);
}

static void on_signal(struct ev_loop *loop, ev_signal *signal, int events)
{
    (void)events;
    ev_signal_stop(loop, signal); /* the next one ends the process at once, and etcd with it */
    end(signal->data, "interrupted");
}

static void init_watchers(struct demo *demo)
{
    ev_timer_init(&demo->step, on_step, 0., 0.);
    ev_timer_init(&demo->probe, on_probe, 0., PROBE_EVERY_S);
    ev_timer_init(&demo->progress, on_progress, 1., 1.);
    ev_signal_init(&demo->interrupted, on_signal, SIGINT);
    ev_signal_init(&demo->terminated, on_signal, SIGTERM);
    demo->step.data = demo->probe.data = demo->progress.data = demo;
    demo->interrupted.data = demo->terminated.data = demo;
    ev_signal_start(demo->loop, &demo->interrupted);
    ev_signal_start(demo->loop, &demo->terminated);
    ev_timer_start(demo->loop, &demo->progress);
}

static int open_conn(struct demo *demo)
{
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.on_state = on_state;
    options.user = demo;
    int error = isa_conn_open(demo->loop, etcd_target(demo->etcd), &options, &demo->conn);
    if (error == 0)
        error = isa_conn_connect(demo->conn);
    if (error != 0)
        fprintf(stderr, "isa-demo: %s: %s\n", isa_error_name(error), isa_error_text(error));
    return error;
}

static void run(struct demo *demo)
{
    init_watchers(demo);
    if (open_conn(demo) != 0) {
        isa_conn_unref(demo->conn);
        demo->figures.trouble = "no connection could be opened";
        return;
    }
    traffic_init(&demo->traffic, demo->conn);
    start_etcd(demo, PHASE_STARTING);
    ev_run(demo->loop, 0);
    isa_conn_unref(demo->conn);
}

static bool conclude(struct demo *demo)
{
    bool is_passed = summary_print(&demo->figures);
    if (demo->options.json_path != NULL && summary_write_json(&demo->figures, is_passed) != 0)
        is_passed = false;
    return is_passed;
}

int main(int argc, char **argv)
{
    struct demo demo = { .show = { 0 } };
    int parsed = options_parse(argc, argv, &demo.options);
    if (parsed != 0)
        return parsed > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
    if (!etcd_is_installed()) {
        fprintf(stderr, "isa-demo: %s\n", etcd_missing_text);
        return EXIT_MISSING;
    }
    bool is_passed = false;
    /* Not the default loop: that one collects every child, and etcd is ours to wait for. */
    demo.loop = ev_loop_new(EVFLAG_AUTO);
    demo.etcd = etcd_new();
    demo.show.every_change = demo.options.verbose;
    demo.figures.options = &demo.options;
    demo.figures.book = &demo.traffic.book;
    demo.figures.shutdown_ms = -1;
    demo.figures.ready_after_ms = calloc(demo.options.rounds, sizeof(double));
    if (demo.loop != NULL && demo.etcd != NULL && demo.figures.ready_after_ms != NULL) {
        show_clock_ms();
        run(&demo);
        is_passed = conclude(&demo);
    }
    etcd_free(demo.etcd);
    book_fini(&demo.traffic.book);
    free(demo.figures.ready_after_ms);
    if (demo.loop != NULL)
        ev_loop_destroy(demo.loop);
    return is_passed ? EXIT_SUCCESS : EXIT_FAILURE;
}
