/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the cases of compression, either way, unary and streaming.
 * Used by: cases.c.
 * Must not know: flags, the verdict's form.
 *
 * Whether a request went compressed is the server's to say: it refuses one that does not keep its
 * word. Whether a reply came compressed is told by the bytes that arrived: bodies are zeros, which
 * shrink to a hundredth.
 */
#include "cases.h"
#include "messages.h"

#include "test.isa.h"

#include <inttypes.h>

enum { SERVED_COMPRESSED = 31415, SERVED_PLAIN = 92653 };

/* A request that breaks its word must be refused, or the server does not look at compression. */
static bool expect_refusal(struct run *run, const struct answer *answer)
{
    if (run_is_over(run))
        return false;
    if (answer->code == ISA_STATUS_OK)
        run_cannot(run, "the server does not look at compression: it took a message that was not"
                        " compressed for one that is");
    else
        expect_code(run, answer, ISA_STATUS_INVALID_ARGUMENT);
    return !run_is_over(run);
}

static void call_compressed(struct run *run, enum isa_compression compression, bool says_compressed,
                            struct answer *ret_answer)
{
    struct isa_call_options options = ISA_CALL_OPTIONS_INIT;
    struct simple_request request;
    simple_request_init(&request, LARGE_REPLY, LARGE_REQUEST);
    request.expect_compressed.value = says_compressed;
    request.message.expect_compressed = &request.expect_compressed;
    options.compression = compression;
    call_unary(run, &request, &options, ret_answer);
}

void case_client_compressed_unary(struct run *run)
{
    static const enum isa_compression compressions[] = { ISA_COMPRESSION_GZIP,
                                                         ISA_COMPRESSION_DEFLATE };
    struct answer answer;
    call_compressed(run, ISA_COMPRESSION_IDENTITY, true, &answer);
    if (!expect_refusal(run, &answer))
        return;

    for (size_t i = 0; i < sizeof compressions / sizeof compressions[0]; i++) {
        call_compressed(run, compressions[i], true, &answer);
        expect_body(run, &answer, LARGE_REPLY);
    }
    call_compressed(run, ISA_COMPRESSION_IDENTITY, false, &answer);
    expect_body(run, &answer, LARGE_REPLY);
}

/* Ask for a reply that is compressed, or is not; gives the bytes that came with it. */
static uint64_t ask_compressed(struct run *run, bool is_compressed)
{
    struct simple_request request;
    struct answer answer;
    uint64_t before = run_bytes_received(run);
    simple_request_init(&request, LARGE_REPLY, LARGE_REQUEST);
    request.response_compressed.value = is_compressed;
    request.message.response_compressed = &request.response_compressed;
    call_unary(run, &request, NULL, &answer);
    expect_body(run, &answer, LARGE_REPLY);
    return run_bytes_received(run) - before;
}

void case_server_compressed_unary(struct run *run)
{
    uint64_t compressed = ask_compressed(run, true);
    uint64_t plain = ask_compressed(run, false);
    if (run_is_over(run))
        return;

    if (compressed >= LARGE_REPLY)
        run_cannot(run,
                   "the server does not compress: asked for a compressed reply of %d bytes, it"
                   " sent %" PRIu64,
                   LARGE_REPLY, compressed);
    else if (compressed > LARGE_REPLY / 10)
        run_fail(run, "a compressed reply of %d zeros took %" PRIu64 " bytes", LARGE_REPLY,
                 compressed);
    else if (plain < LARGE_REPLY)
        run_cannot(run,
                   "the server compresses as it likes: asked for a reply of %d bytes that is"
                   " not compressed, it sent %" PRIu64,
                   LARGE_REPLY, plain);
}

static void on_sum(struct isa_call *call, const Grpc__Testing__StreamingInputCallResponse *response,
                   const struct isa_reply *reply, void *user)
{
    struct answer *answer = user;
    (void)call;
    if (response != NULL)
        answer->sum = response->aggregated_payload_size;
    answer_end(answer, reply);
}

/* is_compressed matters in a call that compresses at all. */
static int write_input(struct isa_call *call, size_t body_bytes, bool is_compressed,
                       bool says_compressed)
{
    struct input_request request;
    input_request_init(&request, body_bytes);
    request.expect_compressed.value = says_compressed;
    request.message.expect_compressed = &request.expect_compressed;
    int error = isa_call_compress(call, is_compressed);
    if (error == 0)
        error = grpc_testing_test_service_streaming_input_call_write(call, &request.message);
    return error < 0 ? error : 0;
}

static int write_probe(struct isa_call *call)
{
    int error = write_input(call, stream_request_sizes[0], false, true);
    return error < 0 ? error : isa_call_half_close(call);
}

