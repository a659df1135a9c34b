/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: a thread that runs a libev loop and does what it is told on it.
 * Used by: tests with handles on several loops.
 * Must not know: the library under test.
 */
#ifndef LOOP_THREAD_H
#define LOOP_THREAD_H

#include <pthread.h>

struct ev_loop;
struct loop_thread; /* opaque */

/* The loop runs when it returns. */
struct loop_thread *loop_thread_new(void);
struct ev_loop *loop_thread_loop(const struct loop_thread *thread);
pthread_t loop_thread_id(const struct loop_thread *thread);

/* Run fn(arg) on the loop's thread, as one of its events; return when fn has. */
void loop_thread_do(struct loop_thread *thread, void (*fn)(void *arg), void *arg);

/* End the thread, destroying its loop on it. Returns NULL; takes NULL. */
struct loop_thread *loop_thread_free(struct loop_thread *thread);

#endif
