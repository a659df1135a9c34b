/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests of calls that meet a connection in the moment in which it breaks.
 * Used by: ctest.
 * Must not know: the rooms behind the public headers.
 */
#include "client.h"
#include "grpc_server.h"

#include <criterion/criterion.h>
#include <string.h>

enum { ROUNDS = 10 };

/* The server is gone and the library cannot know yet: core finds out when the call is started. Core
 * may have put the call on the dying connection, and then nobody knows whether it arrived
 * (peer_closed); one that core could not put anywhere must not fail. */
Test(live_unsent, a_call_that_waits_for_ready_outlives_the_moment_of_the_break)
{
    struct server_child *server = server_child_new();
    struct client client;
    client_open(&client, server_child_target(server), NULL);
    struct client_op ops[ROUNDS] = { 0 };
    struct client_op before[ROUNDS] = { 0 };

    for (unsigned i = 0; i < ROUNDS; i++) {
        client_do(&client, &before[i], "/test.Test/Echo", "connected");
        server_child_down(server);
        struct isa_unary unary = client_unary("/test.Test/Echo", "x");
        struct isa_call_options call_options = ISA_CALL_OPTIONS_INIT;
        unary.options = &call_options;
        call_options.wait_for_ready = true;
        cr_assert_eq(client_start(&client, &ops[i], &unary), 0);
        client_run_for(&client, 30);
        server_child_up(server);
        client_await_op(&client, &ops[i]);
    }

    for (unsigned i = 0; i < ROUNDS; i++)
        cr_expect(ops[i].status.code == ISA_STATUS_OK ||
                      ops[i].status.reason == ISA_REASON_PEER_CLOSED,
                  "round %u: %s", i, ops[i].text);
    for (unsigned i = 0; i < ROUNDS; i++)
        cr_expect(ops[i].status.code != ISA_STATUS_OK || strcmp(ops[i].reply, "x") == 0,
                  "round %u: the request was lost: \"%s\" came back", i, ops[i].reply);
    client_end(&client);
    server_child_free(server);
}

Test(live_unsent, such_a_call_can_still_be_cancelled)
{
    struct server_child *server = server_child_new();
    struct client client;
    client_open(&client, server_child_target(server), NULL);
    struct client_op before = { 0 };
    struct client_op op = { 0 };
    client_do(&client, &before, "/test.Test/Echo", "connected");
    server_child_down(server);
    struct isa_unary unary = client_unary("/test.Test/Echo", "x");
    struct isa_call_options call_options = ISA_CALL_OPTIONS_INIT;
    unary.options = &call_options;
    call_options.wait_for_ready = true;
    cr_assert_eq(client_start(&client, &op, &unary), 0);
    client_run_for(&client, 30);

    isa_call_cancel(op.call);
    client_await_op(&client, &op);

    cr_expect(op.status.code == ISA_STATUS_CANCELLED || op.status.reason == ISA_REASON_PEER_CLOSED,
              "%s", op.text);
    client_end(&client);
    server_child_free(server);
}
