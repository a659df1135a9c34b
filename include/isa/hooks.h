/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: what a program may plug in: its allocator and its log.
 * Used by: main(), before the first other function of this library.
 * Must not know: connections, calls, grpc-core.
 */
#ifndef ISA_HOOKS_H
#define ISA_HOOKS_H

#include <isa/export.h>

#include <stddef.h>

ISA_BEGIN_DECLS

/** Memory functions with the contract of malloc and free; called from any thread. */
struct isa_allocator {
    void *(*alloc)(size_t size_bytes, void *user); /* Required. May return NULL */
    void (*release)(void *memory, void *user);     /* Required. Never called with NULL */
    void *user;                                    /* Optional */
};

enum isa_log_level {
    ISA_LOG_ERROR = 1,
    ISA_LOG_WARNING = 2,
    ISA_LOG_INFO = 3,
    ISA_LOG_DEBUG = 4,
};

/**
 * Receives one line of log, without a newline. Runs on any thread, the library's own included, so
 * it must be quick, must not call functions of this library, and must not wait for a lock that another
 * thread may hold while it calls one.
 */
typedef void isa_log_fn(enum isa_log_level level, const char *line, void *user);

/**
 * Replace malloc and free for the memory of this library (not for grpc-core's own).
 *
 * @param allocator  The functions. Copied. NULL restores the C library's.
 * @return 0, or  ISA_EINVAL  a function is missing
 * @owner  takes nothing; `user` must live until the process ends
 * @thread once, before any object of this library exists
 * @since  0.1
 */
ISA_API int isa_set_allocator(const struct isa_allocator *allocator);

/**
 * Send the library's log, and grpc-core's, to a function. Without one, nothing is printed anywhere.
 *
 * @param fn     Receives each line. NULL: no log.
 * @param level  Most verbose level that is passed on.
 * @param user   Handed to fn.
 * @return 0, or  ISA_EINVAL  level is not one of enum isa_log_level
 * @owner  takes nothing; `user` must live until the process ends
 * @thread once, before any object of this library exists
 * @calls  fn, later, from any thread
 * @since  0.1
 */
ISA_API int isa_set_log(isa_log_fn *fn, enum isa_log_level level, void *user);

ISA_END_DECLS

#endif
