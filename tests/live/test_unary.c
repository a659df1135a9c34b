/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests of unary calls over a real connection: payloads, statuses, messages, many at once.
 * Used by: ctest.
 * Must not know: the rooms behind the public headers.
 */
#include "client.h"
#include "grpc_server.h"
#include "note.pb-c.h"

#include <criterion/criterion.h>
#include <ev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Test(live_unary, brings_the_reply_of_the_service)
{
    struct server *server = server_new(NULL);
    struct client client;
    client_open(&client, server_target(server), NULL);

    struct client_op op = { 0 };
    client_do(&client, &op, "/test.Test/Echo", "hello");

    cr_assert_eq(op.status.code, ISA_STATUS_OK, "%s", op.text);
    cr_assert_eq(op.status.reason, ISA_REASON_NONE);
    cr_assert_str_empty(op.text);
    cr_assert_str_eq(op.reply, "hello");
    cr_assert_gt(op.duration_us, 0);
    client_end(&client);
    server_free(server);
}

Test(live_unary, tells_connecting_and_ready_with_their_reasons)
{
    struct server *server = server_new(NULL);
    struct client client;
    client_open(&client, server_target(server), NULL);

    struct client_op op = { 0 };
    client_do(&client, &op, "/test.Test/Echo", "");

    cr_assert_eq(client.change_count, 2);
    cr_assert_eq(client.changes[0].change.from, ISA_STATE_IDLE);
    cr_assert_eq(client.changes[0].change.to, ISA_STATE_CONNECTING);
    cr_assert_eq(client.changes[0].change.reason, ISA_REASON_OPERATION);
    cr_assert_eq(client.changes[0].change.attempt, 1);
    cr_assert_eq(client.changes[1].change.to, ISA_STATE_READY);
    cr_assert_eq(client.changes[1].change.reason, ISA_REASON_CONNECTED);
    cr_assert_eq(client.changes[1].change.generation, 1);
    cr_assert_eq(client.changes[1].change.reconnects, 0);
    client_end(&client);
    server_free(server);
}

Test(live_unary, passes_every_status_of_the_service_through)
{
    struct server *server = server_new(NULL);
    struct client client;
    client_open(&client, server_target(server), NULL);

    struct client_op ops[17] = { 0 };
    for (int code = 1; code <= 16; code++) {
        struct client_op *op = &ops[code];
        char request[64];
        snprintf(request, sizeof request, "%d the service says %s", code, isa_status_name(code));
        client_do(&client, op, "/test.Test/Fail", request);
        cr_assert_eq((int)op->status.code, code, "%d became %d", code, (int)op->status.code);
        cr_assert_eq(op->status.reason, ISA_REASON_NONE, "code %d", code);
        cr_assert_str_eq(op->text, strchr(request, ' ') + 1);
        cr_assert_eq(op->reply_bytes, 0);
    }

    cr_assert_eq(isa_conn_state(client.conn), ISA_STATE_READY, "a status is not an outage");
    cr_assert_eq(client_stats(&client).losses, 0);
    cr_assert_eq(server_counts(server).connections, 1);
    client_end(&client);
    server_free(server);
}

Test(live_unary, passes_a_status_message_through_byte_for_byte)
{
    static const char message[] = "\t\ntest with whitespace\r\nand Unicode BMP \u263a "
                                  "and non-BMP \U0001F608\t\n";
    char request[128];
    snprintf(request, sizeof request, "2 %s", message);
    struct server *server = server_new(NULL);
    struct client client;
    client_open(&client, server_target(server), NULL);

    struct client_op op = { 0 };
    client_do(&client, &op, "/test.Test/Fail", request);

    cr_assert_eq(op.status.code, ISA_STATUS_UNKNOWN);
    cr_assert_str_eq(op.text, message);
    client_end(&client);
    server_free(server);
}

Test(live_unary, gets_unimplemented_for_an_unknown_method)
{
    struct server *server = server_new(NULL);
    struct client client;
    client_open(&client, server_target(server), NULL);

    struct client_op op = { 0 };
    client_do(&client, &op, "/test.Test/Nothing", "x");

    cr_assert_eq(op.status.code, ISA_STATUS_UNIMPLEMENTED);
    cr_assert_eq(op.status.reason, ISA_REASON_NONE);
    client_end(&client);
    server_free(server);
}

Test(live_unary, carries_empty_requests_and_replies)
{
    struct server *server = server_new(NULL);
    struct client client;
    client_open(&client, server_target(server), NULL);

    struct client_op op = { 0 };
    client_do(&client, &op, "/test.Test/Echo", "");

    cr_assert_eq(op.status.code, ISA_STATUS_OK, "%s", op.text);
    cr_assert_eq(op.reply_bytes, 0);
    client_end(&client);
    server_free(server);
}

Test(live_unary, carries_megabytes_both_ways)
{
    enum { SIZE = 3 << 20 };
    char *megabytes = malloc(SIZE + 1);
    memset(megabytes, 'm', SIZE);
    megabytes[SIZE] = '\0';
    struct server *server = server_new(NULL);
    struct client client;
    client_open(&client, server_target(server), NULL);

    struct client_op op = { 0 };
    client_do(&client, &op, "/test.Test/Echo", megabytes);

    cr_assert_eq(op.status.code, ISA_STATUS_OK, "%s", op.text);
    cr_assert_eq(op.reply_bytes, SIZE);
    client_end(&client);
    server_free(server);
    free(megabytes);
}

