/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: connection handles: open, state, callbacks, reconnect, close.
 * Used by: applications; call.h makes calls on what is opened here.
 * Must not know: grpc-core; struct ev_loop only by name.
 */
#ifndef ISA_CONN_H
#define ISA_CONN_H

#include <isa/error.h>
#include <isa/export.h>
#include <isa/options.h>
#include <isa/state.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

ISA_BEGIN_DECLS

struct ev_loop;
struct isa_conn; /* a handle; opaque, reference-counted, bound to one loop */

/**
 * Exact counts of the connection behind a handle, shared by all handles on it. With max_channels
 * above 1 the counts of attempts and losses are those of the first channel, whose state is told.
 */
struct isa_conn_stats {
    size_t size;                                   /* Required. sizeof(struct isa_conn_stats) */
    uint64_t attempts;                             /* connection attempts started */
    uint64_t failures;                             /* attempts that failed */
    uint64_t failures_by_reason[ISA_REASON_COUNT]; /* the same, by enum isa_reason */
    uint64_t losses;                               /* READY connections lost or replaced */
    uint64_t drains;                               /* READY connections the peer drained */
    uint64_t reconnects;                           /* lost connections that became READY again */
    uint64_t generation;                           /* number of the newest channel */
    uint64_t time_in_state_us[5];                  /* by enum isa_state, the current one included */
    uint64_t operations_started;                   /* calls accepted */
    uint64_t operations_ok;                        /* finished with status OK */
    uint64_t operations_failed;                    /* finished with another status */
    uint64_t operations_queued;                    /* of those started: had to wait for READY */
    uint64_t handles;                              /* open handles on this channel */
    uint64_t rebuilds;          /* failures that the watchdog called: no outcome in time */
    uint64_t keepalive_time_ms; /* in force: doubled after each too_many_pings */
    uint64_t channels_ready;    /* channels to the target that are READY, further ones included */
    uint64_t breaker_opens;     /* how often the breaker has opened */
    uint64_t breaker_refusals;  /* attempts of calls it has turned away */
    uint64_t retries;           /* further attempts of calls */
    uint64_t retries_denied;    /* those that the budget did not allow */
    uint64_t renewals;          /* channels replaced for isa_conn_renew() while READY */
    uint64_t failed_renewals;   /* new ones that failed: the old one stayed */
};

#define ISA_CONN_STATS_INIT                                                                        \
    {                                                                                              \
        .size = sizeof(struct isa_conn_stats)                                                      \
    }

/**
 * Say whether a target is well-formed, and if not, what is wrong with it and what would be right.
 *
 * Accepted: "host:port", "1.2.3.4:port", "[::1]:port", "ipv4:1.2.3.4:port[,...]",
 * "ipv6:[::1]:port[,...]", "dns:///host:port", "dns://server/host:port", "unix:path",
 * "unix:///path", "unix-abstract:name". A port is always required.
 *
 * @param target      Target to look at. Borrowed.
 * @param ret_why     Receives one sentence, cut to fit; empty when the target is fine. May be NULL.
 * @param size_bytes  Size of ret_why.
 * @return 0, or  ISA_EINVAL   target is NULL
 *                ISA_ETARGET  malformed; ret_why says how
 * @thread any
 * @since  0.1
 */
ISA_API int isa_target_check(const char *target, char *ret_why, size_t size_bytes);

