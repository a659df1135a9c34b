/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests of isa-watch --service against a server whose health the test sets.
 * Used by: ctest.
 * Must not know: the library; isa-watch is run as users run it.
 */
#include "grpc_server.h"
#include "json.h"
#include "watch_support.h"

#include <criterion/criterion.h>

#include <signal.h>
#include <string.h>

enum { LINES = 100, KEYS = 7 };

static struct server *server;

static void begin(void)
{
    server = server_new(NULL);
}

static void end(void)
{
    server_free(server);
}

TestSuite(isa_watch_health, .init = begin, .fini = end);

/* Its exit status when it has one second to find the service healthy. */
static int status_for(const char *service)
{
    const char *arguments[] = { "--until-ready", "--timeout",           "1s", "--service",
                                service,         server_target(server), NULL };
    struct child *child = watch_run(arguments);
    int status = child->exit_status;
    cr_expect_str_empty(child->err.text);
    child_free(child);
    return status;
}

Test(isa_watch_health, its_exit_status_tells_no_answer_from_a_bad_one)
{
    server_set_health(server, 1);
    cr_expect_eq(status_for("test"), 0);
    cr_expect_eq(status_for(""), 0);
    cr_expect_eq(status_for("other"), 3);
    server_set_health(server, 2);
    cr_expect_eq(status_for("test"), 4);
    server_set_health(server, SERVER_HEALTH_GARBAGE);
    cr_expect_eq(status_for("test"), 3);
    server_set_health(server, SERVER_HEALTH_NONE);
    cr_expect_eq(status_for("test"), 0, "no health service counts as healthy");
    server_down(server);
    cr_expect_eq(status_for("test"), 2);
}

Test(isa_watch_health, waits_until_the_service_is_well)
{
    const char *arguments[] = { "--until-ready", "--timeout",           "20s", "--service",
                                "test",          server_target(server), NULL };
    server_set_health(server, 2);

    struct child *child = child_start(ISA_WATCH, arguments);
    cr_assert(child_wait_text(child, "-> NOT_SERVING", RUN_MS), "%s", child->out.text);
    server_set_health(server, 1);
    cr_assert(child_wait(child, RUN_MS));

    cr_expect_eq(child->exit_status, 0);
    cr_expect_not_null(strstr(child->out.text, "NOT_SERVING -> SERVING"), "%s", child->out.text);
    child_free(child);
}

Test(isa_watch_health, writes_changes_of_health_as_json)
{
    static char *lines[LINES];
    static const char *const keys[KEYS] = { "time",      "target", "service", "health_from",
                                            "health_to", "status", "text" };
    const char *arguments[] = { "--json", "--service", "test", server_target(server), NULL };
    unsigned about_health = 0;
    server_set_health(server, 1);

    struct child *child = child_start(ISA_WATCH, arguments);
    cr_assert(child_wait_text(child, "\"SERVING\"", RUN_MS), "%s", child->out.text);
    server_down(server);
    cr_assert(child_wait_text(child, "\"health_to\":\"UNKNOWN\"", RUN_MS), "%s", child->out.text);
    /* The call may hear of the break before the connection does. */
    cr_assert(child_wait_text(child, "\"to\":\"TRANSIENT_FAILURE\"", RUN_MS), "%s",
              child->out.text);
    kill(child->pid, SIGTERM);
    cr_assert(child_wait(child, RUN_MS));

    size_t count = watch_lines(child->out.text, lines, LINES);
    cr_expect_eq(child->exit_status, 2);
    for (size_t i = 0; i < count; i++) {
        struct json_member members[KEYS + 4];
        if (!strstr(lines[i], "health_to"))
            continue;
        int found = json_read(lines[i], members, KEYS + 4);
        cr_assert_eq(found, KEYS, "%s", lines[i]);
        for (size_t key = 0; key < KEYS; key++)
            cr_expect_not_null(json_find(members, found, keys[key]), "%s: %s", keys[key], lines[i]);
        about_health++;
    }
    cr_expect_eq(about_health, 2);
    child_free(child);
}
