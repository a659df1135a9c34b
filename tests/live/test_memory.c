/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests of connections without memory: the 1st, 2nd, ... n-th allocation fails, on any thread.
 * Used by: ctest.
 * Must not know: where the library allocates.
 */
#include "client.h"
#include "failing_alloc.h"
#include "grpc_server.h"

#include <criterion/criterion.h>

enum { SERVING = 1, PATIENCE_MS = 100 };

static int connect_at_last(struct isa_conn *conn)
{
    int error;
    unsigned tries = 0;
    do
        error = isa_conn_connect(conn);
    while (error == ISA_ENOMEM && ++tries < 3); /* only one allocation fails */
    return error;
}

/* What fails is one attempt, or one call; the next one has all it needs. @return whether one failed */
static bool come_up(const char *target, const char *service, unsigned nth)
{
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.backoff_min_ms = options.backoff_max_ms = 5;
    options.health_service = service;
    struct client client;
    client_open(&client, target, &options);
    struct client_op ops[2] = { 0 };

    failing_alloc_arm_anywhere(nth);
    cr_assert_eq(connect_at_last(client.conn), 0, "allocation %u", nth);
    client_await_state(&client, ISA_STATE_READY);
    struct isa_unary unary = client_unary("/test.Test/Echo", "x");
    int error = client_start(&client, &ops[0], &unary);
    cr_expect(error == 0 || error == ISA_ENOMEM, "allocation %u: %s", nth, isa_error_name(error));
    client_await_all(&client);
    bool has_failed = failing_alloc_disarm();

    client_do(&client, &ops[1], "/test.Test/Echo", "y");
    cr_expect_eq(ops[1].status.code, ISA_STATUS_OK, "allocation %u: %s", nth, ops[1].text);
    client_close(&client);
    client_shutdown_pool(&client, PATIENCE_MS);
    client_leave(&client);
    return has_failed;
}

static void try_each(const char *service)
{
    failing_alloc_install();
    struct server *server = server_new(NULL);
    server_set_health(server, SERVING);
    unsigned nth = 0;
    do
        nth++;
    while (come_up(server_target(server), service, nth));
    cr_expect_gt(nth, 5, "only %u allocations", nth - 1);
    server_free(server);
    cr_expect_eq(failing_alloc_live(), 0, "%d were left", (int)failing_alloc_live());
}

Test(live_memory, a_connection_comes_up_whichever_allocation_has_failed)
{
    try_each(NULL);
}

Test(live_memory, so_does_one_that_watches_its_service)
{
    try_each("test");
}
