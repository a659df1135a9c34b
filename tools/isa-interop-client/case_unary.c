/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the cases of one request and one reply, and of statuses.
 * Used by: cases.c.
 * Must not know: flags, the verdict's form.
 */
#include "cases.h"
#include "messages.h"

#include "test.isa.h"

static void on_empty(struct isa_call *call, const Grpc__Testing__Empty *response,
                     const struct isa_reply *reply, void *user)
{
    struct answer *answer = user;
    (void)call;
    answer->has_reply = response != NULL;
    answer_end(answer, reply);
}

void case_empty_unary(struct run *run)
{
    Grpc__Testing__Empty request = GRPC__TESTING__EMPTY__INIT;
    struct answer answer = { 0 };
    run_started(
        run,
        grpc_testing_test_service_empty_call(run->conn, &request, NULL, on_empty, &answer, NULL),
        &answer.is_done);

    if (expect_code(run, &answer, ISA_STATUS_OK) && !answer.has_reply)
        run_fail(run, "the call ended well, but brought no reply");
}

void case_cacheable_unary(struct run *run)
{
    run_cannot(run, "it wants the request to go as an HTTP GET, which grpc-core no longer sends");
}

void case_large_unary(struct run *run)
{
    struct simple_request request;
    struct answer answer;
    simple_request_init(&request, LARGE_REPLY, LARGE_REQUEST);

    call_unary(run, &request, NULL, &answer);

    expect_body(run, &answer, LARGE_REPLY);
}

/* A unary call that asks for this status gets it. */
static void expect_echo(struct run *run, char *message)
{
    struct simple_request request;
    struct answer answer;
    simple_request_init(&request, 0, 0);
    request.status.code = ISA_STATUS_UNKNOWN;
    request.status.message = message;
    request.message.response_status = &request.status;

    call_unary(run, &request, NULL, &answer);

    if (expect_code(run, &answer, ISA_STATUS_UNKNOWN))
        expect_message(run, &answer, message);
}

static void ignore_message(struct isa_call *call,
                           const Grpc__Testing__StreamingOutputCallResponse *message, void *user)
{
    (void)call, (void)message;
    answer_body(user, NULL);
}

static void on_end(struct isa_call *call, const struct isa_reply *reply, void *user)
{
    (void)call;
    answer_end(user, reply);
}

/* So does a stream. */
static void expect_echo_of_stream(struct run *run, char *message)
{
    struct grpc_testing_test_service_full_duplex_call_events events =
        GRPC_TESTING_TEST_SERVICE_FULL_DUPLEX_CALL_EVENTS_INIT;
    struct output_request request;
    struct answer answer = { 0 };
    struct isa_call *call = NULL;
    output_request_init(&request, 0);
    request.status.code = ISA_STATUS_UNKNOWN;
    request.status.message = message;
    request.message.response_status = &request.status;
    events.on_message = ignore_message;
    events.on_end = on_end;
    events.user = &answer;

    int error = grpc_testing_test_service_full_duplex_call(run->conn, &request.message, NULL,
                                                           &events, &call);
    if (error == 0)
        error = isa_call_half_close(call);
    run_started(run, error, &answer.is_done);
    isa_call_unref(call);

    if (expect_code(run, &answer, ISA_STATUS_UNKNOWN))
        expect_message(run, &answer, message);
    if (answer.has_reply)
        run_fail(run, "a message came before the status that was asked for instead");
}

void case_status_code_and_message(struct run *run)
{
    char message[] = "test status message";
    expect_echo(run, message);
    expect_echo_of_stream(run, message);
}

void case_special_status_message(struct run *run)
{
    char message[] =
        "\t\ntest with whitespace\r\nand Unicode BMP \xe2\x98\xba and non-BMP \xf0\x9f\x98\x88\t\n";
    expect_echo(run, message);
}

void case_unimplemented_method(struct run *run)
{
    Grpc__Testing__Empty request = GRPC__TESTING__EMPTY__INIT;
    struct answer answer = { 0 };
    run_started(run,
                grpc_testing_test_service_unimplemented_call(run->conn, &request, NULL, on_empty,
                                                             &answer, NULL),
                &answer.is_done);

    expect_code(run, &answer, ISA_STATUS_UNIMPLEMENTED);
}

void case_unimplemented_service(struct run *run)
{
    Grpc__Testing__Empty request = GRPC__TESTING__EMPTY__INIT;
    struct answer answer = { 0 };
    run_started(run,
                grpc_testing_unimplemented_service_unimplemented_call(run->conn, &request, NULL,
                                                                      on_empty, &answer, NULL),
                &answer.is_done);

    expect_code(run, &answer, ISA_STATUS_UNIMPLEMENTED);
}
