/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the mailbox of a loop and what wakes it; timers on a loop.
 * Used by: the pool for every loop of a user's, the engine for its own.
 * Must not know: what the messages are about, grpc-core.
 */
#include "port.h"
#include "follow.h"

#include <pthread.h>
#include <sched.h>

/* The control loop's: never freed, so that a late message finds a dead port, not freed memory. */
static struct isa__tr_port control_port;
/* A dead port's messages run on whatever thread posts them, one at a time. */
static pthread_mutex_t dead_lock = PTHREAD_MUTEX_INITIALIZER;
static _Thread_local unsigned dead_depth; /* such a message may post to a dead port */
static pthread_mutex_t ports_lock = PTHREAD_MUTEX_INITIALIZER;
static struct isa_list ports = { &ports, &ports }; /* of struct isa__tr_port.in_ports */

static void await_senders(struct isa__tr_port *port)
{
    while (atomic_load(&port->senders) > 0)
        sched_yield(); /* at most one system call long */
}

static void free_port(struct isa__tr_port *port)
{
    await_senders(port); /* what they sent may have been heard before they were done */
    if (port != &control_port)
        isa__free(port);
}

static void count_hold(struct isa__tr_port *port)
{
    bool wanted = atomic_load(&port->holds) > 0 && !isa__tr_is_forked();
    if (wanted == port->is_held)
        return;
    port->is_held = wanted;
    if (wanted)
        ev_ref(port->loop);
    else
        ev_unref(port->loop);
}

static struct isa__tr_msg *take_messages(struct isa__tr_port *port)
{
    struct isa__tr_msg *newest = atomic_exchange(&port->mailbox, NULL);
    struct isa__tr_msg *oldest = NULL;
    while (newest) {
        struct isa__tr_msg *next = newest->next;
        newest->next = oldest;
        oldest = newest;
        newest = next;
    }
    return oldest;
}

/* Pops before it runs: fn may free the message, post it again, or run the loop and come back here. */
static unsigned run_messages(struct isa__tr_msg **list)
{
    unsigned count = 0;
    for (struct isa__tr_msg *msg; (msg = *list); count++) {
        *list = msg->next;
        msg->fn(msg);
    }
    return count;
}

static void stop_watchers(struct isa__tr_port *port)
{
    struct ev_loop *loop = port->loop;
    if (port->is_held)
        ev_unref(loop);
    if (atomic_load(&port->is_awake)) {
        ev_ref(loop);
        ev_async_stop(loop, &port->wake);
    }
    ev_ref(loop);
    ev_prepare_stop(loop, &port->prepare);
    ev_cleanup_stop(loop, &port->cleanup);
}

static unsigned drop_detach_locked(struct isa__tr_port *port)
{
    port->is_detach_posted = false;
    return --port->refs;
}

/* Loop thread: free the port if nobody came back to it since the detach was posted. */
static void try_detach(struct isa__tr_port *port)
{
    pthread_mutex_lock(&ports_lock);
    port->wants_detach = false;
    bool is_unused = drop_detach_locked(port) == 1;
    if (is_unused)
        isa_list_remove(&port->in_ports);
    pthread_mutex_unlock(&ports_lock);
    if (!is_unused)
        return;
    stop_watchers(port);
    free_port(port);
}

/* How busy the loop is decides which thread takes completions, and where that runs. */
static void tell_queue(struct isa__tr_port *port, unsigned count)
{
    enum { AS_MUCH_AS_ONE_BYTES = 262144 }; /* of messages, what one costs by itself */
    int cpu = count == 1 && port->may_be_followed ? isa__tr_follow_my_cpu() : -1;
    atomic_store_explicit(&port->cpu, cpu, memory_order_relaxed);
    if (port != &control_port)
        isa__tr_queue_offer(port, count + (unsigned)(port->weight_bytes / AS_MUCH_AS_ONE_BYTES));
    port->weight_bytes = 0;
}

static void drain(struct isa__tr_port *port)
{
    if (isa__tr_is_forked()) /* what was on its way is the parent's */
        return;
    struct isa__tr_msg **end = &port->pending;
    while (*end)
        end = &(*end)->next;
    *end = take_messages(port);
    port->depth++;
    unsigned count = run_messages(&port->pending);
    port->depth--;
    tell_queue(port, count);
    count_hold(port);
    if (port->wants_detach && port->depth == 0)
        try_detach(port);
}

static void on_wake(struct ev_loop *loop, ev_async *watcher, int revents)
{
    (void)loop, (void)revents;
    drain(watcher->data);
}

