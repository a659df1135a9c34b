/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the door of the transport room: targets, ports (messages to a loop), timers, channels, calls.
 * Used by: the pool.
 * Must not know: machines, handles, sharing. Only the files behind it know grpc-core and libev.
 */
#ifndef ISA_TRANSPORT_H
#define ISA_TRANSPORT_H

#include <isa/call.h>
#include <isa/conn.h>

#include "base.h"

#include <stdatomic.h>

struct ev_loop;

/* ---- targets ---------------------------------------------------------------------------------- */

enum { ISA__TR_TARGET_MAX = 1024 }; /* longest target accepted, bytes */

/**
 * Check a target and bring it into the one form in which equal targets are equal strings.
 *
 * @param ret_canonical  At least ISA__TR_TARGET_MAX + 32 bytes.
 * @param why            Receives one sentence when it is malformed.
 * @return 0 or ISA_ETARGET
 */
int isa__tr_target_parse(const char *target, struct isa__text *ret_canonical,
                         struct isa__text *why);

/* ---- profiles: what makes a channel other than the default one ---------------------------------- */

struct isa__tr_profile; /* TLS, names, limits, service config; counted, never changes */

/**
 * Check the fields of options that go into a profile.
 *
 * @param why  Receives one sentence when one is wrong.
 * @return 0, ISA_EINVAL or ISA_EUNKNOWN_OPTION
 */
int isa__tr_profile_check(const struct isa_conn_options *options, struct isa__text *why);
/** Copy those fields, which were checked. *ret_profile is NULL when all have their default. */
int isa__tr_profile_new(const struct isa_conn_options *options,
                        struct isa__tr_profile **ret_profile);
struct isa__tr_profile *isa__tr_profile_ref(struct isa__tr_profile *profile); /* NULL is fine */
void isa__tr_profile_unref(struct isa__tr_profile *profile);                  /* NULL is fine */
enum { ISA__TR_HEALTH_SERVICE_MAX = 1024 }; /* bytes of its name */
/** The service whose health is to be watched; NULL: none. NULL is fine. */
const char *isa__tr_profile_health_service(const struct isa__tr_profile *profile);
/** SHA-256 of all of it, 64 hexadecimal digits: equal only if the profiles are. */
const char *isa__tr_profile_digest(const struct isa__tr_profile *profile);

/* ---- ports: how other threads reach a loop ---------------------------------------------------- */

/** A message to a loop, embedded in what it is about; in one mailbox at a time. */
struct isa__tr_msg {
    struct isa__tr_msg *next;
    void (*fn)(struct isa__tr_msg *msg); /* runs on the port's loop */
};

/** Something that must hear when a loop is destroyed with it still on it. */
struct isa__tr_mourner {
    struct isa_list in_port;                     /* in struct isa__tr_port.mourners */
    void (*fn)(struct isa__tr_mourner *mourner); /* in ev_loop_destroy(), on its thread */
};

struct isa__tr_port; /* one per loop */

/** The port of a loop, attached when there is none yet. [loop] then, [any] afterwards.
 *  @return 0, ISA_ENOMEM, or ISA_ESTATE: the loop is being destroyed */
int isa__tr_port_get(struct ev_loop *loop, struct isa__tr_port **ret_port);
void isa__tr_port_unref(struct isa__tr_port *port);
/** Run msg->fn on the loop, in order of posting. After the loop's destruction: on this thread. */
void isa__tr_port_post(struct isa__tr_port *port, struct isa__tr_msg *msg);
/** Keep the loop's ev_run() from returning for lack of work, until the same number of releases. */
void isa__tr_port_hold(struct isa__tr_port *port);
void isa__tr_port_release(struct isa__tr_port *port);
/** Whether the loop was destroyed: messages may still free, but must not call the user. */
bool isa__tr_port_is_dead(const struct isa__tr_port *port);
void isa__tr_port_add_mourner(struct isa__tr_port *port, struct isa__tr_mourner *mourner);
void isa__tr_port_remove_mourner(struct isa__tr_port *port, struct isa__tr_mourner *mourner);

/* ---- timers ----------------------------------------------------------------------------------- */

struct isa__tr_timer;
/** Memory only; any thread. NULL when there is none. */
struct isa__tr_timer *isa__tr_timer_new(void (*fn)(void *owner), void *owner);
/** (Re)start on a loop, from its thread. */
void isa__tr_timer_start(struct isa__tr_timer *timer, struct isa__tr_port *port, uint32_t delay_ms);
/** From the thread of its loop; fine when it does not run. */
void isa__tr_timer_stop(struct isa__tr_timer *timer);
/** Do what the timer was made for, now; for a transport that has its own clock. */
void isa__tr_timer_fire(struct isa__tr_timer *timer);
/** Stopped, or never started. NULL is fine. */
void isa__tr_timer_free(struct isa__tr_timer *timer);

