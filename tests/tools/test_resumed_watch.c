/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: a test that runs examples/resumed_watch.c while its etcd is killed.
 * Used by: ctest; skipped, loudly, where etcd is not installed.
 * Must not know: how the program does it.
 */
#include "child.h"
#include "etcd.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

enum { ETCD_MS = 10000, RUN_MS = 20000 };

static void start(struct etcd *etcd)
{
    cr_assert_eq(etcd_start(etcd), 0);
    cr_assert_eq(etcd_wait_accepts(etcd, ETCD_MS), 0);
}

/* The writer is another of our examples: each run is one revision. */
static void write_once(const struct etcd *etcd)
{
    const char *arguments[] = { etcd_target(etcd), NULL };
    struct child *child = child_run(EXAMPLE_TYPED_PUT, arguments, RUN_MS);
    cr_assert_not_null(child);
    cr_assert_eq(child->exit_status, 0, "%s%s", child->out.text, child->err.text);
    child_free(child);
}

Test(example_resumed_watch, hears_each_event_once_though_etcd_is_killed)
{
    if (!etcd_is_installed())
        cr_skip_test("%s", etcd_missing_text);
    struct etcd *etcd = etcd_new();
    cr_assert_not_null(etcd);
    start(etcd);
    const char *arguments[] = { etcd_target(etcd), "greet", "3", NULL };

    struct child *child = child_start(EXAMPLE_RESUMED_WATCH, arguments);
    cr_assert_not_null(child);
    cr_assert(child_wait_text(child, "watching\n", RUN_MS), "%s", child->out.text);
    etcd_kill(etcd); /* before the first event */
    start(etcd);
    write_once(etcd);
    cr_assert(child_wait_text(child, "2: greeting = hello\n", RUN_MS), "%s", child->out.text);
    etcd_kill(etcd);
    start(etcd);
    write_once(etcd);
    write_once(etcd);
    cr_assert(child_wait(child, RUN_MS));

    cr_expect_eq(child->exit_status, 0, "%s", child->out.text);
    cr_expect_str_eq(child->out.text, "watching\n"
                                      "broke off: UNAVAILABLE\nwatching again\n"
                                      "2: greeting = hello\n"
                                      "broke off: UNAVAILABLE\nwatching again\n"
                                      "3: greeting = hello\n4: greeting = hello\n");
    child_free(child);
    etcd_free(etcd);
}
