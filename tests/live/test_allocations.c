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
