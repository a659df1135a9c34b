/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the server that all clients of the comparison call: one thread on bare grpc-core.
 * Used by: a shell: isa-bench-server prints its port and serves until its standard input ends.
 * Must not know: who calls.
 */
#include <grpc/byte_buffer_reader.h>
#include <grpc/grpc.h>
#include <grpc/grpc_security.h>
#include <grpc/support/alloc.h>
#include <grpc/support/time.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "load.h"

enum { WAITING = 1024, OPS = 4 }; /* calls that may come in before one is taken */

enum step { ARRIVING, READING, ANSWERING, POURING, ENDED };

struct call {
    enum step step;
    grpc_call *core;
    grpc_call_details details;
    grpc_metadata_array metadata;
    grpc_byte_buffer *message; /* core empties what it sends */
    grpc_byte_buffer *pattern; /* to pour copies of */
    uint32_t left;             /* messages still to pour */
    int is_cancelled;
};

static grpc_server *server;
static grpc_completion_queue *queue;

static void await_call(void)
{
    struct call *call = calloc(1, sizeof *call);
    if (!call)
        abort();
    grpc_call_details_init(&call->details);
    grpc_metadata_array_init(&call->metadata);
    if (grpc_server_request_call(server, &call->core, &call->details, &call->metadata, queue, queue,
                                 call) != GRPC_CALL_OK)
        abort();
}

static void start(struct call *call, const grpc_op *ops, size_t count, enum step step)
{
    call->step = step;
    if (grpc_call_start_batch(call->core, ops, count, call, NULL) != GRPC_CALL_OK)
        abort();
}

static void end_call(struct call *call)
{
    grpc_call_unref(call->core);
    grpc_call_details_destroy(&call->details);
    grpc_metadata_array_destroy(&call->metadata);
    grpc_byte_buffer_destroy(call->message);
    grpc_byte_buffer_destroy(call->pattern);
    free(call);
}

static const grpc_op end_op = {
    .op = GRPC_OP_SEND_STATUS_FROM_SERVER,
    .data.send_status_from_server.status = GRPC_STATUS_OK,
};

static void answer(struct call *call)
{
    const grpc_op ops[OPS] = {
        { .op = GRPC_OP_SEND_INITIAL_METADATA },
        { .op = GRPC_OP_SEND_MESSAGE, .data.send_message.send_message = call->message },
        end_op,
        { .op = GRPC_OP_RECV_CLOSE_ON_SERVER,
          .data.recv_close_on_server.cancelled = &call->is_cancelled },
    };
    start(call, ops, OPS, ENDED);
}

static void pour(struct call *call)
{
    if (call->left-- == 0) {
        start(call, &end_op, 1, ENDED);
        return;
    }
    grpc_byte_buffer_destroy(call->message);
    call->message = grpc_byte_buffer_copy(call->pattern);
    const grpc_op op = { .op = GRPC_OP_SEND_MESSAGE,
                         .data.send_message.send_message = call->message };
    start(call, &op, 1, POURING);
}

static void begin_pouring(struct call *call)
{
    uint32_t order[2] = { 0 };
    grpc_byte_buffer_reader reader;
    if (grpc_byte_buffer_reader_init(&reader, call->message)) {
        grpc_slice all = grpc_byte_buffer_reader_readall(&reader);
        if (GRPC_SLICE_LENGTH(all) >= sizeof order)
            memcpy(order, GRPC_SLICE_START_PTR(all), sizeof order);
        grpc_slice_unref(all);
        grpc_byte_buffer_reader_destroy(&reader);
    }
    grpc_slice message = grpc_slice_malloc(order[1]);
    memset(GRPC_SLICE_START_PTR(message), 'x', order[1]);
    call->pattern = grpc_raw_byte_buffer_create(&message, 1);
    grpc_slice_unref(message);
    call->left = order[0];
    const grpc_op op = { .op = GRPC_OP_SEND_INITIAL_METADATA };
    start(call, &op, 1, POURING);
}

static void on_step(struct call *call, int is_ok)
{
    const grpc_op read = { .op = GRPC_OP_RECV_MESSAGE,
                           .data.recv_message.recv_message = &call->message };
    switch (call->step) {
    case ARRIVING:
        await_call();
        start(call, &read, 1, READING);
        break;
    case READING:
        if (!call->message) /* the client went away */
            end_call(call);
        else if (grpc_slice_str_cmp(call->details.method, LOAD_POUR) == 0)
            begin_pouring(call);
        else
            answer(call);
        break;
    case POURING:
        if (is_ok)
            pour(call);
        else
            end_call(call);
        break;
    default:
        end_call(call);
    }
}

static void *watch_input(void *unused)
{
    char byte;
    while (read(STDIN_FILENO, &byte, 1) > 0)
        continue;
    _exit(0);
    return unused;
}

static int listen_somewhere(void)
{
    grpc_server_credentials *credentials = grpc_insecure_server_credentials_create();
    int port = grpc_server_add_http2_port(server, "127.0.0.1:0", credentials);
    grpc_server_credentials_release(credentials);
    return port;
}

int main(void)
{
    pthread_t watcher;
    grpc_init();
    grpc_arg limit = { .type = GRPC_ARG_INTEGER,
                       .key = (char *)GRPC_ARG_MAX_CONCURRENT_STREAMS,
                       .value.integer = 100000 };
    grpc_channel_args args = { 1, &limit };
    server = grpc_server_create(&args, NULL);
    queue = grpc_completion_queue_create_for_next(NULL);
    grpc_server_register_completion_queue(server, queue, NULL);
    int port = listen_somewhere();
    if (port <= 0 || pthread_create(&watcher, NULL, watch_input, NULL) != 0)
        return 1;
    grpc_server_start(server);
    for (int i = 0; i < WAITING; i++)
        await_call();
    printf("%d\n", port);
    fflush(stdout);
    for (;;) {
        grpc_event event =
            grpc_completion_queue_next(queue, gpr_inf_future(GPR_CLOCK_MONOTONIC), NULL);
        if (event.type == GRPC_OP_COMPLETE)
            on_step(event.tag, event.success);
    }
}
