/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the official C++ asynchronous client, bare: one thread starts calls and takes completions.
 * Used by: bench/run.py.
 * Must not know: the library under test.
 */
#include <vector>

#include "cpp.h"

int main(int argc, char **argv)
{
    static const char *const styles[] = { "", nullptr };
    load load;
    load_read_arguments(&load, argc, argv);
    load_allow_styles(&load, styles);
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
