/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: streams that are read on demand, or slowly.
 * Used by: ctest.
 * Must not know: the rooms behind the public headers.
 */
#include "grpc_server.h"
#include "stream_book.h"

#include <criterion/criterion.h>
#include <stdio.h>

static struct server *server;
static struct client client;
static struct stream_book book;

static void begin(void)
{
    server = server_new(NULL);
    client_open(&client, server_target(server), NULL);
}

static void end(void)
{
    book_end(&book);
    client_end(&client);
    server_free(server);
}

static void read_one_more(struct stream_book *of)
{
    cr_assert_eq(isa_call_read(of->call, 1), 0);
}

Test(live_stream, who_reads_on_demand_gets_what_was_asked_for_and_the_end_last)
{
    begin();
    struct isa_stream stream = book_stream(&book, "/test.Stream/Count", "20 0 0 ");
    stream.reads_on_demand = true;

    book_start(&book, &client, &stream);
    client_run_for(&client, 100);
    cr_expect_eq(book.messages, 0);
    cr_assert_eq(isa_call_read(book.call, 3), 0);
    book_await_messages(&book, 3);
    client_run_for(&client, 50);
    cr_expect_eq(book.messages, 3);
    cr_expect_eq(book.ends, 0, "the end waits for the messages before it");
    book.on_message = read_one_more;
    cr_assert_eq(isa_call_read(book.call, 1), 0);
    book_await_end(&book);

    cr_expect_eq(book.messages, 20);
    cr_expect_eq(book.out_of_order, 0);
    cr_expect_eq(isa_call_read(book.call, 1), ISA_ECLOSED);
    end();
}

Test(live_stream, a_cancel_ends_a_stream_whose_messages_nobody_asks_for)
{
    begin();
    struct isa_stream stream = book_stream(&book, "/test.Stream/Count", "20 0 0 ");
    stream.reads_on_demand = true;

    book_start(&book, &client, &stream);
    client_run_for(&client, 100); /* the status is here, and waits */
    isa_call_cancel(book.call);
    book_await_end(&book);

    cr_expect_eq(book.messages, 0);
    cr_expect_eq(book.status.code, ISA_STATUS_CANCELLED, "%s, and 20 messages are missing",
                 isa_status_name((int)book.status.code));
    end();
}

static bool are_sent(void *count)
{
    return server_counts(server).messages == *(unsigned long *)count;
}

static bool has_left_ready(void *unused)
{
    (void)unused;
    return isa_conn_state(client.conn) != ISA_STATE_READY;
}

/* Larger than what is read ahead: the rest and the status wait in grpc-core when the connection goes. */
Test(live_stream, a_break_after_the_status_loses_no_message)
{
    begin();
    struct isa_stream stream = book_stream(&book, "/test.Stream/Count", "28 4096 0 ");
    struct isa_call_options options = ISA_CALL_OPTIONS_INIT;
    options.deadline_ms = 60000;
    stream.options = &options;
    stream.reads_on_demand = true;

    book_start(&book, &client, &stream);
    client_await_outside(&client, are_sent, &(unsigned long){ 28 });
    struct client_op echo = { 0 };
    client_do(&client, &echo, "/test.Test/Echo", "sent after that status"); /* so it has come */
    server_down(server);
    client_await_outside(&client, has_left_ready, NULL);
    cr_expect_eq(book.messages, 0);
    cr_assert_eq(isa_call_read(book.call, 100), 0);
    book_await_end(&book);

    cr_expect_eq(book.status.code, ISA_STATUS_OK, "%s", book.text);
    cr_expect_eq(book.messages, 28);
    cr_expect_eq(book.out_of_order, 0);
    end();
}

Test(live_stream, a_slow_reader_keeps_its_peer_waiting)
{
    enum { COUNT = 16384, SIZE = 16384 };
    begin();
    char request[64];
    snprintf(request, sizeof request, "%d %d 0 ", COUNT, SIZE);
    struct isa_stream stream = book_stream(&book, "/test.Stream/Count", request);
    stream.reads_on_demand = true;

    book_start(&book, &client, &stream);
    client_run_for(&client, 300);
    unsigned long ahead = server_counts(server).messages;
    book.on_message = read_one_more;
    cr_assert_eq(isa_call_read(book.call, 1), 0);
    book_await_end(&book);

    /* 64 KiB read ahead, and what the windows that core grants and the sockets of both sides hold: core
     * grows its window with what the way bears. 8 to 15 MiB were seen, of 256. */
    cr_expect_leq(ahead * SIZE, 32u << 20, "%lu messages came ahead of a reader that read none",
                  ahead);
    cr_expect_eq(book.messages, COUNT);
    cr_expect_eq(book.out_of_order, 0);
    end();
}

/* ---- ending early ------------------------------------------------------------------------------- */
