/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests of a first operation in a process that has no descriptors or no threads left.
 * Must not know: the rooms behind the public headers.
 */
#include "client.h"
#include "grpc_server.h"
#include "proc.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { LIMIT_S = 20, ENOUGH = 200 };

struct hunger {
    const char *target;
    unsigned left; /* descriptors, or threads */
};

static bool limit(int resource, rlim_t most)
{
    struct rlimit now;
    if (getrlimit(resource, &now) != 0)
        return false;
    now.rlim_cur = most;
    return setrlimit(resource, &now) == 0;
}

static bool has_the_signal_mask_of(const sigset_t *before)
{
    sigset_t now;
    pthread_sigmask(SIG_SETMASK, NULL, &now);
    for (int number = 1; number < 32; number++)
        if (sigismember(&now, number) != sigismember(before, number))
            return false;
    return true;
}

/* The first call is accepted and answered, or refused for want of something and leaves no trace; the
 * next one, once there is enough, is answered. @return 0, or a number that says what was wrong */
static int starve(const char *target, int resource, rlim_t scarce)
{
    static struct client client;
    static struct client_op first;
    static struct client_op second;
    struct rlimit before;
    sigset_t mask;
    struct isa_unary unary = client_unary("/test.Test/Echo", "x");
    getrlimit(resource, &before);
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    client_open(&client, target, NULL);
    if (!limit(resource, scarce))
        return 2;
    int error = client_start(&client, &first, &unary);
    if (error != 0 && error != ISA_ESYSTEM)
        return 3;
    if (!has_the_signal_mask_of(&mask))
        return 4;
    if (error == 0) /* enough after all: it must be answered, also now */
        client_await_all(&client);
    if (setrlimit(resource, &before) != 0)
        return 5;
    client_do(&client, &second, "/test.Test/Echo", "y");
    if (second.status.code != ISA_STATUS_OK)
        return 6;
    return error == 0 ? 40 : 41;
}

static int starve_of_descriptors(void *arg)
{
    const struct hunger *hunger = arg;
    int highest = dup(STDOUT_FILENO);
    close(highest);
    return starve(hunger->target, RLIMIT_NOFILE, (rlim_t)highest + hunger->left);
}

Test(live_exhausted, no_number_of_descriptors_left_aborts_or_hangs, .timeout = 120)
{
    struct server_child *server = server_child_new();
    unsigned refused = 0;
    unsigned answered = 0;

    for (unsigned left = 0; left <= 48; left += left < 16 ? 1 : 8) {
        struct hunger hunger = { server_child_target(server), left };
        struct proc_result child = proc_run(starve_of_descriptors, &hunger, LIMIT_S);
        cr_expect_eq(child.signal, 0, "with %u descriptors left: %s", left, child.output);
        cr_expect(child.exit_status == 40 || child.exit_status == 41, "%u left: status %d: %s",
                  left, child.exit_status, child.output);
        answered += child.exit_status == 40;
        refused += child.exit_status == 41;
    }

    cr_expect_gt(refused, 5);
    cr_expect_gt(answered, 0);
    server_child_free(server);
}

static int starve_of_threads(void *arg)
{
    const struct hunger *hunger = arg;
    /* Root may make as many as it likes; a user with no process but this one has what the limit says. */
    if (getuid() == 0 && setuid(54321) != 0)
        return 77;
    return starve(hunger->target, RLIMIT_NPROC, 1 + hunger->left);
}

Test(live_exhausted, no_number_of_threads_left_aborts_or_hangs, .timeout = 120)
{
    struct server_child *server = server_child_new();
    unsigned refused = 0;
    unsigned answered = 0;
    if (getuid() != 0)
        cr_skip("only root can become a user with no process but this one");

    for (unsigned left = 0; left <= 24; left += left < 12 ? 1 : 6) {
        struct hunger hunger = { server_child_target(server), left };
        struct proc_result child = proc_run(starve_of_threads, &hunger, LIMIT_S);
        cr_expect_eq(child.signal, 0, "with %u threads left: %s", left, child.output);
        cr_expect(child.exit_status == 40 || child.exit_status == 41, "%u left: status %d: %s",
                  left, child.exit_status, child.output);
        answered += child.exit_status == 40;
        refused += child.exit_status == 41;
    }

    cr_expect_gt(refused, 5);
    cr_expect_gt(answered, 0);
    server_child_free(server);
}
