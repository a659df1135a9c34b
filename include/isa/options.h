/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the settings of a connection handle: units, defaults, ranges; the callbacks among them.
 * Used by: conn.h, whose isa_conn_open() takes them.
 * Must not know: grpc-core; what is done with a handle.
 */
#ifndef ISA_OPTIONS_H
#define ISA_OPTIONS_H

#include <isa/error.h>
#include <isa/export.h>
#include <isa/guard.h>
#include <isa/interceptor.h>
#include <isa/state.h>
#include <isa/tls.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

ISA_BEGIN_DECLS

struct isa_conn;

/** How the delay before a retry is drawn. */
enum isa_jitter {
    ISA_JITTER_FULL,         /* uniform in (0, window]; window = min * factor^n, at most max */
    ISA_JITTER_DECORRELATED, /* uniform in [min, 3 * last delay], at most max */
    ISA_JITTER_NONE,         /* the window itself: for tests and single clients only */
};

/** Which of several addresses takes a call. */
enum isa_balancing {
    ISA_BALANCING_PICK_FIRST,  /* the first address that answers takes all; the others are spare */
    ISA_BALANCING_ROUND_ROBIN, /* every address is connected; calls go to each in turn */
};

/** One change of state. Valid during the callback. */
struct isa_change {
    enum isa_state from;
    enum isa_state to;
    enum isa_reason reason;
    const char *text;         /* what grpc-core or the system said; never NULL, may be empty */
    uint32_t attempt;         /* attempts since the connection was last READY, this one included */
    uint32_t next_delay_ms;   /* to TRANSIENT_FAILURE: until the next attempt; else 0 */
    uint64_t reconnects;      /* how often a lost connection became READY again */
    uint64_t generation;      /* number of the channel: each attempt makes a new one */
    uint64_t time_in_from_us; /* how long `from` lasted, microseconds */
    uint32_t skipped;         /* changes merged into this one because the loop fell behind */
};

/**
 * Hears a change of state. Runs on the handle's loop, later than the function that caused it. Every
 * function of this library may be called from it, isa_conn_close() and isa_conn_unref() included.
 * A change to ISA_STATE_SHUTDOWN is the last one and comes exactly once.
 */
typedef void isa_state_fn(struct isa_conn *conn, const struct isa_change *change, void *user);

/**
 * Says how long to wait before the next attempt. Asked on the handle's loop after each failure or
 * loss, before the state callbacks hear of it; they are then told this delay.
 *
 * The library's own choice is in change->next_delay_ms. An answer that comes later than that, and
 * later than 50 ms, comes too late: the attempt has begun. Of several handles that share the
 * channel the shortest answer counts. An operation does not wait for it, see dial_floor_ms.
 *
 * @return milliseconds, at most 3600000 (more counts as that); 0: the library's own choice
 */
typedef uint32_t isa_delay_fn(struct isa_conn *conn, const struct isa_change *change, void *user);

/**
 * Settings of a handle. Start from ISA_CONN_OPTIONS_INIT; zero means the default.
 *
 * Handles share one channel when target and every setting marked [key] are equal.
 */
