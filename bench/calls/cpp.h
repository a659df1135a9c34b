/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: a unary call of the official C++ client, as its generated code makes it, on bytes.
 * Used by: the C++ clients.
 * Must not know: who takes its completion.
 */
#ifndef ISA_BENCH_CPP_H
#define ISA_BENCH_CPP_H

#include <grpcpp/grpcpp.h>
#include <grpcpp/impl/codegen/async_unary_call.h>
#include <grpcpp/impl/codegen/rpc_method.h>
#include <grpcpp/support/byte_buffer.h>

#include <chrono>
#include <memory>
#include <optional>
#include <vector>

#include "load.h"

/* What a generated stub holds: the channel, and the method registered with it. */
struct Stub {
    std::shared_ptr<grpc::Channel> channel;
    grpc::internal::RpcMethod unary;

    Stub(const char *target, const grpc::ChannelArguments &arguments)
        : channel(grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments)),
          unary(LOAD_UNARY, grpc::internal::RpcMethod::NORMAL_RPC, channel)
    {
    }
};

/* As many as the load has connections; calls take them in turn. */
class Stubs
{
    std::vector<Stub> stubs;
    size_t at = 0;

  public:
    explicit Stubs(const load &load)
    {
        grpc::ChannelArguments arguments;
        arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
        for (int i = 0; i < load.connections; i++)
            stubs.emplace_back(load.target, arguments);
    }

    Stub &next()
    {
        Stub &stub = stubs[at];
        at = (at + 1) % stubs.size();
        return stub;
    }
};

/* The reply in one piece, as a program wants it. */
inline size_t read_reply(grpc::ByteBuffer &reply)
{
    grpc::Slice all;
    if (!reply.TrySingleSlice(&all).ok() && !reply.DumpToSingleSlice(&all).ok())
        return 0;
    return all.size();
}

struct Call {
    std::optional<grpc::ClientContext> context; /* good for one call only */
    grpc::ByteBuffer request;
    grpc::ByteBuffer reply;
    grpc::Status status;
    std::unique_ptr<grpc::ClientAsyncResponseReader<grpc::ByteBuffer>> reader;
    uint64_t started_ns = 0;

    void prepare(const load &load)
    {
        started_ns = load_now_ns();
        context.emplace();
        context->set_deadline(std::chrono::system_clock::now() +
                              std::chrono::seconds(LOAD_DEADLINE_S));
        grpc::Slice slice(load.payload, load.payload_bytes);
        request = grpc::ByteBuffer(&slice, 1);
        reply.Clear();
    }

    void begin(const load &load, Stubs &stubs, grpc::CompletionQueue *queue)
    {
        Stub &stub = stubs.next();
        prepare(load);
        reader.reset(grpc::internal::ClientAsyncResponseReaderHelper::Create<grpc::ByteBuffer>(
            stub.channel.get(), queue, stub.unary, &*context, request));
        reader->StartCall();
        reader->Finish(&reply, &status, this);
    }

    void end(const load &load)
    {
        if (!status.ok() || read_reply(reply) != load.payload_bytes)
            load_fail(status.error_message().c_str());
    }
};

#endif