/* ---- engine ----------------------------------------------------------------------------------- */

/** Start grpc-core, the queue's thread and the control loop, unless they run. Any thread. */
int isa__tr_start(void);
bool isa__tr_is_running(void);
/** Whether this process is the child of a fork that came after the start. One load. */
extern atomic_bool isa__tr_forked;
static inline bool isa__tr_is_forked(void)
{
    return atomic_load_explicit(&isa__tr_forked, memory_order_relaxed);
}
/** The control loop's port, always the same one; messages wait in it for the first start. */
struct isa__tr_port *isa__tr_control(void);
/**
 * End everything isa__tr_start() began. On the control loop, when no channel and no call is left.
 * `msg` is posted to `port` as the last deed of the control thread; isa__tr_join() then waits for it.
 * Core's threads outlive a failed attempt a little: they are waited for until `patience_us`.
 */
void isa__tr_stop(struct isa__tr_port *port, struct isa__tr_msg *msg, uint64_t patience_us);
void isa__tr_join(void);
/** Channels of grpc-core that exist. */
uint64_t isa__tr_channel_count(void);
/** On the control loop: call fn once, when no channel is left. */
void isa__tr_when_no_channel(void (*fn)(void));

/* ---- calls ------------------------------------------------------------------------------------ */

struct isa__tr_channel;
struct isa__tr_call; /* one call: unary, or a stream */

/** Hears a stream, on the loop of its port, before on_done. */
struct isa__tr_stream_hears {
    void (*headers)(void *owner, const struct isa_metadata *headers);
    void (*message)(void *owner, struct isa_bytes bytes);
    void (*writable)(void *owner);
};

/** What makes a call a stream. */
struct isa__tr_stream_spec {
    const struct isa__tr_stream_hears *hears;
    bool half_close;
    bool reads_on_demand;
    uint32_t high_water_bytes;
    uint32_t low_water_bytes;
};

/** What a call is made of. All of it is copied. */
struct isa__tr_call_spec {
    const char *method;
    const struct ProtobufCMessage *request; /* or */
    struct isa_bytes request_bytes;
    bool has_request;
    bool may_repeat;        /* keep the request for isa__tr_call_reset(), also a large one */
    bool has_authorization; /* isa__tr_call_set_authorization() will follow */
    const struct isa_header *headers;
    size_t header_count;
    const char *authority; /* NULL: the channel's */
    enum isa_compression compression;
    uint32_t max_reply_bytes;                 /* 0: the channel's limit */
    const struct isa__tr_stream_spec *stream; /* NULL: unary */
};

/** Whether name and value may be sent. */
bool isa__tr_header_is_sendable(const struct isa_header *header);
/** Memory, and the packed request. @return 0 or ISA_E* */
int isa__tr_call_new(const struct isa__tr_call_spec *spec, struct isa__tr_call **ret_call);
/** Before it is started, each time, if has_authorization said so. */
void isa__tr_call_set_authorization(struct isa__tr_call *call, const char *value);
/** Not started, or done. NULL is fine. */
void isa__tr_call_free(struct isa__tr_call *call);
/** Whether it failed and the service has not seen it, and it can be reset. After on_ended began. */
bool isa__tr_call_is_unsent(const struct isa__tr_call *call);
/** And nobody tried to connect for it: it met a connection that had just ended, or takes no new calls. */
bool isa__tr_call_is_unseen(const struct isa__tr_call *call);
/** Make a call that has ended fit to be attached and started once more; its status is kept. */
void isa__tr_call_reset(struct isa__tr_call *call);
/** The request of the next start, before isa__tr_call_reset(). @return 0 or ISA_E* */
int isa__tr_call_set_request(struct isa__tr_call *call, const struct ProtobufCMessage *message,
                             struct isa_bytes bytes, bool has_request);
/** Whether its text says, as core's does, that the peer reset its stream. After on_ended began. */
bool isa__tr_call_is_reset(const struct isa__tr_call *call);
/** Of the packed request. */
size_t isa__tr_call_request_bytes(const struct isa__tr_call *call);
/** How it ended; message valid as long as the call. After on_ended began. */
struct isa_status isa__tr_call_status(const struct isa__tr_call *call);
/** Whether gRPC itself says that there is no such method. A gateway's HTTP 404 says it of nothing. */
bool isa__tr_is_unimplemented(const struct isa_status *status);
/** What the peer sent with it, valid until isa__tr_call_let_go(); NULL: nothing. After on_ended began. */
const struct isa_metadata *isa__tr_call_headers(const struct isa__tr_call *call);
const struct isa_metadata *isa__tr_call_trailers(const struct isa__tr_call *call);
/** Give core's part of a call back, and with it headers, trailers and the status's details: they were told, and
 *  a program that keeps the call should not keep core's threads. Before on_done, and twice, it does nothing. */
