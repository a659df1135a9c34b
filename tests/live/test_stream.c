/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: streams as a program uses them: order, status, writing, ending early.
 * Used by: ctest.
 * Must not know: the rooms behind the public headers.
 */
#include "grpc_server.h"
#include "stream_book.h"

#include <criterion/criterion.h>
#include <ev.h>
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

Test(live_stream, messages_come_in_order_and_before_the_end)
{
    begin();
    struct isa_stream stream = book_stream(&book, "/test.Stream/Count", "1000 100 0 ");

    book_start(&book, &client, &stream);
    book_await_end(&book);

    cr_expect_eq(book.status.code, ISA_STATUS_OK, "%s", book.text);
    cr_expect_eq(book.messages, 1000);
    cr_expect_eq(book.out_of_order, 0);
    cr_expect_eq(book.bytes, 100000);
    cr_expect_eq(book.headers, 1);
    end();
}

Test(live_stream, empty_messages_are_messages)
{
    begin();
    struct isa_stream stream = book_stream(&book, "/test.Stream/Sum", NULL);
    stream.on_message = NULL;

    book_start(&book, &client, &stream);
    for (int i = 0; i < 3; i++)
        cr_assert_eq(isa_call_write_bytes(book.call, (struct isa_bytes){ 0 }), 0);
    cr_assert_eq(isa_call_half_close(book.call), 0);
    book_await_end(&book);

    cr_expect_str_eq(book.reply, "3 0");
    end();
}

Test(live_stream, a_status_that_is_not_ok_comes_after_the_messages_before_it)
{
    begin();
    struct isa_stream stream = book_stream(&book, "/test.Stream/Count", "5 0 9 not so");

    book_start(&book, &client, &stream);
    book_await_end(&book);

    cr_expect_eq(book.status.code, ISA_STATUS_FAILED_PRECONDITION);
    cr_expect_str_eq(book.text, "not so");
    cr_expect_eq(book.status.reason, ISA_REASON_NONE);
    cr_expect_eq(book.messages, 5);
    end();
}

Test(live_stream, an_unknown_method_is_unimplemented)
{
    begin();
    struct isa_stream stream = book_stream(&book, "/test.Stream/None", "x");

    book_start(&book, &client, &stream);
    book_await_end(&book);

    cr_expect_eq(book.status.code, ISA_STATUS_UNIMPLEMENTED, "%s", book.text);
    cr_expect_eq(book.messages, 0);
    end();
}

Test(live_stream, many_written_messages_have_one_reply)
{
    begin();
    struct isa_stream stream = book_stream(&book, "/test.Stream/Sum", NULL);
    stream.on_message = NULL;

    book_start(&book, &client, &stream);
    for (int i = 0; i < 100; i++)
        cr_assert_eq(isa_call_write_bytes(book.call, (struct isa_bytes){ "0123456789", 10 }), 0);
    cr_assert_eq(isa_call_half_close(book.call), 0);
    cr_expect_eq(isa_call_half_close(book.call), ISA_ESTATE);
    cr_expect_eq(isa_call_write_bytes(book.call, (struct isa_bytes){ "x", 1 }), ISA_ESTATE);
    book_await_end(&book);

    cr_expect_eq(book.status.code, ISA_STATUS_OK, "%s", book.text);
    cr_expect_str_eq(book.reply, "100 1000");
    cr_expect_eq(isa_call_write_bytes(book.call, (struct isa_bytes){ "x", 1 }), ISA_ECLOSED);
    end();
}

static void write_number(struct stream_book *of)
{
    char text[16];
    int length = snprintf(text, sizeof text, "%u", of->messages);
    if (of->messages == 50)
        cr_assert_eq(isa_call_half_close(of->call), 0);
    else
        cr_assert_eq(isa_call_write_bytes(of->call, (struct isa_bytes){ text, (size_t)length }), 0);
}

Test(live_stream, both_sides_talk)
{
    begin();
    struct isa_stream stream = book_stream(&book, "/test.Stream/Chat", NULL);
    book.on_message = write_number;

    book_start(&book, &client, &stream);
    write_number(&book);
    book_await_end(&book);

    cr_expect_eq(book.status.code, ISA_STATUS_OK, "%s", book.text);
    cr_expect_eq(book.messages, 50);
    cr_expect_eq(book.out_of_order, 0);
    end();
}

Test(live_stream, what_is_written_before_there_is_a_connection_is_sent_when_there_is_one)
{
    begin();
    server_down(server);
    struct isa_stream stream = book_stream(&book, "/test.Stream/Sum", NULL);
    struct isa_call_options options = ISA_CALL_OPTIONS_INIT;
    options.wait_for_ready = true;
    stream.options = &options;
    stream.on_message = NULL;

    book_start(&book, &client, &stream);
    cr_assert_eq(isa_call_write_bytes(book.call, (struct isa_bytes){ "one", 3 }), 0);
    cr_assert_eq(isa_call_write_bytes(book.call, (struct isa_bytes){ "two", 3 }), 0);
    cr_assert_eq(isa_call_half_close(book.call), 0);
    client_await_state(&client, ISA_STATE_TRANSIENT_FAILURE);
    cr_expect_gt(isa_call_queued_bytes(book.call), 6);
    server_up(server);
    book_await_end(&book);

    cr_expect_eq(book.status.code, ISA_STATUS_OK, "%s", book.text);
    cr_expect_str_eq(book.reply, "2 6");
    end();
}

/* ---- water marks -------------------------------------------------------------------------------- */

