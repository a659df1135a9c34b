/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: what a service says about its health: gRPC's health service, asked once or watched.
 * Used by: applications.
 * Must not know: grpc-core; how calls are made.
 */
#ifndef ISA_HEALTH_H
#define ISA_HEALTH_H

#include <isa/call.h>

ISA_BEGIN_DECLS

/** What a service says about itself; the first four are numbered as in grpc.health.v1. */
enum isa_health {
    ISA_HEALTH_UNKNOWN,         /* it has not said, or cannot be asked now */
    ISA_HEALTH_SERVING,         /* it takes calls */
    ISA_HEALTH_NOT_SERVING,     /* it is there, and wants no calls */
    ISA_HEALTH_SERVICE_UNKNOWN, /* the server has a health service, which does not know this name */
    ISA_HEALTH_UNIMPLEMENTED,   /* the server has no health service: counts as healthy */
};

/** One change of a service's health. Valid during the callback. */
struct isa_health_change {
    enum isa_health from;
    enum isa_health to;
    struct isa_status why; /* to UNKNOWN and UNIMPLEMENTED: how the call ended; else OK */
};

/**
 * Hears the answer to isa_health_check(): exactly once, on the handle's loop. UNKNOWN: reply->status
 * says why. Every function of this library may be called from it.
 */
typedef void isa_health_fn(struct isa_call *call, enum isa_health health,
                           const struct isa_reply *reply, void *user);

/** Hears each change of health of a watched service. Likewise. */
typedef void isa_health_change_fn(struct isa_call *call, const struct isa_health_change *change,
                                  void *user);

/** One question. Start from ISA_HEALTH_CHECK_OPTIONS_INIT; zero means the default. */
struct isa_health_check_options {
    size_t size; /* Required. sizeof(struct isa_health_check_options) */
    /* Optional. Full name of a service, at most 1024 bytes of UTF-8. Copied. Default: "", the server
     * as a whole */
    const char *service;
    isa_health_fn *on_health;               /* Required. */
    void *user;                             /* Optional. Handed to on_health. */
    const struct isa_call_options *options; /* Optional. Copied. Default: the defaults */
};

#define ISA_HEALTH_CHECK_OPTIONS_INIT                                                              \
    {                                                                                              \
        sizeof(struct isa_health_check_options), 0, 0, 0, 0                                        \
    }

/** One watch. Start from ISA_HEALTH_WATCH_OPTIONS_INIT; zero means the default. */
struct isa_health_watch_options {
    size_t size;                     /* Required. sizeof(struct isa_health_watch_options) */
    const char *service;             /* Optional. As in struct isa_health_check_options */
    isa_health_change_fn *on_change; /* Required. */
    /* Optional. Exactly once, after the last change: OK when the server has no health service,
     * CANCELLED after isa_call_cancel() or the handle's close. */
    isa_reply_fn *on_end;
    void *user; /* Optional. Handed to on_change and on_end. */
};

#define ISA_HEALTH_WATCH_OPTIONS_INIT                                                              \
    {                                                                                              \
        sizeof(struct isa_health_watch_options), 0, 0, 0, 0                                        \
    }

/**
 * Ask a service once for its health. The connection is treated as by isa_call_unary().
 *
 * NOT_FOUND is told as SERVICE_UNKNOWN, UNIMPLEMENTED as UNIMPLEMENTED; every other failure, and an
 * answer that is malformed, as UNKNOWN.
 *
 * @param conn      Handle. Borrowed; the call keeps it alive.
 * @param check     What to ask. Copied.
 * @param ret_call  Receives a reference. May be NULL.
 * @return 0: on_health will be called exactly once; or, and then it is not, as isa_call_unary()
 * @owner  the caller holds the reference in ret_call, if it asked for one
 * @thread any
 * @calls  on_health, later, from the handle's loop
 * @since  0.1
 */
ISA_API int isa_health_check(struct isa_conn *conn, const struct isa_health_check_options *check,
                             struct isa_call **ret_call);

/**
 * Watch a service's health, from UNKNOWN on, until isa_call_cancel() or the handle's close.
 *
 * Each change is told once. While the connection is away the health is UNKNOWN; when it is back, or
 * the server has ended the watch for whatever cause, the watch begins again, after a backoff of at
 * most 10 s. A server without a health service is told as UNIMPLEMENTED, which ends the watch; an HTTP 404 is not that.
 *
 * A watch wants a connection, as a call does that waits for one, and keeps it from being idle. It has no
 * deadline, and neither circuit breaker nor retry budget hold it up or hear of it.
 *
 * @param conn      Handle. Borrowed; the call keeps it alive.
 * @param watch     What to watch. Copied.
 * @param ret_call  Receives a reference, for isa_call_cancel(). May be NULL.
 * @return 0, or as isa_call_unary(); then nothing is called
 * @owner  the caller holds the reference in ret_call, if it asked for one
 * @thread any
 * @calls  on_change and on_end, later, from the handle's loop
 * @since  0.1
 */
ISA_API int isa_health_watch(struct isa_conn *conn, const struct isa_health_watch_options *watch,
                             struct isa_call **ret_call);

/**
 * Whether calls should go there.
 *
 * @return true for SERVING and UNIMPLEMENTED
 * @thread any
 * @since  0.1
 */
ISA_API bool isa_health_is_good(enum isa_health health);

/**
 * Name of a health, as grpc.health.v1 writes it ("NOT_SERVING").
 *
 * @return a static string; "?" for a number that is none
 * @thread any
 * @since  0.1
 */
ISA_API const char *isa_health_name(enum isa_health health);

ISA_END_DECLS

#endif
