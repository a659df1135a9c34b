/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: on which processor the queue's thread runs.
 * Used by: queue.c, port.c.
 * Must not know: what is completed, what is posted.
 *
 * With a lone call in flight the thread and the loop never run at the same time: one wakes the other and
 * sleeps. On one processor that costs a switch; on two it costs the other one's waking up as well, which
 * doubles what is dear in such a call. So, as long as one loop alone is served, and sleeps whenever it is
 * woken, the thread goes where that loop runs. As soon as the loop has other work, or another loop is
 * served, it goes back to all processors it was born with.
 */
#define _GNU_SOURCE /* NOLINT: the processor's number and the threads' masks are Linux's own */
#include "follow.h"

#include <sched.h>

enum {
    SETTLED = 32, /* lone wake-ups of one loop, and the thread goes there */
    DOUBT = 8,    /* so many of them another kind of wake-up takes back */
};

/* Of the queue's thread alone. */
static struct {
    cpu_set_t home;
    bool has_home;
    int cpu;          /* where it has gone; -1: home */
    const void *with; /* the port that was woken last; only compared */
    unsigned lone;
} follow = { .cpu = -1 };

void isa__tr_follow_begin(void)
{
    follow.has_home = sched_getaffinity(0, sizeof follow.home, &follow.home) == 0;
    follow.cpu = -1;
    follow.lone = 0;
}

bool isa__tr_follow_may_me(void)
{
    cpu_set_t mine;
    return sched_getscheduler(0) == SCHED_OTHER && sched_getaffinity(0, sizeof mine, &mine) == 0 &&
           CPU_COUNT(&mine) > 1;
}

int isa__tr_follow_my_cpu(void)
{
    return sched_getcpu();
}

static void go_to(int cpu)
{
    cpu_set_t there;
    CPU_ZERO(&there);
    CPU_SET((size_t)cpu, &there);
    if (cpu < CPU_SETSIZE && CPU_ISSET((size_t)cpu, &follow.home) &&
        sched_setaffinity(0, sizeof there, &there) == 0)
        follow.cpu = cpu;
}

static void go_home(void)
{
    if (follow.cpu >= 0)
        (void)sched_setaffinity(0, sizeof follow.home, &follow.home);
    follow.cpu = -1;
}

void isa__tr_follow(const void *port, int cpu)
{
    bool is_steady = cpu >= 0 && port == follow.with;
    follow.with = port;
    if (!is_steady) {
        follow.lone = follow.lone > DOUBT ? follow.lone - DOUBT : 0;
        if (follow.lone == 0)
            go_home();
    } else if (follow.lone < SETTLED) {
        follow.lone++;
    } else if (cpu != follow.cpu && follow.has_home) {
        go_to(cpu);
        follow.lone = SETTLED / 2; /* one that moves about is not run after */
    }
}
