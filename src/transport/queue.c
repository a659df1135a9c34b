/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the completion queue, its thread, and which thread takes completions from it.
 * Used by: engine.c for its life, channel.c and call.c to start what completes in it, port.c.
 * Must not know: what is completed.
 *
 * Normally the queue's thread waits in core and hands each completion over to the loop it is for. When a
 * loop has so much to do that it does not sleep in between, that is a waste: two threads then fight
 * for the same connection, and core does its work in both. Such a loop drives the queue itself, and
 * the thread rests: after its other work it looks into the queue without waiting, and when there is
 * nothing to take it gives it back. Should it not come back soon (a callback takes its time, the
 * program has stopped the loop), the thread takes the queue from it.
 */
#include "core.h"
#include "follow.h"
#include "port.h"

#include <errno.h>
#include <grpc/support/time.h>
#include <time.h>

enum {
    BUSY = 4,         /* messages in one go that make a loop one to drive */
    BUDGET = 32,      /* completions taken at a look, before the loop does its other work */
    LOOK_US = 100,    /* and so long, whatever comes: its other watchers have their turn */
    DRY_LOOKS = 3,    /* in a row, then it gives the queue back */
    SLOW_US = 3000,   /* of one look: core has parsed what somebody floods us with */
    SLOW_LOOKS = 2,   /* in a row, then it gives the queue back: one may be the scheduler's doing */
    SHY_US = 1000000, /* and no loop drives for so long */
    PATIENCE_US = 10000, /* without a look of its driver, the thread takes the queue back */
    NS_PER_S = 1000000000
};

/* Who takes completions. */
enum taker {
    NOBODY,  /* the queue is being stopped, or was never started */
    THREAD,  /* the queue's thread, and nobody else */
    DRIVER,  /* a loop, when it next runs its drive; the thread rests */
    LOOKING, /* it does so now */
};

/** A loop that drives the queue, or that has done so and has not heard yet that it no longer does. */
struct drive {
    struct isa__tr_msg msg;
    struct isa__tr_port *port; /* a reference */
    unsigned dry_looks;        /* loop */
    unsigned slow_looks;       /* loop */
};

static struct {
    grpc_completion_queue *core;
    pthread_t thread;
    _Atomic(pthread_t) me;             /* the same, from its beginning on */
    _Atomic(struct drive *) offer;     /* a busy loop's, to the thread; NULL: none */
    atomic_uint taker;                 /* enum taker; written under lock */
    pthread_mutex_t lock;              /* leaf */
    pthread_cond_t turned;             /* the taker is another one */
    struct drive *drive;               /* whose turn it is, while a loop drives; under lock */
    unsigned looks;                    /* under lock */
    atomic_uint_fast64_t shy_until_us; /* no loop drives before */
    bool is_stopping;                  /* under lock */
} queue = { .lock = PTHREAD_MUTEX_INITIALIZER };

static bool take(gpr_timespec deadline, grpc_completion_type *ret_type)
{
    grpc_event event = grpc_completion_queue_next(queue.core, deadline, NULL);
    *ret_type = event.type;
    if (event.type != GRPC_OP_COMPLETE)
        return false;
    struct isa__tr_tag *tag = event.tag;
    if (atomic_exchange_explicit(&tag->is_armed, false, memory_order_acquire))
        tag->fn(tag, event.success);
    return true;
}

static void end_drive(struct drive *drive)
{
    isa__tr_port_unref(drive->port);
    isa__free(drive);
}

/* ---- the loop that drives --------------------------------------------------------------------- */

static void turn_locked(enum taker taker)
{
    atomic_store_explicit(&queue.taker, taker, memory_order_relaxed);
    if (taker == THREAD || taker == NOBODY)
        pthread_cond_broadcast(&queue.turned);
}

static enum taker taker_now(void)
{
    return (enum taker)atomic_load_explicit(&queue.taker, memory_order_relaxed);
}

static bool begin_look(const struct drive *drive)
{
    pthread_mutex_lock(&queue.lock);
    bool is_its_turn = queue.drive == drive && taker_now() == DRIVER;
    if (is_its_turn)
        turn_locked(LOOKING);
    pthread_mutex_unlock(&queue.lock);
    return is_its_turn;
}

static void end_look(bool goes_on)
{
    pthread_mutex_lock(&queue.lock);
    queue.looks++;
    turn_locked(goes_on && !queue.is_stopping ? DRIVER : THREAD);
    pthread_mutex_unlock(&queue.lock);
}

/* As many completions as there are, within bounds. @return how many; how long it took */
static unsigned take_some(uint64_t *ret_took_us)
{
    grpc_completion_type type;
    unsigned taken = 0;
    uint64_t began_us = isa__now_us();
    bool is_more = true;
    do {
        is_more = take(gpr_inf_past(GPR_CLOCK_MONOTONIC), &type);
        taken += is_more;
        *ret_took_us = isa__now_us() - began_us;
    } while (is_more && taken < BUDGET && *ret_took_us < LOOK_US);
    return taken;
}

static bool is_worth_driving(struct drive *drive, unsigned taken, uint64_t took_us)
{
    drive->dry_looks = taken ? 0 : drive->dry_looks + 1;
    drive->slow_looks = took_us < SLOW_US ? 0 : drive->slow_looks + 1;
    if (drive->slow_looks >= SLOW_LOOKS)
        atomic_store(&queue.shy_until_us, isa__now_us() + SHY_US);
    return drive->dry_looks < DRY_LOOKS && drive->slow_looks < SLOW_LOOKS;
}