/**
 * Make a handle to a service. Touches no network, starts no thread, opens no descriptor, unless
 * keep_connected is set: then it also does what isa_conn_connect() does.
 *
 * The first operation, isa_conn_connect() or isa_conn_reconnect() connects. Handles with the same
 * target and the same [key] settings share one channel, whatever their loops.
 *
 * @param loop      Loop on which all callbacks of the handle run. Must outlive the handle, or be
 *                  destroyed with ev_loop_destroy(), which ends the handle's calls first. When a
 *                  loop that ran in one thread goes on in another, no third thread may use its
 *                  handles in between.
 * @param target    Address; see isa_target_check(). Copied.
 * @param options   Settings, or NULL for the defaults. Copied.
 * @param ret_conn  Receives a reference.
 * @return 0, or  ISA_EINVAL           loop, target or ret_conn is NULL, or a setting is out of range
 *                                     (isa_conn_options_check() and the log say which)
 *                ISA_ETARGET          the target is malformed
 *                ISA_EUNKNOWN_OPTION  options is of a newer version and sets a newer field
 *                ISA_ESHUTDOWN        isa_pool_shutdown() was called, and is not over
 *                ISA_ESTATE           the loop is being destroyed
 *                ISA_EFORKED          the library was in use before a fork
 *                ISA_ENOMEM           out of memory
 *                ISA_ESYSTEM          with keep_connected: the library could not start
 * @owner  the caller holds one reference
 * @thread loop while no other handle is on the loop (its thread, or before it runs); else any
 * @calls  on_state, later, from the loop
 * @since  0.1
 */
ISA_API int isa_conn_open(struct ev_loop *loop, const char *target,
                          const struct isa_conn_options *options, struct isa_conn **ret_conn);

/**
 * Take another reference.
 *
 * @param conn  Handle, or NULL.
 * @return conn
 * @thread any
 * @since  0.1
 */
ISA_API struct isa_conn *isa_conn_ref(struct isa_conn *conn);

/**
 * Give a reference back. The last one of a handle that is still open closes it at once, without a
 * last state callback; its calls complete as cancelled.
 *
 * @param conn  Handle, or NULL.
 * @return NULL, so that one can write c = isa_conn_unref(c)
 * @thread any
 * @since  0.1
 */
ISA_API struct isa_conn *isa_conn_unref(struct isa_conn *conn);

/**
 * Connect now, without waiting for the first operation or for the backoff delay. Does nothing when
 * connected or connecting. Attempts keep dial_floor_ms from one another.
 *
 * @param conn  Handle. Borrowed.
 * @return 0, or  ISA_EINVAL     conn is NULL
 *                ISA_ECLOSED    the handle is closed
 *                ISA_ESHUTDOWN  isa_pool_shutdown() was called
 *                ISA_EFORKED    the library was in use before a fork
 *                ISA_ENOMEM, ISA_ESYSTEM  the library could not start
 * @thread any
 * @calls  state callbacks, later, from the handle's loop
 * @since  0.1
 */
ISA_API int isa_conn_connect(struct isa_conn *conn);

/**
 * Replace the channel by a new one, for every handle that shares it.
 *
 * Calls that wait for a connection move to the new channel. Calls in flight cannot move: they fail
 * with UNAVAILABLE and a message that says so. While an attempt is under way that attempt is the
 * reconnection: any number of requests cause one.
 *
 * @param conn  Handle. Borrowed.
 * @return as isa_conn_connect()
 * @thread any
 * @calls  state callbacks, later, from the handles' loops
 * @since  0.1
 */
ISA_API int isa_conn_reconnect(struct isa_conn *conn);

/**
 * Replace the channel by a new one, without harm to any call, for every handle that shares it: after
 * a certificate, a key or an authority was replaced in its file, or to be connected anew.
 *
 * A READY connection tries a new channel beside the old one, with the files as they are now. When it
 * stands, new calls go there (READY -> CONNECTING -> READY, reason `renewed`) and calls in flight
 * finish on the old one. When it fails, the connection stays as it was; the log says why, and
 * failed_renewals counts it. Otherwise an attempt that has not read the files yet follows at once,
 * or with the next operation.
 *
 * @param conn  Handle. Borrowed.
 * @return as isa_conn_connect()
 * @thread any
 * @calls  state callbacks, later, from the handles' loops
 * @since  0.1
 */
ISA_API int isa_conn_renew(struct isa_conn *conn);

