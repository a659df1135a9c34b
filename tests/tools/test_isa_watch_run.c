/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests of what isa-watch prints about a real etcd and about a port where nothing listens.
 * Used by: ctest.
 * Must not know: the library; isa-watch is run as users run it.
 */
#include "etcd.h"
#include "json.h"
#include "watch_support.h"

#include <criterion/criterion.h>

#include <regex.h>
#include <signal.h>
#include <string.h>
#include <time.h>

enum { ETCD_MS = 15000, LINES = 1000, KEYS = 10 };

static const char *const keys[KEYS] = { "time",       "target",    "from",    "to",
                                        "reason",     "text",      "attempt", "next_delay_ms",
                                        "reconnects", "generation" };

/* A running etcd, or the test is skipped. */
static struct etcd *start_etcd(void)
{
    if (!etcd_is_installed())
        cr_skip("%s", etcd_missing_text);
    struct etcd *etcd = etcd_new();
    cr_assert_not_null(etcd);
    cr_assert_eq(etcd_start(etcd), 0);
    cr_assert_eq(etcd_wait_accepts(etcd, ETCD_MS), 0);
    return etcd;
}

static void expect_json_line(const char *line, const char *target)
{
    struct json_member members[KEYS + 1];
    int count = json_read(line, members, KEYS + 1);
    cr_assert_eq(count, KEYS, "not JSON, or not ten members: %s", line);
    for (size_t i = 0; i < KEYS; i++) {
        const struct json_member *member = json_find(members, count, keys[i]);
        cr_assert_not_null(member, "%s is missing: %s", keys[i], line);
        cr_expect_eq(member->is_string, i < 6, "type of %s: %s", keys[i], line);
    }
    cr_expect_str_eq(json_find(members, count, "target")->value, target);
}

static void expect_match(const char *text, const char *pattern)
{
    regex_t regex;
    cr_assert_eq(regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB), 0);
    cr_expect_eq(regexec(&regex, text, 0, NULL, 0), 0, "%s does not match %s", text, pattern);
    regfree(&regex);
}

Test(isa_watch_run, ends_with_0_when_etcd_is_ready)
{
    struct etcd *etcd = start_etcd();
    const char *arguments[] = { "--until-ready", "--timeout", "10s", etcd_target(etcd), NULL };

    struct child *child = watch_run(arguments);

    cr_expect_eq(child->exit_status, 0, "%d: %s", child->exit_status, child->err.text);
    cr_expect_str_empty(child->err.text);
    expect_match(child->out.text, "CONNECTING +-> READY +connected");
    expect_match(child->out.text, "READY +-> SHUTDOWN +shutdown");
    child_free(child);
    etcd_free(etcd);
}

Test(isa_watch_run, ends_with_2_in_time_when_nothing_listens)
{
    char closed[TARGET_SIZE];
    watch_closed_target(closed);
    const char *arguments[] = { "--until-ready", "--timeout", "2s", closed, NULL };
    struct timespec start, end;

    clock_gettime(CLOCK_MONOTONIC, &start);
    struct child *child = watch_run(arguments);
    clock_gettime(CLOCK_MONOTONIC, &end);

    double took_s =
        (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec) / 1e9;
    cr_expect_eq(child->exit_status, 2);
    cr_expect(took_s >= 2 && took_s < 8, "%g s", took_s);
    expect_match(child->out.text,
                 "CONNECTING +-> TRANSIENT_FAILURE +refused +attempt 1 +next [0-9]+ ms");
    expect_match(child->out.text, "TRANSIENT_FAILURE +-> CONNECTING +retry +attempt 2 +next - ");
    child_free(child);
}

Test(isa_watch_run, ends_with_2_when_one_of_two_targets_is_not_ready)
{
    struct etcd *etcd = start_etcd();
    char closed[TARGET_SIZE];
    watch_closed_target(closed);
    const char *arguments[] = { "--duration", "2s", etcd_target(etcd), closed, NULL };

    struct child *child = watch_run(arguments);

    cr_expect_eq(child->exit_status, 2);
    expect_match(child->out.text, "-> READY");
    expect_match(child->out.text, "refused");
    child_free(child);
    etcd_free(etcd);
}

Test(isa_watch_run, writes_one_json_object_per_change)
{
    static char *lines[LINES];
    char closed[TARGET_SIZE];
    watch_closed_target(closed);
    const char *arguments[] = {
        "--json", "--duration", "2s", "--backoff-max", "50ms", closed, NULL
    };

    struct child *child = watch_run(arguments);

    size_t count = watch_lines(child->out.text, lines, LINES);
    cr_expect_eq(child->exit_status, 2);
    cr_expect(count >= 10 && count < LINES, "%zu lines", count);
    for (size_t i = 0; i < count; i++) {
        expect_json_line(lines[i], closed);
        expect_match(lines[i], "\"time\":\"20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:"
                               "[0-6][0-9]\\.[0-9]{3}Z\"");
    }
    expect_match(lines[0], "\"from\":\"IDLE\",\"to\":\"CONNECTING\",\"reason\":\"operation\"");
    expect_match(lines[1], "\"to\":\"TRANSIENT_FAILURE\",\"reason\":\"refused\"");
    expect_match(lines[count - 1], "\"to\":\"SHUTDOWN\",\"reason\":\"shutdown\"");
    child_free(child);
}

