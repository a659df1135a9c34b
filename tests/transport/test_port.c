/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests of ports: one for each loop, and the messages that travel through it.
 * Used by: ctest.
 * Must not know: grpc-core.
 */
#include <criterion/criterion.h>

#include <ev.h>
#include <pthread.h>
#include <stdlib.h>

#include "failing_alloc.h"
#include "port.h"

enum { NOTES_MAX = 64 };

struct note {
    struct isa__tr_msg msg;
    int number;
    void (*then)(struct note *note);
};

static struct ev_loop *loop;
static struct isa__tr_port *port;
static struct note notes[NOTES_MAX];
static int heard[NOTES_MAX]; /* numbers of notes, in the order of hearing */
static int heard_count;
static bool heard_dead;

static void hear(struct isa__tr_msg *msg)
{
    struct note *note = isa__container(msg, struct note, msg);
    heard[heard_count++] = note->number;
    heard_dead = isa__tr_port_is_dead(port);
    if (note->then)
        note->then(note);
}

static void send_note(int number, void (*then)(struct note *note))
{
    notes[number] = (struct note){ .msg = { .fn = hear }, .number = number, .then = then };
    isa__tr_port_post(port, &notes[number].msg);
}

static void begin(void)
{
    failing_alloc_install();
    loop = ev_loop_new(EVFLAG_AUTO);
    cr_assert_not_null(loop);
    cr_assert_eq(isa__tr_port_get(loop, &port), 0);
}

/* Let go of the port and of the loop, and see that nothing is left. */
static void end(void)
{
    isa__tr_port_unref(port);
    ev_run(loop, EVRUN_NOWAIT);
    ev_loop_destroy(loop);
    cr_assert_eq(failing_alloc_live(), 0);
}

static void expect_heard(const char *digits)
{
    char actual[NOTES_MAX + 1] = "";
    for (int i = 0; i < heard_count; i++)
        actual[i] = (char)('0' + heard[i]);
    cr_assert_str_eq(actual, digits);
}

TestSuite(transport_port, .init = begin);

/* One port for one loop. */

Test(transport_port, a_loop_has_one_port)
{
    struct isa__tr_port *again;

    cr_assert_eq(isa__tr_port_get(loop, &again), 0);

    cr_expect_eq(again, port);
    isa__tr_port_unref(again);
    end();
}

Test(transport_port, two_loops_have_two_ports)
{
    struct ev_loop *other_loop = ev_loop_new(EVFLAG_AUTO);
    struct isa__tr_port *other;

    cr_assert_eq(isa__tr_port_get(other_loop, &other), 0);

    cr_expect_neq(other, port);
    isa__tr_port_unref(other);
    ev_loop_destroy(other_loop);
    end();
}

Test(transport_port, a_port_nobody_uses_is_detached_when_the_loop_runs)
{
    isa__tr_port_unref(port);

    ev_run(loop, 0);

    cr_expect_eq(failing_alloc_live(), 0);
    ev_loop_destroy(loop);
}

Test(transport_port, a_port_nobody_uses_goes_with_a_loop_that_never_ran)
{
    isa__tr_port_unref(port);

    ev_loop_destroy(loop);

    cr_expect_eq(failing_alloc_live(), 0);
}

Test(transport_port, a_port_that_is_wanted_again_before_it_was_detached_stays)
{
    isa__tr_port_unref(port);
    cr_assert_eq(isa__tr_port_get(loop, &port), 0);

    ev_run(loop, 0);
    send_note(1, NULL);
    ev_run(loop, 0);

    expect_heard("1");
    end();
}

Test(transport_port, a_loop_can_have_a_port_again)
{
    isa__tr_port_unref(port);
    ev_run(loop, 0);

    cr_assert_eq(isa__tr_port_get(loop, &port), 0);
    send_note(1, NULL);
    ev_run(loop, 0);

    expect_heard("1");
    end();
}

Test(transport_port, without_memory_there_is_no_port)
{
    struct ev_loop *other_loop = ev_loop_new(EVFLAG_AUTO);
    struct isa__tr_port *other = NULL;
    failing_alloc_arm(1);

    cr_expect_eq(isa__tr_port_get(other_loop, &other), ISA_ENOMEM);

    cr_expect_null(other);
    ev_loop_destroy(other_loop);
    end();
}

/* Messages. */

