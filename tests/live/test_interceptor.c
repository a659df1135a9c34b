/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: what interceptors hear, add and refuse.
 * Used by: ctest.
 * Must not know: the rooms behind the public headers.
 */
#include "grpc_server.h"
#include "stream_book.h"

#include <criterion/criterion.h>
#include <ev.h>
#include <stdio.h>
#include <string.h>

static struct server *server;
static struct client client;
static char history[1024];

static void note(const char *who, const char *what)
{
    size_t length = strlen(history);
    snprintf(history + length, sizeof history - length, "%s%s ", who, what);
}

static void on_start(struct isa_call *call, struct isa_starting *starting, void *user)
{
    static const struct isa_header header = { "x-initial", { "added", 5 } };
    cr_expect_neq(strlen(isa_call_method(call)), 0);
    note(user, "start");
    if (strcmp(user, "a:") == 0)
        cr_expect_eq(isa_starting_add_header(starting, &header), 0);
    cr_expect_eq(isa_starting_add_header(starting, NULL), ISA_EINVAL);
    cr_expect_eq(isa_starting_add_header(starting, &(struct isa_header){ "BAD", { "", 0 } }),
                 ISA_EINVAL);
}

static void on_out(struct isa_call *call, const struct isa_message *message, void *user)
{
    (void)call;
    cr_expect_gt(message->bytes.size_bytes, 0);
    note(user, "out");
}

static void on_in(struct isa_call *call, const struct isa_message *message, void *user)
{
    (void)call;
    cr_expect_gt(message->bytes.size_bytes, 0);
    note(user, "in");
}

static void on_finish(struct isa_call *call, const struct isa_reply *reply, void *user)
{
    (void)call;
    note(user, reply->status.code == ISA_STATUS_OK ? "ok" : "failed");
}

static struct isa_interceptor a = ISA_INTERCEPTOR_INIT;
static struct isa_interceptor b = ISA_INTERCEPTOR_INIT;
static const struct isa_interceptor *const both[] = { &a, &b };
static struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;

static void begin(void)
{
    server = server_new(NULL);
    a.on_start = b.on_start = on_start;
    a.on_message_out = b.on_message_out = on_out;
    a.on_message_in = b.on_message_in = on_in;
    a.on_finish = b.on_finish = on_finish;
    a.user = "a:";
    b.user = "b:";
}

static void open_intercepted(void)
{
    options.interceptors = both;
    options.interceptor_count = 2;
    client_open(&client, server_target(server), &options);
}

static void end(void)
{
    client_end(&client);
    server_free(server);
}

static void look(struct client_op *op, const struct isa_reply *reply)
{
    struct isa_bytes value = { 0 };
    (void)op;
    note("", "program");
    if (reply->status.code == ISA_STATUS_OK)
        cr_expect(isa_metadata_get(reply->headers, "x-initial", &value));
}

Test(live_interceptor, hears_a_unary_call_from_the_outside_in_and_back)
{
    begin();
    open_intercepted();
    struct client_op op = { .look = look };

    client_do(&client, &op, "/test.Test/Echo", "hello");

    cr_expect_eq(op.status.code, ISA_STATUS_OK, "%s", op.text);
    cr_expect_str_eq(history, "a:start b:start a:out b:out b:in a:in b:ok a:ok program ");
    end();
}

Test(live_interceptor, hears_every_message_of_a_stream)
{
    begin();
    open_intercepted();
    struct stream_book book;
    struct isa_stream stream = book_stream(&book, "/test.Stream/Chat", NULL);

    book_start(&book, &client, &stream);
    cr_assert_eq(isa_call_write_bytes(book.call, (struct isa_bytes){ "0", 1 }), 0);
    book_await_messages(&book, 1);
    cr_assert_eq(isa_call_half_close(book.call), 0);
    book_await_end(&book);

    cr_expect_str_eq(history, "a:start b:start a:out b:out b:in a:in b:ok a:ok ");
    cr_expect_str_eq(book.initial, "added");
    book_end(&book);
    end();
}

static void refuse(struct isa_call *call, struct isa_starting *starting, void *user)
{
    (void)call;
    note(user, "refuse");
    cr_expect_eq(isa_starting_refuse(starting, ISA_STATUS_OK, NULL), ISA_EINVAL);
    cr_expect_eq(isa_starting_refuse(starting, ISA_STATUS_PERMISSION_DENIED, "not today"), 0);
    cr_expect_eq(isa_starting_refuse(starting, ISA_STATUS_ABORTED, "again"), 0);
}

Test(live_interceptor, can_refuse_a_call_and_those_within_never_hear_of_it)
{
    begin();
    a.on_start = refuse;
    open_intercepted();
    struct client_op op = { .look = look };

    client_do(&client, &op, "/test.Test/Echo", "hello");

    cr_expect_eq(op.status.code, ISA_STATUS_PERMISSION_DENIED);
    cr_expect_str_eq(op.text, "not today");
    cr_expect_str_eq(history, "a:refuse a:out a:failed program ");
    cr_expect_eq(server_counts(server).calls, 0);
    cr_expect_eq(client_stats(&client).operations_failed, 1);
    cr_expect_eq(client_stats(&client).operations_started, 1);
    end();
}

Test(live_interceptor, a_list_that_is_not_whole_is_refused)
{
    static const struct isa_interceptor *const holes[] = { NULL };
    struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO);
    struct isa_conn *conn = NULL;
    options.interceptor_count = 1;

    cr_expect_eq(isa_conn_open(loop, "a:1", &options, &conn), ISA_EINVAL);
    options.interceptors = holes;
    cr_expect_eq(isa_conn_open(loop, "a:1", &options, &conn), ISA_EINVAL);
    options.interceptors = both;
    options.interceptor_count = 65;
    cr_expect_eq(isa_conn_open(loop, "a:1", &options, &conn), ISA_EINVAL);
    ev_loop_destroy(loop);
}

/* ---- tokens ------------------------------------------------------------------------------------- */