Test(isa_watch_run, escapes_quotes_and_backslashes_in_json)
{
    static char *lines[LINES];
    const char *target = "unix:/nowhere/\"isa\\watch\"";
    const char *arguments[] = { "--json", "--duration", "200ms", target, NULL };

    struct child *child = watch_run(arguments);

    size_t count = watch_lines(child->out.text, lines, LINES);
    cr_expect(count >= 2, "%zu lines", count);
    for (size_t i = 0; i < count; i++)
        expect_json_line(lines[i], target);
    child_free(child);
}

Test(isa_watch_run, aligns_its_columns_over_targets_of_different_length)
{
    static char *lines[LINES];
    char closed[TARGET_SIZE];
    watch_closed_target(closed);
    const char *arguments[] = { "--duration", "500ms", closed, "unix:/nowhere/a/much/longer/name",
                                NULL };

    struct child *child = watch_run(arguments);

    size_t count = watch_lines(child->out.text, lines, LINES);
    cr_assert(count >= 4, "%zu lines", count);
    const char *first = strstr(lines[0], " -> ");
    cr_assert_not_null(first);
    for (size_t i = 1; i < count; i++) {
        const char *arrow = strstr(lines[i], " -> ");
        cr_assert_not_null(arrow, "%s", lines[i]);
        cr_expect_eq(arrow - lines[i], first - lines[0], "%s\n%s", lines[0], lines[i]);
    }
    child_free(child);
}

Test(isa_watch_run, sees_etcd_die_and_return)
{
    struct etcd *etcd = start_etcd();
    const char *arguments[] = { "--json", etcd_target(etcd), NULL };
    struct child *child = child_start(ISA_WATCH, arguments);
    cr_assert(child_wait_text(child, "\"to\":\"READY\"", RUN_MS), "%s", child->out.text);

    etcd_kill(etcd);
    bool was_lost = child_wait_text(child, "\"reason\":\"refused\"", RUN_MS);
    cr_assert_eq(etcd_start(etcd), 0);
    bool was_ready = child_wait_text(child, "\"reconnects\":1", RUN_MS);
    kill(child->pid, SIGTERM);

    cr_expect(was_lost && was_ready, "%s", child->out.text);
    cr_expect(child_wait(child, RUN_MS));
    cr_expect_eq(child->exit_status, 0, "READY when it was ended");
    expect_match(child->out.text, "\"from\":\"READY\",\"to\":\"TRANSIENT_FAILURE\",\"reason\":"
                                  "\"peer_closed\"");
    child_free(child);
    etcd_free(etcd);
}

Test(isa_watch_run, ends_cleanly_with_2_on_sigint_when_not_ready)
{
    char closed[TARGET_SIZE];
    watch_closed_target(closed);
    const char *arguments[] = { closed, NULL };
    struct child *child = child_start(ISA_WATCH, arguments);
    cr_assert(child_wait_text(child, "refused", RUN_MS));

    kill(child->pid, SIGINT);

    cr_expect(child_wait(child, RUN_MS));
    cr_expect_eq(child->exit_status, 2);
    cr_expect_not_null(strstr(child->out.text, "-> SHUTDOWN"));
    cr_expect_str_empty(child->err.text);
    child_free(child);
}

Test(isa_watch_run, ends_quietly_when_its_reader_leaves)
{
    char closed[TARGET_SIZE];
    watch_closed_target(closed);
    const char *arguments[] = { "--backoff-min", "1h", closed, NULL };
    struct child *child = child_start(ISA_WATCH, arguments);
    cr_assert(child_wait_text(child, "refused", RUN_MS));

    child_close_out(child); /* and nothing will be printed for half an hour or so */

    cr_expect(child_wait(child, RUN_MS), "it must notice without printing");
    cr_expect_eq(child->exit_status, 2);
    cr_expect_str_empty(child->err.text);
    child_free(child);
}

Test(isa_watch_run, ends_quietly_when_its_reader_leaves_while_it_writes)
{
    char closed[TARGET_SIZE];
    watch_closed_target(closed);
    const char *arguments[] = { "--backoff-max", "10ms", closed, NULL };
    /* Of a socket nothing is told before something is written to it. */
    struct child *child = child_start_on_socket(ISA_WATCH, arguments);
    cr_assert(child_wait_text(child, "refused", RUN_MS));

    child_close_out(child);

    cr_expect(child_wait(child, RUN_MS));
    cr_expect_eq(child->exit_status, 2);
    cr_expect_str_empty(child->err.text);
    child_free(child);
}

Test(isa_watch_run, says_why_it_cannot_write)
{
    char closed[TARGET_SIZE];
    watch_closed_target(closed);
    const char *arguments[] = { "-c", "exec \"$0\" \"$1\" >/dev/full", ISA_WATCH, closed, NULL };

    struct child *child = child_run("/bin/sh", arguments, RUN_MS);

    cr_assert_not_null(child);
    cr_expect_eq(child->exit_status, 2);
    cr_expect_str_eq(child->err.text, "isa-watch: cannot write: No space left on device\n");
    child_free(child);
}
