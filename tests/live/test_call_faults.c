/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: every kind of call under every fault, at every phase of its answer.
 * Used by: ctest.
 * Must not know: the rooms behind the public headers.
 *
 * What must hold each time: one end and nothing after it (book_end() asserts it), with a status that
 * says what happened; and afterwards the same handle carries a call again.
 */
#include "stream_book.h"
#include "stream_peer.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

enum kind { SERVER_STREAM, CLIENT_STREAM, BOTH, UNARY, KIND_COUNT };

enum { DEADLINE_MS = 100, MESSAGE_MAX = 1000, KEEPALIVE_MS = 1000 };

static const char *const kind_names[] = { "server", "client", "both", "unary" };
static const char *const phase_names[] = { "before headers", "after headers", "mid message",
                                           "before status" };

static struct stream_peer *peer;
static struct client client;
static struct stream_book book;

/*
 * Core reads what came, and with it the news of a reset that came right behind: who only listens then
 * hears of it by the next ping.
 */
static void begin(void)
{
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.backoff_min_ms = options.backoff_max_ms = 5;
    options.dial_floor_ms = 1;
    options.max_receive_bytes = MESSAGE_MAX;
    options.keepalive_time_ms = KEEPALIVE_MS;
    peer = stream_peer_new();
    client_open(&client, stream_peer_target(peer), &options);
}

static void end(void)
{
    client_end(&client);
    stream_peer_free(peer);
}

static void start_unary(const struct isa_stream *like)
{
    struct isa_unary unary = ISA_UNARY_INIT;
    unary.method = like->method;
    unary.request_bytes = like->request_bytes;
    unary.options = like->options;
    unary.on_reply = like->on_end;
    unary.user = like->user;
    book.client = &client;
    cr_assert_eq(isa_call_unary(client.conn, &unary, &book.call), 0);
}

static bool begins_half_closed(enum kind kind)
{
    return kind == SERVER_STREAM || kind == UNARY;
}

static void start(enum kind kind, uint32_t deadline_ms)
{
    struct isa_stream stream =
        book_stream(&book, "/test.Stream/Any", begins_half_closed(kind) ? "x" : NULL);
    struct isa_call_options options = ISA_CALL_OPTIONS_INIT;
    options.wait_for_ready = true;
    options.deadline_ms = deadline_ms;
    stream.options = &options;
    if (kind == CLIENT_STREAM)
        stream.on_message = NULL;
    if (kind == UNARY)
        start_unary(&stream);
    else
        book_start(&book, &client, &stream);
    if (!begins_half_closed(kind))
        cr_assert_eq(isa_call_write_bytes(book.call, (struct isa_bytes){ "x", 1 }), 0);
}

static bool has_harmed(void *unused)
{
    (void)unused;
    return stream_peer_harmed(peer) > 0;
}

/* Headers are told even when there were none: then there is nothing in them. */
static void expect_phase(enum kind kind, enum stream_phase phase, const char *where)
{
    bool has_messages = kind == SERVER_STREAM || kind == BOTH;
    unsigned most = phase == PHASE_BEFORE_STATUS && has_messages ? 1 : 0;
    cr_expect_leq(book.headers, 1, "%s", where);
    cr_expect_leq(book.messages, most, "%s", where);
    cr_expect_eq(book.out_of_order, 0, "%s", where);
}

static void expect_good_call(const char *where)
{
    start(SERVER_STREAM, 10000);
    book_await_end(&book);
    cr_expect_eq(book.status.code, ISA_STATUS_OK, "%s: then %s: %s", where,
                 isa_status_name((int)book.status.code), book.text);
    cr_expect_eq(book.messages, 1, "%s", where);
    cr_expect_eq(isa_conn_state(client.conn), ISA_STATE_READY, "%s", where);
    book_end(&book);
}

struct fault {
    stream_harm_fn *harm;
    /* How it ends, by phase: sets of codes. 0: it cannot be done there. */
    uint32_t codes[PHASE_COUNT];
    const char *words; /* in the status' message */
    uint32_t deadline_ms;
    bool is_cancelled;
    bool has_reason; /* the connection's, or the user's */
};

static void suffer(const struct fault *fault, enum kind kind, enum stream_phase phase)
{
    char where[64];
    snprintf(where, sizeof where, "%s, %s", kind_names[kind], phase_names[phase]);
    stream_peer_arm(peer, phase, fault->harm);
    start(kind, fault->deadline_ms ? fault->deadline_ms : 10000);
    client_await_outside(&client, has_harmed, NULL);
    if (fault->is_cancelled) {
        client_run_for(&client, 10);
        isa_call_cancel(book.call);
    }
    if (!begins_half_closed(kind)) /* a peer that has ended its side waits for ours */
        isa_call_half_close(book.call);
    book_await_end(&book);

    expect_phase(kind, phase, where);
    cr_expect(fault->codes[phase] & UINT32_C(1) << book.status.code, "%s: ended with %s: %s", where,
              isa_status_name((int)book.status.code), book.text);
    cr_expect_not_null(strstr(book.text, fault->words ? fault->words : ""), "%s: %s: \"%s\"", where,
                       isa_status_name((int)book.status.code), book.text);
    cr_expect_eq(book.status.reason != ISA_REASON_NONE, fault->has_reason, "%s: reason %s: %s",
                 where, isa_reason_name(book.status.reason), book.text);
    cr_expect_null(strstr(book.text, "hannel is closed"), "%s: %s", where, book.text);
    client_run_for(&client, 2); /* nothing may follow */
    book_end(&book);
    expect_good_call(where);
}

