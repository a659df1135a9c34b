/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the link: the pooled connection behind handles, one machine and its channels.
 * Used by: registry.c (which links exist), conn.c (handles), call.c (calls).
 * Must not know: libev, grpc-core; it sees them as struct isa__tr_ops.
 *
 * Threads: the machine, its timers and channels belong to the control loop. What other threads need
 * is atomic, or under `lock`, which is a leaf: it is held for a few loads and list operations, and
 * only lock-free posts, allocation and the channel's own leaf are touched while holding it.
 */
#ifndef ISA_POOL_LINK_H
#define ISA_POOL_LINK_H

#include "base.h"
#include "fsm.h"
#include "guard.h"
#include "transport.h"

#include <pthread.h>
#include <stdatomic.h>

/** Settings of a link: all that is in the pool's key. */
struct isa__link_config {
    struct isa__policy policy;
    struct isa__tr_channel_config channel;
    uint32_t max_channels;
    uint32_t calls_per_channel; /* more than so many, and another channel is added */
    uint32_t max_waiting_calls;
    uint32_t max_waiting_bytes; /* of their requests */
    struct isa__guard_config guard;
};

/**
 * What may be asked of a link from any thread. Asking twice before it is heard is asking once; what
 * is heard together is heard in this order: an end before what it makes pointless.
 */
enum isa__link_signal {
    ISA__LINK_FORCE_CLOSE,
    ISA__LINK_CLOSE, /* with drain_ms */
    ISA__LINK_RECONNECT,
    ISA__LINK_WANT,
    ISA__LINK_CALLS_ZERO,
    ISA__LINK_NETWORK_CHANGED,
    ISA__LINK_RENEW,
    ISA__LINK_DELAY,      /* with answer_ms */
    ISA__LINK_CROWDED,    /* the load needs another channel */
    ISA__LINK_UNUSED,     /* the last handle is gone */
    ISA__LINK_GUARD,      /* ours: something of the guard has become due at another time */
    ISA__LINK_NO_CHANNEL, /* ours: there was no memory for the channel to dial with */
    ISA__LINK_SIGNAL_COUNT,
};

struct isa__serving; /* the watch of a service's health on a channel */

/** One channel of a link: the newest, or one that its calls still run on. Control loop. */
struct isa__link_channel {
    struct isa__tr_sink sink;
    struct isa__tr_channel *channel;
    struct isa__link *link;  /* a reference */
    struct isa_list in_link; /* in struct isa__link.channels */
};

/** A call as the link sees it; embedded in struct isa_call. */
struct isa__link_call {
    struct isa_list in_link; /* in struct isa__link.incoming (lock) or .waiting (control loop) */
    struct isa__tr_call *core;
    struct isa__link *carrier; /* the link whose channel it is on, while it is attached */
    struct isa__tr_start start;
    uint64_t due_attempt; /* fails when this attempt fails; under lock */
    bool is_attached;     /* it is on a channel; under lock */
    bool is_cancelled;    /* under lock */
    bool waits_for_ready;
    bool is_counted;              /* among those that wait; under lock */
    struct isa__heap_node expiry; /* in struct isa__link.expiries; control loop */
    size_t request_bytes;         /* fixed */
    bool is_lasting;  /* goes on after every end but UNIMPLEMENTED, past breaker and budget */
    int32_t priority; /* among those that wait: larger first */
    uint32_t opening; /* of its channel, while it is attached */
    bool is_repeated; /* it came back from a connection that had ended, and was sent once more */
    struct isa__guard_pass pass; /* under lock */
    struct isa__retry *retry;    /* NULL: one attempt; under lock */
    bool has_pushback;           /* the service's, with its last answer; loop */
    uint32_t pushback_ms;
    uint64_t retry_at_us; /* while it rests; under lock */
    atomic_uint attempts; /* that the breaker let pass */
    /* NULL, or: it has rested; whoever owns it resubmits it, at once or later. Control loop */
    void (*on_rested)(struct isa__link_call *call);
    /* Ended without a channel: the status is copied, the rest is the call's business. */
    void (*on_refused)(struct isa__link_call *call, const struct isa_status *status);
};

/** A change as handles are told of it. */
struct isa__link_watcher {
    struct isa_list in_link; /* in struct isa__link.watchers; under lock */
    /* Control loop, holding the link's lock: copy, post, return. */
    void (*on_change)(struct isa__link_watcher *watcher, const struct isa_change *change);
    /* NULL, or the same for the breaker. Any thread. */
    void (*on_breaker)(struct isa__link_watcher *watcher, const struct isa_breaker_change *change);
};