/* @return whether it goes on driving */
static bool look(struct drive *drive)
{
    if (!begin_look(drive))
        return false;
    uint64_t took_us = 0;
    bool is_dead = isa__tr_port_is_dead(drive->port);
    unsigned taken = is_dead ? 0 : take_some(&took_us);
    bool goes_on = !is_dead && is_worth_driving(drive, taken, took_us);
    end_look(goes_on);
    return goes_on; /* when it is being stopped, the next look will tell */
}

static void on_drive(struct isa__tr_msg *msg)
{
    struct drive *drive = isa__container(msg, struct drive, msg);
    if (look(drive))
        isa__tr_port_post(drive->port, &drive->msg); /* after what it took, for the next round */
    else
        end_drive(drive);
}

/* For the case that it was stopped in between. */
static void withdraw_offer(void)
{
    struct drive *drive = atomic_exchange(&queue.offer, NULL);
    if (drive)
        end_drive(drive);
}

void isa__tr_queue_offer(struct isa__tr_port *port, unsigned messages)
{
    if (messages < BUSY || taker_now() != THREAD ||
        atomic_load_explicit(&queue.offer, memory_order_relaxed) ||
        isa__now_us() < atomic_load_explicit(&queue.shy_until_us, memory_order_relaxed))
        return;
    struct drive *drive = isa__alloc(sizeof *drive);
    if (!drive)
        return;
    if (isa__tr_port_get(isa__tr_port_loop(port), &drive->port) < 0) {
        isa__free(drive);
        return;
    }
    struct drive *none = NULL;
    drive->msg.fn = on_drive;
    if (!atomic_compare_exchange_strong(&queue.offer, &none, drive))
        end_drive(drive);
    else if (atomic_load(&queue.taker) == NOBODY)
        withdraw_offer();
}

/* ---- the queue's thread ----------------------------------------------------------------------- */

static struct timespec patience_from_now(void)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += PATIENCE_US * 1000L;
    if (until.tv_nsec >= NS_PER_S) {
        until.tv_nsec -= NS_PER_S;
        until.tv_sec++;
    }
    return until;
}

/* Until the loop gives the queue back, or has not looked for a while. */
static void rest_locked(void)
{
    unsigned looks = queue.looks;
    while (taker_now() == DRIVER || taker_now() == LOOKING) {
        struct timespec until = patience_from_now();
        if (pthread_cond_timedwait(&queue.turned, &queue.lock, &until) != ETIMEDOUT)
            continue;
        if (queue.looks == looks && taker_now() == DRIVER)
            turn_locked(THREAD);
        looks = queue.looks;
    }
}

static void let_drive(struct drive *drive)
{
    pthread_mutex_lock(&queue.lock);
    bool is_stopping = queue.is_stopping;
    if (!is_stopping) {
        queue.drive = drive;
        turn_locked(DRIVER);
    }
    pthread_mutex_unlock(&queue.lock);
    if (is_stopping) {
        end_drive(drive);
        return;
    }
    isa__tr_port_post(drive->port, &drive->msg);
    pthread_mutex_lock(&queue.lock);
    rest_locked();
    pthread_mutex_unlock(&queue.lock);
}

bool isa__tr_queue_is_mine(void)
{
    return pthread_equal(atomic_load_explicit(&queue.me, memory_order_relaxed), pthread_self());
}

static void *run_thread(void *unused)
{
    (void)unused;
    atomic_store_explicit(&queue.me, pthread_self(), memory_order_relaxed);
    isa__tr_follow_begin();
    grpc_completion_type type;
    do {
        take(gpr_inf_future(GPR_CLOCK_MONOTONIC), &type);
        struct drive *drive = NULL;
        if (atomic_load_explicit(&queue.offer, memory_order_relaxed))
            drive = atomic_exchange(&queue.offer, NULL);
        if (drive)
            let_drive(drive);
    } while (type != GRPC_QUEUE_SHUTDOWN);
    /* Another thread may get this one's id. */
    atomic_store_explicit(&queue.me, (pthread_t)0, memory_order_relaxed);
    return NULL;
}

/* ---- its life --------------------------------------------------------------------------------- */

grpc_completion_queue *isa__tr_queue(void)
{
    return queue.core;
}

static void make_condition(void)
{
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&queue.turned, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

static void set_taker(enum taker taker)
{
    pthread_mutex_lock(&queue.lock);
    queue.is_stopping = taker == NOBODY;
    while (taker_now() == LOOKING) /* short: a look waits for nothing */
        pthread_cond_wait(&queue.turned, &queue.lock);
    atomic_store(&queue.taker, taker);
    pthread_cond_broadcast(&queue.turned);
    pthread_mutex_unlock(&queue.lock);
}

int isa__tr_queue_start(void)
{
    make_condition();
    queue.core = grpc_completion_queue_create_for_next(NULL);
    set_taker(THREAD);
    if (pthread_create(&queue.thread, NULL, run_thread, NULL) == 0)
        return 0;
    set_taker(NOBODY);
    grpc_completion_queue_shutdown(queue.core);
    grpc_completion_type type;
    do
        take(gpr_inf_future(GPR_CLOCK_MONOTONIC), &type);
    while (type != GRPC_QUEUE_SHUTDOWN);
    grpc_completion_queue_destroy(queue.core);
    pthread_cond_destroy(&queue.turned);
    return ISA_ESYSTEM;
}

void isa__tr_queue_stop(void)
{
    set_taker(NOBODY);
    withdraw_offer();
    grpc_completion_queue_shutdown(queue.core);
    pthread_join(queue.thread, NULL);
    grpc_completion_queue_destroy(queue.core);
    pthread_cond_destroy(&queue.turned);
}