void isa__tr_call_let_go(struct isa__tr_call *call);
/** The reply's bytes of a unary call, valid as long as the call. */
struct isa_bytes isa__tr_call_reply(struct isa__tr_call *call);

/* Streams. On the loop of the port, at any time in the life of the call. */

/** Queue a message. @return 0; 1: the queue is full now, writable() follows; ISA_EFULL, ISA_ESTATE, ... */
int isa__tr_stream_write(struct isa__tr_call *call, const struct ProtobufCMessage *message,
                         struct isa_bytes bytes);
void isa__tr_stream_compress(struct isa__tr_call *call, bool is_compressing);
/** @return false: it was half-closed before */
bool isa__tr_stream_half_close(struct isa__tr_call *call);
/** Allow so many more messages. @return false: it does not wait to be asked */
bool isa__tr_stream_read(struct isa__tr_call *call, uint32_t count);
/** Bytes written and not sent yet. Any thread. */
size_t isa__tr_stream_queued_bytes(const struct isa__tr_call *call);
/** Forget what was written and not sent; a half-close, too, unless the call began with it. @return how many messages */
uint32_t isa__tr_stream_forget(struct isa__tr_call *call);

/* ---- channels, and the seam ------------------------------------------------------------------- */

/** Settings of a channel; fixed for its life. Milliseconds. */
struct isa__tr_channel_config {
    const char *target; /* canonical */
    uint32_t connect_timeout_ms;
    uint32_t keepalive_time_ms;
    uint32_t keepalive_timeout_ms;
    bool is_refusing; /* ours: connect to see what the server is, but refuse it in any case */
    struct isa__tr_profile *profile; /* NULL: the default one. Whoever keeps the config holds it */
};

/** Hears of one channel, on the control loop, until it is let go. */
struct isa__tr_sink {
    const struct isa__tr_sink_ops *ops;
};
struct isa__tr_sink_ops {
    void (*up)(struct isa__tr_sink *sink);
    void (*failed)(struct isa__tr_sink *sink, const struct isa__cause *cause);
    void (*lost)(struct isa__tr_sink *sink, const struct isa__cause *cause);
    void (*drained)(struct isa__tr_sink *sink, const struct isa__cause *cause);
    void (*gone)(struct isa__tr_sink *sink); /* the very last; always, some time after retiring */
};

/** How a call is run on a channel. */
struct isa__tr_start {
    uint64_t deadline_us;          /* monotonic; UINT64_MAX: none */
    struct isa__tr_port *port;     /* on_done runs there */
    void (*on_ended)(void *owner); /* NULL, or: it has ended; any thread, before on_done */
    void (*on_done)(void *owner);
    void *owner;
};

/**
 * What the pool needs of a transport. Two adapters: isa__tr_core (grpc-core), and the tests' fake
 * with its own clock. All on the control loop, except call_start.
 */
struct isa__tr_ops {
    uint64_t (*now_us)(void);
    uint32_t (*random)(void);
    void (*timer_start)(struct isa__tr_timer *timer, uint32_t delay_ms);
    void (*timer_stop)(struct isa__tr_timer *timer);
    /* Run msg->fn on the control loop. */
    void (*post)(struct isa__tr_msg *msg);
    /* Make a channel and start connecting it: up() or failed() follows, later. The config outlives
     * the channel. */
    int (*channel_open)(const struct isa__tr_channel_config *config, struct isa__tr_sink *sink,
                        struct isa__tr_channel **ret_channel);
    /* Let go: no word to up, failed, lost, drained any more; it goes when its calls have ended. */
    void (*channel_retire)(struct isa__tr_channel *channel);
    /* End every call on it with this status; before or after retiring. */
    void (*channel_abort)(struct isa__tr_channel *channel, const struct isa_status *status);
    /* Bind a call to a channel that is not retired yet: it will not go before the call has ended.
     * Any thread; quick. call_start must follow, at once: it is time `now_us`. */
    void (*call_attach)(struct isa__tr_channel *channel, struct isa__tr_call *call,
                        uint64_t now_us);
    /* Start it. Any thread. on_done follows exactly once, later. */
    void (*call_start)(struct isa__tr_call *call, const struct isa__tr_start *start);
    /* End it with a status of ours; harmless when it has ended. After call_attach. */
    void (*call_cancel)(struct isa__tr_call *call, const struct isa_status *status);
};

extern const struct isa__tr_ops isa__tr_core;

#endif
