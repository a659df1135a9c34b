/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the case of metadata: the server sends back what it was sent, as headers and as trailers.
 * Used by: cases.c.
 * Must not know: flags, the verdict's form.
 */
#include "cases.h"
#include "messages.h"

#include "test.isa.h"

#include <string.h>

static const char initial_value[] = "test_initial_metadata_value";
static const uint8_t trailing_value[] = { 0xab, 0xab, 0xab };
static const struct isa_header headers[] = {
    { "x-grpc-test-echo-initial", { initial_value, sizeof initial_value - 1 } },
    { "x-grpc-test-echo-trailing-bin", { trailing_value, sizeof trailing_value } },
};
static const size_t header_count = sizeof headers / sizeof headers[0];

static void expect_echo(struct run *run, const struct answer *answer)
{
    if (!expect_body(run, answer, LARGE_REPLY))
        return;
    if (strcmp(answer->echo_initial, initial_value) != 0)
        run_fail(run, "the header %s came back as \"%s\", not \"%s\"", headers[0].name,
                 answer->echo_initial, initial_value);
    if (answer->echo_trailing_bytes != sizeof trailing_value ||
        memcmp(answer->echo_trailing, trailing_value, sizeof trailing_value) != 0)
        run_fail(run, "the trailer %s did not come back as it was sent", headers[1].name);
}

static void expect_echo_of_unary(struct run *run, const struct isa_call_options *options)
{
    struct simple_request request;
    struct answer answer;
    simple_request_init(&request, LARGE_REPLY, LARGE_REQUEST);

    call_unary(run, &request, options, &answer);

    expect_echo(run, &answer);
}

static void on_message(struct isa_call *call,
                       const Grpc__Testing__StreamingOutputCallResponse *message, void *user)
{
    struct answer *answer = user;
    (void)call;
    answer_body(answer, message->payload);
}

static void on_end(struct isa_call *call, const struct isa_reply *reply, void *user)
{
    (void)call;
    answer_end(user, reply);
}

static void expect_echo_of_stream(struct run *run, const struct isa_call_options *options)
{
    struct grpc_testing_test_service_full_duplex_call_events events =
        GRPC_TESTING_TEST_SERVICE_FULL_DUPLEX_CALL_EVENTS_INIT;
    struct output_request request;
    struct answer answer = { 0 };
    struct isa_call *call = NULL;
    output_request_init(&request, LARGE_REQUEST);
    output_request_ask(&request, LARGE_REPLY);
    events.on_message = on_message;
    events.on_end = on_end;
    events.user = &answer;

    int error = grpc_testing_test_service_full_duplex_call(run->conn, &request.message, options,
                                                           &events, &call);
    if (error == 0)
        error = isa_call_half_close(call);
    run_started(run, error, &answer.is_done);
    isa_call_unref(call);

    expect_echo(run, &answer);
}

void case_custom_metadata(struct run *run)
{
    struct isa_call_options options = ISA_CALL_OPTIONS_INIT;
    options.headers = headers;
    options.header_count = header_count;

    expect_echo_of_unary(run, &options);
    expect_echo_of_stream(run, &options);
}
