/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the threads and their operations.
 * Used by: acceptance tests, through crowd.h.
 * Must not know: servers; how a connection is made.
 */
#include "crowd.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <string.h>

struct member {
    struct crowd *crowd;
    size_t first; /* operation */
    int error;
};

struct ticket {
    struct crowd *crowd;
    size_t number;
};

static struct ticket tickets[CROWD_OPS];
static pthread_barrier_t start_line;
static pthread_t loop_thread;

static void on_reply(struct isa_call *call, const struct isa_reply *reply, void *user)
{
    const struct ticket *ticket = user;
    struct crowd *crowd = ticket->crowd;
    (void)call;
    crowd->completions[ticket->number]++;
    crowd->codes[ticket->number] = (int)reply->status.code;
    crowd->strays += !pthread_equal(loop_thread, pthread_self());
    crowd->completed++;
}

static void *issue(void *arg)
{
    struct member *member = arg;
    pthread_barrier_wait(&start_line);
    for (size_t i = member->first; i < member->first + CROWD_OPS_EACH; i++) {
        struct isa_unary unary = client_unary("/test.Test/Echo", "x");
        tickets[i] = (struct ticket){ member->crowd, i };
        unary.on_reply = on_reply;
        unary.user = &tickets[i];
        int error = isa_call_unary(member->crowd->client->conn, &unary, NULL);
        if (error)
            member->error = error;
    }
    return NULL;
}

static bool are_all_complete(void *arg)
{
    return ((struct crowd *)arg)->completed >= CROWD_OPS;
}

void crowd_rush(struct crowd *crowd, struct client *client)
{
    static struct member members[CROWD_THREADS];
    pthread_t threads[CROWD_THREADS];
    memset(crowd, 0, sizeof *crowd);
    memset(members, 0, sizeof members);
    crowd->client = client;
    loop_thread = pthread_self();
    pthread_barrier_init(&start_line, NULL, CROWD_THREADS);
    for (size_t i = 0; i < CROWD_THREADS; i++) {
        members[i].crowd = crowd;
        members[i].first = i * CROWD_OPS_EACH;
        cr_assert_eq(pthread_create(&threads[i], NULL, issue, &members[i]), 0);
    }
    client_await(client, are_all_complete, crowd);
    for (size_t i = 0; i < CROWD_THREADS; i++) {
        pthread_join(threads[i], NULL);
        cr_assert_eq(members[i].error, 0, "%s", isa_error_name(members[i].error));
    }
    pthread_barrier_destroy(&start_line);
    for (size_t i = 0; i < CROWD_OPS; i++)
        cr_assert_eq(crowd->completions[i], 1);
    cr_assert_eq(crowd->strays, 0);
}

unsigned crowd_count(const struct crowd *crowd, enum isa_status_code code)
{
    unsigned count = 0;
    for (size_t i = 0; i < CROWD_OPS; i++)
        count += crowd->codes[i] == (int)code;
    return count;
}
