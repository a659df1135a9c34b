/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the control loop and its hidden thread, grpc-core's life, the fork flag.
 * Used by: the pool, on first use and at shutdown.
 * Must not know: what the channels and calls are for.
 */
#include "core.h"
#include "core_clock.h"
#include "core_log.h"
#include "port.h"

#include <fcntl.h>
#include <grpc/grpc_security.h>
#include <grpc/support/time.h>
#include <openssl/crypto.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { AWAIT_SLACK_US = 100000 };

/* exit() must not take OpenSSL's tables away from core's threads, which may be in a handshake: whoever
 * initialises OpenSSL first decides whether it cleans up at exit, so this is done before main(). */
__attribute__((constructor)) static void keep_openssl_until_the_end(void)
{
    OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL);
}

atomic_bool isa__tr_forked;

static struct {
    pthread_mutex_t lock; /* start and stop */
    atomic_bool is_running;
    atomic_bool was_started; /* core's poll set outlives its shutdown: a child would share it */
    bool is_fork_watched;
    bool is_core_up;      /* grpc_init() was called */
    bool is_core_shared;  /* others in this process had started core before us */
    struct ev_loop *loop; /* the control loop: machines, timers and channels live on it */
    pthread_t control_thread;
    atomic_uint_fast64_t channels;
    void (*on_no_channel)(void); /* control loop */
    uint64_t core_busy_until_us; /* control loop */
    uint64_t patience_us;        /* control thread, once stopping */
    struct isa__tr_port *stop_port;
    struct isa__tr_msg *stop_msg;
} engine = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* Core's threads end when its last object does: a connection that is being closed, or the subchannel
 * of an attempt that failed lately. When others use core in this process, it does not end with us. */
static void await_core(void)
{
    uint64_t until_us = isa__now_us();
    if (engine.core_busy_until_us > until_us && engine.patience_us > until_us)
        until_us = engine.core_busy_until_us < engine.patience_us ? engine.core_busy_until_us
                                                                  : engine.patience_us;
    until_us += AWAIT_SLACK_US;
    static const struct timespec pause = { 0, 1000000 };
    while (grpc_is_initialized() && isa__now_us() < until_us)
        nanosleep(&pause, NULL);
}

/* The last deeds of the control thread, in the order that core needs (queue drained, then gone). */
static void end_core(void)
{
    isa__tr_queue_stop();
    engine.is_core_up = false;
    grpc_shutdown();
    if (!engine.is_core_shared)
        await_core();
    isa__core_log_stop();
}

static void *run_control(void *unused)
{
    (void)unused;
    ev_run(engine.loop, 0); /* until isa__tr_stop() */
    end_core();
    isa__tr_port_release(isa__tr_control());
    isa__tr_port_unref(isa__tr_control());
    ev_loop_destroy(engine.loop);
    isa__tr_port_post(engine.stop_port, engine.stop_msg);
    return NULL;
}

static void on_fork_child(void)
{
    if (atomic_load(&engine.was_started))
        atomic_store(&isa__tr_forked, true);
}

static int watch_forks_locked(void)
{
    if (!engine.is_fork_watched)
        engine.is_fork_watched = pthread_atfork(NULL, NULL, on_fork_child) == 0;
    return engine.is_fork_watched ? 0 : ISA_ENOMEM;
}

/* Without descriptors libev and core abort the process, and without threads core waits for ever for
 * those that it has asked for: both are looked for before either is asked. As measured, core and both
 * loops take 12 descriptors and 7 threads until the first connection stands. */
enum { NEEDED_FDS = 32, NEEDED_THREADS = 12, PROBE_STACK_BYTES = 262144 };

