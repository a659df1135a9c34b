/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the official C++ asynchronous client, bare: one thread starts calls and takes completions.
 * Used by: bench/run.py.
 * Must not know: the library under test.
 */
#include <grpcpp/impl/codegen/async_stream.h>

#include <cstring>
#include <vector>

#include "cpp.h"

/* The server pours until this process ends. */
static int take_stream(load &load)
{
    auto channel = grpc::CreateChannel(load.target, grpc::InsecureChannelCredentials());
    grpc::internal::RpcMethod pour(LOAD_POUR, grpc::internal::RpcMethod::SERVER_STREAMING, channel);
    grpc::CompletionQueue queue;
    grpc::ClientContext context;
    grpc::ByteBuffer message;
    unsigned char order[LOAD_ORDER_BYTES];
    load_write_order(order, UINT32_MAX, static_cast<uint32_t>(load.payload_bytes));
    grpc::Slice slice(order, sizeof order);
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(LOAD_DEADLINE_S));
    std::unique_ptr<grpc::ClientAsyncReader<grpc::ByteBuffer>> reader(
        grpc::internal::ClientAsyncReaderFactory<grpc::ByteBuffer>::Create(
            channel.get(), &queue, pour, &context, grpc::ByteBuffer(&slice, 1), true, nullptr));
    void *tag;
    bool is_ok;
    if (!queue.Next(&tag, &is_ok) || !is_ok)
        load_fail("the stream does not start");
    for (;;) {
        reader->Read(&message, nullptr);
        if (!queue.Next(&tag, &is_ok) || !is_ok || read_reply(message) != load.payload_bytes)
            load_fail("a message of the stream is missing");
        if (!load_count(&load, load_now_ns()))
            load_report("");
    }
}

int main(int argc, char **argv)
{
    static const char *const styles[] = { "", "stream", nullptr };
    load load;
    load_read_arguments(&load, argc, argv);
    load_allow_styles(&load, styles);
    if (std::strcmp(load.style, "stream") == 0)
        return take_stream(load);
    Stubs stubs(load);
    grpc::CompletionQueue queue;
    std::vector<Call> calls(static_cast<size_t>(load.in_flight));
    for (Call &call : calls)
        call.begin(load, stubs, &queue);
    void *tag;
    bool is_ok;
    while (queue.Next(&tag, &is_ok)) {
        Call *call = static_cast<Call *>(tag);
        call->end(load);
        if (!load_count(&load, call->started_ns))
            load_report("");
        call->begin(load, stubs, &queue);
    }
    return 1;
}