Test(live_stream, a_writer_faster_than_its_peer_is_told_and_loses_nothing)
{
    enum { MESSAGE_BYTES = 10000, HIGH_BYTES = 100000 };
    static char message[MESSAGE_BYTES];
    begin();
    struct isa_stream stream = book_stream(&book, "/test.Stream/Deaf", NULL);
    unsigned long accepted = 0;
    int error;
    stream.high_water_bytes = HIGH_BYTES;
    stream.on_message = NULL;

    book_start(&book, &client, &stream);
    for (;;) { /* until the queue stays full: the peer's window is used up */
        while ((error = isa_call_write_bytes(book.call,
                                             (struct isa_bytes){ message, MESSAGE_BYTES })) >= 0)
            accepted++;
        cr_assert_eq(error, ISA_EFULL, "%s", isa_error_name(error));
        cr_assert_leq(isa_call_queued_bytes(book.call), HIGH_BYTES + MESSAGE_BYTES + 64);
        unsigned told = book.writables;
        client_run_for(&client, 100);
        if (book.writables == told)
            break;
        cr_assert_leq(accepted, 10000, "a peer that reads nothing stops a writer");
    }
    cr_assert(server_await_held(server, 1));
    server_release(server);
    unsigned told = book.writables;
    cr_assert_eq(isa_call_half_close(book.call), 0);
    book_await_end(&book);

    char expected[64];
    snprintf(expected, sizeof expected, "%lu %lu", accepted, accepted * MESSAGE_BYTES);
    cr_expect_str_eq(book.reply, expected);
    cr_expect_eq(book.writables, told + 1, "told once more when there was room again");
    end();
}

/* ---- reading on demand -------------------------------------------------------------------------- */

static void cancel(struct stream_book *of)
{
    if (of->messages == 10)
        isa_call_cancel(of->call);
}

Test(live_stream, can_be_cancelled_inside_a_message)
{
    begin();
    struct isa_stream stream = book_stream(&book, "/test.Stream/Count", "1000000 100 0 ");
    book.on_message = cancel;

    book_start(&book, &client, &stream);
    book_await_end(&book);

    cr_expect_eq(book.status.code, ISA_STATUS_CANCELLED);
    cr_expect_eq(book.status.reason, ISA_REASON_USER);
    cr_expect_geq(book.messages, 10);
    end();
}

static void close_conn(struct stream_book *of)
{
    if (of->messages == 10)
        cr_assert_eq(isa_conn_close(of->client->conn, 0), 0);
}

Test(live_stream, the_handle_can_be_closed_inside_a_message)
{
    begin();
    struct isa_stream stream = book_stream(&book, "/test.Stream/Count", "1000000 100 0 ");
    book.on_message = close_conn;

    book_start(&book, &client, &stream);
    book_await_end(&book);
    client_await_state(&client, ISA_STATE_SHUTDOWN);

    cr_expect_eq(book.status.code, ISA_STATUS_CANCELLED);
    book_end(&book);
    client_shutdown_pool(&client, 0);
    client_leave(&client);
    server_free(server);
}

static void run_the_loop(struct stream_book *of)
{
    static bool is_inside;
    if (is_inside)
        return;
    is_inside = true;
    ev_run(of->client->loop, EVRUN_NOWAIT);
    is_inside = false;
    cr_assert_eq(of->ends, 0, "the end waits for the message before it");
}

Test(live_stream, the_loop_can_be_run_inside_a_message)
{
    begin();
    struct isa_stream stream = book_stream(&book, "/test.Stream/Count", "3000 10 0 ");
    book.on_message = run_the_loop;

    book_start(&book, &client, &stream);
    book_await_end(&book);

    cr_expect_eq(book.messages, 3000);
    cr_expect_eq(book.out_of_order, 0);
    end();
}

Test(live_stream, its_deadline_ends_it)
{
    begin();
    struct isa_stream stream = book_stream(&book, "/test.Stream/Chat", NULL);
    struct isa_call_options options = ISA_CALL_OPTIONS_INIT;
    options.deadline_ms = 50;
    stream.options = &options;

    book_start(&book, &client, &stream);
    book_await_end(&book);

    cr_expect_eq(book.status.code, ISA_STATUS_DEADLINE_EXCEEDED);
    end();
}

Test(live_stream, lives_beyond_the_default_deadline_when_it_has_none)
{
    begin();
    struct isa_stream stream = book_stream(&book, "/test.Stream/Chat", NULL);
    struct isa_call_options options = ISA_CALL_OPTIONS_INIT;
    options.deadline_ms = ISA_NEVER;
    stream.options = &options;

    book_start(&book, &client, &stream);
    cr_assert_eq(isa_call_write_bytes(book.call, (struct isa_bytes){ "0", 1 }), 0);
    book_await_messages(&book, 1);
    cr_assert_eq(isa_call_half_close(book.call), 0);
    book_await_end(&book);

    cr_expect_eq(book.status.code, ISA_STATUS_OK, "%s", book.text);
    end();
}

Test(live_stream, a_loop_that_is_destroyed_ends_its_streams)
{
    begin();
    struct isa_stream stream = book_stream(&book, "/test.Stream/Count", "1000000 100 0 ");

    book_start(&book, &client, &stream);
    book_await_messages(&book, 10);
    ev_loop_destroy(client.loop);

    cr_expect_eq(book.ends, 1);
    cr_expect_eq(book.status.code, ISA_STATUS_CANCELLED);
    book_end(&book);
    client.has_own_loop = false;
    client.loop = ev_loop_new(EVFLAG_AUTO);
    client_shutdown_pool(&client, 0);
    client_leave(&client);
    server_free(server);
}
