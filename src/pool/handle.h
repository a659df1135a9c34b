/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: what struct isa_conn, the handle, is made of.
 * Used by: conn.c, notice.c, call.c.
 * Must not know: machines, channels.
 *
 * Threads: `lock` is a leaf. What is marked loop is touched on the handle's loop only.
 */
#ifndef ISA_POOL_HANDLE_H
#define ISA_POOL_HANDLE_H

#include <isa/call.h>
#include <isa/conn.h>

#include "intercept.h"
#include "link.h"
#include "registry.h"

enum isa__conn_phase {
    ISA__CONN_OPEN,
    ISA__CONN_CLOSING, /* its calls may finish; no new ones */
    ISA__CONN_CLOSED,  /* the last callback has begun */
};

/** One subscriber. */
struct isa__subscription {
    struct isa_list in_conn; /* in struct isa_conn.subscriptions */
    uint64_t id;
    isa_state_fn *fn;
    void *user;
};

/** What a handle that listens to the breaker has besides. */
struct isa__breaker_ear {
    struct isa_conn *conn;
    isa_breaker_fn *fn;
    struct isa_breaker_change change; /* under the handle's lock */
    uint32_t count;                   /* changes in it; under the handle's lock */
    struct isa__tr_msg msg;
};

struct isa_conn {
    atomic_uint users; /* references the program holds; together they are one of refs */
    atomic_uint refs;
    atomic_uint phase;        /* enum isa__conn_phase; written under lock */
    atomic_bool is_abandoned; /* closed by its last unref: nobody wants to hear of it */
    bool may_send_tokens;     /* the connection is private, or the program does not mind */
    bool is_merging;          /* `merged` is on its way: later changes go into it; under lock */
    uint32_t deadline_ms;
    struct isa__link *link;
    struct isa__tr_port *port;
    isa_delay_fn *on_delay;               /* NULL: the library's own choice */
    struct isa__breaker_ear *breaker_ear; /* NULL: it does not want to hear of the breaker */
    void *user;                           /* for on_delay and the breaker's ear */
    struct isa__intercepts *intercepts;   /* NULL: neither interceptors nor tokens */
    struct isa__link_watcher watcher;
    struct isa__tr_mourner mourner;
    pthread_mutex_t lock;
    struct isa_list calls;    /* of struct isa_call.in_conn; under lock */
    unsigned notices;         /* on their way to the loop; under lock */
    uint32_t merged_count;    /* under lock */
    struct isa_change merged; /* under lock; without text */
    struct isa__tr_msg merged_msg;
    struct isa__tr_msg close_msg;
    uint32_t drain_ms;                  /* under lock, with phase CLOSING */
    enum isa_reason end_reason;         /* why it closed; under lock, with phase CLOSING */
    enum isa_state told;                /* loop: the state its subscribers know */
    uint64_t last_id;                   /* loop */
    struct isa_list subscriptions;      /* loop: of struct isa__subscription.in_conn */
    struct isa_list rounds;             /* loop: of struct round.in_conn; the first is being told */
    struct isa_list *next_subscription; /* loop: where that one stands, or NULL */
    struct isa__tr_timer *drain_timer;  /* loop */
};

struct isa_conn *isa__conn_ref(struct isa_conn *conn);
void isa__conn_unref(struct isa_conn *conn);
static inline enum isa__conn_phase isa__conn_phase(const struct isa_conn *conn)
{
    return (enum isa__conn_phase)atomic_load_explicit(&conn->phase, memory_order_acquire);
}

/* notice.c */
/** The link's word on a change; control loop, under the link's lock. */
void isa__conn_on_change(struct isa__link_watcher *watcher, const struct isa_change *change);
void isa__conn_on_merged(struct isa__tr_msg *msg);
/** Loop: let every subscriber hear it. */
void isa__conn_deliver(struct isa_conn *conn, struct isa_change *change);

/* breaker.c */
/** The link's word on a change of its breaker; any thread, under the link's lock. */
void isa__conn_on_breaker(struct isa__link_watcher *watcher,
                          const struct isa_breaker_change *change);
/** @return 0 or ISA_ENOMEM. Before it is watched; the handle frees what it takes. */
int isa__conn_listen_to_breaker(struct isa_conn *conn, isa_breaker_fn *fn);

/* conn.c, for notice.c and call.c. Loop. */
/** The link has ended: the handle closes once its calls have completed. */
void isa__conn_on_link_end(struct isa_conn *conn, enum isa_reason reason);
/** Close for good if it is closing and its last call has completed. */
void isa__conn_finish_if_idle(struct isa_conn *conn);

/* call.c, for conn.c */
/** Cancel every call of the handle. Any thread. */
void isa__conn_cancel_calls(struct isa_conn *conn, const char *why);
/** Loop, inside ev_loop_destroy(): complete every call of the handle, now. */
void isa__conn_complete_calls(struct isa_conn *conn);

#endif
