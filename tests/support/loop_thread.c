/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the thread, its loop, and the one order that is under way.
 * Used by: tests with handles on several loops, through loop_thread.h.
 * Must not know: the library under test.
 */
#include "loop_thread.h"

#include <ev.h>
#include <stdbool.h>
#include <stdlib.h>

struct loop_thread {
    struct ev_loop *loop;
    pthread_t id;
    ev_async wake; /* also keeps the loop alive */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    void (*fn)(void *arg); /* the order; NULL: none. Under lock */
    void *arg;             /* under lock */
    bool is_ending;        /* under lock */
};

static void on_wake(struct ev_loop *loop, ev_async *wake, int revents)
{
    (void)revents;
    struct loop_thread *thread = wake->data;
    pthread_mutex_lock(&thread->lock);
    void (*fn)(void *arg) = thread->fn;
    void *arg = thread->arg;
    bool is_ending = thread->is_ending;
    pthread_mutex_unlock(&thread->lock);
    if (fn)
        fn(arg);
    pthread_mutex_lock(&thread->lock);
    if (fn)
        thread->fn = NULL;
    pthread_cond_broadcast(&thread->changed);
    pthread_mutex_unlock(&thread->lock);
    if (is_ending)
        ev_break(loop, EVBREAK_ALL);
}

static void *run(void *arg)
{
    struct loop_thread *thread = arg;
    pthread_mutex_lock(&thread->lock); /* what the maker wrote before this is ours now */
    pthread_mutex_unlock(&thread->lock);
    ev_run(thread->loop, 0);
    ev_async_stop(thread->loop, &thread->wake);
    ev_loop_destroy(thread->loop);
    return NULL;
}

struct loop_thread *loop_thread_new(void)
{
    struct loop_thread *thread = calloc(1, sizeof *thread);
    if (!thread)
        abort();
    thread->loop = ev_loop_new(EVFLAG_AUTO);
    if (!thread->loop)
        abort();
    pthread_mutex_init(&thread->lock, NULL);
    pthread_cond_init(&thread->changed, NULL);
    ev_async_init(&thread->wake, on_wake);
    thread->wake.data = thread;
    ev_async_start(thread->loop, &thread->wake);
    pthread_mutex_lock(&thread->lock);
    if (pthread_create(&thread->id, NULL, run, thread) != 0)
        abort();
    pthread_mutex_unlock(&thread->lock);
    return thread;
}

struct ev_loop *loop_thread_loop(const struct loop_thread *thread)
{
    return thread->loop;
}

pthread_t loop_thread_id(const struct loop_thread *thread)
{
    return thread->id;
}

void loop_thread_do(struct loop_thread *thread, void (*fn)(void *arg), void *arg)
{
    pthread_mutex_lock(&thread->lock);
    thread->fn = fn;
    thread->arg = arg;
    ev_async_send(thread->loop, &thread->wake);
    while (thread->fn)
        pthread_cond_wait(&thread->changed, &thread->lock);
    pthread_mutex_unlock(&thread->lock);
}

struct loop_thread *loop_thread_free(struct loop_thread *thread)
{
    if (!thread)
        return NULL;
    pthread_mutex_lock(&thread->lock);
    thread->is_ending = true;
    ev_async_send(thread->loop, &thread->wake);
    pthread_mutex_unlock(&thread->lock);
    pthread_join(thread->id, NULL);
    pthread_cond_destroy(&thread->changed);
    pthread_mutex_destroy(&thread->lock);
    free(thread);
    return NULL;
}
