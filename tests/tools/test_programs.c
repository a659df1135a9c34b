/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests of the example and of the demo, against a real etcd.
 * Used by: ctest.
 * Must not know: the library; the programs are run as users run them.
 */
#include "child.h"
#include "etcd.h"
#include "watch_support.h"

#include <criterion/criterion.h>

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ETCD_MS = 15000, DEMO_MS = 60000 };

static void skip_without_etcd(void)
{
    if (!etcd_is_installed())
        cr_skip("%s", etcd_missing_text);
}

/* Or the test is skipped. */
static struct etcd *serving_etcd(void)
{
    skip_without_etcd();
    struct etcd *etcd = etcd_new();
    cr_assert_not_null(etcd);
    cr_assert_eq(etcd_start(etcd), 0);
    cr_assert_eq(etcd_wait_accepts(etcd, ETCD_MS), 0);
    return etcd;
}

Test(example_first_call, stores_a_greeting_and_exits_by_itself)
{
    struct etcd *etcd = serving_etcd();
    const char *arguments[] = { etcd_target(etcd), NULL };

    struct child *child = child_run(EXAMPLE_FIRST_CALL, arguments, RUN_MS);

    cr_assert_not_null(child);
    cr_expect_eq(child->exit_status, 0, "%s%s", child->out.text, child->err.text);
    cr_expect_not_null(strstr(child->out.text, "IDLE -> CONNECTING (operation)"));
    cr_expect_not_null(strstr(child->out.text, "CONNECTING -> READY (connected)"));
    cr_expect_not_null(strstr(child->out.text, "stored as revision 2 in "), "%s", child->out.text);
    cr_expect_not_null(strstr(child->out.text, "-> SHUTDOWN (user)"), "%s", child->out.text);
    cr_expect_str_empty(child->err.text);
    child_free(child);
    etcd_free(etcd);
}

Test(example_first_call, says_why_nothing_was_stored)
{
    char closed[TARGET_SIZE];
    watch_closed_target(closed);
    const char *arguments[] = { closed, NULL };

    struct child *child = child_run(EXAMPLE_FIRST_CALL, arguments, RUN_MS);

    cr_assert_not_null(child);
    cr_expect_eq(child->exit_status, 1);
    cr_expect_not_null(strstr(child->out.text, "not stored: UNAVAILABLE: "), "%s", child->out.text);
    cr_expect_not_null(strstr(child->out.text, "refused"), "%s", child->out.text);
    child_free(child);
}

Test(example_first_call, refuses_a_malformed_target)
{
    const char *arguments[] = { "localhost:99999", NULL };

    struct child *child = child_run(EXAMPLE_FIRST_CALL, arguments, RUN_MS);

    cr_assert_not_null(child);
    cr_expect_eq(child->exit_status, 1);
    cr_expect_str_empty(child->out.text);
    cr_expect_not_null(strstr(child->err.text, "malformed"), "%s", child->err.text);
    child_free(child);
}

Test(example_interceptors, log_count_and_refuse)
{
    struct etcd *etcd = serving_etcd();
    const char *arguments[] = { etcd_target(etcd), NULL };

    struct child *child = child_run(EXAMPLE_INTERCEPTORS, arguments, RUN_MS);

    cr_assert_not_null(child);
    cr_expect_eq(child->exit_status, 0, "%s%s", child->out.text, child->err.text);
    cr_expect_str_eq(child->out.text, "/etcdserverpb.KV/Put: OK\n"
                                      "/etcdserverpb.KV/DeleteRange: PERMISSION_DENIED\n"
                                      "delete: this program only reads and writes\n"
                                      "2 started, 2 ended, 1 failed\n");
    child_free(child);
    etcd_free(etcd);
}

Test(example_typed_put, writes_a_key_and_reads_it)
{
    struct etcd *etcd = serving_etcd();
    const char *arguments[] = { etcd_target(etcd), NULL };

    struct child *child = child_run(EXAMPLE_TYPED_PUT, arguments, RUN_MS);

    cr_assert_not_null(child);
    cr_expect_eq(child->exit_status, 0, "%s%s", child->out.text, child->err.text);
    cr_expect_str_eq(child->out.text, "stored as revision 2\ngreeting = hello, version 1\n");
    cr_expect_str_empty(child->err.text);
    child_free(child);
    etcd_free(etcd);
}

Test(example_typed_put, says_why_nothing_was_stored)
{
    char closed[TARGET_SIZE];
    watch_closed_target(closed);
    const char *arguments[] = { closed, NULL };

    struct child *child = child_run(EXAMPLE_TYPED_PUT, arguments, RUN_MS);

    cr_assert_not_null(child);
    cr_expect_eq(child->exit_status, 1);
    cr_expect_not_null(strstr(child->out.text, "not stored: UNAVAILABLE: "), "%s", child->out.text);
    child_free(child);
}

/* One question to whichever worker takes it; the answer, and the worker's process. */
static int ask_a_worker(unsigned port, const char *key, char answer[64])
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    char line[128] = "";
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    cr_assert_eq(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    dprintf(fd, "%s\n", key);
    size_t length = 0;
    for (ssize_t n;
         length < sizeof line - 1 && (n = read(fd, line + length, sizeof line - 1 - length)) > 0;)
        length += (size_t)n;
    close(fd);
    cr_assert_eq(strncmp(line, "worker ", 7), 0, "%s", line);
    char *rest = NULL;
    long worker = strtol(line + 7, &rest, 10);
    cr_assert_eq(strncmp(rest, ": ", 2), 0, "%s", line);
    snprintf(answer, 64, "%.*s", (int)strcspn(rest + 2, "\n"), rest + 2);
    return (int)worker;
}

