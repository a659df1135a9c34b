/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the official C++ asynchronous client in an event-driven service: a thread takes completions
 * and hands them over to a libev loop, which runs what belongs to them and starts the next calls.
 * Used by: bench/run.py.
 * Must not know: the library under test.
 *
 * Written as one would write it with care: the loop is woken only when it had nothing to fetch, and it
 * fetches all there is at once, by swapping two vectors that keep their memory.
 */
#include <ev.h>

#include <mutex>
#include <thread>
#include <vector>

#include "cpp.h"

namespace
{
load the_load;
std::mutex lock;
std::vector<Call *> arrived; /* under lock */
std::vector<Call *> taken;   /* loop */
std::vector<Call> calls;
Stubs *stubs;
grpc::CompletionQueue queue;
struct ev_loop *loop;
ev_async wake;

void take_completions()
{
    void *tag;
    bool is_ok;
    while (queue.Next(&tag, &is_ok)) {
        lock.lock();
        bool was_empty = arrived.empty();
        arrived.push_back(static_cast<Call *>(tag));
        lock.unlock();
        if (was_empty)
            ev_async_send(loop, &wake);
    }
}

void on_wake(struct ev_loop *, ev_async *, int)
{
    lock.lock();
    taken.swap(arrived);
    lock.unlock();
    for (Call *call : taken) {
        call->end(the_load);
        if (!load_count(&the_load, call->started_ns))
            load_report("");
        call->begin(the_load, *stubs, &queue);
    }
    taken.clear();
}
} // namespace

int main(int argc, char **argv)
{
    static const char *const styles[] = { "", nullptr };
    load_read_arguments(&the_load, argc, argv);
    load_allow_styles(&the_load, styles);
    loop = ev_loop_new(EVFLAG_AUTO);
    stubs = new Stubs(the_load);
    calls = std::vector<Call>(static_cast<size_t>(the_load.in_flight));
    ev_async_init(&wake, on_wake);
    ev_async_start(loop, &wake);
    std::thread thread(take_completions);
    for (Call &call : calls)
        call.begin(the_load, *stubs, &queue);
    ev_run(loop, 0);
    return 1;
}