struct isa__link {
    /* fixed */
    const struct isa__tr_ops *ops;
    struct isa__link_config config; /* config.channel.target is the end of key */
    char *key;
    uint64_t hash;
    struct isa__lanes *lanes; /* NULL: one channel only */
    struct isa__link *first;  /* NULL, or: this is a further channel of that link; a reference */
    /* registry */
    struct isa__link *next_in_table;
    unsigned handles;
    bool is_in_table;
    /* any thread */
    atomic_bool is_used; /* its machine has begun to live */
    uint8_t armed;       /* enum isa__fsm_timer, by machine_timer; control loop */
    atomic_uint refs;
    atomic_uint state; /* enum isa__fsm_state */
    /* Here, because a new handle on one of thousands touches nothing else: few lines of cache. */
    pthread_mutex_t lock;
    struct isa_list watchers;         /* of struct isa__link_watcher.in_link; under lock */
    atomic_uint_fast64_t running;     /* calls on channels */
    atomic_uint_fast64_t last_use_ms; /* when running became 0 */
    atomic_uint_fast64_t operations_started;
    atomic_uint_fast64_t operations_ok;
    atomic_uint_fast64_t operations_failed;
    atomic_uint_fast64_t operations_queued;
    atomic_uint drain_ms;
    atomic_uint askers;      /* handles that want to say how long to wait */
    atomic_uint signals;     /* a bit for each enum isa__link_signal that was not heard yet */
    uint32_t answer_ms;      /* how long to wait, the shortest answer so far; under lock */
    struct isa__tr_msg bell; /* posted while signals is not 0 */
    _Atomic(struct isa__guard *) guard; /* NULL: nothing to guard; set once */
    atomic_uint waiting_calls;          /* in incoming and waiting; written under lock */
    enum isa_reason last_reason;        /* control loop; of the last failed attempt */
    /* under lock */
    size_t waiting_bytes;                 /* of their requests */
    struct isa__tr_channel *open_channel; /* calls may attach: the state is READY */
    struct isa_list incoming;             /* of struct isa__link_call.in_link */
    struct isa__tally tally;              /* copy of the machine's */
    uint32_t failures_by_reason[ISA_REASON_COUNT];
    uint64_t time_in_state_us[5];
    uint64_t state_since_us;
    uint32_t renewals;
    uint32_t failed_renewals;
    uint64_t answer_generation; /* the channel whose end answer_ms is about */
    /* control loop */
    struct isa__machine machine;
    struct isa_list channels;            /* of struct isa__link_channel.in_link */
    struct isa__link_channel *newest;    /* until let go */
    struct isa__link_channel *trial;     /* NULL, or: while READY, the channel to replace it */
    struct isa__serving *servings;       /* the watches on these two; NULL: none */
    struct isa_list waiting;             /* of struct isa__link_call.in_link */
    struct isa__heap expiries;           /* of their deadlines: of struct isa__link_call.expiry */
    struct isa__tr_timer *machine_timer; /* the machine has at most one armed */
    struct isa__tr_timer *expiry_timer;  /* the earliest deadline among `waiting` */
    struct isa__tr_timer *linger_timer;
    uint64_t next_expiry_us; /* 0: the timer does not run */
    atomic_uint answered;    /* the opening whose peer has answered a call; 0: none */
    uint32_t opening;        /* of open_channel: one of all there ever were; written under lock */
    char *last_text;         /* NULL: none, or no memory for it */
};

/**
 * A link with one reference; nothing is started. Any thread.
 *
 * @param key  What makes it one with others, a newline, and the canonical target.
 */
int isa__link_new(const struct isa__tr_ops *ops, const char *key,
                  const struct isa__link_config *config, struct isa__link **ret_link);
struct isa__link *isa__link_ref(struct isa__link *link);
void isa__link_unref(struct isa__link *link);

/** Its machine begins to live: from now on it must be closed. Once; the engine runs. */
void isa__link_begin(struct isa__link *link);
/** Ask for something; heard on the control loop. Any thread, after isa__link_begin(). */
void isa__link_signal(struct isa__link *link, enum isa__link_signal signal);
/** Take a call, now: on the channel at once when READY, else it waits. @return 0 or ISA_ECLOSED */
int isa__link_submit(struct isa__link *link, struct isa__link_call *call, uint64_t now_us);
/**
 * Take a call off the channel it has ended on, so that it can wait once more. Loop of the call.
 *
 * @return false: it was cancelled meanwhile
 */
bool isa__link_detach(struct isa__link *link, struct isa__link_call *call);
/** Let a detached call wait for the next connection. @return 0 or ISA_ECLOSED; cancelled: ISA_ESTATE */
int isa__link_resubmit(struct isa__link *link, struct isa__link_call *call);
/** End a call wherever it is; harmless when it has ended. Control loop. */
void isa__link_cancel(struct isa__link *link, struct isa__link_call *call,
                      const struct isa_status *status);
/** How long to wait after the end of channel `generation`; the shortest answer counts. Any thread. */
void isa__link_answer_delay(struct isa__link *link, uint64_t generation, uint32_t delay_ms);
/** A call that was attached has left its channel, so. Any thread; once per attachment. */
void isa__link_call_ended(struct isa__link_call *call, const struct isa_status *status);
/**
 * @param ret_told  Receives the public state, what it has heard so far, before it can hear more.
 * @return false: the link has ended; there is nothing more to hear
 */
