/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: what calls and messages cost in allocations of ours, alone and among many.
 * Used by: ctest; docs/MEASUREMENTS.md holds the figures.
 * Must not know: the rooms behind the public headers.
 */
#include "failing_alloc.h"
#include "grpc_server.h"
#include "stream_book.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "note.pb-c.h"

enum { CROWD = 200, CALLS = 200, MESSAGES = 2000, PER_CALL_MAX = 2, PER_MESSAGE_MAX = 1 };

static struct server *server;
static struct client client;
static struct stream_book crowd[CROWD];
static struct stream_book book;

static void begin(void)
{
    failing_alloc_install();
    server = server_new(NULL);
    client_open(&client, server_target(server), NULL);
}

/* Allocations for each message of a stream, its start and end included. */
static double count_messages(void)
{
    struct isa_stream stream = book_stream(&book, "/test.Stream/Count", "2000 10 0 ");
    uint64_t before = failing_alloc_made();
    book_start(&book, &client, &stream);
    book_await_end(&book);
    double each = (double)(failing_alloc_made() - before) / MESSAGES;
    cr_assert_eq(book.status.code, ISA_STATUS_OK, "%s", book.text);
    book_end(&book);
    return each;
}

Test(live_allocations, of_a_message_do_not_grow_with_open_streams)
{
    begin();
    count_messages(); /* what is made once */
    double alone = count_messages();
    for (unsigned i = 0; i < CROWD; i++) {
        struct isa_stream stream = book_stream(&crowd[i], "/test.Stream/Chat", NULL);
        book_start(&crowd[i], &client, &stream);
        cr_assert_eq(isa_call_write_bytes(crowd[i].call, (struct isa_bytes){ "0", 1 }), 0);
    }
    for (unsigned i = 0; i < CROWD; i++)
        book_await_messages(&crowd[i], 1);
    double among = count_messages();

    fprintf(stderr, "allocations per message: %.4f alone, %.4f among %d streams\n", alone, among,
            CROWD);
    cr_expect_leq(alone, PER_MESSAGE_MAX + 0.02);
    cr_expect_leq(among, PER_MESSAGE_MAX + 0.02);
    for (unsigned i = 0; i < CROWD; i++) {
        isa_call_half_close(crowd[i].call);
        book_await_end(&crowd[i]);
        book_end(&crowd[i]);
    }
    client_end(&client);
    server_free(server);
}

Test(live_allocations, of_a_unary_call_are_two)
{
    begin();
    static struct client_op ops[CALLS + 1];
    client_do(&client, &ops[CALLS], "/test.Test/Echo", "x");
    uint64_t before = failing_alloc_made();
    for (unsigned i = 0; i < CALLS; i++)
        client_do(&client, &ops[i], "/test.Test/Echo", "x");
    double each = (double)(failing_alloc_made() - before) / CALLS;

    fprintf(stderr, "allocations per unary call: %.4f\n", each);
    cr_expect_leq(each, PER_CALL_MAX + 0.02);
    client_end(&client);
    server_free(server);
}

enum { PARTS = 500, LONG_TEXT = 100000, PER_REPLY_MAX = 12 };

static struct isa_bytes text_of(size_t length)
{
    static char text[LONG_TEXT + 1];
    memset(text, 't', length);
    text[length] = '\0';
    return (struct isa_bytes){ text, length };
}

static void look_at_parts(struct client_op *op, const struct isa_reply *reply)
{
    const Test__Note *note = (const void *)reply->message;
    cr_assert_not_null(note);
    cr_assert_eq(note->n_parts, PARTS);
    for (uint32_t i = 0; i < PARTS; i++)
        cr_assert_eq(note->parts[i]->number, i);
    cr_expect_eq(strlen(note->parts[7]->text), *(const size_t *)op->user);
}

/* A message lies in a few blocks, whatever it is made of. */
static void expect_few(size_t text_length)
{
    static Test__Note parts[PARTS];
    Test__Note *pointers[PARTS];
    Test__Note note = TEST__NOTE__INIT;
    for (uint32_t i = 0; i < PARTS; i++) {
        parts[i] = (Test__Note)TEST__NOTE__INIT;
        parts[i].number = i;
        pointers[i] = &parts[i];
    }
    parts[7].text = (char *)(uintptr_t)text_of(text_length).data;
    note.parts = pointers;
    note.n_parts = PARTS;
    struct isa_unary unary = ISA_UNARY_INIT;
    struct client_op op = { .look = look_at_parts, .user = &text_length };
    unary.method = "/test.Test/Echo";
    unary.request = &note.base;
    unary.reply_type = &test__note__descriptor;
    uint64_t before = failing_alloc_made();

    cr_assert_eq(client_start(&client, &op, &unary), 0);
    client_await_op(&client, &op);

    cr_expect_eq(op.status.code, ISA_STATUS_OK, "%s", op.text);
    cr_expect_leq(failing_alloc_made() - before, PER_REPLY_MAX);
    client.ops = NULL;
    isa_call_unref(op.call);
}

Test(live_allocations, of_a_typed_reply_are_few_however_many_parts_it_has)
{
    begin();
    struct client_op warm = { 0 };
    client_do(&client, &warm, "/test.Test/Echo", "x");
    isa_call_unref(warm.call);
    client.ops = NULL;

    expect_few(3);
    expect_few(LONG_TEXT);

    client_end(&client);
    server_free(server);
    cr_expect_eq(failing_alloc_live(), 0);
}
