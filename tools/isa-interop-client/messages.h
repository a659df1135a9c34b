/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: requests as the cases send them, and what came back, copied out of the callbacks.
 * Used by: the cases.
 * Must not know: which case runs.
 */
#ifndef MESSAGES_H
#define MESSAGES_H

#include "run.h"

#include "messages.pb-c.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Sizes of gRPC's interoperability cases, bytes. */
enum {
    LARGE_REQUEST = 271828,
    LARGE_REPLY = 314159,
    STREAM_MESSAGES = 4,
};
extern const int32_t stream_reply_sizes[STREAM_MESSAGES];
extern const size_t stream_request_sizes[STREAM_MESSAGES];

/* A request and the parts that it points to; stays where it was made. */
struct simple_request {
    Grpc__Testing__SimpleRequest message;
    Grpc__Testing__Payload payload;
    Grpc__Testing__EchoStatus status;
    Grpc__Testing__BoolValue expect_compressed;
    Grpc__Testing__BoolValue response_compressed;
};
void simple_request_init(struct simple_request *request, int32_t reply_bytes, size_t body_bytes);

struct input_request {
    Grpc__Testing__StreamingInputCallRequest message;
    Grpc__Testing__Payload payload;
    Grpc__Testing__BoolValue expect_compressed;
};
void input_request_init(struct input_request *request, size_t body_bytes);

struct output_request {
    Grpc__Testing__StreamingOutputCallRequest message;
    Grpc__Testing__Payload payload;
    Grpc__Testing__EchoStatus status;
    Grpc__Testing__ResponseParameters parameters[STREAM_MESSAGES];
    Grpc__Testing__BoolValue compressed[STREAM_MESSAGES];
    Grpc__Testing__ResponseParameters *list[STREAM_MESSAGES];
};
/* Replies are asked for with output_request_ask(), at most STREAM_MESSAGES; body_bytes 0: no body. */
void output_request_init(struct output_request *request, size_t body_bytes);
Grpc__Testing__ResponseParameters *output_request_ask(struct output_request *request,
                                                      int32_t reply_bytes);

/* A call's end and its last reply. */
struct answer {
    bool is_done;
    enum isa_status_code code;
    char message[300];
    bool has_reply;
    size_t body_bytes;
    bool body_is_zero;
    int32_t sum; /* aggregated_payload_size */
    char echo_initial[64];
    uint8_t echo_trailing[16];
    size_t echo_trailing_bytes;
};
/* In a call's last callback. */
void answer_end(struct answer *answer, const struct isa_reply *reply);
/* In the callback that has the body. */
void answer_body(struct answer *answer, const Grpc__Testing__Payload *payload);

/* What must be so, after the end; each says through run_fail() what differs. False: it did. */
bool expect_code(struct run *run, const struct answer *answer, enum isa_status_code code);
bool expect_message(struct run *run, const struct answer *answer, const char *message);
/* OK, and a body of so many zeros. */
bool expect_body(struct run *run, const struct answer *answer, size_t body_bytes);

/* Make a UnaryCall and wait for its end. options may be NULL. */
void call_unary(struct run *run, const struct simple_request *request,
                const struct isa_call_options *options, struct answer *ret_answer);

#endif