static void suffer_everywhere(const struct fault *fault)
{
    begin();
    for (enum kind kind = 0; kind < KIND_COUNT; kind++) {
        for (enum stream_phase phase = 0; phase < PHASE_COUNT; phase++) {
            if (fault->codes[phase])
                suffer(fault, kind, phase);
        }
    }
    end();
}

#define EVERYWHERE(bits)                                                                           \
    {                                                                                              \
        bits, bits, bits, bits                                                                     \
    }

Test(live_call_faults, a_peer_that_resets_the_connection)
{
    static const struct fault fault = { .harm = harm_by_reset,
                                        .codes = EVERYWHERE(ISA_STATUS_BIT(UNAVAILABLE)),
                                        .has_reason = true };
    suffer_everywhere(&fault);
}

Test(live_call_faults, a_peer_that_closes_the_connection)
{
    static const struct fault fault = { .harm = harm_by_close,
                                        .codes = EVERYWHERE(ISA_STATUS_BIT(UNAVAILABLE)),
                                        .has_reason = true };
    suffer_everywhere(&fault);
}

Test(live_call_faults, a_peer_that_half_closes_the_connection)
{
    static const struct fault fault = { .harm = harm_by_half_close,
                                        .codes = EVERYWHERE(ISA_STATUS_BIT(UNAVAILABLE)),
                                        .has_reason = true };
    suffer_everywhere(&fault);
}

Test(live_call_faults, a_peer_that_refuses_the_stream)
{
    static const struct fault fault = { .harm = harm_by_refusal,
                                        .codes = EVERYWHERE(ISA_STATUS_BIT(INTERNAL)) };
    suffer_everywhere(&fault);
}

/* The stream alone is broken: the connection, and its other calls, are not to blame. */
Test(live_call_faults, a_stream_that_ends_without_a_status)
{
    static const struct fault fault = { .harm = harm_by_end,
                                        .codes = EVERYWHERE(ISA_STATUS_BIT(UNKNOWN)),
                                        .words = "Stream removed" };
    suffer_everywhere(&fault);
}

Test(live_call_faults, headers_that_cannot_be_decoded)
{
    static const struct fault fault = { .harm = harm_by_garbage,
                                        .codes = EVERYWHERE(ISA_STATUS_BIT(UNAVAILABLE)),
                                        .has_reason = true };
    suffer_everywhere(&fault);
}

Test(live_call_faults, settings_that_are_cut_short)
{
    static const struct fault fault = { .harm = harm_by_nonsense,
                                        .codes = EVERYWHERE(ISA_STATUS_BIT(UNAVAILABLE)),
                                        .has_reason = true };
    suffer_everywhere(&fault);
}

Test(live_call_faults, a_frame_larger_than_the_window)
{
    static const struct fault fault = { .harm = harm_by_giant_frame,
                                        .codes = EVERYWHERE(ISA_STATUS_BIT(INTERNAL)),
                                        .words = "overflows local window" };
    suffer_everywhere(&fault);
}

Test(live_call_faults, a_message_larger_than_is_taken)
{
    static const struct fault fault = {
        .harm = harm_by_large_message,
        .codes = { [PHASE_AFTER_HEADERS] = ISA_STATUS_BIT(RESOURCE_EXHAUSTED),
                   [PHASE_BEFORE_STATUS] = ISA_STATUS_BIT(RESOURCE_EXHAUSTED) },
        .words = "larger than max (2000 vs. 1000)",
    };
    suffer_everywhere(&fault);
}

Test(live_call_faults, a_status_that_is_no_number)
{
    static const struct fault fault = { .harm = harm_by_odd_status,
                                        .codes = EVERYWHERE(ISA_STATUS_BIT(UNKNOWN) |
                                                            ISA_STATUS_BIT(INTERNAL)) };
    suffer_everywhere(&fault); /* INTERNAL after 1.51 */
}

Test(live_call_faults, a_deadline_that_passes)
{
    static const struct fault fault = { .harm = harm_by_silence,
                                        .codes = EVERYWHERE(ISA_STATUS_BIT(DEADLINE_EXCEEDED)),
                                        .words = "Deadline Exceeded",
                                        .deadline_ms = DEADLINE_MS };
    suffer_everywhere(&fault);
}

Test(live_call_faults, a_cancel)
{
    static const struct fault fault = { .harm = harm_by_silence,
                                        .codes = EVERYWHERE(ISA_STATUS_BIT(CANCELLED)),
                                        .words = "cancelled by the caller",
                                        .is_cancelled = true,
                                        .has_reason = true };
    suffer_everywhere(&fault);
}
