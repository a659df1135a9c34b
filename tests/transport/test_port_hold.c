/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests of what keeps a loop alive and what does not (port.c).
 * Used by: ctest.
 * Must not know: grpc-core.
 */
#include <criterion/criterion.h>

#include <ev.h>
#include <pthread.h>
#include <semaphore.h>

#include "port.h"

struct note {
    struct isa__tr_msg msg;
    struct note *next; /* posted by this one */
};

static struct ev_loop *loop;
static struct isa__tr_port *port;
static sem_t is_blocking;
static struct note note;
static unsigned heard;

static void begin(void)
{
    loop = ev_loop_new(EVFLAG_AUTO);
    cr_assert_not_null(loop);
    cr_assert_eq(isa__tr_port_get(loop, &port), 0);
}

static void end(void)
{
    isa__tr_port_unref(port);
    ev_run(loop, EVRUN_NOWAIT);
    ev_loop_destroy(loop);
}

static void release(struct isa__tr_msg *msg)
{
    struct note *next = isa__container(msg, struct note, msg)->next;
    heard++;
    isa__tr_port_release(port);
    if (next)
        isa__tr_port_post(port, &next->msg);
}

TestSuite(transport_port_hold, .init = begin);

Test(transport_port_hold, a_port_alone_lets_the_loop_return)
{
    ev_run(loop, 0);
    ev_run(loop, 0);

    end();
}

/* Runs after the port's own prepare watcher: all that is left to the loop is to block. */
static void on_prepare_to_block(struct ev_loop *unused, ev_prepare *watcher, int revents)
{
    (void)unused, (void)watcher, (void)revents;
    sem_post(&is_blocking);
}

static void *send_releasing_note(void *unused)
{
    (void)unused;
    sem_wait(&is_blocking);
    note.msg.fn = release;
    isa__tr_port_post(port, &note.msg);
    return NULL;
}

static void *release_port(void *unused)
{
    (void)unused;
    sem_wait(&is_blocking);
    isa__tr_port_release(port);
    return NULL;
}

static void run_held_against(void *(*body)(void *))
{
    pthread_t thread;
    ev_prepare prepare;
    sem_init(&is_blocking, 0, 0);
    ev_prepare_init(&prepare, on_prepare_to_block);
    ev_set_priority(&prepare, EV_MINPRI);
    ev_prepare_start(loop, &prepare);
    ev_unref(loop);
    isa__tr_port_hold(port);
    cr_assert_eq(pthread_create(&thread, NULL, body, NULL), 0);
    ev_run(loop, 0);
    pthread_join(thread, NULL);
    ev_ref(loop);
    ev_prepare_stop(loop, &prepare);
}

Test(transport_port_hold, a_hold_keeps_the_loop_until_a_message_comes)
{
    run_held_against(send_releasing_note);

    cr_expect_eq(heard, 1);
    end();
}

Test(transport_port_hold, a_release_by_another_thread_lets_the_loop_return)
{
    run_held_against(release_port);

    end();
}

Test(transport_port_hold, every_hold_needs_its_release)
{
    struct note second = { .msg = { .fn = release } };
    struct note first = { .msg = { .fn = release }, .next = &second };
    isa__tr_port_hold(port);
    isa__tr_port_hold(port);
    isa__tr_port_post(port, &first.msg);

    ev_run(loop, 0);

    cr_expect_eq(heard, 2);
    end();
}
