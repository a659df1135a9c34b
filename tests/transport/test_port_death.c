/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests of ports whose loop is destroyed (port.c).
 * Used by: ctest.
 * Must not know: grpc-core.
 */
#include <criterion/criterion.h>

#include <ev.h>
#include <pthread.h>

#include "failing_alloc.h"
#include "port.h"

struct note {
    struct isa__tr_msg msg;
    int heard;
    bool was_dead;
    struct note *next; /* posted by this one */
};

struct mourner {
    struct isa__tr_mourner mourner;
    int mourned;
    bool was_dead;
    struct mourner *removes;
};

static struct ev_loop *loop;
static struct isa__tr_port *port;

static void begin(void)
{
    failing_alloc_install();
    loop = ev_loop_new(EVFLAG_AUTO);
    cr_assert_not_null(loop);
    cr_assert_eq(isa__tr_port_get(loop, &port), 0);
}

static void end(void)
{
    isa__tr_port_unref(port);
    cr_assert_eq(failing_alloc_live(), 0);
}

static void hear(struct isa__tr_msg *msg)
{
    struct note *note = isa__container(msg, struct note, msg);
    note->heard++;
    note->was_dead = isa__tr_port_is_dead(port);
    if (note->next)
        isa__tr_port_post(port, &note->next->msg);
}

static void mourn(struct isa__tr_mourner *base)
{
    struct mourner *mourner = isa__container(base, struct mourner, mourner);
    mourner->mourned++;
    mourner->was_dead = isa__tr_port_is_dead(port);
    if (mourner->removes)
        isa__tr_port_remove_mourner(port, &mourner->removes->mourner);
}

static void add_mourner(struct mourner *mourner)
{
    mourner->mourner.fn = mourn;
    isa__tr_port_add_mourner(port, &mourner->mourner);
}

TestSuite(transport_port_death, .init = begin);

Test(transport_port_death, a_living_port_is_not_dead)
{
    cr_expect_not(isa__tr_port_is_dead(port));

    ev_loop_destroy(loop);

    cr_expect(isa__tr_port_is_dead(port));
    end();
}

Test(transport_port_death, mourners_hear_of_it)
{
    struct mourner mourners[3] = { { .mourned = 0 } };
    for (int i = 0; i < 3; i++)
        add_mourner(&mourners[i]);

    ev_loop_destroy(loop);

    for (int i = 0; i < 3; i++) {
        cr_expect_eq(mourners[i].mourned, 1, "mourner %d", i);
        cr_expect(mourners[i].was_dead);
    }
    end();
}

static int error_when_asked;

static void ask_for_a_port(struct isa__tr_mourner *unused)
{
    struct isa__tr_port *other;
    (void)unused;
    error_when_asked = isa__tr_port_get(loop, &other);
}

Test(transport_port_death, a_loop_that_is_being_destroyed_has_no_port_to_give)
{
    struct isa__tr_mourner mourner = { .fn = ask_for_a_port };
    isa__tr_port_add_mourner(port, &mourner);

    ev_loop_destroy(loop);

    cr_expect_eq(error_when_asked, ISA_ESTATE);
    end();
}

static struct isa__tr_port *unwanted;

static void give_unwanted_back(struct isa__tr_msg *unused)
{
    (void)unused;
    isa__tr_port_unref(unwanted);
}

static void destroy_and_give_back(struct isa__tr_mourner *unused)
{
    static struct isa__tr_msg msg = { .fn = give_unwanted_back };
    (void)unused;
    isa__tr_port_post(unwanted, &msg);
    isa__tr_port_unref(port);
}

Test(transport_port_death, a_port_may_be_given_back_by_its_last_messages)
{
    struct isa__tr_mourner mourner = { .fn = destroy_and_give_back };
    cr_assert_eq(isa__tr_port_get(loop, &unwanted), 0);
    isa__tr_port_add_mourner(port, &mourner);

    ev_loop_destroy(loop);

    cr_assert_eq(failing_alloc_live(), 0);
}

enum { GIVERS = 2, LIVES = 200 };

static void *give_back(void *given)
{
    isa__tr_port_unref(given);
    return NULL;
}

