/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: what a peer, or a proxy before it, says of going on: pushback, a stream cut, an end nobody reads.
 * Used by: ctest.
 * Must not know: the rooms behind the public headers.
 */
#include "stream_book.h"
#include "stream_peer.h"

#include <criterion/criterion.h>
#include <isa/guard.h>
#include <string.h>

static struct stream_peer *peer;
static struct client client;
static struct stream_book book;
static struct client_op op;

static void begin(void)
{
    peer = stream_peer_new();
    client_open(&client, stream_peer_target(peer), NULL);
}

static void end(void)
{
    client_end(&client);
    stream_peer_free(peer);
}

TestSuite(live_peers_word, .init = begin, .fini = end);

static void ask(stream_harm_fn *harm)
{
    struct isa_unary unary = client_unary("/test.Test/Any", "x");
    struct isa_call_options options = ISA_CALL_OPTIONS_INIT;
    struct isa_retry_options retry = ISA_RETRY_OPTIONS_INIT;
    options.retry = &retry;
    unary.options = &options;
    stream_peer_arm(peer, PHASE_AFTER_HEADERS, harm);
    cr_assert_eq(client_start(&client, &op, &unary), 0);
    client_await_op(&client, &op);
}

Test(live_peers_word, a_wait_that_the_service_asks_for_is_kept)
{
    ask(harm_by_pushback);
    cr_expect_eq(op.status.code, ISA_STATUS_OK, "%s", op.text);
    cr_expect_geq(op.duration_us, 300000);
}

Test(live_peers_word, a_service_that_forbids_another_attempt_gets_none)
{
    ask(harm_by_no_more);
    cr_expect_eq(op.status.code, ISA_STATUS_UNAVAILABLE, "%s", op.text);
}

static void go_on(struct isa_call *call, const struct isa_gap *gap, void *user)
{
    (void)gap, (void)user;
    book.resumes++;
    isa_call_resume_bytes(call, (struct isa_bytes){ "x", 1 });
}

static void cut(stream_harm_fn *harm)
{
    struct isa_stream stream = book_stream(&book, "/test.Stream/Any", "x");
    stream.on_resume = go_on;
    stream_peer_arm(peer, PHASE_AFTER_HEADERS, harm);
    book_start(&book, &client, &stream);
    book_await_end(&book);
    cr_expect_eq(book.status.code, ISA_STATUS_OK, "%s", book.text);
    cr_expect_eq(book.resumes, 1);
    cr_expect_eq(book.messages, 1);
    book_end(&book);
}

Test(live_peers_word, a_stream_that_a_proxy_cancels_may_be_resumed)
{
    cut(harm_by_peers_cancel);
}

Test(live_peers_word, a_stream_that_a_proxy_resets_may_be_resumed)
{
    cut(harm_by_refusal);
}

Test(live_peers_word, a_deadline_is_kept_while_a_message_is_unread)
{
    struct isa_stream stream = book_stream(&book, "/test.Stream/Any", "x");
    struct isa_call_options options = ISA_CALL_OPTIONS_INIT;
    options.deadline_ms = 200;
    stream.options = &options;
    stream.reads_on_demand = true;
    book_start(&book, &client, &stream);

    book_await_end(&book);

    cr_expect_eq(book.status.code, ISA_STATUS_DEADLINE_EXCEEDED, "%s", book.text);
    cr_expect_eq(book.messages, 0);
    book_end(&book);
}
