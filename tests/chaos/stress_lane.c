/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the lanes: threads that make loops, run them and destroy them at any moment.
 * Used by: stress.c, stress_act.c.
 * Must not know: what is done on the loops beyond act().
 */
#include "clock.h"
#include "stress.h"

#include <ev.h>
#include <stdlib.h>

enum { TICK_US = 700, STILL_US_MAX = 400000, THREAD_OF_LANES = 100 };

/* `lock` is held while a handle is opened on the loop, so that the loop is there meanwhile. */
struct lane {
    pthread_t thread;
    pthread_mutex_t lock;
    struct ev_loop *loop; /* NULL: none that others may open handles on */
    struct life *life;
    /* the lane's thread only */
    struct ev_loop *own;
    bool is_ending; /* its loop's life */
    bool is_anchored;
    unsigned depth; /* ev_run() inside ev_run() */
};

static struct lane lanes[LANES];
static atomic_bool is_over;
static _Thread_local struct lane *this_lane;

struct ev_loop *lane_borrow(unsigned index, struct life **ret_life)
{
    struct lane *lane = &lanes[index];
    pthread_mutex_lock(&lane->lock);
    *ret_life = lane->life;
    return lane->loop;
}

void lane_give_back(unsigned index)
{
    pthread_mutex_unlock(&lanes[index].lock);
}

void lane_end_life(void)
{
    if (!this_lane || !this_lane->own)
        return;
    this_lane->is_ending = true;
    ev_break(this_lane->own, EVBREAK_ALL);
}

void lane_run_nested(void)
{
    if (!this_lane || !this_lane->own || this_lane->is_ending || this_lane->depth > 1)
        return;
    this_lane->depth++;
    ev_run(this_lane->own, EVRUN_NOWAIT);
    this_lane->depth--;
    if (this_lane->is_ending) /* ev_run() has forgotten it if that was said before */
        ev_break(this_lane->own, EVBREAK_ALL);
}

static void on_tick(struct ev_loop *loop, ev_timer *tick, int revents)
{
    struct lane *lane = tick->data;
    (void)loop, (void)revents;
    if (lane->is_ending || atomic_load(&is_over)) {
        lane_end_life();
        return;
    }
    if (dice_one_in(act_dice(), 50)) /* the loop falls behind */
        pause_us(dice_below(act_dice(), dice_one_in(act_dice(), 20) ? STILL_US_MAX : 20000));
    if (!lane->is_anchored && dice_one_in(act_dice(), 20)) /* the pool was ending: try again */
        lane_end_life();
    act();
}

static void publish(struct lane *lane, struct ev_loop *loop, struct life *life)
{
    pthread_mutex_lock(&lane->lock);
    lane->loop = loop;
    lane->life = life;
    pthread_mutex_unlock(&lane->lock);
}

/* One life of a loop. The first handle on a loop is opened by its own thread and keeps others from
 * being the first; without it, at the end of the pool, nobody else opens here. */
static void live(struct lane *lane)
{
    struct life *life = model_new_life(lane->thread);
    struct grip anchor = { 0 };
    ev_timer tick;
    lane->own = ev_loop_new(EVFLAG_AUTO);
    if (!lane->own)
        abort();
    lane->is_ending = false;
    ev_timer_init(&tick, on_tick, TICK_US / 1e6, TICK_US / 1e6);
    tick.data = lane;
    ev_timer_start(lane->own, &tick);
    lane->is_anchored = act_open(lane->own, life, &anchor) == 0;
    publish(lane, lane->is_anchored ? lane->own : NULL, life);
    ev_run(lane->own, 0);
    publish(lane, NULL, NULL);
    ev_timer_stop(lane->own, &tick);
    struct ev_loop *loop = lane->own;
    lane->own = NULL; /* callbacks of its end neither break nor run it */
    ev_loop_destroy(loop);
    atomic_store(&life->is_gone, true);
    isa_conn_unref(anchor.conn);
}

static void *run(void *arg)
{
    struct lane *lane = arg;
    pthread_mutex_lock(&lane->lock); /* until lanes_start() has written it */
    pthread_mutex_unlock(&lane->lock);
    this_lane = lane;
    act_as(THREAD_OF_LANES + (uint64_t)(lane - lanes));
    while (!atomic_load(&is_over))
        live(lane);
    return NULL;
}

void lanes_start(void)
{
    atomic_store(&is_over, false);
    for (unsigned i = 0; i < LANES; i++) {
        pthread_mutex_init(&lanes[i].lock, NULL);
        pthread_mutex_lock(&lanes[i].lock);
        if (pthread_create(&lanes[i].thread, NULL, run, &lanes[i]) != 0)
            abort();
        pthread_mutex_unlock(&lanes[i].lock);
    }
}

void lanes_end(void)
{
    atomic_store(&is_over, true);
    for (unsigned i = 0; i < LANES; i++) {
        pthread_join(lanes[i].thread, NULL);
        pthread_mutex_destroy(&lanes[i].lock);
    }
}
