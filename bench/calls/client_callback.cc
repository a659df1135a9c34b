/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the official C++ client in its callback style: core's own threads run the callbacks, which
 * start the next calls.
 * Used by: bench/run.py.
 * Must not know: the library under test.
 */
#include <grpcpp/impl/codegen/client_callback.h>
#include <unistd.h>

#include <mutex>
#include <vector>

#include "cpp.h"

namespace
{
load the_load;
std::mutex counting;
Stub *stub;

void begin(Call *call)
{
    call->prepare(the_load);
    grpc::internal::CallbackUnaryCall<grpc::ByteBuffer, grpc::ByteBuffer>(
        stub->channel.get(), stub->unary, &*call->context, &call->request, &call->reply,
        [call](grpc::Status status) {
            call->status = std::move(status);
            call->end(the_load);
            {
                std::lock_guard<std::mutex> guard(counting);
                if (!load_count(&the_load, call->started_ns))
                    load_report("");
            }
            begin(call);
        });
}
} // namespace

int main(int argc, char **argv)
{
    static const char *const styles[] = { "", nullptr };
    load_read_arguments(&the_load, argc, argv);
    load_allow_styles(&the_load, styles);
    stub = new Stub(the_load.target, grpc::ChannelArguments());
    std::vector<Call> calls(static_cast<size_t>(the_load.in_flight));
    for (Call &call : calls)
        begin(&call);
    for (;;)
        pause();
}