Test(transport_port_death, a_port_may_be_given_back_while_its_loop_dies)
{
    isa__tr_port_unref(port);
    ev_loop_destroy(loop);
    for (unsigned i = 0; i < LIVES; i++) {
        pthread_t givers[GIVERS];
        loop = ev_loop_new(EVFLAG_AUTO);
        for (unsigned j = 0; j < GIVERS; j++)
            cr_assert_eq(isa__tr_port_get(loop, &port), 0);
        ev_run(loop, EVRUN_NOWAIT);

        for (unsigned j = 0; j < GIVERS; j++)
            cr_assert_eq(pthread_create(&givers[j], NULL, give_back, port), 0);
        ev_loop_destroy(loop);
        for (unsigned j = 0; j < GIVERS; j++)
            pthread_join(givers[j], NULL);
    }

    cr_assert_eq(failing_alloc_live(), 0);
}

Test(transport_port_death, a_mourner_that_left_hears_nothing)
{
    struct mourner mourner = { .mourned = 0 };
    add_mourner(&mourner);

    isa__tr_port_remove_mourner(port, &mourner.mourner);
    ev_loop_destroy(loop);

    cr_expect_eq(mourner.mourned, 0);
    end();
}

Test(transport_port_death, a_mourner_may_take_another_away)
{
    struct mourner second = { .mourned = 0 };
    struct mourner first = { .removes = &second };
    add_mourner(&first);
    add_mourner(&second);

    ev_loop_destroy(loop);

    cr_expect_eq(first.mourned, 1);
    cr_expect_eq(second.mourned, 0);
    end();
}

Test(transport_port_death, pending_messages_run_and_see_that_it_is_dead)
{
    struct note note = { .msg = { .fn = hear } };
    isa__tr_port_post(port, &note.msg);

    ev_loop_destroy(loop);

    cr_expect_eq(note.heard, 1);
    cr_expect(note.was_dead);
    end();
}

Test(transport_port_death, mourners_come_before_messages)
{
    struct note note = { .msg = { .fn = hear } };
    struct mourner mourner = { .mourned = 0 };
    add_mourner(&mourner);
    ev_run(loop, EVRUN_NOWAIT);
    isa__tr_port_post(port, &note.msg);

    ev_loop_destroy(loop);

    cr_expect_eq(mourner.mourned, 1);
    cr_expect_eq(note.heard, 1);
    end();
}

Test(transport_port_death, a_message_to_a_dead_port_still_runs)
{
    struct note note = { .msg = { .fn = hear } };
    ev_loop_destroy(loop);

    isa__tr_port_post(port, &note.msg);

    cr_expect_eq(note.heard, 1);
    cr_expect(note.was_dead);
    end();
}

Test(transport_port_death, a_message_to_a_dead_port_may_post_another)
{
    struct note second = { .msg = { .fn = hear } };
    struct note first = { .msg = { .fn = hear }, .next = &second };
    ev_loop_destroy(loop);

    isa__tr_port_post(port, &first.msg);

    cr_expect_eq(first.heard, 1);
    cr_expect_eq(second.heard, 1);
    end();
}

enum { THREADS = 4, EACH = 500 };

static struct note notes[THREADS][EACH];

static void *send_all(void *data)
{
    struct note *own = data;
    for (int i = 0; i < EACH; i++) {
        own[i].msg.fn = hear;
        isa__tr_port_post(port, &own[i].msg);
    }
    return NULL;
}

Test(transport_port_death, messages_sent_while_the_loop_dies_run_once)
{
    pthread_t threads[THREADS];
    ev_run(loop, EVRUN_NOWAIT);

    for (int i = 0; i < THREADS; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, send_all, notes[i]), 0);
    ev_loop_destroy(loop);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);

    for (int i = 0; i < THREADS * EACH; i++)
        cr_expect_eq(notes[i / EACH][i % EACH].heard, 1, "message %d", i);
    end();
}

Test(transport_port_death, holds_of_a_dead_port_are_harmless)
{
    isa__tr_port_hold(port);
    ev_run(loop, EVRUN_NOWAIT);

    ev_loop_destroy(loop);
    isa__tr_port_hold(port);
    isa__tr_port_release(port);
    isa__tr_port_release(port);

    end();
}

Test(transport_port_death, a_held_loop_can_be_destroyed_before_it_runs)
{
    isa__tr_port_hold(port);

    ev_loop_destroy(loop);

    end();
}