Test(live_unary, refuses_a_reply_over_4_mib_as_resource_exhausted)
{
    struct server *server = server_new(NULL);
    struct client client;
    client_open(&client, server_target(server), NULL);

    struct client_op fits = { 0 };
    struct client_op exceeds = { 0 };
    client_do(&client, &fits, "/test.Test/Size", "4194304");
    client_do(&client, &exceeds, "/test.Test/Size", "4194305");

    cr_assert_eq(fits.status.code, ISA_STATUS_OK, "%s", fits.text);
    cr_assert_eq(fits.reply_bytes, 4194304);
    cr_assert_eq(exceeds.status.code, ISA_STATUS_RESOURCE_EXHAUSTED, "%s", exceeds.text);
    cr_assert_eq(exceeds.status.reason, ISA_REASON_NONE);
    cr_assert_eq(isa_conn_state(client.conn), ISA_STATE_READY);
    client_end(&client);
    server_free(server);
}

static void keep_number(struct client_op *op, const struct isa_reply *reply)
{
    const Test__Note *note = (const Test__Note *)reply->message;
    *(uint32_t *)op->user = note ? note->number : 0;
}

Test(live_unary, carries_messages_of_protobuf_c)
{
    struct server *server = server_new(NULL);
    struct client client;
    client_open(&client, server_target(server), NULL);
    Test__Note note = TEST__NOTE__INIT;
    note.number = 1234567;
    note.text = (char *)"a text";
    struct isa_unary unary = ISA_UNARY_INIT;
    unary.method = "/test.Test/Echo";
    unary.request = &note.base;
    unary.reply_type = &test__note__descriptor;
    uint32_t number = 0;

    struct client_op op = { .look = keep_number, .user = &number };
    cr_assert_eq(client_start(&client, &op, &unary), 0);
    client_await_op(&client, &op);

    cr_assert_eq(op.status.code, ISA_STATUS_OK, "%s", op.text);
    cr_assert_eq(number, 1234567);
    cr_assert_eq(op.reply_bytes, 0, "a message, or bytes, not both");
    client_end(&client);
    server_free(server);
}

static void keep_whether_message(struct client_op *op, const struct isa_reply *reply)
{
    *(bool *)op->user = reply->message != NULL;
}

Test(live_unary, gives_internal_for_a_reply_that_does_not_parse)
{
    struct server *server = server_new(NULL);
    struct client client;
    client_open(&client, server_target(server), NULL);
    struct isa_unary unary = client_unary("/test.Test/Echo", "\xff\xff\xff");
    unary.reply_type = &test__note__descriptor;
    bool has_message = true;

    struct client_op op = { .look = keep_whether_message, .user = &has_message };
    cr_assert_eq(client_start(&client, &op, &unary), 0);
    client_await_op(&client, &op);

    cr_assert_eq(op.status.code, ISA_STATUS_INTERNAL);
    cr_assert_eq(op.status.reason, ISA_REASON_NONE);
    cr_assert_str_not_empty(op.text);
    cr_assert_not(has_message);
    client_end(&client);
    server_free(server);
}

Test(live_unary, completes_each_of_1000_calls_in_flight_once_with_its_own_reply)
{
    enum { CALLS = 1000 };
    struct server *server = server_new(NULL);
    struct client client;
    client_open(&client, server_target(server), NULL);
    struct client_op *ops = calloc(CALLS, sizeof *ops);

    for (unsigned i = 0; i < CALLS; i++) {
        char request[32];
        snprintf(request, sizeof request, "payload %u", i);
        client_send(&client, &ops[i], "/test.Test/Hold", request);
    }
    cr_assert(server_await_held(server, CALLS));
    server_release(server);
    client_await_all(&client);

    for (unsigned i = 0; i < CALLS; i++) {
        char expected[32];
        snprintf(expected, sizeof expected, "payload %u", i);
        cr_assert_eq(ops[i].status.code, ISA_STATUS_OK, "%s", ops[i].text);
        cr_assert_str_eq(ops[i].reply, expected);
    }
    cr_assert_eq(server_counts(server).connections, 1);
    client_end(&client);
    server_free(server);
    free(ops);
}

static void send_another(struct client_op *op)
{
    client_send(op->client, op->user, "/test.Test/Echo", "second");
}

Test(live_unary, can_be_started_from_a_reply_callback)
{
    struct server *server = server_new(NULL);
    struct client client;
    client_open(&client, server_target(server), NULL);

    struct client_op second = { 0 };
    struct client_op first = { .then = send_another, .user = &second };
    client_do(&client, &first, "/test.Test/Echo", "first");
    client_await_op(&client, &second);

    cr_assert_eq(second.status.code, ISA_STATUS_OK, "%s", second.text);
    cr_assert_str_eq(second.reply, "second");
    client_end(&client);
    server_free(server);
}
