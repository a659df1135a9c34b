/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the handles of the targets, and when and how the run ends.
 * Used by: main.c, through watch.h.
 * Must not know: how the command line is written, what a line looks like.
 */
#include "watch.h"
#include "print.h"

#include <isa/conn.h>
#include <isa/error.h>
#include <isa/health.h>
#include <isa/pool.h>

#include <ev.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct target {
    struct watch *watch;
    const char *name; /* in argv */
    struct print_label label;
    struct isa_conn *conn;
    enum isa_state state;   /* as last heard */
    enum isa_health health; /* likewise, when it was asked for */
};

struct watch {
    const struct args *args;
    struct ev_loop *loop;
    struct target *targets;
    size_t label_width;
    ev_signal interrupted;
    ev_signal terminated;
    ev_timer time_over;
    ev_io reader_gone;
    bool is_ending;
    enum exit_status exit_status;
};

static enum exit_status judge_target(const struct target *target)
{
    if (target->state != ISA_STATE_READY)
        return EXIT_NOT_READY;
    if (target->watch->args->service == NULL || isa_health_is_good(target->health))
        return EXIT_READY;
    return target->health == ISA_HEALTH_NOT_SERVING ? EXIT_NOT_SERVING : EXIT_NO_HEALTH;
}

/* The worst of the targets: what is not even connected comes before what is not well. */
static enum exit_status judge(const struct watch *watch)
{
    enum exit_status worst = EXIT_READY;
    for (size_t i = 0; i < watch->args->target_count; i++) {
        enum exit_status status = judge_target(&watch->targets[i]);
        if (worst == EXIT_READY || (status != EXIT_READY && status < worst))
            worst = status;
    }
    return worst;
}

static void on_pool_gone(void *user)
{
    struct watch *watch = user;
    ev_break(watch->loop, EVBREAK_ALL);
}

/* From here on a second signal ends the process at once: its default action is restored. */
static void stop_watchers(struct watch *watch)
{
    ev_signal_stop(watch->loop, &watch->interrupted);
    ev_signal_stop(watch->loop, &watch->terminated);
    ev_timer_stop(watch->loop, &watch->time_over);
    ev_io_stop(watch->loop, &watch->reader_gone);
}

static void end(struct watch *watch, enum exit_status exit_status)
{
    if (watch->is_ending)
        return;
    watch->is_ending = true;
    watch->exit_status = exit_status;
    stop_watchers(watch);
    int error = isa_pool_shutdown(watch->loop, 0, on_pool_gone, watch);
    if (error != 0) {
        fprintf(stderr, "isa-watch: cannot end cleanly: %s\n", isa_error_text(error));
        ev_break(watch->loop, EVBREAK_ALL);
    }
}

static void end_by_state(struct watch *watch)
{
    end(watch, judge(watch));
}

/* A line was written, or not: go on, or end. */
static void go_on(struct watch *watch, int error)
{
    if (error != 0 && error != EPIPE && !watch->is_ending) {
        fprintf(stderr, "isa-watch: cannot write: %s\n", strerror(error));
        end(watch, EXIT_NOT_READY);
    } else if (error != 0 || (watch->args->until_ready && judge(watch) == EXIT_READY)) {
        end_by_state(watch);
    }
}

static void on_health(struct isa_call *call, const struct isa_health_change *change, void *user)
{
    (void)call;
    struct target *target = user;
    struct watch *watch = target->watch;
    const char *service = watch->args->service;

    if (watch->is_ending) /* the end of its call says nothing about the service */
        return;
    target->health = change->to;
    go_on(watch, watch->args->is_json
                     ? print_health_json(target->name, service, change)
                     : print_health_text(&target->label, watch->label_width, service, change));
}

static void on_state(struct isa_conn *conn, const struct isa_change *change, void *user)
{
    (void)conn;
    struct target *target = user;
    struct watch *watch = target->watch;

    target->state = change->to;
    go_on(watch, watch->args->is_json ? print_json(target->name, change)
                                      : print_text(&target->label, watch->label_width, change));
}

static void on_signal(struct ev_loop *loop, ev_signal *signal, int events)
{
    (void)loop;
    (void)events;
    end_by_state(signal->data);
}

