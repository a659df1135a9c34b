/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: a client on bare grpc-core: one thread, which starts calls and takes completions.
 * Used by: bench/run.py.
 * Must not know: the library under test.
 */
#include <grpc/byte_buffer_reader.h>
#include <grpc/grpc.h>
#include <grpc/grpc_security.h>
#include <grpc/support/alloc.h>
#include <grpc/support/time.h>
#include <stdlib.h>
#include <string.h>

#include "load.h"

enum { OPS = 6 };

struct call {
    grpc_call *core;
    uint64_t started_ns;
    grpc_metadata_array initial;
    grpc_metadata_array trailing;
    grpc_byte_buffer *reply;
    grpc_status_code status;
    grpc_slice details;
};

static struct load load;
static grpc_completion_queue *queue;

struct connection {
    grpc_channel *channel;
    void *method;
};

static struct connection *connections;
static int next_connection;

static void begin(struct call *call)
{
    call->started_ns = load_now_ns();
    gpr_timespec deadline = gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                                         gpr_time_from_seconds(LOAD_DEADLINE_S, GPR_TIMESPAN));
    struct connection *connection = &connections[next_connection];
    next_connection = (next_connection + 1) % load.connections;
    grpc_slice slice = grpc_slice_from_copied_buffer(load.payload, load.payload_bytes);
    grpc_byte_buffer *request = grpc_raw_byte_buffer_create(&slice, 1);
    call->core =
        grpc_channel_create_registered_call(connection->channel, NULL, GRPC_PROPAGATE_DEFAULTS,
                                            queue, connection->method, deadline, NULL);
    call->reply = NULL;
    grpc_metadata_array_init(&call->initial);
    grpc_metadata_array_init(&call->trailing);
    grpc_op ops[OPS] = {
        { .op = GRPC_OP_SEND_INITIAL_METADATA },
        { .op = GRPC_OP_SEND_MESSAGE, .data.send_message.send_message = request },
        { .op = GRPC_OP_SEND_CLOSE_FROM_CLIENT },
        { .op = GRPC_OP_RECV_INITIAL_METADATA,
          .data.recv_initial_metadata.recv_initial_metadata = &call->initial },
        { .op = GRPC_OP_RECV_MESSAGE, .data.recv_message.recv_message = &call->reply },
        { .op = GRPC_OP_RECV_STATUS_ON_CLIENT,
          .data.recv_status_on_client = { .trailing_metadata = &call->trailing,
                                          .status = &call->status,
                                          .status_details = &call->details } },
    };
    if (grpc_call_start_batch(call->core, ops, OPS, call, NULL) != GRPC_CALL_OK)
        load_fail("core refused a batch");
    grpc_byte_buffer_destroy(request);
    grpc_slice_unref(slice);
}

/* In one piece, as a program wants it. */
static size_t read_reply(struct call *call)
{
    grpc_byte_buffer_reader reader;
    if (!call->reply || !grpc_byte_buffer_reader_init(&reader, call->reply))
        return 0;
    grpc_slice all = grpc_byte_buffer_reader_readall(&reader);
    size_t length = GRPC_SLICE_LENGTH(all);
    grpc_slice_unref(all);
    grpc_byte_buffer_reader_destroy(&reader);
    return length;
}

static void end(struct call *call)
{
    if (call->status != GRPC_STATUS_OK || read_reply(call) != load.payload_bytes)
        load_fail("a call of bare core failed");
    grpc_call_unref(call->core);
    grpc_byte_buffer_destroy(call->reply);
    grpc_slice_unref(call->details);
    grpc_metadata_array_destroy(&call->initial);
    grpc_metadata_array_destroy(&call->trailing);
}

static void open_connections(void)
{
    grpc_arg own = { .type = GRPC_ARG_INTEGER,
                     .key = (char *)GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL,
                     .value.integer = 1 };
    grpc_channel_args args = { 1, &own };
    grpc_channel_credentials *credentials = grpc_insecure_credentials_create();
    connections = calloc((size_t)load.connections, sizeof *connections);
    if (!connections)
        load_fail("no memory");
    for (int i = 0; i < load.connections; i++) {
        connections[i].channel = grpc_channel_create(load.target, credentials, &args);
        connections[i].method =
            grpc_channel_register_call(connections[i].channel, LOAD_UNARY, NULL, NULL);
    }
    grpc_channel_credentials_release(credentials);
}

int main(int argc, char **argv)
{
    static const char *const styles[] = { "", NULL };
    load_read_arguments(&load, argc, argv);
    load_allow_styles(&load, styles);
    grpc_init();
    queue = grpc_completion_queue_create_for_next(NULL);
    open_connections();
    struct call *calls = calloc((size_t)load.in_flight, sizeof *calls);
    if (!calls)
        return 1;
    for (int i = 0; i < load.in_flight; i++)
        begin(&calls[i]);
    for (;;) {
        grpc_event event =
            grpc_completion_queue_next(queue, gpr_inf_future(GPR_CLOCK_MONOTONIC), NULL);
        struct call *call = event.tag;
        end(call);
        if (!load_count(&load, call->started_ns))
            load_report("");
        begin(call);
    }
}
