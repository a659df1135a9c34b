/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: metadata both ways, authority, size limits, compression, priority: the options of calls.
 * Used by: ctest.
 * Must not know: the rooms behind the public headers.
 */
#include "grpc_server.h"
#include "stream_book.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct server *server;
static struct client client;
static struct isa_call_options options = ISA_CALL_OPTIONS_INIT;

static void begin(void)
{
    server = server_new(NULL);
    client_open(&client, server_target(server), NULL);
}

static void end(void)
{
    client_end(&client);
    server_free(server);
}

static struct isa_header header_of(const char *name, const char *value, size_t size_bytes)
{
    return (struct isa_header){ name, { value, size_bytes } };
}

static void look(struct client_op *op, const struct isa_reply *reply)
{
    struct isa_bytes name;
    struct isa_bytes value = { 0 };
    bool *is_right = op->user;
    cr_expect(isa_metadata_get(reply->headers, "x-initial", &value));
    cr_expect_eq(value.size_bytes, 5);
    cr_expect_eq(memcmp(value.data, "hello", 5), 0);
    cr_expect(isa_metadata_get(reply->trailers, "x-trailing-bin", &value));
    cr_expect_eq(value.size_bytes, 4);
    cr_expect_eq(memcmp(value.data, "\xab\0\xff\x01", 4), 0);
    cr_expect_not(isa_metadata_get(reply->trailers, "x-initial", &value));
    cr_expect_not(
        isa_metadata_at(reply->trailers, isa_metadata_count(reply->trailers), &name, NULL));
    cr_expect(isa_metadata_at(reply->headers, 0, &name, &value));
    *is_right = true;
}

Test(live_metadata, goes_both_ways_binary_values_too)
{
    begin();
    struct isa_header headers[] = { header_of("x-initial", "hello", 5),
                                    header_of("x-trailing-bin", "\xab\0\xff\x01", 4) };
    struct isa_unary unary = client_unary("/test.Test/Echo", "x");
    bool is_right = false;
    options.headers = headers;
    options.header_count = 2;
    unary.options = &options;
    struct client_op op = { .look = look, .user = &is_right };

    cr_assert_eq(client_start(&client, &op, &unary), 0);
    client_await_op(&client, &op);

    cr_expect_eq(op.status.code, ISA_STATUS_OK, "%s", op.text);
    cr_expect(is_right);
    end();
}

/* Long enough that grpc-core does not keep them beside their length. */
static const char long_initial[] =
    "a value of more bytes than fit into a slice of grpc-core itself";
static const char long_trailing[] =
    "another, \xff, that comes after the last message, or in its stead";

static void look_for_long_values(struct client_op *op, const struct isa_reply *reply)
{
    struct isa_bytes value = { 0 };
    bool *is_right = op->user;
    cr_assert(isa_metadata_get(reply->headers, "x-initial", &value));
    cr_expect_eq(value.size_bytes, sizeof long_initial - 1);
    cr_expect_eq(memcmp(value.data, long_initial, value.size_bytes), 0);
    cr_assert(isa_metadata_get(reply->trailers, "x-trailing-bin", &value));
    cr_expect_eq(value.size_bytes, sizeof long_trailing - 1);
    cr_expect_eq(memcmp(value.data, long_trailing, value.size_bytes), 0);
    *is_right = true;
}

Test(live_metadata, is_there_as_long_as_the_callback_however_long_it_is)
{
    begin();
    struct isa_header headers[] = { header_of("x-initial", long_initial, sizeof long_initial - 1),
                                    header_of("x-trailing-bin", long_trailing,
                                              sizeof long_trailing - 1) };
    struct isa_unary unary = client_unary("/test.Test/Echo", "x");
    bool is_right = false;
    options.headers = headers;
    options.header_count = 2;
    unary.options = &options;
    struct client_op op = { .look = look_for_long_values, .user = &is_right };

    cr_assert_eq(client_start(&client, &op, &unary), 0);
    client_await_op(&client, &op);

    cr_expect_eq(op.status.code, ISA_STATUS_OK, "%s", op.text);
    cr_expect(is_right);
    end();
}

Test(live_metadata, comes_with_a_stream)
{
    begin();
    struct isa_header headers[] = { header_of("x-initial", "first", 5),
                                    header_of("x-trailing-bin", "last", 4) };
    struct stream_book book;
    struct isa_stream stream = book_stream(&book, "/test.Stream/Count", "2 0 0 ");
    options.headers = headers;
    options.header_count = 2;
    stream.options = &options;

    book_start(&book, &client, &stream);
    book_await_end(&book);

    cr_expect_str_eq(book.initial, "first");
    cr_expect_str_eq(book.trailing, "last");
    book_end(&book);
    end();
}

Test(live_metadata, names_and_values_that_cannot_be_sent_are_refused)
{
    static const struct isa_header bad[] = {
        { NULL, { "x", 1 } },        { "", { "x", 1 } },
        { "Upper", { "x", 1 } },     { "sp ace", { "x", 1 } },
        { ":path", { "x", 1 } },     { "grpc-timeout", { "1S", 2 } },
        { "x-text", { "\xff", 1 } }, { "x-text", { "a\nb", 3 } },
        { "x-none", { NULL, 1 } },   { "content-type", { "x", 1 } },
        { "te", { "trailers", 8 } },
    };
    begin();
    struct isa_unary unary = client_unary("/test.Test/Echo", "x");
    struct client_op op = { 0 };
    unary.options = &options;
    options.header_count = 1;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        options.headers = &bad[i];
        cr_expect_eq(client_start(&client, &op, &unary), ISA_EINVAL, "entry %zu", i);
    }
    options.headers = NULL;
    cr_expect_eq(client_start(&client, &op, &unary), ISA_EINVAL);
    options.header_count = 257;
    cr_expect_eq(client_start(&client, &op, &unary), ISA_EINVAL);
    end();
}