static void on_time_over(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)loop;
    (void)events;
    end_by_state(timer->data);
}

/* A pipe's writing end never becomes readable, so libev's event means an error on it. */
static void on_reader_gone(struct ev_loop *loop, ev_io *io, int events)
{
    (void)loop;
    (void)events;
    struct pollfd output = { .fd = STDOUT_FILENO };
    if (poll(&output, 1, 0) == 1 && (output.revents & POLLERR))
        end_by_state(io->data);
}

/* Nothing to print for a long time is usual; a reader that leaves should not go unnoticed so long. */
static void watch_reader(struct watch *watch)
{
    struct stat output;
    ev_io_init(&watch->reader_gone, on_reader_gone, STDOUT_FILENO, EV_READ);
    watch->reader_gone.data = watch;
    if (fstat(STDOUT_FILENO, &output) == 0 && S_ISFIFO(output.st_mode))
        ev_io_start(watch->loop, &watch->reader_gone);
}

static void start_watchers(struct watch *watch)
{
    ev_signal_init(&watch->interrupted, on_signal, SIGINT);
    ev_signal_init(&watch->terminated, on_signal, SIGTERM);
    ev_timer_init(&watch->time_over, on_time_over, watch->args->run_ms / 1000.0, 0.);
    watch->interrupted.data = watch;
    watch->terminated.data = watch;
    watch->time_over.data = watch;

    ev_signal_start(watch->loop, &watch->interrupted);
    ev_signal_start(watch->loop, &watch->terminated);
    if (watch->args->run_ms > 0)
        ev_timer_start(watch->loop, &watch->time_over);
    watch_reader(watch);
}

static int watch_health(struct target *target)
{
    struct isa_health_watch_options options = ISA_HEALTH_WATCH_OPTIONS_INIT;
    options.service = target->watch->args->service;
    options.on_change = on_health;
    options.user = target;
    return isa_health_watch(target->conn, &options, NULL);
}

static bool open_target(struct target *target)
{
    const struct args *args = target->watch->args;
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.on_state = on_state;
    options.user = target;
    options.backoff_min_ms = args->backoff_min_ms;
    options.backoff_max_ms = args->backoff_max_ms;
    options.connect_timeout_ms = args->connect_timeout_ms;
    options.attempt_timeout_ms = args->attempt_timeout_ms;

    int error = isa_conn_open(target->watch->loop, target->name, &options, &target->conn);
    if (error == 0)
        error = isa_conn_connect(target->conn);
    if (error == 0 && args->service != NULL)
        error = watch_health(target);
    if (error == 0)
        return true;
    fprintf(stderr, "isa-watch: target \"%s\": %s: %s\n", target->label.text, isa_error_name(error),
            isa_error_text(error));
    end(target->watch, isa_error_class_of(error) == ISA_CLASS_USAGE ? EXIT_USAGE : EXIT_NOT_READY);
    return false;
}

static void open_targets(struct watch *watch)
{
    for (size_t i = 0; i < watch->args->target_count; i++) {
        struct target *target = &watch->targets[i];
        target->watch = watch;
        target->name = watch->args->targets[i];
        target->label = print_label_of(target->name);
        target->state = ISA_STATE_IDLE;
        if (target->label.width > watch->label_width)
            watch->label_width = target->label.width;
    }
    for (size_t i = 0; i < watch->args->target_count; i++)
        if (!open_target(&watch->targets[i]))
            return;
}

enum exit_status watch_run(const struct args *args)
{
    struct watch watch = { .args = args, .exit_status = EXIT_NOT_READY };
    watch.loop = ev_default_loop(EVFLAG_AUTO);
    watch.targets = calloc(args->target_count, sizeof *watch.targets);
    if (watch.loop == NULL || watch.targets == NULL) {
        fputs("isa-watch: the system gave no event loop or no memory\n", stderr);
        free(watch.targets);
        return EXIT_NOT_READY;
    }

    start_watchers(&watch);
    open_targets(&watch);
    ev_run(watch.loop, 0);

    for (size_t i = 0; i < args->target_count; i++)
        isa_conn_unref(watch.targets[i].conn);
    free(watch.targets);
    ev_loop_destroy(watch.loop);
    return watch.exit_status;
}
