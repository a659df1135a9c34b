/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: where the library's thread runs: beside the one loop it serves, or anywhere.
 * Used by: ctest.
 * Must not know: the rooms behind the public headers.
 */
#include "client.h"
#include "grpc_server.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>

/* Enough for the thread to settle, or to leave; see follow.c. */
enum { MANY = 200 };

static bool is_bound(const char *task)
{
    char path[300];
    char line[256];
    bool is_bound = false;
    snprintf(path, sizeof path, "/proc/self/task/%s/status", task);
    FILE *status = fopen(path, "r");
    while (status && fgets(line, sizeof line, status)) {
        if (strncmp(line, "Cpus_allowed_list:", 18) == 0)
            is_bound = !strpbrk(line, ",-");
    }
    if (status)
        fclose(status);
    return is_bound;
}

static unsigned count_bound_threads(void)
{
    unsigned count = 0;
    DIR *tasks = opendir("/proc/self/task");
    cr_assert_not_null(tasks);
    for (struct dirent *entry; (entry = readdir(tasks));)
        count += entry->d_name[0] != '.' && is_bound(entry->d_name);
    closedir(tasks);
    return count;
}

static void call(struct client *client)
{
    struct client_op op = { 0 };
    client_do(client, &op, "/test.Test/Echo", "x");
    cr_assert_eq(op.status.code, ISA_STATUS_OK, "%s", op.text);
    isa_call_unref(op.call);
    client->ops = NULL; /* it is on this stack */
}

static void skip_on_one_processor(void)
{
    if (count_bound_threads() > 0)
        cr_skip_test("SKIPPED: this process may run on one processor only");
}

Test(live_follow, the_thread_runs_where_its_one_loop_does_and_anywhere_when_there_are_two)
{
    skip_on_one_processor();
    struct server *server = server_new(NULL);
    struct client one;
    struct client other;
    client_open(&one, server_target(server), NULL);
    client_open(&other, server_target(server), NULL);

    for (int i = 0; i < MANY; i++)
        call(&one);
    cr_expect_eq(count_bound_threads(), 1);
    for (int i = 0; i < MANY; i++)
        call(i % 2 ? &one : &other);
    cr_expect_eq(count_bound_threads(), 0);

    client_close(&other);
    client_leave(&other);
    client_end(&one);
    server_free(server);
}
