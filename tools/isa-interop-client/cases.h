/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the list of the cases, in the order of gRPC's description of them.
 * Used by: args.c, main.c; the case_*.c files, which have the functions.
 * Must not know: how a case does its work.
 */
#ifndef CASES_H
#define CASES_H

#include <stddef.h>

struct run;

#define INTEROP_CASES(X)                                                                           \
    X(empty_unary)                                                                                 \
    X(cacheable_unary)                                                                             \
    X(large_unary)                                                                                 \
    X(client_compressed_unary)                                                                     \
    X(server_compressed_unary)                                                                     \
    X(client_streaming)                                                                            \
    X(client_compressed_streaming)                                                                 \
    X(server_streaming)                                                                            \
    X(server_compressed_streaming)                                                                 \
    X(ping_pong)                                                                                   \
    X(empty_stream)                                                                                \
    X(custom_metadata)                                                                             \
    X(status_code_and_message)                                                                     \
    X(special_status_message)                                                                      \
    X(unimplemented_method)                                                                        \
    X(unimplemented_service)                                                                       \
    X(cancel_after_begin)                                                                          \
    X(cancel_after_first_response)                                                                 \
    X(timeout_on_sleeping_server)                                                                  \
    X(rpc_soak)                                                                                    \
    X(channel_soak)                                                                                \
    X(concurrent_large_unary)                                                                      \
    X(connection_backoff)

/* case_NAME: makes its calls, and says through run_fail() or run_cannot() what differed. */
#define INTEROP_CASE_FUNCTION(name) void case_##name(struct run *run);
INTEROP_CASES(INTEROP_CASE_FUNCTION)
#undef INTEROP_CASE_FUNCTION

struct interop_case {
    const char *name;
    void (*fn)(struct run *run);
};

extern const struct interop_case interop_cases[];
extern const size_t interop_case_count;

#endif
