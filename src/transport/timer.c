/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: one-shot timers on a loop.
 * Used by: the pool and channel.c, through transport.h.
 * Must not know: what a timer is for.
 */
#include "port.h"

struct isa__tr_timer {
    ev_timer watcher;
    struct ev_loop *loop; /* where it runs; NULL: it does not */
    void (*fn)(void *owner);
    void *owner;
};

void isa__tr_timer_fire(struct isa__tr_timer *timer)
{
    timer->fn(timer->owner);
}

static void on_timer(struct ev_loop *loop, ev_timer *watcher, int revents)
{
    (void)loop, (void)revents;
    struct isa__tr_timer *timer = watcher->data;
    timer->loop = NULL;
    if (!isa__tr_is_forked())
        isa__tr_timer_fire(timer);
}

struct isa__tr_timer *isa__tr_timer_new(void (*fn)(void *owner), void *owner)
{
    struct isa__tr_timer *timer = isa__alloc(sizeof *timer);
    if (!timer)
        return NULL;
    ev_timer_init(&timer->watcher, on_timer, 0., 0.);
    timer->watcher.data = timer;
    timer->fn = fn;
    timer->owner = owner;
    return timer;
}

void isa__tr_timer_stop(struct isa__tr_timer *timer)
{
    if (!timer->loop)
        return;
    ev_timer_stop(timer->loop, &timer->watcher);
    timer->loop = NULL;
}

void isa__tr_timer_start(struct isa__tr_timer *timer, struct isa__tr_port *port, uint32_t delay_ms)
{
    isa__tr_timer_stop(timer);
    timer->loop = isa__tr_port_loop(port);
    ev_now_update(timer->loop); /* the delay counts from now, not from the loop's last wake-up */
    ev_timer_set(&timer->watcher, delay_ms / 1000., 0.);
    ev_timer_start(timer->loop, &timer->watcher);
}

void isa__tr_timer_free(struct isa__tr_timer *timer)
{
    isa__free(timer);
}
