/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: requests and answers: see messages.h.
 * Used by: the cases.
 * Must not know: which case runs.
 */
#include "messages.h"

#include "test.isa.h"

#include <stdio.h>
#include <string.h>

const int32_t stream_reply_sizes[STREAM_MESSAGES] = { 31415, 9, 2653, 58979 };
const size_t stream_request_sizes[STREAM_MESSAGES] = { 27182, 8, 1828, 45904 };

static const char echo_initial[] = "x-grpc-test-echo-initial";
static const char echo_trailing[] = "x-grpc-test-echo-trailing-bin";

static void payload_init(Grpc__Testing__Payload *payload, size_t body_bytes)
{
    static uint8_t zeros[LARGE_REQUEST];
    grpc__testing__payload__init(payload);
    payload->body = (ProtobufCBinaryData){ body_bytes, zeros };
}

void simple_request_init(struct simple_request *request, int32_t reply_bytes, size_t body_bytes)
{
    grpc__testing__simple_request__init(&request->message);
    grpc__testing__echo_status__init(&request->status);
    grpc__testing__bool_value__init(&request->expect_compressed);
    grpc__testing__bool_value__init(&request->response_compressed);
    payload_init(&request->payload, body_bytes);
    request->message.response_size = reply_bytes;
    request->message.payload = &request->payload;
}

void input_request_init(struct input_request *request, size_t body_bytes)
{
    grpc__testing__streaming_input_call_request__init(&request->message);
    grpc__testing__bool_value__init(&request->expect_compressed);
    payload_init(&request->payload, body_bytes);
    request->message.payload = &request->payload;
}

void output_request_init(struct output_request *request, size_t body_bytes)
{
    grpc__testing__streaming_output_call_request__init(&request->message);
    grpc__testing__echo_status__init(&request->status);
    request->message.response_parameters = request->list;
    payload_init(&request->payload, body_bytes);
    if (body_bytes > 0)
        request->message.payload = &request->payload;
}

Grpc__Testing__ResponseParameters *output_request_ask(struct output_request *request,
                                                      int32_t reply_bytes)
{
    size_t index = request->message.n_response_parameters++;
    Grpc__Testing__ResponseParameters *parameters = &request->parameters[index];
    grpc__testing__response_parameters__init(parameters);
    grpc__testing__bool_value__init(&request->compressed[index]);
    parameters->size = reply_bytes;
    request->list[index] = parameters;
    return parameters;
}

void answer_body(struct answer *answer, const Grpc__Testing__Payload *payload)
{
    answer->has_reply = true;
    answer->body_bytes = payload == NULL ? 0 : payload->body.len;
    answer->body_is_zero = true;
    for (size_t i = 0; i < answer->body_bytes; i++)
        answer->body_is_zero &= payload->body.data[i] == 0;
}

void answer_end(struct answer *answer, const struct isa_reply *reply)
{
    struct isa_bytes value;
    answer->is_done = true;
    answer->code = reply->status.code;
    snprintf(answer->message, sizeof answer->message, "%s", reply->status.message);
    if (isa_metadata_get(reply->headers, echo_initial, &value))
        snprintf(answer->echo_initial, sizeof answer->echo_initial, "%.*s", (int)value.size_bytes,
                 (const char *)value.data);
    if (isa_metadata_get(reply->trailers, echo_trailing, &value) &&
        value.size_bytes <= sizeof answer->echo_trailing) {
        memcpy(answer->echo_trailing, value.data, value.size_bytes);
        answer->echo_trailing_bytes = value.size_bytes;
    }
}

bool expect_code(struct run *run, const struct answer *answer, enum isa_status_code code)
{
    if (run_is_over(run))
        return false;
    if (answer->code == code)
        return true;
    run_fail(run, "the call ended with %s (\"%s\"), not with %s",
             isa_status_name((int)answer->code), answer->message, isa_status_name((int)code));
    return false;
}

bool expect_message(struct run *run, const struct answer *answer, const char *message)
{
    if (run_is_over(run))
        return false;
    if (strcmp(answer->message, message) == 0)
        return true;
    run_fail(run, "the status message is \"%s\", not \"%s\"", answer->message, message);
    return false;
}

bool expect_body(struct run *run, const struct answer *answer, size_t body_bytes)
{
    if (!expect_code(run, answer, ISA_STATUS_OK))
        return false;
    if (!answer->has_reply)
        run_fail(run, "the call ended well, but brought no reply");
    else if (answer->body_bytes != body_bytes)
        run_fail(run, "the reply's body has %zu bytes, not %zu", answer->body_bytes, body_bytes);
    else if (!answer->body_is_zero)
        run_fail(run, "the reply's body is not all zeros");
    return !run_is_over(run);
}

static void on_unary(struct isa_call *call, const Grpc__Testing__SimpleResponse *response,
                     const struct isa_reply *reply, void *user)
{
    (void)call;
    if (response != NULL)
        answer_body(user, response->payload);
    answer_end(user, reply);
}

void call_unary(struct run *run, const struct simple_request *request,
                const struct isa_call_options *options, struct answer *ret_answer)
{
    *ret_answer = (struct answer){ 0 };
    run_started(run,
                grpc_testing_test_service_unary_call(run->conn, &request->message, options,
                                                     on_unary, ret_answer, NULL),
                &ret_answer->is_done);
}
