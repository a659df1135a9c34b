/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the cases in which the client ends the call: cancel, deadline.
 * Used by: cases.c.
 * Must not know: flags, the verdict's form.
 */
#include "cases.h"
#include "messages.h"

#include "test.isa.h"

static void on_sum(struct isa_call *call, const Grpc__Testing__StreamingInputCallResponse *response,
                   const struct isa_reply *reply, void *user)
{
    (void)call, (void)response;
    answer_end(user, reply);
}

void case_cancel_after_begin(struct run *run)
{
    struct grpc_testing_test_service_streaming_input_call_events events =
        GRPC_TESTING_TEST_SERVICE_STREAMING_INPUT_CALL_EVENTS_INIT;
    struct answer answer = { 0 };
    struct isa_call *call = NULL;
    events.on_done = on_sum;
    events.user = &answer;

    int error =
        grpc_testing_test_service_streaming_input_call(run->conn, NULL, NULL, &events, &call);
    isa_call_cancel(call);
    run_started(run, error, &answer.is_done);
    isa_call_unref(call);

    expect_code(run, &answer, ISA_STATUS_CANCELLED);
}

static void cancel_at_reply(struct isa_call *call,
                            const Grpc__Testing__StreamingOutputCallResponse *message, void *user)
{
    answer_body(user, message->payload);
    isa_call_cancel(call);
}

static void on_end(struct isa_call *call, const struct isa_reply *reply, void *user)
{
    (void)call;
    answer_end(user, reply);
}

void case_cancel_after_first_response(struct run *run)
{
    struct grpc_testing_test_service_full_duplex_call_events events =
        GRPC_TESTING_TEST_SERVICE_FULL_DUPLEX_CALL_EVENTS_INIT;
    struct output_request request;
    struct answer answer = { 0 };
    output_request_init(&request, stream_request_sizes[0]);
    output_request_ask(&request, stream_reply_sizes[0]);
    events.on_message = cancel_at_reply;
    events.on_end = on_end;
    events.user = &answer;

    run_started(run,
                grpc_testing_test_service_full_duplex_call(run->conn, &request.message, NULL,
                                                           &events, NULL),
                &answer.is_done);

    if (!expect_code(run, &answer, ISA_STATUS_CANCELLED))
        return;
    if (!answer.has_reply || answer.body_bytes != (size_t)stream_reply_sizes[0])
        run_fail(run, "the reply before the cancel had %zu bytes, not %d", answer.body_bytes,
                 (int)stream_reply_sizes[0]);
}

/* The server waits for more requests, which do not come. */
void case_timeout_on_sleeping_server(struct run *run)
{
    struct grpc_testing_test_service_full_duplex_call_events events =
        GRPC_TESTING_TEST_SERVICE_FULL_DUPLEX_CALL_EVENTS_INIT;
    struct isa_call_options options = ISA_CALL_OPTIONS_INIT;
    struct output_request request;
    struct answer answer = { 0 };
    output_request_init(&request, stream_request_sizes[0]);
    options.deadline_ms = 1;
    events.on_message = cancel_at_reply;
    events.on_end = on_end;
    events.user = &answer;

    run_started(run,
                grpc_testing_test_service_full_duplex_call(run->conn, &request.message, &options,
                                                           &events, NULL),
                &answer.is_done);

    if (expect_code(run, &answer, ISA_STATUS_DEADLINE_EXCEEDED) && answer.has_reply)
        run_fail(run, "a reply came that was not asked for");
}