Test(example_prefork, its_workers_each_answer_and_end_when_told)
{
    enum { QUESTIONS = 40 };
    struct etcd *etcd = serving_etcd();
    const char *arguments[] = { etcd_target(etcd), "2", NULL };
    child_free(child_run(EXAMPLE_FIRST_CALL, (const char *const[]){ arguments[0], NULL }, RUN_MS));
    struct child *child = child_start(EXAMPLE_PREFORK, arguments);
    cr_assert(child_wait_text(child, "\n", RUN_MS));
    unsigned port = (unsigned)strtoul(strrchr(child->out.text, ':') + 1, NULL, 10);

    bool has_second = false;
    int first = 0;
    for (int i = 0; i < QUESTIONS; i++) {
        char answer[64] = "";
        int worker = ask_a_worker(port, "hello", answer);
        cr_expect_str_eq(answer, "world");
        first = first ? first : worker;
        has_second = has_second || worker != first;
    }
    kill(child->pid, SIGTERM);

    cr_assert(child_wait(child, RUN_MS), "it does not end");
    cr_expect_eq(child->exit_status, 0, "%s", child->err.text);
    cr_expect_str_empty(child->err.text);
    cr_expect(has_second, "one worker has answered everything");
    child_free(child);
    etcd_free(etcd);
}

Test(example_breaker, reads_etcd_without_a_word_of_the_breaker)
{
    struct etcd *etcd = serving_etcd();
    const char *arguments[] = { etcd_target(etcd), "5", NULL };

    struct child *child = child_run(EXAMPLE_BREAKER, arguments, RUN_MS);

    cr_assert_not_null(child);
    cr_expect_eq(child->exit_status, 0, "%s%s", child->out.text, child->err.text);
    cr_expect_not_null(strstr(child->out.text, "of 5 calls succeeded"), "%s", child->out.text);
    cr_expect_null(strstr(child->out.text, "breaker of"), "%s", child->out.text);
    child_free(child);
    etcd_free(etcd);
}

Test(example_breaker, opens_its_breaker_where_nothing_listens)
{
    char closed[TARGET_SIZE];
    watch_closed_target(closed);
    const char *arguments[] = { closed, "15", NULL };

    struct child *child = child_run(EXAMPLE_BREAKER, arguments, RUN_MS);

    cr_assert_not_null(child);
    cr_expect_eq(child->exit_status, 1);
    cr_expect_not_null(strstr(child->out.text, ": CLOSED -> OPEN"), "%s", child->out.text);
    cr_expect_not_null(strstr(child->out.text, ": OPEN -> HALF_OPEN"), "%s", child->out.text);
    cr_expect_not_null(strstr(child->out.text, "UNAVAILABLE (breaker_open), 0 attempts"), "%s",
                       child->out.text);
    cr_expect_not_null(strstr(child->out.text, "0 of 15 calls succeeded"), "%s", child->out.text);
    cr_expect_str_empty(child->err.text);
    child_free(child);
}

/* A folder of the test's own for what the demo leaves behind, which should be nothing. */
static void make_folder(char folder[64])
{
    snprintf(folder, 64, "/tmp/isa-test-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
    cr_assert_eq(setenv("TMPDIR", folder, 1), 0);
}

Test(demo, keeps_every_promise_and_leaves_nothing_behind)
{
    skip_without_etcd();
    char folder[64], path[80], figures[2000] = "";
    make_folder(folder);
    snprintf(path, sizeof path, "%s/figures.json", folder);
    const char *arguments[] = { "--quick", "--rounds", "2", "--json", path, NULL };

    struct child *child = child_run(ISA_DEMO, arguments, DEMO_MS);

    cr_assert_not_null(child);
    cr_expect_eq(child->exit_status, 0, "%s%s", child->out.text, child->err.text);
    cr_expect_not_null(strstr(child->out.text, "All promises kept."));
    cr_expect_not_null(strstr(child->out.text, "x UNAVAILABLE (refused): "), "%s", child->out.text);
    FILE *file = fopen(path, "r");
    cr_assert_not_null(file);
    cr_expect(fread(figures, 1, sizeof figures - 1, file) > 0);
    fclose(file);
    unlink(path);
    cr_expect_not_null(strstr(figures, "\"reconnects\": 2,"), "%s", figures);
    cr_expect_not_null(strstr(figures, "\"failed_up\": 0,"), "%s", figures);
    cr_expect_not_null(strstr(figures, "\"passed\": true"), "%s", figures);
    cr_expect_eq(rmdir(folder), 0, "%s is not empty", folder);
    child_free(child);
}

Test(demo, ends_etcd_and_cleans_up_on_sigint)
{
    skip_without_etcd();
    char folder[64];
    make_folder(folder);
    const char *arguments[] = { NULL };
    struct child *child = child_start(ISA_DEMO, arguments);
    cr_assert(child_wait_text(child, "-> READY", RUN_MS), "%s", child->out.text);

    kill(child->pid, SIGINT);

    cr_expect(child_wait(child, RUN_MS));
    cr_expect_eq(child->exit_status, 1);
    cr_expect_not_null(strstr(child->out.text, "stopped early: interrupted"));
    cr_expect_eq(rmdir(folder), 0, "%s is not empty", folder);
    child_free(child);
}