/**
 * Begin closing the handle; the channel lives on for the others that share it.
 *
 * Calls of this handle get drain_ms to finish, then complete as cancelled. After the last of them
 * the state callbacks hear ISA_STATE_SHUTDOWN, exactly once, and then nothing more.
 *
 * @param conn      Handle. Borrowed.
 * @param drain_ms  Grace for calls in flight, milliseconds; 0 = none.
 * @return 0, or  ISA_EINVAL   conn is NULL
 *                ISA_ECLOSED  already closing or closed
 *                ISA_EFORKED  the library was in use before a fork
 * @owner  takes nothing; the caller still holds its reference
 * @thread any
 * @calls  state callbacks, later, from the handle's loop
 * @since  0.1
 */
ISA_API int isa_conn_close(struct isa_conn *conn, uint32_t drain_ms);

/**
 * End the channel for every handle that shares it; they all close, their calls complete as
 * UNAVAILABLE with a message that says so. The next isa_conn_open() makes a new channel.
 *
 * @param conn  Handle. Borrowed.
 * @return as isa_conn_close()
 * @thread any
 * @calls  state callbacks, later, from the handles' loops
 * @since  0.1
 */
ISA_API int isa_conn_force_close(struct isa_conn *conn);

/**
 * State of the connection at this moment: two loads, no lock, no system call.
 *
 * It can be ahead of the callbacks, which hear every change in order.
 *
 * @param conn  Handle, or NULL.
 * @return the state; ISA_STATE_SHUTDOWN for NULL, a closed handle, and in a forked child
 * @thread any
 * @since  0.1
 */
ISA_API enum isa_state isa_conn_state(const struct isa_conn *conn);

/**
 * Whether an operation may go ahead: IDLE, CONNECTING or READY, and a channel was made before.
 *
 * @param conn  Handle, or NULL.
 * @return true in the three healthy states; false otherwise and before the first use
 * @thread any
 * @since  0.1
 */
ISA_API bool isa_conn_is_healthy(const struct isa_conn *conn);

/**
 * The target in canonical form; handles with equal targets and settings share a channel.
 *
 * @param conn  Handle, or NULL.
 * @return a string that lives as long as the handle; "" for NULL
 * @thread any
 * @since  0.1
 */
ISA_API const char *isa_conn_target(const struct isa_conn *conn);

/**
 * Add a callback that hears every change of state from now on. Any number may be added.
 *
 * @param conn    Handle. Borrowed.
 * @param fn      Called for each change.
 * @param user    Handed to fn; lives until unsubscribed or the handle ended.
 * @param ret_id  Receives a number for isa_conn_unsubscribe(), unique within the handle. May be NULL.
 * @return 0, or  ISA_EINVAL   conn or fn is NULL
 *                ISA_ECLOSED  the handle is closed
 *                ISA_EFORKED  the library was in use before a fork
 *                ISA_ENOMEM   out of memory
 * @thread loop
 * @calls  fn, later, from the handle's loop
 * @since  0.1
 */
ISA_API int isa_conn_subscribe(struct isa_conn *conn, isa_state_fn *fn, void *user,
                               uint64_t *ret_id);

/**
 * Take a callback away; it is not called again, not even for changes already on their way.
 *
 * @param conn  Handle. Borrowed.
 * @param id    What isa_conn_subscribe() gave.
 * @return 0, or  ISA_EINVAL   conn is NULL, or no such subscription
 *                ISA_EFORKED  the library was in use before a fork
 * @thread loop
 * @since  0.1
 */
ISA_API int isa_conn_unsubscribe(struct isa_conn *conn, uint64_t id);

/**
 * Exact counts of the channel behind the handle.
 *
 * @param conn       Handle. Borrowed.
 * @param ret_stats  Start from ISA_CONN_STATS_INIT. Receives a consistent copy.
 * @return 0, or  ISA_EINVAL           conn or ret_stats is NULL, or its size is too small
 *                ISA_EUNKNOWN_OPTION  ret_stats is of a newer version
 *                ISA_EFORKED          the library was in use before a fork
 * @thread any
 * @since  0.1
 */
ISA_API int isa_conn_get_stats(struct isa_conn *conn, struct isa_conn_stats *ret_stats);

ISA_END_DECLS

#endif
