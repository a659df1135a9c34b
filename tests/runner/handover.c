/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: telling ThreadSanitizer that what starts an operation comes before what its tag brings back.
 * Used by: the linker, by --wrap, in a build with ISA_SANITIZE=thread.
 * Must not know: the library.
 */
#include <grpc/grpc.h>

/*
 * The distribution's grpc-core is not instrumented: its completion queue hands a tag from thread
 * to thread by atomics the sanitizer does not see, and every tag would look like a race.
 */
void __tsan_acquire(void *address);
void __tsan_release(void *address);

grpc_event __real_grpc_completion_queue_next(grpc_completion_queue *queue, gpr_timespec deadline,
                                             void *reserved);
grpc_event __wrap_grpc_completion_queue_next(grpc_completion_queue *queue, gpr_timespec deadline,
                                             void *reserved);
grpc_call_error __real_grpc_call_start_batch(grpc_call *call, const grpc_op *ops, size_t count,
                                             void *tag, void *reserved);
grpc_call_error __wrap_grpc_call_start_batch(grpc_call *call, const grpc_op *ops, size_t count,
                                             void *tag, void *reserved);
void __real_grpc_channel_watch_connectivity_state(grpc_channel *channel,
                                                  grpc_connectivity_state last,
                                                  gpr_timespec deadline,
                                                  grpc_completion_queue *queue, void *tag);
void __wrap_grpc_channel_watch_connectivity_state(grpc_channel *channel,
                                                  grpc_connectivity_state last,
                                                  gpr_timespec deadline,
                                                  grpc_completion_queue *queue, void *tag);

grpc_event __wrap_grpc_completion_queue_next(grpc_completion_queue *queue, gpr_timespec deadline,
                                             void *reserved)
{
    grpc_event event = __real_grpc_completion_queue_next(queue, deadline, reserved);
    if (event.type == GRPC_OP_COMPLETE)
        __tsan_acquire(event.tag);
    return event;
}

grpc_call_error __wrap_grpc_call_start_batch(grpc_call *call, const grpc_op *ops, size_t count,
                                             void *tag, void *reserved)
{
    __tsan_release(tag);
    return __real_grpc_call_start_batch(call, ops, count, tag, reserved);
}

void __wrap_grpc_channel_watch_connectivity_state(grpc_channel *channel,
                                                  grpc_connectivity_state last,
                                                  gpr_timespec deadline,
                                                  grpc_completion_queue *queue, void *tag)
{
    __tsan_release(tag);
    __real_grpc_channel_watch_connectivity_state(channel, last, deadline, queue, tag);
}
