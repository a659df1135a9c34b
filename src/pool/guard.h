/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: what guards a link's service against its callers: breaker, budget, calls that rest.
 * Used by: link.h; call.c, which asks it before an attempt and tells it how the attempt ended.
 * Must not know: handles, channels; what a retry or a breaker decides, see the fsm room.
 *
 * Threads: all of it is under the link's lock, but for what is marked otherwise. A link without any
 * of this has no guard: each question is then one load.
 */
#ifndef ISA_POOL_GUARD_H
#define ISA_POOL_GUARD_H

#include <isa/conn.h>
#include <isa/guard.h>

#include "base.h"
#include "fsm.h"
#include "transport.h"

#include <stdatomic.h>

struct isa__link;
struct isa__link_call;

/** Settings of a guard; part of the pool's key. */
struct isa__guard_config {
    bool has_breaker;
    struct isa__breaker_policy breaker;
    struct isa__budget_policy budget;
};

/** An attempt that was let pass, and whose end is awaited. */
struct isa__guard_pass {
    bool is_open;
    uint64_t period; /* of the breaker */
};

struct isa__guard {
    bool has_breaker;                          /* fixed */
    struct isa__budget_policy budget_policy;   /* fixed */
    struct isa__breaker_policy breaker_policy; /* fixed */
    atomic_uint state;                         /* enum isa_breaker_state; any thread */
    struct isa__breaker breaker;
    uint64_t wake_us; /* when the breaker's timer is due; 0: it does not run */
    struct isa__budget budget;
    struct isa_list resting; /* of struct isa__link_call.in_link: between two attempts */
    uint64_t retries;
    uint64_t retries_denied;
    struct isa__tr_timer *timer; /* control loop: the next thing that is due */
    uint64_t timer_us;           /* control loop: when that is; 0: it does not run */
};

/* guard_settings.c: defaults and ranges. `why` receives one sentence on what is wrong. */
int isa__guard_read_options(const struct isa_conn_options *options,
                            struct isa__guard_config *ret_config, struct isa__text *why);
int isa__guard_read_retry(const struct isa_retry_options *options,
                          struct isa__retry_policy *ret_policy);
/** What is in the pool's key; nothing when all is off. */
void isa__guard_write_key(struct isa__text *key, const struct isa__guard_config *config);

/* guard.c */
/** Make the link's guard, unless it has one. Any thread. @return 0 or ISA_ENOMEM */
int isa__guard_engage(struct isa__link *link);
/** The life of a call that may be tried more than once. isa__free() it. */
int isa__guard_make_retry(struct isa__link *link, const struct isa_retry_options *options,
                          struct isa__retry **ret_retry);
void isa__guard_free(struct isa__guard *guard);
/** As isa__link_submit(), unless the breaker turns the call away: then on_refused() follows. */
int isa__guard_submit(struct isa__link *link, struct isa__link_call *call, uint64_t now_us);
/** The attempt has ended. Any thread, any number of times; the first one counts. */
void isa__guard_report(struct isa__link *link, struct isa__link_call *call,
                       const struct isa_status *status);
/** Whether a call's end is worth another attempt. */
bool isa__guard_is_worth_retry(const struct isa__link_call *call, const struct isa_status *status);
/**
 * The attempt has ended, and the call is fit to be attached anew. Loop of the call.
 *
 * @return whether it rests now: another attempt follows, or on_refused()
 */
bool isa__guard_rest(struct isa__link *link, struct isa__link_call *call,
                     const struct isa_status *status);
/** The end of a rest, of a call with on_rested: it waits for a connection, or is refused. Any thread. */
void isa__guard_resubmit(struct isa__link *link, struct isa__link_call *call);
/** Control loop: do what is due. */
void isa__guard_tend(struct isa__link *link);
/** Control loop: the link is ending; nobody rests any more. */
void isa__guard_end(struct isa__link *link, const struct isa__cause *cause);
void isa__guard_stats_locked(struct isa__link *link, struct isa_conn_stats *ret_stats);
/** Any thread. */
enum isa_breaker_state isa__guard_breaker_state(const struct isa__link *link);

#endif
