/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the cases of streams.
 * Used by: cases.c.
 * Must not know: flags, the verdict's form.
 */
#include "cases.h"
#include "messages.h"

#include "test.isa.h"

#include <inttypes.h>

/* A stream of replies as it comes; each is checked against what was asked for. */
struct replies {
    struct run *run;
    struct answer answer;
    size_t expected;
    size_t seen;
    bool
        asks_for_next; /* ping-pong: each reply is followed by the next request, then the half-close */
};

static void check_reply(struct replies *replies,
                        const Grpc__Testing__StreamingOutputCallResponse *message)
{
    struct answer *answer = &replies->answer;
    answer_body(answer, message->payload);
    if (replies->seen >= replies->expected)
        run_fail(replies->run, "more than %zu replies came", replies->expected);
    else if (answer->body_bytes != (size_t)stream_reply_sizes[replies->seen])
        run_fail(replies->run, "reply %zu has %zu bytes, not %" PRId32, replies->seen + 1,
                 answer->body_bytes, stream_reply_sizes[replies->seen]);
    else if (!answer->body_is_zero)
        run_fail(replies->run, "reply %zu is not all zeros", replies->seen + 1);
    replies->seen++;
}

static void check_count(struct replies *replies)
{
    if (expect_code(replies->run, &replies->answer, ISA_STATUS_OK) &&
        replies->seen != replies->expected)
        run_fail(replies->run, "%zu replies came, not %zu", replies->seen, replies->expected);
}

/* The ball of ping-pong number `index`. */
static void ping_init(struct output_request *request, size_t index)
{
    output_request_init(request, stream_request_sizes[index]);
    output_request_ask(request, stream_reply_sizes[index]);
}

static void ask_for_next(struct isa_call *call, struct replies *replies)
{
    struct output_request request;
    int error = 0;
    if (replies->seen < replies->expected) {
        ping_init(&request, replies->seen);
        error = grpc_testing_test_service_full_duplex_call_write(call, &request.message);
    } else {
        error = isa_call_half_close(call);
    }
    if (error < 0)
        run_fail(replies->run, "request %zu was not taken: %s", replies->seen + 1,
                 isa_error_text(error));
}

static void on_message(struct isa_call *call,
                       const Grpc__Testing__StreamingOutputCallResponse *message, void *user)
{
    struct replies *replies = user;
    check_reply(replies, message);
    if (replies->asks_for_next && !run_is_over(replies->run))
        ask_for_next(call, replies);
    if (run_is_over(replies->run))
        isa_call_cancel(call);
}

static void on_end(struct isa_call *call, const struct isa_reply *reply, void *user)
{
    struct replies *replies = user;
    (void)call;
    answer_end(&replies->answer, reply);
}

void case_server_streaming(struct run *run)
{
    struct grpc_testing_test_service_streaming_output_call_events events =
        GRPC_TESTING_TEST_SERVICE_STREAMING_OUTPUT_CALL_EVENTS_INIT;
    struct replies replies = { .run = run, .expected = STREAM_MESSAGES };
    struct output_request request;
    output_request_init(&request, 0);
    for (size_t i = 0; i < STREAM_MESSAGES; i++)
        output_request_ask(&request, stream_reply_sizes[i]);
    events.on_message = on_message;
    events.on_end = on_end;
    events.user = &replies;

    run_started(run,
                grpc_testing_test_service_streaming_output_call(run->conn, &request.message, NULL,
                                                                &events, NULL),
                &replies.answer.is_done);

    check_count(&replies);
}

void case_ping_pong(struct run *run)
{
    struct grpc_testing_test_service_full_duplex_call_events events =
        GRPC_TESTING_TEST_SERVICE_FULL_DUPLEX_CALL_EVENTS_INIT;
    struct replies replies = { .run = run, .expected = STREAM_MESSAGES, .asks_for_next = true };
    struct output_request request;
    ping_init(&request, 0);
    events.on_message = on_message;
    events.on_end = on_end;
    events.user = &replies;

    run_started(run,
                grpc_testing_test_service_full_duplex_call(run->conn, &request.message, NULL,
                                                           &events, NULL),
                &replies.answer.is_done);

    check_count(&replies);
}

void case_empty_stream(struct run *run)
{
    struct grpc_testing_test_service_full_duplex_call_events events =
        GRPC_TESTING_TEST_SERVICE_FULL_DUPLEX_CALL_EVENTS_INIT;
    struct replies replies = { .run = run, .expected = 0 };
    struct isa_call *call = NULL;
    events.on_message = on_message;
    events.on_end = on_end;
    events.user = &replies;

    int error = grpc_testing_test_service_full_duplex_call(run->conn, NULL, NULL, &events, &call);
    if (error == 0)
        error = isa_call_half_close(call);
    run_started(run, error, &replies.answer.is_done);
    isa_call_unref(call);

    check_count(&replies);
}

static void on_sum(struct isa_call *call, const Grpc__Testing__StreamingInputCallResponse *response,
                   const struct isa_reply *reply, void *user)
{
    struct answer *answer = user;
    (void)call;
    answer->has_reply = response != NULL;
    if (response != NULL)
        answer->sum = response->aggregated_payload_size;
    answer_end(answer, reply);
}

/* The queue has room for all of them. */
static int write_all(struct isa_call *call)
{
    for (size_t i = 0; i < STREAM_MESSAGES; i++) {
        struct input_request request;
        input_request_init(&request, stream_request_sizes[i]);
        int error = grpc_testing_test_service_streaming_input_call_write(call, &request.message);
        if (error < 0)
            return error;
    }
    return isa_call_half_close(call);
}

void case_client_streaming(struct run *run)
{
    enum { SUM = 74922 };
    struct grpc_testing_test_service_streaming_input_call_events events =
        GRPC_TESTING_TEST_SERVICE_STREAMING_INPUT_CALL_EVENTS_INIT;
    struct answer answer = { 0 };
    struct isa_call *call = NULL;
    events.on_done = on_sum;
    events.user = &answer;
    events.high_water_bytes = 2 * SUM; /* all four may wait at once */

    int error =
        grpc_testing_test_service_streaming_input_call(run->conn, NULL, NULL, &events, &call);
    if (error == 0)
        error = write_all(call);
    run_started(run, error, &answer.is_done);
    isa_call_unref(call);

    if (expect_code(run, &answer, ISA_STATUS_OK) && answer.sum != SUM)
        run_fail(run, "the server counted %" PRId32 " bytes, not %d", answer.sum, SUM);
}