static void on_prepare(struct ev_loop *loop, ev_prepare *watcher, int revents)
{
    (void)revents;
    struct isa__tr_port *port = watcher->data;
    if (atomic_load_explicit(&port->owner, memory_order_relaxed) != pthread_self()) {
        atomic_store(&port->owner, pthread_self());
        port->may_be_followed = port != &control_port && isa__tr_follow_may_me();
    }
    bool is_first = !atomic_load(&port->is_awake);
    if (is_first) {
        ev_async_start(loop, &port->wake);
        ev_unref(loop);
        atomic_store(&port->is_awake, true);
    }
    /* For what was posted before anyone could be woken, and for what a message that runs the loop
     * itself has left behind it. Not drained here: the loop would block after the callbacks, and
     * ev_run(EVRUN_ONCE) not return. */
    if (is_first || port->pending)
        ev_async_send(loop, &port->wake);
    count_hold(port);
}

static void run_dead(struct isa__tr_msg *left)
{
    if (!left)
        return;
    if (dead_depth++ == 0)
        pthread_mutex_lock(&dead_lock);
    run_messages(&left);
    if (--dead_depth == 0)
        pthread_mutex_unlock(&dead_lock);
}

static void on_cleanup(struct ev_loop *loop, ev_cleanup *watcher, int revents)
{
    (void)loop, (void)revents;
    struct isa__tr_port *port = watcher->data;
    if (isa__tr_is_forked())
        return;                         /* the parent's handles live on */
    atomic_store(&port->is_dead, true); /* but found by its loop until the end of this function */
    await_senders(port);

    pthread_mutex_lock(&ports_lock);
    while (!isa_list_is_empty(&port->mourners)) {
        struct isa_list *node = port->mourners.next;
        isa_list_remove(node);
        pthread_mutex_unlock(&ports_lock);
        struct isa__tr_mourner *mourner = isa__container(node, struct isa__tr_mourner, in_port);
        mourner->fn(mourner);
        pthread_mutex_lock(&ports_lock);
    }
    pthread_mutex_unlock(&ports_lock);
    run_dead(take_messages(port));

    pthread_mutex_lock(&ports_lock);
    isa_list_remove(&port->in_ports);
    bool is_last = --port->refs == 0;
    pthread_mutex_unlock(&ports_lock);
    if (is_last)
        free_port(port);
}

static void on_detach(struct isa__tr_msg *msg)
{
    struct isa__tr_port *port = isa__container(msg, struct isa__tr_port, detach);
    if (!atomic_load(&port->is_dead)) {
        port->wants_detach = true; /* drain() looks when it has nothing more to touch */
        return;
    }
    pthread_mutex_lock(&ports_lock);
    bool is_last = drop_detach_locked(port) == 0;
    pthread_mutex_unlock(&ports_lock);
    if (is_last)
        free_port(port);
}

static void attach_locked(struct isa__tr_port *port, struct ev_loop *loop)
{
    port->loop = loop;
    atomic_init(&port->cpu, -1);
    port->refs = 1;
    port->detach.fn = on_detach;
    isa_list_init(&port->mourners);
    isa_list_append(&ports, &port->in_ports);
    ev_async_init(&port->wake, on_wake);
    ev_prepare_init(&port->prepare, on_prepare);
    ev_cleanup_init(&port->cleanup, on_cleanup);
    port->wake.data = port->prepare.data = port->cleanup.data = port;
    ev_prepare_start(loop, &port->prepare);
    ev_unref(loop);
    ev_cleanup_start(loop, &port->cleanup); /* libev counts cleanup watchers as nothing */
}

int isa__tr_port_get(struct ev_loop *loop, struct isa__tr_port **ret_port)
{
    struct isa__tr_port *found = NULL;
    pthread_mutex_lock(&ports_lock);
    isa_list_each(node, after, &ports)
    {
        struct isa__tr_port *port = isa__container(node, struct isa__tr_port, in_ports);
        if (port->loop == loop) {
            found = port;
            break;
        }
    }
    bool is_dying = found && atomic_load(&found->is_dead); /* we are inside ev_loop_destroy() */
    if (is_dying)
        found = NULL;
    else if (!found) {
        found = isa__alloc(sizeof *found);
        if (found)
            attach_locked(found, loop);
    }
    if (found)
        found->refs++;
    pthread_mutex_unlock(&ports_lock);
    if (!found)
        return is_dying ? ISA_ESTATE : ISA_ENOMEM;
    *ret_port = found;
    return 0;
}

/* Late messages may still come to the dead port of the engine that ran before: they run where they
 * are posted until it lives again, and wait in its mailbox from then on. */