struct isa_conn_options {
    size_t size;            /* Required. sizeof(struct isa_conn_options) */
    isa_state_fn *on_state; /* Optional. First subscriber. Default: none */
    void *
        user; /* Optional. Handed to on_state, on_delay and on_breaker; lives as long as the handle */
    /* Optional [key]. First window of the backoff, ms. Default 650, range 1 to 3600000. */
    uint32_t backoff_min_ms;
    /* Optional [key]. Largest window, ms. Default 650, or backoff_min_ms when
     * that is larger. Range backoff_min_ms to 3600000. */
    uint32_t backoff_max_ms;
    /* Optional [key]. Growth of the window per failure. Default 1.6, range 1 to 10. */
    double backoff_factor;
    /* Optional [key]. Default ISA_JITTER_FULL. */
    enum isa_jitter backoff_jitter;
    /* Optional [key]. Least time between the starts of two attempts, ms, however many operations
     * ask for one. Default 10, range 1 to 60000. */
    uint32_t dial_floor_ms;
    /* Optional [key]. Time for TCP and handshake with one address, ms. Default 2000, range 100 to
     * 3600000 (grpc-core's floor is 100). */
    uint32_t connect_timeout_ms;
    /* Optional [key]. Time for a whole attempt: name resolution and every address, ms. Then the
     * channel is rebuilt. Default 20000, or connect_timeout_ms when that is larger.
     * Range connect_timeout_ms to 3600000. */
    uint32_t attempt_timeout_ms;
    /* Optional [key]. With calls in flight, ping after this silence, ms. Default 60000, range 1000
     * to 2147483647. Never pings without calls: servers punish that (GOAWAY too_many_pings). */
    uint32_t keepalive_time_ms;
    /* Optional [key]. No answer to a ping for this long: connection lost, ms. Default 20000, range
     * 100 to 2147483647. */
    uint32_t keepalive_timeout_ms;
    /* Optional [key]. READY and no call for this long: disconnect, ms. Default 300000, range 100 to
     * 2147483647. */
    uint32_t idle_timeout_ms;
    /* Optional. Deadline of calls on this handle that name none, ms. Default 30000, range 1 to
     * 2147483647. */
    uint32_t deadline_ms;
    /* Optional [key]. After a dear failure (timed_out, name_not_found, protocol, tls_refused and what
     * else ends a handshake) the delay is this much longer: such attempts cost time or work, a refused
     * one next to nothing.
     * Default 1.3, range 1 to 100. */
    double backoff_dear_factor;
    isa_delay_fn *on_delay; /* Optional. Default: none, the delays above */
    /* Optional [key]. true: isa_conn_open() connects, and an idle connection is kept. false: lazy,
     * the first operation connects. */
    bool keep_connected;
    bool reserved[7]; /* zero */
    /* Optional [key]. Most channels to the target at once. More than one when calls queue behind the
     * server's limit of streams per connection. Each call goes to the least loaded. The state told is
     * that of the first channel, which waits and reconnects; the others are added when needed, and
     * go when they are idle or fail. Default 1, range 1 to 64. */
    uint32_t max_channels;
    /* Optional [key]. Calls that a channel should have at most. With max_channels above 1 a call beyond that
     * waits for a channel with room, which is opened for it, and goes to the first that has some; once there are
     * max_channels, or another one cannot be had, calls share what there is.
     * Default 100, a common limit of servers (MAX_CONCURRENT_STREAMS, RFC 9113 section 6.5.2
     * recommends no less). Range 1 to 2147483647. */
    uint32_t calls_per_channel;
    /* Optional [key]. Circuit breaker, shared by the handles that share the channel. Copied.
     * Default: none */
    const struct isa_breaker_options *breaker;
    /* Optional [key]. Budget of the retries on the channel. Copied. Default: none, retries are bounded
     * by their attempts alone */
    const struct isa_retry_budget_options *retry_budget;
    isa_breaker_fn *on_breaker; /* Optional. Default: none */
    /* Optional [key]. Encrypt, and know the peer. Copied. Default: none, plain text */
    const struct isa_tls_options *tls;
    /* Optional [key]. Stands before grpc-core's own name in the user-agent header. Printable ASCII,
     * at most 256 characters. Default: none */
    const char *user_agent_prefix;
    /* Optional [key]. The :authority of calls, at most 255 characters. With TLS the server's
     * certificate must bear its host. Default: the host and port of the target */
    const char *authority;
    /* Optional [key]. gRPC's service config: a JSON object, at most 65536 bytes, with retry policies
     * and timeouts by method. What grpc-core refuses in it, beyond what JSON is, fails each
     * attempt. With one, core's own layer for retries is on, at an eighth of a call's cost. Default: none */
    const char *service_config;
    /* Optional [key]. Default ISA_BALANCING_PICK_FIRST. With round robin the state is READY while one
     * address is; grpc-core reconnects the others by itself, each connect_timeout_ms at the soonest. */
    enum isa_balancing balancing;
    /* Optional [key]. Largest message received, bytes; a larger one ends its call with
     * RESOURCE_EXHAUSTED. Default 4194304, range 1 to 2147483647. */
    uint32_t max_receive_bytes;
    /* Optional [key]. The same for messages sent. Default: no limit of its own. */
    uint32_t max_send_bytes;
    uint32_t interceptor_count; /* Entries of interceptors. At most 64. */
    /* Optional. What every call of this handle passes through. Copied. Default: none */
    const struct isa_interceptor *const *interceptors;
    /* Optional. Asks for the token of each call of this handle that has no on_token of its own.
     * Default: none. Its user is token_user. */
    isa_token_fn *on_token;
    void *token_user; /* Optional. Handed to on_token; lives as long as the handle */
    /* Optional. true: tokens may travel unencrypted. false: calls with a token need TLS, or a unix
     * socket; without, the handle or the call is refused with ISA_EINVAL. */
    bool allow_plaintext_token;
    bool reserved_more[7]; /* zero */
    /* Optional [key]. Name of a service, "" for the server as a whole, at most 1024 bytes. Its health
     * (grpc.health.v1, Watch) is watched on each connection, which becomes READY once the service says
     * that it is serving. When it says that it is not, the state is TRANSIENT_FAILURE, reason not_serving:
     * calls fail with UNAVAILABLE, or wait when they wait_for_ready; calls that run may finish. READY
     * comes back with reason serving; every attempt_timeout_ms until then another connection is tried,
     * since another server may answer there. A server without a health service counts as serving. The watch
     * itself is no use that keeps a connection from being idle; but it is a stream, during which keepalive
     * pings, so mind what the server allows of keepalive_time_ms. Default: NULL, not watched */
    const char *health_service;
    /* Optional [key]. Most calls that wait for the connection at once, those of all its handles; one more
     * ends with RESOURCE_EXHAUSTED. Default 200000, range 1 to 2147483647. */
    uint32_t max_waiting_calls;
    /* Optional [key]. The same for the bytes of their requests. Default 268435456, range 1 to 2147483647. */
    uint32_t max_waiting_bytes;
    /* Optional [key]. Headers, or trailers, received for one call, bytes, counted as RFC 9113 section 6.5.2
     * does: 32 more for each. More end the call with RESOURCE_EXHAUSTED. Default grpc-core's (1.51:
     * 8192), range 1 to 2147483647. */
    uint32_t max_metadata_bytes;
    /* Optional [key]. true: replies may come compressed (gzip, deflate). grpc-core 1.51 inflates the whole of one
     * before it looks at max_receive_bytes, which bounds only what comes over the wire: a hostile
     * megabyte can take a gigabyte of memory. So set it for servers that you trust. false: the server is not offered it, and one that compresses all the same fails its
     * call with UNIMPLEMENTED. What we send is compressed by isa_call_options alone. Default: false */
    bool accept_compressed;
    bool reserved_end[3]; /* zero */
};

