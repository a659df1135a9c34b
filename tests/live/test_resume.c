/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: streams that break off and are resumed by a request that the program builds.
 * Used by: ctest.
 * Must not know: the rooms behind the public headers.
 */
#include "grpc_server.h"
#include "stream_book.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TOTAL = 100000 };

static struct server *server;
static struct client client;
static struct stream_book book;
static unsigned long base; /* number of the first message of the present start */
static unsigned long heard;

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

static void count(struct stream_book *of)
{
    unsigned long number = base + strtoul(of->last, NULL, 10);
    cr_assert_eq(number, heard, "message %lu, %lu was due", number, heard);
    heard++;
    if (of->user && heard % of->user == 0)
        server_cut(server);
}

static void ask_for_the_rest(struct stream_book *of)
{
    char request[64];
    base = heard;
    of->next = 0;
    int length = snprintf(request, sizeof request, "%lu 0 0 ", TOTAL - heard);
    cr_assert_eq(isa_call_resume_bytes(of->call, (struct isa_bytes){ request, (size_t)length }), 0);
    cr_assert_eq(isa_call_resume_bytes(of->call, (struct isa_bytes){ 0 }), ISA_ESTATE);
}

static void on_resume(struct isa_call *call, const struct isa_gap *gap, void *user)
{
    struct stream_book *of = user;
    (void)call;
    of->resumes++;
    of->gap = *gap;
    if (of->on_resume)
        of->on_resume(of);
}

static struct isa_stream resumable(const char *request)
{
    struct isa_stream stream = book_stream(&book, "/test.Stream/Count", request);
    stream.on_resume = on_resume;
    book.on_message = count;
    return stream;
}

Test(live_resume, no_message_is_lost_and_none_comes_twice)
{
    begin();
    char request[64];
    snprintf(request, sizeof request, "%d 0 0 ", TOTAL);
    struct isa_stream stream = resumable(request);
    book.on_resume = ask_for_the_rest;
    book.user = 20000;

    book_start(&book, &client, &stream);
    book_await_end(&book);

    cr_expect_eq(book.status.code, ISA_STATUS_OK, "%s", book.text);
    cr_expect_eq(heard, TOTAL);
    cr_expect_geq(book.resumes, 4);
    cr_expect_eq(book.gap.status.code, ISA_STATUS_UNAVAILABLE);
    cr_expect_eq(book.gap.resumptions, book.resumes - 1);
    end();
}

Test(live_resume, waits_for_a_service_that_is_away)
{
    begin();
    struct isa_stream stream = resumable("1000000 0 0 ");
    book.on_resume = ask_for_the_rest;

    book_start(&book, &client, &stream);
    book_await_messages(&book, 10);
    server_down(server);
    client_await_state(&client, ISA_STATE_TRANSIENT_FAILURE);
    client_run_for(&client, 300);
    cr_expect_eq(book.ends, 0);
    server_up(server);
    unsigned long before = heard;
    book_await_messages(&book, book.messages + 1);
    isa_call_cancel(book.call);
    book_await_end(&book);

    cr_expect_gt(heard, before);
    cr_expect_eq(book.status.code, ISA_STATUS_CANCELLED, "%s", book.text);
    end();
}

Test(live_resume, ends_with_the_status_when_the_program_does_not_go_on)
{
    begin();
    struct isa_stream stream = resumable("1000000 0 0 ");

    book_start(&book, &client, &stream);
    book_await_messages(&book, 10);
    server_cut(server);
    book_await_end(&book);

    cr_expect_eq(book.status.code, ISA_STATUS_UNAVAILABLE, "%s", book.text);
    cr_expect_eq(book.resumes, 1);
    cr_expect_eq(book.gap.messages, book.messages);
    cr_expect_eq(isa_call_resume(book.call, NULL), ISA_ESTATE);
    end();
}

Test(live_resume, a_status_of_the_service_is_no_reason_to_go_on)
{
    begin();
    struct isa_stream stream = resumable("3 0 5 none");
    book.on_resume = ask_for_the_rest;

    book_start(&book, &client, &stream);
    book_await_end(&book);

    cr_expect_eq(book.status.code, ISA_STATUS_NOT_FOUND);
    cr_expect_eq(book.resumes, 0);
    end();
}

static void close_instead(struct stream_book *of)
{
    ask_for_the_rest(of);
    cr_assert_eq(isa_conn_close(of->client->conn, 0), 0);
}

Test(live_resume, the_handle_can_be_closed_inside_on_resume)
{
    begin();
    struct isa_stream stream = resumable("1000000 0 0 ");
    book.on_resume = close_instead;

    book_start(&book, &client, &stream);
    book_await_messages(&book, 10);
    server_cut(server);
    book_await_end(&book);
    client_await_state(&client, ISA_STATE_SHUTDOWN);

    book_end(&book);
    client_shutdown_pool(&client, 0);
    client_leave(&client);
    server_free(server);
}

static void say_more(struct stream_book *of)
{
    cr_expect_eq(of->gap.unsent, 0);
    cr_assert_eq(isa_call_resume_bytes(of->call, (struct isa_bytes){ "0", 1 }), 0);
    cr_assert_eq(isa_call_write_bytes(of->call, (struct isa_bytes){ "1", 1 }), 0);
    cr_assert_eq(isa_call_half_close(of->call), 0);
    of->next = 0;
}

Test(live_resume, a_stream_of_both_sides_says_anew_what_it_wants)
{
    begin();
    struct isa_stream stream = book_stream(&book, "/test.Stream/Chat", NULL);
    stream.on_resume = on_resume;
    book.on_resume = say_more;

    book_start(&book, &client, &stream);
    cr_assert_eq(isa_call_write_bytes(book.call, (struct isa_bytes){ "0", 1 }), 0);
    book_await_messages(&book, 1);
    server_cut(server);
    book_await_end(&book);

    cr_expect_eq(book.status.code, ISA_STATUS_OK, "%s", book.text);
    cr_expect_eq(book.messages, 3);
    cr_expect_eq(book.out_of_order, 0);
    cr_expect_eq(book.resumes, 1);
    end();
}