static bool has_descriptors(void)
{
    int fds[NEEDED_FDS];
    int count = 0;
    while (count < NEEDED_FDS && (fds[count] = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0)
        count++;
    for (int i = 0; i < count; i++)
        close(fds[i]);
    return count == NEEDED_FDS;
}

static void *wait_for_unlock(void *lock)
{
    pthread_mutex_lock(lock);
    pthread_mutex_unlock(lock);
    return NULL;
}

static bool has_threads(void)
{
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_t threads[NEEDED_THREADS];
    pthread_attr_t small;
    int count = 0;
    if (pthread_attr_init(&small) != 0)
        return false;
    pthread_attr_setstacksize(&small, PROBE_STACK_BYTES);
    pthread_mutex_lock(&lock);
    while (count < NEEDED_THREADS &&
           pthread_create(&threads[count], &small, wait_for_unlock, &lock) == 0)
        count++;
    pthread_mutex_unlock(&lock);
    pthread_attr_destroy(&small);
    for (int i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    return count == NEEDED_THREADS;
}

static int start_threads(void)
{
    int error = isa__tr_queue_start();
    if (!error && pthread_create(&engine.control_thread, NULL, run_control, NULL) != 0) {
        isa__tr_queue_stop();
        error = ISA_ESYSTEM;
    }
    return error;
}

/* Core and its threads are started with all signals blocked: signals are the application's. */
static int start_core(void)
{
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    isa__core_version_warn();
    isa__core_log_start();
    int error = has_threads() ? 0 : ISA_ESYSTEM;
    if (!error && !engine.is_core_up) {
        engine.is_core_shared = grpc_is_initialized();
        grpc_init();
        isa__core_clock_start();
        engine.is_core_up =
            true; /* and stays up should the rest fail: half-started, it cannot be shut down */
    }
    if (!error)
        error = start_threads();
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error;
}

static int start_locked(void)
{
    if (watch_forks_locked() < 0)
        return ISA_ENOMEM;
    if (!has_descriptors())
        return ISA_ESYSTEM;
    atomic_store(&engine.was_started, true); /* from here on a child is one that has inherited it */
    engine.loop = ev_loop_new(EVFLAG_AUTO | EVFLAG_NOENV);
    if (!engine.loop)
        return ISA_ESYSTEM;
    isa__tr_port_control(engine.loop);
    isa__tr_port_hold(isa__tr_control());
    int error = start_core();
    if (error) {
        isa__tr_port_release(isa__tr_control());
        isa__tr_port_unref(isa__tr_control());
        ev_loop_destroy(engine.loop);
        return error;
    }
    atomic_store(&engine.is_running, true);
    return 0;
}

int isa__tr_start(void)
{
    if (atomic_load_explicit(&engine.is_running, memory_order_acquire))
        return 0;
    pthread_mutex_lock(&engine.lock);
    int error = atomic_load(&engine.is_running) ? 0 : start_locked();
    pthread_mutex_unlock(&engine.lock);
    return error;
}

bool isa__tr_is_running(void)
{
    return atomic_load(&engine.is_running);
}

void isa__tr_stop(struct isa__tr_port *port, struct isa__tr_msg *msg, uint64_t patience_us)
{
    engine.patience_us = patience_us;
    engine.stop_port = port;
    engine.stop_msg = msg;
    atomic_store(&engine.is_running, false);
    ev_break(engine.loop, EVBREAK_ALL);
}

void isa__tr_join(void)
{
    if (pthread_equal(engine.control_thread, pthread_self())) /* the waiting loop was destroyed */
        pthread_detach(engine.control_thread);
    else
        pthread_join(engine.control_thread, NULL);
}

static void tell_if_no_channel(void)
{
    void (*fn)(void) = engine.on_no_channel;
    if (fn && atomic_load(&engine.channels) == 0) {
        engine.on_no_channel = NULL;
        fn();
    }
}

void isa__tr_core_busy_until(uint64_t until_us)
{
    if (until_us > engine.core_busy_until_us)
        engine.core_busy_until_us = until_us;
}

void isa__tr_channel_born(void)
{
    atomic_fetch_add(&engine.channels, 1);
}

void isa__tr_channel_gone(void)
{
    atomic_fetch_sub(&engine.channels, 1);
    tell_if_no_channel();
}

uint64_t isa__tr_channel_count(void)
{
    return atomic_load(&engine.channels);
}

void isa__tr_when_no_channel(void (*fn)(void))
{
    engine.on_no_channel = fn;
    tell_if_no_channel();
}
