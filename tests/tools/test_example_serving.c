/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: a test of examples/serving.c against a service that is unwell, then well.
 * Used by: ctest.
 * Must not know: the library; the program is run as users run it.
 */
#include "child.h"
#include "grpc_server.h"
#include "watch_support.h"

#include <criterion/criterion.h>

Test(example_serving, its_call_waits_until_the_service_serves)
{
    struct server *server = server_new(NULL);
    const char *arguments[] = { server_target(server), "test", "/test.Test/Echo", NULL };
    server_set_health(server, 2);

    struct child *child = child_start(EXAMPLE_SERVING, arguments);
    cr_assert(child_wait_text(child, "CONNECTING -> TRANSIENT_FAILURE (not_serving)\n", RUN_MS),
              "%s", child->out.text);
    server_set_health(server, 1);
    cr_assert(child_wait_text(child, "TRANSIENT_FAILURE -> READY (serving)\nOK: 0 bytes\n", RUN_MS),
              "%s", child->out.text);
    cr_assert(child_wait(child, RUN_MS));

    cr_expect_eq(child->exit_status, 0);
    cr_expect_str_empty(child->err.text);
    child_free(child);
    server_free(server);
}