bool isa__link_add_watcher(struct isa__link *link, struct isa__link_watcher *watcher,
                           enum isa_state *ret_told);
void isa__link_remove_watcher(struct isa__link *link, struct isa__link_watcher *watcher);
/** Everything but size and handles. */
void isa__link_stats(struct isa__link *link, struct isa_conn_stats *ret_stats);

static inline const char *isa__link_target(const struct isa__link *link)
{
    return link->config.channel.target;
}

static inline enum isa__fsm_state isa__link_private_state(const struct isa__link *link)
{
    return (enum isa__fsm_state)atomic_load(&link->state);
}

static inline bool isa__link_is_ending(const struct isa__link *link)
{
    enum isa__fsm_state state = isa__link_private_state(link);
    return state == ISA__FSM_ST_DRAINING || state == ISA__FSM_ST_CLOSED;
}

/* registry.c, for link.c. Control loop. */
/** Take the link out of the pool if no handle is on it. @return whether it is out */
bool isa__registry_drop_unused(struct isa__link *link);
/** Take the link out of the pool: the next open makes another. Any thread. */
void isa__registry_drop(struct isa__link *link);
void isa__registry_on_finished(void);

/* lanes.c */
int isa__lanes_new(uint32_t max_channels, struct isa__lanes **ret_lanes);
/** Which link takes the next call: the least loaded. Any thread, under the link's lock. */
struct isa__link *isa__lanes_choose_locked(struct isa__link *link);
/** Whether a call waits for a channel with room: there is none, and one may still be added. */
bool isa__lanes_must_wait_locked(struct isa__link *link);
/** A call has left a channel of this key: who waits for room may go on. Any thread. */
void isa__lanes_on_room(struct isa__link *link);
/** Channels that are READY. Any thread, under the link's lock. */
unsigned isa__lanes_ready_locked(const struct isa__link *link);
/** Control loop: add what the load needs. */
void isa__lanes_grow(struct isa__link *link);
/** Control loop: what ends or replaces the first channel does so to all. */
void isa__lanes_forward(struct isa__link *link, enum isa__fsm_event event);
/** Control loop: a further channel that has failed or is idle goes. */
void isa__lane_after_step(struct isa__link *lane);
void isa__lane_leave(struct isa__link *lane);

/* told.c, for link.c. Control loop. */
/** Everything other threads see of a step, at once. */
void isa__link_publish(struct isa__link *link, const struct isa__effects *effects);

/* link.c, for channels.c and lanes.c. Control loop. */
/** The one place where the machine meets the world: one step, and its effects. */
void isa__link_feed(struct isa__link *link, enum isa__fsm_event event,
                    const struct isa__cause *cause);

/* channels.c, for waiting.c */
/** How a call ends that its connection could not carry: UNAVAILABLE, at shutdown CANCELLED. */
struct isa_status isa__link_status_of(const struct isa__cause *cause);

/* channels.c, for link.c. Control loop. */
void isa__link_dial(struct isa__link *link);
/** Let go of the newest channel, ending its calls or not. */
void isa__link_let_go(struct isa__link *link, bool is_abort);
/** While READY: try a new channel beside the newest, which it replaces once it stands. */
void isa__link_renew(struct isa__link *link);
void isa__link_end_trial(struct isa__link *link);
/** End the calls on every channel, also on those that their peer drained. */
void isa__link_abort_all(struct isa__link *link);

/* channels.c, for serving.c. Control loop; may let go of the channel. */
/**
 * Each answer that changes something; cause: NULL when it serves.
 *
 * @param is_first  The machine has not heard of the channel, which is up.
 */
void isa__link_hear_health(struct isa__link_channel *channel, bool is_first,
                           const struct isa__cause *cause);
/** There is no first answer: the attempt has failed. */
void isa__link_hear_no_health(struct isa__link_channel *channel, const struct isa__cause *cause);

/* serving.c, for channels.c. Control loop. */
/** Watch, on a channel that is up. @return 0 or ISA_ENOMEM */
int isa__serving_begin(struct isa__link_channel *channel, const char *service);
/** Whether there was an answer, or there is none to wait for. */
bool isa__serving_is_known(const struct isa__link_channel *channel);
/** Watch no more, hear no more; nothing when it is not watched. */
void isa__serving_end(struct isa__link_channel *channel);

/* waiting.c, for link.c. Control loop. */
void isa__link_take_incoming(struct isa__link *link);
void isa__link_release_waiters(struct isa__link *link);
enum isa__link_waiters {
    ISA__LINK_TRIED,     /* those whose fresh attempt has failed now */
    ISA__LINK_IMPATIENT, /* those that do not wait for READY */
    ISA__LINK_ALL,
};
void isa__link_fail_waiters(struct isa__link *link, enum isa__link_waiters who,
                            const struct isa__cause *cause);
void isa__link_on_expiry(void *owner);

#endif