#define ISA_CONN_OPTIONS_INIT                                                                      \
    {                                                                                              \
        sizeof(struct isa_conn_options), 0, 0, 0, 0, 0, ISA_JITTER_FULL, 0, 0, 0, 0, 0, 0, 0, 0,   \
            0, false, { false, false, false, false, false, false, false }, 0, 0, 0, 0, 0, 0, 0, 0, \
            0, ISA_BALANCING_PICK_FIRST, 0, 0, 0, 0, 0, 0, false,                                  \
            { false, false, false, false, false, false, false }, 0, 0, 0, 0, false,                \
        {                                                                                          \
            false, false, false                                                                    \
        }                                                                                          \
    }

/**
 * Say whether options are in range, and if not, which one is not and what its range is.
 *
 * @param options     Options to look at. Borrowed. NULL: the defaults.
 * @param ret_why     Receives one sentence, cut to fit. With 0 it is empty, or a word of advice: for
 *                    a setting that works, but that many servers punish. May be NULL.
 * @param size_bytes  Size of ret_why.
 * @return 0, or  ISA_EINVAL           a setting is out of range
 *                ISA_EUNKNOWN_OPTION  options is of a newer version and sets a newer field
 *                ISA_ENOMEM           out of memory, while certificates were looked at
 * @thread any
 * @since  0.1
 */
ISA_API int isa_conn_options_check(const struct isa_conn_options *options, char *ret_why,
                                   size_t size_bytes);

ISA_END_DECLS

#endif
