/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: answers that are not the one message, or the messages, that the call was promised.
 * Used by: ctest.
 * Must not know: the rooms behind the public headers.
 *
 * Whatever the peer says of its success: a program that hears OK has what OK stands for.
 */
#include "stream_book.h"
#include "stream_peer.h"

#include "note.pb-c.h"

#include <criterion/criterion.h>
#include <string.h>

static struct stream_peer *peer;
static struct client client;
static struct stream_book book;
static struct client_op bad;
static struct client_op good;

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

TestSuite(live_reply_shape, .init = begin, .fini = end);

static void expect_internal(const struct isa_status *status, const char *words)
{
    cr_expect_eq(status->code, ISA_STATUS_INTERNAL, "%s: %s", isa_status_name((int)status->code),
                 status->message);
    cr_expect_not_null(strstr(status->message, words), "%s", status->message);
    cr_expect_eq(status->reason, ISA_REASON_NONE);
}

/* With no deadline: who does not look at what came waits for ever. */
static struct isa_status ask(stream_harm_fn *harm)
{
    struct isa_unary unary = client_unary("/test.Test/Any", "x");
    struct isa_call_options options = ISA_CALL_OPTIONS_INIT;
    options.deadline_ms = ISA_NEVER;
    unary.options = &options;
    stream_peer_arm(peer, PHASE_AFTER_HEADERS, harm);
    cr_assert_eq(client_start(&client, &bad, &unary), 0);
    client_await_op(&client, &bad);
    return bad.status;
}

static struct isa_status run(stream_harm_fn *harm, bool is_client_stream)
{
    struct isa_stream stream =
        book_stream(&book, "/test.Stream/Any", is_client_stream ? NULL : "x");
    struct isa_call_options options = ISA_CALL_OPTIONS_INIT;
    options.deadline_ms = ISA_NEVER;
    stream.options = &options;
    stream.reply_type = &test__note__descriptor;
    if (is_client_stream)
        stream.on_message = NULL;
    stream_peer_arm(peer, PHASE_AFTER_HEADERS, harm);
    book_start(&book, &client, &stream);
    if (is_client_stream)
        cr_assert_eq(isa_call_write_bytes(book.call, (struct isa_bytes){ "x", 1 }), 0);
    book_await_end(&book);
    return book.status;
}

Test(live_reply_shape, a_unary_ok_without_a_message_is_internal)
{
    struct isa_status status = ask(harm_by_empty_ok);
    expect_internal(&status, "without a whole reply");
}

Test(live_reply_shape, a_unary_ok_with_half_a_message_is_internal)
{
    struct isa_status status = ask(harm_by_half_message);
    expect_internal(&status, "");
}

Test(live_reply_shape, a_unary_ok_with_a_bad_flag_is_internal)
{
    struct isa_status status = ask(harm_by_bad_flag);
    expect_internal(&status, "");
}

Test(live_reply_shape, a_second_message_ends_a_unary_call)
{
    struct isa_status status = ask(harm_by_two_messages);
    expect_internal(&status, "a second reply");
}

Test(live_reply_shape, a_second_message_ends_a_unary_call_also_without_a_status)
{
    struct isa_status status = ask(harm_by_endless_messages);
    expect_internal(&status, "a second reply");
}

Test(live_reply_shape, the_next_call_is_served)
{
    ask(harm_by_endless_messages);
    client_do(&client, &good, "/test.Test/Any", "x");
    cr_expect_eq(good.status.code, ISA_STATUS_OK, "%s", good.text);
    cr_expect_str_eq(good.reply, "0");
}

Test(live_reply_shape, a_message_of_a_stream_that_does_not_parse_ends_it_internal)
{
    struct isa_status status = run(harm_by_unparsable, false);
    expect_internal(&status, "test.Note.number: a number is cut short at byte 0");
    cr_expect_eq(book.messages, 0);
    book_end(&book);
}

Test(live_reply_shape, a_client_stream_without_its_reply_is_internal)
{
    struct isa_status status = run(harm_by_empty_ok, true);
    expect_internal(&status, "without the one reply");
    book_end(&book);
}

/* Under ASan also: the first reply is given back. */
Test(live_reply_shape, a_second_reply_of_a_client_stream_is_internal)
{
    struct isa_status status = run(harm_by_two_notes, true);
    expect_internal(&status, "a second reply");
    book_end(&book);
}