Test(live_options, a_reply_that_is_too_large_is_refused_by_name)
{
    begin();
    struct isa_unary unary = client_unary("/test.Test/Size", "1001");
    struct client_op op = { 0 };
    options.max_reply_bytes = 1000;
    unary.options = &options;

    cr_assert_eq(client_start(&client, &op, &unary), 0);
    client_await_op(&client, &op);

    cr_expect_eq(op.status.code, ISA_STATUS_RESOURCE_EXHAUSTED);
    cr_expect_str_eq(op.text, "a message of 1001 bytes came, max_reply_bytes is 1000");
    end();
}

Test(live_options, a_message_of_a_stream_that_is_too_large_ends_it)
{
    begin();
    struct stream_book book;
    struct isa_stream stream = book_stream(&book, "/test.Stream/Count", "10 1001 0 ");
    options.max_reply_bytes = 1000;
    stream.options = &options;

    book_start(&book, &client, &stream);
    book_await_end(&book);

    cr_expect_eq(book.status.code, ISA_STATUS_RESOURCE_EXHAUSTED, "%s", book.text);
    cr_expect_eq(book.messages, 0);
    book_end(&book);
    end();
}

Test(live_options, every_compression_carries_the_message)
{
    begin();
    static char text[10000];
    memset(text, 'z', sizeof text - 1);
    struct isa_unary unary = client_unary("/test.Test/Echo", text);
    unary.options = &options;

    for (int i = ISA_COMPRESSION_DEFAULT; i <= ISA_COMPRESSION_GZIP; i++) {
        struct client_op op = { 0 };
        options.compression = (enum isa_compression)i;
        cr_assert_eq(client_start(&client, &op, &unary), 0);
        client_await_op(&client, &op);
        cr_expect_eq(op.status.code, ISA_STATUS_OK, "%s", op.text);
        cr_expect_eq(op.reply_bytes, sizeof text - 1);
        client_await_all(&client);
        client.ops = NULL;
        isa_call_unref(op.call);
    }
    struct client_op op = { 0 };
    options.compression = (enum isa_compression)(ISA_COMPRESSION_GZIP + 1);
    cr_expect_eq(client_start(&client, &op, &unary), ISA_EINVAL);
    end();
}

static unsigned finished;

static void keep_place(struct client_op *op)
{
    *(unsigned *)op->user = ++finished;
}

Test(live_options, the_urgent_are_first_among_those_that_wait)
{
    begin();
    server_down(server);
    static const int32_t priorities[] = { 0, -5, 7, 0, 7 };
    static const unsigned places_due[] = { 3, 5, 1, 4, 2 };
    struct client_op ops[5] = { 0 };
    unsigned places[5];
    struct isa_unary unary = client_unary("/test.Test/Echo", "x");
    unary.options = &options;
    options.wait_for_ready = true;

    for (int i = 0; i < 5; i++) {
        options.priority = priorities[i];
        ops[i].then = keep_place;
        ops[i].user = &places[i];
        cr_assert_eq(client_start(&client, &ops[i], &unary), 0);
    }
    client_await_state(&client, ISA_STATE_TRANSIENT_FAILURE);
    server_up(server);
    client_await_all(&client);

    for (int i = 0; i < 5; i++)
        cr_expect_eq(places[i], places_due[i], "call %d was number %u", i, places[i]);
    end();
}

Test(live_options, an_authority_is_a_host)
{
    begin();
    struct isa_unary unary = client_unary("/test.Test/Echo", "x");
    struct client_op op = { 0 };
    unary.options = &options;

    options.authority = "";
    cr_expect_eq(client_start(&client, &op, &unary), ISA_EINVAL);
    options.authority = "a\r\nb";
    cr_expect_eq(client_start(&client, &op, &unary), ISA_EINVAL);
    options.authority = "db.example:443";
    cr_assert_eq(client_start(&client, &op, &unary), 0);
    client_await_op(&client, &op);
    cr_expect_eq(op.status.code, ISA_STATUS_OK, "%s", op.text);
    end();
}

/* Of one length, and each freed before the next: one that took the other's place in memory must not take
 * its place on the wire. */
Test(live_options, each_call_goes_out_under_its_own_authority)
{
    static const char *const authorities[] = { "first.example", "other.example", "third.example" };
    begin();
    struct isa_unary unary = client_unary("/test.Test/Header", ":authority");
    unary.options = &options;

    struct client_op ops[9] = { 0 };
    for (int i = 0; i < 9; i++) {
        options.authority = authorities[i % 3];
        cr_assert_eq(client_start(&client, &ops[i], &unary), 0);
        client_await_op(&client, &ops[i]);
        cr_expect_eq(ops[i].status.code, ISA_STATUS_OK, "%s", ops[i].text);
        cr_expect_str_eq(ops[i].reply, authorities[i % 3], "call %d", i);
        ops[i].call = isa_call_unref(ops[i].call);
    }
    end();
}
