/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tokens, asked for and answered, of calls and of streams that are resumed.
 * Used by: ctest.
 * Must not know: the rooms behind the public headers.
 */
#include "client.h"
#include "grpc_server.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct server *server;
static struct client client;
static struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
static struct isa_call *asked; /* a reference */

static void give_at_once(struct isa_call *call, void *user)
{
    cr_expect_eq(isa_call_give_token(call, ""), ISA_EINVAL);
    cr_expect_eq(isa_call_give_token(call, "a\nb"), ISA_EINVAL);
    cr_expect_eq(isa_call_give_token(call, user), 0);
    cr_expect_eq(isa_call_give_token(call, user), ISA_ESTATE);
    cr_expect_eq(isa_call_refuse_token(call, NULL), ISA_ESTATE);
}

static void keep_call(struct isa_call *call, void *user)
{
    (void)user;
    asked = isa_call_ref(call);
}

static bool was_asked(void *unused)
{
    (void)unused;
    return asked != NULL;
}

static void end(void)
{
    client_end(&client);
    server_free(server);
}

static void open_with_token(isa_token_fn *fn)
{
    server = server_new(NULL);
    options.on_token = fn;
    options.token_user = "Bearer abc";
    options.allow_plaintext_token = true;
    client_open(&client, server_target(server), &options);
}

Test(live_token, goes_with_each_call)
{
    open_with_token(give_at_once);
    struct client_op op = { 0 };

    client_do(&client, &op, "/test.Test/Header", "authorization");

    cr_expect_eq(op.status.code, ISA_STATUS_OK, "%s", op.text);
    cr_expect_str_eq(op.reply, "Bearer abc");
    end();
}

static void *give_from_here(void *unused)
{
    (void)unused;
    cr_expect_eq(isa_call_give_token(asked, "Bearer late"), 0);
    return NULL;
}

Test(live_token, may_be_given_later_and_from_any_thread)
{
    open_with_token(keep_call);
    struct client_op op = { 0 };
    pthread_t thread;

    client_send(&client, &op, "/test.Test/Header", "authorization");
    client_await(&client, was_asked, NULL);
    client_run_for(&client, 20);
    cr_expect_eq(op.completions, 0);
    cr_assert_eq(pthread_create(&thread, NULL, give_from_here, NULL), 0);
    pthread_join(thread, NULL);
    client_await_op(&client, &op);

    cr_expect_str_eq(op.reply, "Bearer late");
    isa_call_unref(asked);
    end();
}

Test(live_token, that_is_refused_ends_the_call)
{
    open_with_token(keep_call);
    struct client_op op = { 0 };

    client_send(&client, &op, "/test.Test/Echo", "x");
    client_await(&client, was_asked, NULL);
    cr_expect_eq(isa_call_refuse_token(asked, "nobody is logged in"), 0);
    client_await_op(&client, &op);

    cr_expect_eq(op.status.code, ISA_STATUS_UNAUTHENTICATED);
    cr_expect_str_eq(op.text, "nobody is logged in");
    cr_expect_eq(isa_call_give_token(asked, "Bearer x"), ISA_ESTATE);
    isa_call_unref(asked);
    end();
}

Test(live_token, that_never_comes_costs_the_call_its_deadline)
{
    open_with_token(keep_call);
    struct isa_unary unary = client_unary("/test.Test/Echo", "x");
    struct isa_call_options call_options = ISA_CALL_OPTIONS_INIT;
    struct client_op op = { 0 };
    call_options.deadline_ms = 50;
    unary.options = &call_options;

    cr_assert_eq(client_start(&client, &op, &unary), 0);
    client_await_op(&client, &op);

    cr_expect_eq(op.status.code, ISA_STATUS_DEADLINE_EXCEEDED);
    cr_expect_eq(isa_call_give_token(asked, "Bearer x"), ISA_ESTATE);
    isa_call_unref(asked);
    end();
}

Test(live_token, a_call_that_waits_for_it_can_be_cancelled)
{
    open_with_token(keep_call);
    struct client_op op = { 0 };

    client_send(&client, &op, "/test.Test/Echo", "x");
    client_await(&client, was_asked, NULL);
    isa_call_cancel(op.call);
    client_await_op(&client, &op);

    cr_expect_eq(op.status.code, ISA_STATUS_CANCELLED);
    isa_call_unref(asked);
    end();
}

static unsigned asks;
static char heard[2][32]; /* the token of each start, as the server heard it */
static unsigned starts;
static unsigned ends;

static void give_another(struct isa_call *call, void *user)
{
    char value[32];
    (void)user;
    snprintf(value, sizeof value, "Bearer %u", ++asks);
    cr_expect_eq(isa_call_give_token(call, value), 0);
}

static void hear_token(struct isa_call *call, const struct isa_metadata *headers, void *user)
{
    struct isa_bytes value;
    (void)call, (void)user;
    cr_assert_lt(starts, 2);
    cr_assert(isa_metadata_get(headers, "authorization", &value));
    snprintf(heard[starts++], sizeof *heard, "%.*s", (int)value.size_bytes,
             (const char *)value.data);
}

static void hear_nothing(struct isa_call *call, const struct isa_message *message, void *user)
{
    (void)call, (void)message, (void)user;
}