Test(transport_port, messages_run_in_the_order_of_posting)
{
    for (int i = 0; i < 9; i++)
        send_note(i, NULL);
    expect_heard("");

    ev_run(loop, 0);

    expect_heard("012345678");
    end();
}

static unsigned iterations;

static void count_iteration(struct ev_loop *unused, ev_check *watcher, int revents)
{
    (void)unused, (void)watcher, (void)revents;
    iterations++;
}

Test(transport_port, many_messages_are_one_wake_up)
{
    ev_check check;
    ev_run(loop, EVRUN_NOWAIT);
    ev_check_init(&check, count_iteration);
    ev_check_start(loop, &check);
    ev_unref(loop);
    for (int i = 0; i < NOTES_MAX; i++)
        send_note(i, NULL);

    ev_run(loop, EVRUN_ONCE);

    cr_expect_eq(heard_count, NOTES_MAX);
    cr_expect_eq(iterations, 1);
    ev_ref(loop);
    ev_check_stop(loop, &check);
    end();
}

static void send_two_more(struct note *note)
{
    send_note(note->number + 1, NULL);
    send_note(note->number + 2, NULL);
}

Test(transport_port, a_message_may_post_messages)
{
    send_note(0, send_two_more);
    send_note(3, NULL);

    ev_run(loop, 0);
    ev_run(loop, 0);

    expect_heard("0312");
    end();
}

static void send_again(struct note *note)
{
    if (heard_count < 5)
        isa__tr_port_post(port, &note->msg);
    else
        isa__tr_port_release(port);
}

Test(transport_port, a_message_may_post_itself_again)
{
    isa__tr_port_hold(port);
    send_note(7, send_again);

    ev_run(loop, 0);

    expect_heard("77777");
    end();
}

static void free_note(struct isa__tr_msg *msg)
{
    free(isa__container(msg, struct note, msg));
    heard_count++;
}

Test(transport_port, a_message_may_free_itself)
{
    for (int i = 0; i < 3; i++) {
        struct note *note = calloc(1, sizeof *note);
        cr_assert_not_null(note);
        note->msg.fn = free_note;
        isa__tr_port_post(port, &note->msg);
    }

    ev_run(loop, 0);

    cr_expect_eq(heard_count, 3);
    end();
}

static void run_loop_inside(struct note *note)
{
    send_note(note->number + 2, NULL);
    ev_run(loop, EVRUN_NOWAIT);
    heard[heard_count++] = 9; /* back from inside */
}

Test(transport_port, a_message_may_run_the_loop_and_hear_the_others_inside)
{
    send_note(0, run_loop_inside);
    send_note(1, NULL);

    ev_run(loop, 0);

    expect_heard("0129");
    end();
}

static void run_loop_only(struct note *note)
{
    (void)note;
    ev_run(loop, EVRUN_NOWAIT);
    heard[heard_count++] = 9;
}

Test(transport_port, a_message_that_runs_the_loop_does_not_hold_up_those_behind_it)
{
    send_note(0, run_loop_only);
    send_note(1, NULL);

    ev_run(loop, 0);

    expect_heard("019");
    end();
}

enum { THREADS = 8, EACH = 2000 };

struct sender {
    pthread_t thread;
    struct isa__tr_msg msgs[EACH];
    int heard;
};

static struct sender senders[THREADS];
static int arrived;

static void hear_sender(struct isa__tr_msg *msg)
{
    for (int i = 0; i < THREADS; i++) {
        if (msg < senders[i].msgs || msg >= senders[i].msgs + EACH)
            continue;
        cr_assert_eq(msg - senders[i].msgs, senders[i].heard, "thread %d: out of order", i);
        senders[i].heard++;
    }
    if (++arrived == THREADS * EACH)
        isa__tr_port_release(port);
}

static void *send_all(void *data)
{
    struct sender *sender = data;
    for (int i = 0; i < EACH; i++) {
        sender->msgs[i].fn = hear_sender;
        isa__tr_port_post(port, &sender->msgs[i]);
    }
    return NULL;
}

Test(transport_port, messages_of_many_threads_arrive_once_each_in_its_order)
{
    isa__tr_port_hold(port);
    for (int i = 0; i < THREADS; i++)
        cr_assert_eq(pthread_create(&senders[i].thread, NULL, send_all, &senders[i]), 0);

    ev_run(loop, 0);

    for (int i = 0; i < THREADS; i++) {
        pthread_join(senders[i].thread, NULL);
        cr_expect_eq(senders[i].heard, EACH, "thread %d", i);
    }
    end();
}
