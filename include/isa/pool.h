/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the process-wide pool: what is in it, and its end.
 * Used by: applications, at their end and for their metrics.
 * Must not know: grpc-core; struct ev_loop only by name.
 */
#ifndef ISA_POOL_H
#define ISA_POOL_H

#include <isa/error.h>
#include <isa/export.h>

#include <stddef.h>
#include <stdint.h>

ISA_BEGIN_DECLS

struct ev_loop;

/** What the pool holds at one moment. */
struct isa_pool_stats {
    size_t size;           /* Required. sizeof(struct isa_pool_stats) */
    uint64_t keys;         /* distinct target + settings, lingering ones included */
    uint64_t handles;      /* open handles */
    uint64_t shared_opens; /* isa_conn_open() calls that found their channel in the pool */
    uint64_t opens;        /* isa_conn_open() calls that succeeded */
    uint64_t channels;     /* grpc-core channels that exist, draining ones included */
    uint64_t ready;        /* keys in state READY */
};

#define ISA_POOL_STATS_INIT                                                                        \
    {                                                                                              \
        .size = sizeof(struct isa_pool_stats)                                                      \
    }

/**
 * The pool is gone: no channel, no thread of the library, no callback after this one. From its first
 * line on the library may be used again, as if for the first time.
 */
typedef void isa_pool_done_fn(void *user);

/**
 * What the pool holds.
 *
 * @param ret_stats  Start from ISA_POOL_STATS_INIT. Receives a copy.
 * @return 0, or  ISA_EINVAL           ret_stats is NULL or its size is too small
 *                ISA_EUNKNOWN_OPTION  ret_stats is of a newer version
 *                ISA_EFORKED          the library was in use before a fork
 * @thread any
 * @since  0.1
 */
ISA_API int isa_pool_get_stats(struct isa_pool_stats *ret_stats);

/**
 * Say that the way to the peers may have changed: another interface, address or route. To be called
 * by what listens for that (netlink, a network manager).
 *
 * Connections that wait for their next attempt dial at once; attempts under way begin anew; READY
 * ones are replaced, because the address they came from may be gone: calls in flight finish on the
 * old channel if it still lives, new ones use the new. Attempts keep dial_floor_ms from one another.
 *
 * @return 0, or  ISA_EFORKED  the library was in use before a fork
 * @thread any
 * @calls  state callbacks, later, from the handles' loops
 * @since  0.1
 */
ISA_API int isa_pool_network_changed(void);

/**
 * Begin to end the pool: no new handles and calls; calls in flight get drain_ms to finish, then
 * complete as cancelled; every handle closes and hears ISA_STATE_SHUTDOWN; then on_done.
 *
 * grpc-core's threads end with its last object. While a peer is down that is the connect timeout
 * after the last failed attempt: on_done waits for it within drain_ms, not longer.
 *
 * Other loops must keep running until their handles have closed, or be destroyed. One that stands
 * still is waited for a second longer than drain_ms; its callbacks come when it runs again.
 *
 * Until on_done is called every function that needs the pool gives ISA_ESHUTDOWN; from then on the
 * library may be used and shut down again. If the loop is destroyed before, on_done is not called,
 * and the library may be used again once isa_conn_open() no longer gives ISA_ESHUTDOWN.
 *
 * @param loop      Loop on which on_done runs; it is kept alive until then.
 * @param drain_ms  Grace for calls in flight and for core's threads, milliseconds; 0 = none.
 * @param on_done   Called once, when all is gone. May be NULL.
 * @param user      Handed to on_done.
 * @return 0, or  ISA_EINVAL     loop is NULL
 *                ISA_ESHUTDOWN  already called, and on_done was not called yet
 *                ISA_ESTATE     the loop is being destroyed
 *                ISA_EFORKED    the library was in use before a fork
 *                ISA_ENOMEM, ISA_ESYSTEM  nothing has happened; call again
 * @thread loop
 * @calls  every handle's callbacks, then on_done, later, from their loops
 * @since  0.1
 */
ISA_API int isa_pool_shutdown(struct ev_loop *loop, uint32_t drain_ms, isa_pool_done_fn *on_done,
                              void *user);

ISA_END_DECLS

#endif
