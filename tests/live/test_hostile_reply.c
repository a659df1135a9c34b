/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests of replies that are made to hurt whoever unpacks them, over a connection.
 * Must not know: the rooms behind the public headers.
 */
#include "client.h"
#include "grpc_server.h"

#include "shapes.pb-c.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static struct client client;

/* The server sends back what it gets. */
static void call_for(const uint8_t *bytes, size_t size_bytes, struct client_op *op)
{
    struct server *server = server_new(NULL);
    struct isa_unary unary = client_unary("/test.Test/Echo", "");
    client_open(&client, server_target(server), NULL);
    unary.request_bytes = (struct isa_bytes){ bytes, size_bytes };
    unary.reply_type = &shapes__tree__descriptor;
    cr_assert_eq(client_start(&client, op, &unary), 0);
    client_await_op(&client, op);
    client_end(&client);
    server_free(server);
}

Test(live_hostile_reply, nested_thousands_deep_ends_the_call_and_names_the_limit)
{
    enum { DEPTH = 9000, ROOM = DEPTH * 4 };
    uint8_t *bytes = malloc(ROOM);
    struct client_op op = { 0 };
    cr_assert_not_null(bytes);
    uint8_t *at = bytes + ROOM;
    for (unsigned i = 0; i < DEPTH; i++) {
        size_t length = (size_t)(bytes + ROOM - at);
        unsigned more = length >= 16384 ? 2 : length >= 128 ? 1 : 0;
        for (unsigned k = more; k > 0; k--)
            *--at = (uint8_t)((length >> 7 * k & 127) | (k < more ? 128 : 0));
        *--at = (uint8_t)((length & 127) | (more ? 128 : 0));
        *--at = 0x0a;
    }

    call_for(at, (size_t)(bytes + ROOM - at), &op);

    cr_expect_eq(op.status.code, ISA_STATUS_RESOURCE_EXHAUSTED, "%s", op.text);
    cr_expect_not_null(strstr(op.text, "shapes.Tree.children: messages nested more than 100 deep"),
                       "%s", op.text);
    free(bytes);
}

Test(live_hostile_reply, that_is_no_such_message_names_the_field_and_the_offset)
{
    static const uint8_t bytes[] = "\x10\x01\x1a\x01\xff";
    struct client_op op = { 0 };

    call_for(bytes, sizeof bytes - 1, &op);

    cr_expect_eq(op.status.code, ISA_STATUS_INTERNAL, "%s", op.text);
    cr_expect_str_eq(op.text, "shapes.Tree.name: a string that is not UTF-8 at byte 2");
}

Test(live_hostile_reply, of_empty_parts_without_number_is_bounded)
{
    enum { PARTS = 1900000 };
    uint8_t *bytes = malloc((size_t)PARTS * 2);
    struct client_op op = { 0 };
    cr_assert_not_null(bytes);
    for (size_t i = 0; i < PARTS; i++)
        bytes[2 * i] = 0x0a, bytes[2 * i + 1] = 0;

    call_for(bytes, (size_t)PARTS * 2, &op);

    cr_expect_eq(op.status.code, ISA_STATUS_RESOURCE_EXHAUSTED, "%s", op.text);
    cr_expect_not_null(strstr(op.text, "takes too much memory"), "%s", op.text);
    free(bytes);
}