static void resume_with_same(struct isa_call *call, const struct isa_gap *gap, void *user)
{
    (void)gap, (void)user;
    cr_expect_eq(isa_call_resume(call, NULL), 0);
}

static void count_end(struct isa_call *call, const struct isa_reply *reply, void *user)
{
    (void)call, (void)user;
    cr_expect_eq(reply->status.code, ISA_STATUS_CANCELLED);
    ends++;
}

static bool has_started(void *count)
{
    return starts == *(unsigned *)count;
}

static bool has_ended(void *unused)
{
    (void)unused;
    return ends == 1;
}

static struct isa_call *start_resumable(void)
{
    struct isa_call *call;
    struct isa_stream stream = ISA_STREAM_INIT;
    stream.method = "/test.Stream/Chat";
    stream.on_headers = hear_token;
    stream.on_message = hear_nothing;
    stream.on_resume = resume_with_same;
    stream.on_end = count_end;
    cr_assert_eq(isa_call_stream(client.conn, &stream, &call), 0);
    client_await(&client, has_started, &(unsigned){ 1 });
    return call;
}

Test(live_token, is_asked_for_anew_when_a_stream_is_resumed)
{
    open_with_token(give_another);
    struct isa_call *call = start_resumable();

    server_cut(server);
    client_await(&client, has_started, &(unsigned){ 2 });

    cr_expect_str_eq(heard[0], "Bearer 1");
    cr_expect_str_eq(heard[1], "Bearer 2");
    isa_call_cancel(call);
    client_await(&client, has_ended, NULL);
    isa_call_unref(call);
    end();
}

static void give_first_keep_next(struct isa_call *call, void *user)
{
    if (++asks == 1)
        cr_expect_eq(isa_call_give_token(call, "Bearer 1"), 0);
    else
        keep_call(call, user);
}

Test(live_token, a_stream_that_waits_for_another_can_be_cancelled)
{
    open_with_token(give_first_keep_next);
    struct isa_call *call = start_resumable();

    server_cut(server);
    client_await(&client, was_asked, NULL);
    isa_call_cancel(call);
    client_await(&client, has_ended, NULL);

    cr_expect_eq(isa_call_give_token(asked, "Bearer x"), ISA_ESTATE);
    cr_expect_eq(client_stats(&client).operations_started, 1);
    isa_call_unref(asked);
    isa_call_unref(call);
    end();
}

Test(live_token, a_handle_that_is_closed_waits_for_no_token)
{
    open_with_token(keep_call);
    struct client_op op = { 0 };

    client_send(&client, &op, "/test.Test/Echo", "x");
    client_await(&client, was_asked, NULL);
    client_close(&client);
    client_await_op(&client, &op);

    cr_expect_eq(op.status.code, ISA_STATUS_CANCELLED);
    isa_call_unref(asked);
    client_shutdown_pool(&client, 0);
    client_leave(&client);
    server_free(server);
}

Test(live_token, does_not_travel_in_plain_text_unasked)
{
    server = server_new(NULL);
    client_open(&client, server_target(server), NULL);
    struct isa_conn *conn = NULL;
    struct isa_unary unary = client_unary("/test.Test/Echo", "x");
    struct isa_call_options call_options = ISA_CALL_OPTIONS_INIT;
    struct client_op op = { 0 };
    options.on_token = give_at_once;
    call_options.on_token = give_at_once;
    unary.options = &call_options;

    cr_expect_eq(isa_conn_open(client.loop, server_target(server), &options, &conn), ISA_EINVAL);
    cr_expect_eq(isa_conn_open(client.loop, "unix:/nowhere", &options, &conn), 0);
    cr_expect_eq(client_start(&client, &op, &unary), ISA_EINVAL);
    isa_conn_unref(conn);
    end();
}

/* Both ends of the connection are in this process, so their packets are in one log. */
static struct {
    pthread_mutex_t lock;
    unsigned lines;
    unsigned left_out;
    bool has_token;
} book = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void on_log(enum isa_log_level level, const char *line, void *user)
{
    (void)level, (void)user;
    pthread_mutex_lock(&book.lock);
    book.lines++;
    book.left_out += strstr(line, "left out") != NULL;
    book.has_token = book.has_token || strstr(line, "TopSecret") != NULL ||
                     strstr(line, "54 6f 70 53 65 63 72 65 74") != NULL;
    pthread_mutex_unlock(&book.lock);
}

Test(live_token, is_not_in_the_log_even_when_core_traces_all)
{
    setenv("GRPC_TRACE", "all", 1);
    cr_assert_eq(isa_set_log(on_log, ISA_LOG_DEBUG, NULL), 0);
    server = server_new(NULL);
    options.on_token = give_at_once;
    options.token_user = "Bearer TopSecret";
    options.allow_plaintext_token = true;
    client_open(&client, server_target(server), &options);
    struct client_op op = { 0 };

    client_do(&client, &op, "/test.Test/Echo", "x");

    cr_expect_eq(op.status.code, ISA_STATUS_OK, "%s", op.text);
    pthread_mutex_lock(&book.lock);
    cr_expect_gt(book.lines, 50, "%u lines: nothing was traced", book.lines);
    cr_expect_gt(book.left_out, 0);
    cr_expect_not(book.has_token);
    pthread_mutex_unlock(&book.lock);
    end();
}