static int write_both(struct isa_call *call)
{
    int error = write_input(call, stream_request_sizes[0], true, true);
    if (error == 0)
        error = write_input(call, stream_request_sizes[3], false, false);
    return error < 0 ? error : isa_call_half_close(call);
}

static void stream_input(struct run *run, enum isa_compression compression,
                         int (*write)(struct isa_call *call), struct answer *ret_answer)
{
    struct grpc_testing_test_service_streaming_input_call_events events =
        GRPC_TESTING_TEST_SERVICE_STREAMING_INPUT_CALL_EVENTS_INIT;
    struct isa_call_options options = ISA_CALL_OPTIONS_INIT;
    struct isa_call *call = NULL;
    *ret_answer = (struct answer){ 0 };
    options.compression = compression;
    events.on_done = on_sum;
    events.user = ret_answer;
    events.high_water_bytes = LARGE_REQUEST; /* room for both */

    int error =
        grpc_testing_test_service_streaming_input_call(run->conn, NULL, &options, &events, &call);
    if (error == 0)
        error = write(call);
    run_started(run, error, &ret_answer->is_done);
    isa_call_unref(call);
}

void case_client_compressed_streaming(struct run *run)
{
    enum { SUM = 73086 };
    struct answer answer;
    stream_input(run, ISA_COMPRESSION_IDENTITY, write_probe, &answer);
    if (!expect_refusal(run, &answer))
        return;

    stream_input(run, ISA_COMPRESSION_GZIP, write_both, &answer);
    if (expect_code(run, &answer, ISA_STATUS_OK) && answer.sum != SUM)
        run_fail(run, "the server counted %" PRId32 " bytes, not %d", answer.sum, SUM);
}

/* Two replies: what each had, and what had arrived when it came. */
struct served {
    struct answer answer;
    struct run *run;
    size_t seen;
    size_t body_bytes[2];
};

static void on_served(struct isa_call *call,
                      const Grpc__Testing__StreamingOutputCallResponse *message, void *user)
{
    struct served *served = user;
    (void)call;
    answer_body(&served->answer, message->payload);
    if (!served->answer.body_is_zero)
        run_fail(served->run, "reply %zu is not all zeros", served->seen + 1);
    if (served->seen < 2)
        served->body_bytes[served->seen] = served->answer.body_bytes;
    served->seen++;
}

static void on_served_end(struct isa_call *call, const struct isa_reply *reply, void *user)
{
    struct served *served = user;
    (void)call;
    answer_end(&served->answer, reply);
}

static void judge_served(struct run *run, const struct served *served, uint64_t bytes)
{
    if (!expect_code(run, &served->answer, ISA_STATUS_OK))
        return;
    if (served->seen != 2 || served->body_bytes[0] != SERVED_COMPRESSED ||
        served->body_bytes[1] != SERVED_PLAIN)
        run_fail(run, "%zu replies came, the first two of %zu and %zu bytes; not 2 of %d and %d",
                 served->seen, served->body_bytes[0], served->body_bytes[1], SERVED_COMPRESSED,
                 SERVED_PLAIN);
    else if (bytes >= SERVED_COMPRESSED + SERVED_PLAIN)
        run_cannot(run,
                   "the server does not compress: asked to compress the first of two replies,"
                   " it sent %" PRIu64 " bytes",
                   bytes);
    else if (bytes < SERVED_PLAIN)
        run_cannot(run,
                   "the server compresses as it likes: asked not to compress the second of two"
                   " replies, it sent %" PRIu64 " bytes",
                   bytes);
    else if (bytes > SERVED_PLAIN + SERVED_COMPRESSED / 2)
        run_fail(run,
                 "the first reply of %d bytes compressed and the second of %d not, together"
                 " they took %" PRIu64,
                 SERVED_COMPRESSED, SERVED_PLAIN, bytes);
}

void case_server_compressed_streaming(struct run *run)
{
    struct grpc_testing_test_service_streaming_output_call_events events =
        GRPC_TESTING_TEST_SERVICE_STREAMING_OUTPUT_CALL_EVENTS_INIT;
    struct served served = { .run = run };
    struct output_request request;
    output_request_init(&request, 0);
    output_request_ask(&request, SERVED_COMPRESSED)->compressed = &request.compressed[0];
    output_request_ask(&request, SERVED_PLAIN)->compressed = &request.compressed[1];
    request.compressed[0].value = true;
    events.on_message = on_served;
    events.on_end = on_served_end;
    events.user = &served;

    uint64_t before = run_bytes_received(run);
    run_started(run,
                grpc_testing_test_service_streaming_output_call(run->conn, &request.message, NULL,
                                                                &events, NULL),
                &served.answer.is_done);
    judge_served(run, &served, run_bytes_received(run) - before);
}
