/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the pool's life: when the engine starts, what must have ended before it stops, shutdown.
 * Used by: conn.c, call.c, link.c, registry.c, applications at their end.
 * Must not know: which links exist, handles and calls.
 */
#include "registry.h"

#include <isa/pool.h>

enum {
    HEAR_MS = 1000, /* for other loops to hear the end, beyond the grace for calls */
};

/* `lock` is held while the engine starts, so that it cannot start behind a shutdown; nothing that
 * takes it holds another lock. */
static struct {
    pthread_mutex_t lock;
    atomic_uint_fast64_t living;  /* links whose machine has begun and not finished */
    atomic_uint_fast64_t unheard; /* handles that have not heard their last */
} life = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* What isa_pool_shutdown() was given; one at a time. */
static struct {
    struct isa__tr_port *port;
    struct isa__tr_msg end; /* to port: all is gone */
    isa_pool_done_fn *on_done;
    void *user;
    bool is_engine_to_join;
    uint32_t drain_ms;
    uint64_t patience_us;             /* monotonic: when drain_ms has passed */
    atomic_bool may_stop;             /* the control loop has begun to wait for the end */
    struct isa__tr_timer *impatience; /* control loop */
    atomic_bool is_impatient;         /* control loop: do not wait for loops that stand still */
} ending;

void isa__registry_on_opened(void)
{
    atomic_fetch_add(&life.unheard, 1);
}

void isa__registry_begin_in_life(struct isa__link *link)
{
    if (atomic_load(&link->is_used))
        return;
    atomic_fetch_add(&life.living, 1);
    isa__link_begin(link);
}

static int engage_in_life(struct isa__link *link)
{
    if (isa__registry_is_closing())
        return ISA_ESHUTDOWN;
    int error = isa__tr_start();
    if (error)
        return error;
    isa__registry_begin_in_life(link);
    if (isa__registry_handles(link) == 0) /* its last handle closed meanwhile, and saw it unused */
        isa__link_signal(link, ISA__LINK_UNUSED);
    return 0;
}

int isa__registry_engage(struct isa__link *link)
{
    if (isa__registry_is_closing())
        return ISA_ESHUTDOWN;
    if (atomic_load_explicit(&link->is_used, memory_order_acquire))
        return 0;
    pthread_mutex_lock(&life.lock);
    int error = engage_in_life(link);
    pthread_mutex_unlock(&life.lock);
    return error;
}

static void on_no_channel(void)
{
    isa__tr_timer_stop(ending.impatience);
    isa__tr_stop(ending.port, &ending.end, ending.patience_us);
}

/* Control loop; or, when the engine was stopped meanwhile, any thread: then it does nothing. */
static void end_if_over(void)
{
    if (atomic_load(&life.living) ||
        (atomic_load(&life.unheard) && !atomic_load(&ending.is_impatient)))
        return;
    if (atomic_exchange(&ending.may_stop, false))
        isa__tr_when_no_channel(on_no_channel);
}

void isa__registry_on_finished(void)
{
    atomic_fetch_sub(&life.living, 1);
    end_if_over();
}

static atomic_bool is_last_posted; /* a loop that stood still may speak up in a later life */

static void on_last(struct isa__tr_msg *unused)
{
    (void)unused;
    atomic_store(&is_last_posted, false); /* before it looks */
    end_if_over();
}

void isa__registry_on_heard(void)
{
    static struct isa__tr_msg last = { .fn = on_last };
    if (atomic_fetch_sub(&life.unheard, 1) == 1 && isa__registry_is_closing() &&
        !atomic_exchange(&is_last_posted, true))
        isa__tr_core.post(&last);
}

static void on_impatience(void *unused)
{
    (void)unused;
    atomic_store(&ending.is_impatient, true);
    end_if_over();
}

/* Control loop. */
static void begin_waiting(struct isa__tr_msg *unused)
{
    (void)unused;
    atomic_store(&ending.may_stop, true);
    uint32_t drain_ms = ending.drain_ms < INT32_MAX ? ending.drain_ms : INT32_MAX;
    isa__tr_timer_start(ending.impatience, isa__tr_control(), drain_ms + HEAR_MS);
    end_if_over();
}

/* The pool is empty, and may be used and ended again: by on_done itself, or by another thread. */
static void on_end(struct isa__tr_msg *msg)
{
    (void)msg;
    struct isa__tr_port *port = ending.port;
    isa_pool_done_fn *on_done = isa__tr_port_is_dead(port) ? NULL : ending.on_done;
    void *user = ending.user;
    if (ending.is_engine_to_join)
        isa__tr_join();
    isa__tr_timer_free(ending.impatience);
    isa__registry_accept_new();
    if (on_done)
        on_done(user);
    isa__tr_port_release(port);
    isa__tr_port_unref(port);
}

static int begin_end_in_life(void)
{
    static struct isa__tr_msg begin = { .fn = begin_waiting };
    atomic_store(&ending.is_impatient, false);
    /* Handles that were never used close by the same road as the others. */
    bool has_links = isa__registry_refuse_new();
    int error = has_links || atomic_load(&life.unheard) ? isa__tr_start() : 0;
    if (error) {
        isa__registry_accept_new();
        return error;
    }
    ending.is_engine_to_join = isa__tr_is_running();
    if (!ending.is_engine_to_join) {
        isa__tr_port_post(ending.port, &ending.end);
        return 0;
    }
    isa__tr_core.post(&begin); /* first: once all is closed, the control loop may be gone */
    isa__registry_close_all(ending.drain_ms);
    return 0;
}

int isa_pool_shutdown(struct ev_loop *loop, uint32_t drain_ms, isa_pool_done_fn *on_done,
                      void *user)
{
    if (!loop)
        return ISA_EINVAL;
    if (isa__tr_is_forked())
        return ISA_EFORKED;
    struct isa__tr_port *port;
    int error = isa__tr_port_get(loop, &port);
    if (error)
        return error;
    pthread_mutex_lock(&life.lock);
    error = isa__registry_is_closing() ? ISA_ESHUTDOWN : 0;
    struct isa__tr_timer *timer = error ? NULL : isa__tr_timer_new(on_impatience, NULL);
    if (!error && !timer)
        error = ISA_ENOMEM;
    if (!error) {
        ending.impatience = timer;
        ending.drain_ms = drain_ms;
        ending.port = port;
        ending.end.fn = on_end;
        ending.on_done = on_done;
        ending.user = user;
        ending.patience_us = isa__now_us() + (uint64_t)drain_ms * 1000;
        isa__tr_port_hold(port);
        error = begin_end_in_life();
        if (error)
            isa__tr_port_release(port);
    }
    pthread_mutex_unlock(&life.lock);
    if (error) {
        isa__tr_timer_free(timer);
        isa__tr_port_unref(port);
    }
    return error;
}
