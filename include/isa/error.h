/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the one list of error codes and of gRPC status codes, with names and texts.
 * Used by: every other public header; callers that report an error.
 * Must not know: connections, calls, grpc-core.
 */
#ifndef ISA_ERROR_H
#define ISA_ERROR_H

#include <isa/export.h>

ISA_BEGIN_DECLS

/** What kind of trouble a code is: decide by class, log the name. */
enum isa_error_class {
    ISA_CLASS_NONE,     /* no error */
    ISA_CLASS_USAGE,    /* the caller passed something wrong: fix the program */
    ISA_CLASS_RESOURCE, /* the process ran out of something: may pass */
    ISA_CLASS_PEER,     /* the other side of a connection said or did it */
    ISA_CLASS_LOCAL,    /* this process asked for it: close, shutdown, cancel, fork */
    ISA_CLASS_BUG,      /* the library broke its own rule: report it */
};

/* X(name, value, class, text) */
#define ISA_ERROR_MAP(X)                                                                           \
    X(OK, 0, NONE, "success")                                                                      \
    X(EINVAL, -1, USAGE, "an argument is missing or out of range")                                 \
    X(ETARGET, -2, USAGE, "the target is malformed; isa_target_check() says why")                  \
    X(EUNKNOWN_OPTION, -3, USAGE, "an options struct has a field this library does not know")      \
    X(ESTATE, -4, USAGE, "the object is in a state that does not allow this")                      \
    X(ECLOSED, -5, LOCAL, "the connection handle is closed or closing")                            \
    X(ESHUTDOWN, -6, LOCAL, "the pool is shut down or shutting down")                              \
    X(EFORKED, -7, LOCAL, "the library was in use before this process was forked off")             \
    X(ENOMEM, -8, RESOURCE, "out of memory")                                                       \
    X(ESYSTEM, -9, RESOURCE, "the system gave no thread, event loop or descriptor")                \
    X(ETOOBIG, -10, USAGE, "a message is larger than can be sent")                                 \
    X(EFULL, -11, LOCAL, "the write queue is full; on_writable will come")

enum isa_error {
#define ISA_ERROR_VALUE(name, value, class_, text) ISA_##name = value,
    ISA_ERROR_MAP(ISA_ERROR_VALUE)
#undef ISA_ERROR_VALUE
};

/** Status codes of gRPC, as its specification numbers them. X(name, value) */
#define ISA_STATUS_MAP(X)                                                                          \
    X(OK, 0)                                                                                       \
    X(CANCELLED, 1)                                                                                \
    X(UNKNOWN, 2)                                                                                  \
    X(INVALID_ARGUMENT, 3)                                                                         \
    X(DEADLINE_EXCEEDED, 4)                                                                        \
    X(NOT_FOUND, 5)                                                                                \
    X(ALREADY_EXISTS, 6)                                                                           \
    X(PERMISSION_DENIED, 7)                                                                        \
    X(RESOURCE_EXHAUSTED, 8)                                                                       \
    X(FAILED_PRECONDITION, 9)                                                                      \
    X(ABORTED, 10)                                                                                 \
    X(OUT_OF_RANGE, 11)                                                                            \
    X(UNIMPLEMENTED, 12)                                                                           \
    X(INTERNAL, 13)                                                                                \
    X(UNAVAILABLE, 14)                                                                             \
    X(DATA_LOSS, 15)                                                                               \
    X(UNAUTHENTICATED, 16)

enum isa_status_code {
#define ISA_STATUS_VALUE(name, value) ISA_STATUS_##name = value,
    ISA_STATUS_MAP(ISA_STATUS_VALUE)
#undef ISA_STATUS_VALUE
};

/**
 * Name of an error code, as in "ISA_ETARGET".
 *
 * @param error  A code that a function of this library returned.
 * @return a static string; "ISA_E?" for a number that is no code
 * @thread any
 * @since  0.1
 */
ISA_API const char *isa_error_name(int error);

/**
 * One sentence that says what an error code means.
 *
 * @param error  A code that a function of this library returned.
 * @return a static string; "unknown error" for a number that is no code
 * @thread any
 * @since  0.1
 */
ISA_API const char *isa_error_text(int error);

/**
 * Class of an error code.
 *
 * @param error  A code that a function of this library returned.
 * @return its class; ISA_CLASS_BUG for a number that is no code
 * @thread any
 * @since  0.1
 */
ISA_API enum isa_error_class isa_error_class_of(int error);

/**
 * Name of a gRPC status code, as in "UNAVAILABLE".
 *
 * @param code  A status code, 0 to 16.
 * @return a static string; "?" for a number outside the range
 * @thread any
 * @since  0.1
 */
ISA_API const char *isa_status_name(int code);

ISA_END_DECLS

#endif