void isa__tr_port_control(struct ev_loop *loop)
{
    pthread_mutex_lock(&ports_lock);
    atomic_store(&control_port.is_awake, false);
    attach_locked(&control_port, loop);
    control_port.refs++;
    atomic_store(&control_port.is_dead, false);
    pthread_mutex_unlock(&ports_lock);
    await_senders(&control_port); /* who found it dead takes what is there, and nothing of ours */
}

static void ring(struct isa__tr_port *port)
{
    if (isa__tr_queue_is_mine())
        isa__tr_follow(port, atomic_load_explicit(&port->cpu, memory_order_relaxed));
    ev_async_send(port->loop, &port->wake);
}

/* Whoever fills the empty mailbox wakes the loop. It is a sender before the message is there: heard
 * at once, the message may cost the port its last user. Returns what a dead port must not keep. */
static struct isa__tr_msg *push(struct isa__tr_port *port, struct isa__tr_msg *msg)
{
    struct isa__tr_msg *head = atomic_load_explicit(&port->mailbox, memory_order_relaxed);
    struct isa__tr_msg *left = NULL;
    bool is_sender = false;
    do {
        if (!head && !is_sender) {
            is_sender = true;
            atomic_fetch_add(&port->senders, 1);
        }
        msg->next = head;
    } while (!atomic_compare_exchange_weak(&port->mailbox, &head, msg));
    if (!is_sender)
        return NULL;
    if (!head && atomic_load(&port->is_dead))
        left = take_messages(port);
    else if (!head && atomic_load(&port->is_awake))
        ring(port);
    atomic_fetch_sub(&port->senders, 1);
    return left;
}

/* Their loop is gone. The messages only free now, but the poster may hold a lock that they want: they
 * run on the control loop, and when that is gone too nobody is left to hold one. */
static void forward(struct isa__tr_msg *left, bool is_controls)
{
    if (!left)
        return;
    if (is_controls || atomic_load(&control_port.is_dead) || !atomic_load(&control_port.is_awake)) {
        run_dead(left);
        return;
    }
    while (left) {
        struct isa__tr_msg *msg = left;
        left = msg->next;
        run_dead(push(&control_port, msg)); /* none, unless it died in between */
    }
}

void isa__tr_port_post(struct isa__tr_port *port, struct isa__tr_msg *msg)
{
    bool is_controls = port == &control_port;
    forward(push(port, msg), is_controls);
}

void isa__tr_port_unref(struct isa__tr_port *port)
{
    pthread_mutex_lock(&ports_lock);
    bool is_unused = port->refs == 2 && !atomic_load(&port->is_dead) && !port->is_detach_posted;
    if (is_unused)
        port->is_detach_posted = true; /* with our reference */
    bool is_last = !is_unused && --port->refs == 0;
    pthread_mutex_unlock(&ports_lock);
    if (is_unused)
        isa__tr_port_post(port, &port->detach);
    if (is_last)
        free_port(port);
}

static bool is_on_loop(struct isa__tr_port *port)
{
    return atomic_load(&port->is_awake) && pthread_equal(atomic_load(&port->owner), pthread_self());
}

static void count_hold_soon(struct isa__tr_port *port)
{
    if (is_on_loop(port)) {
        count_hold(port);
        return;
    }
    atomic_fetch_add(&port->senders, 1);
    if (!atomic_load(&port->is_dead) && atomic_load(&port->is_awake))
        ev_async_send(port->loop, &port->wake);
    atomic_fetch_sub(&port->senders, 1);
}

void isa__tr_port_hold(struct isa__tr_port *port)
{
    if (atomic_fetch_add(&port->holds, 1) == 0 && !atomic_load(&port->is_dead))
        count_hold_soon(port);
}

void isa__tr_port_release(struct isa__tr_port *port)
{
    if (atomic_fetch_sub(&port->holds, 1) == 1 && !atomic_load(&port->is_dead))
        count_hold_soon(port);
}

bool isa__tr_port_is_dead(const struct isa__tr_port *port)
{
    return atomic_load(&port->is_dead);
}

void isa__tr_port_add_mourner(struct isa__tr_port *port, struct isa__tr_mourner *mourner)
{
    pthread_mutex_lock(&ports_lock);
    isa_list_append(&port->mourners, &mourner->in_port);
    pthread_mutex_unlock(&ports_lock);
}

void isa__tr_port_remove_mourner(struct isa__tr_port *port, struct isa__tr_mourner *mourner)
{
    (void)port;
    pthread_mutex_lock(&ports_lock);
    isa_list_remove(&mourner->in_port);
    pthread_mutex_unlock(&ports_lock);
}

struct isa__tr_port *isa__tr_control(void)
{
    return &control_port;
}
