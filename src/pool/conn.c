/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: handles: open, close, subscriptions, what they say of the connection.
 * Used by: applications.
 * Must not know: grpc-core, libev; how a connection is made.
 */
#include "handle.h"

#include <string.h>

#include "settings.h"

enum { WHY_BYTES = 256 };

struct isa_conn *isa__conn_ref(struct isa_conn *conn)
{
    atomic_fetch_add_explicit(&conn->refs, 1, memory_order_relaxed);
    return conn;
}

static void free_subscriptions(struct isa_conn *conn)
{
    isa_list_each(node, after, &conn->subscriptions)
    {
        isa__free(isa__container(node, struct isa__subscription, in_conn));
    }
}

static void free_conn(struct isa_conn *conn)
{
    free_subscriptions(conn);
    isa__free(conn->breaker_ear);
    isa__tr_timer_free(conn->drain_timer);
    isa__free(conn->intercepts);
    if (conn->port)
        isa__tr_port_unref(conn->port);
    if (conn->link)
        isa__link_unref(conn->link);
    pthread_mutex_destroy(&conn->lock);
    isa__free(conn);
}

void isa__conn_unref(struct isa_conn *conn)
{
    if (atomic_fetch_sub_explicit(&conn->refs, 1, memory_order_acq_rel) == 1)
        free_conn(conn);
}

static bool enter_phase_locked(struct isa_conn *conn, enum isa__conn_phase from,
                               enum isa__conn_phase to)
{
    bool is_entered = isa__conn_phase(conn) == from;
    if (is_entered)
        atomic_store_explicit(&conn->phase, to, memory_order_release);
    return is_entered;
}

/* From here on the loop may finish at any moment, and is held until it has. Any thread. */
static bool start_closing(struct isa_conn *conn, enum isa_reason reason, uint32_t drain_ms)
{
    isa__tr_port_hold(conn->port);
    pthread_mutex_lock(&conn->lock);
    bool is_entered = enter_phase_locked(conn, ISA__CONN_OPEN, ISA__CONN_CLOSING);
    if (is_entered) {
        conn->end_reason = reason;
        conn->drain_ms = drain_ms;
    }
    pthread_mutex_unlock(&conn->lock);
    if (!is_entered)
        isa__tr_port_release(conn->port);
    return is_entered;
}

/* Loop. The terminal callback, and the end of every tie but the references. */
static void finish(struct isa_conn *conn)
{
    pthread_mutex_lock(&conn->lock);
    bool is_entered = enter_phase_locked(conn, ISA__CONN_CLOSING, ISA__CONN_CLOSED);
    pthread_mutex_unlock(&conn->lock);
    if (!is_entered)
        return;
    isa__tr_timer_stop(conn->drain_timer);
    isa__tr_port_remove_mourner(conn->port, &conn->mourner);
    isa__link_remove_watcher(conn->link, &conn->watcher);
    if (conn->on_delay)
        atomic_fetch_sub(&conn->link->askers, 1);
    isa__registry_close(conn->link); /* the open's reference; conn->link is one of its own */
    struct isa_conn_stats stats = { 0 };
    isa__link_stats(conn->link, &stats);
    struct isa_change change = { .to = ISA_STATE_SHUTDOWN,
                                 .reason = conn->end_reason,
                                 .text = "",
                                 .reconnects = stats.reconnects,
                                 .generation = stats.generation };
    isa__conn_deliver(conn, &change);
    isa__tr_port_release(conn->port);
    isa__conn_unref(conn);    /* open's */
    isa__registry_on_heard(); /* last: on another loop the program may hear that nothing is left */
}

void isa__conn_finish_if_idle(struct isa_conn *conn)
{
    pthread_mutex_lock(&conn->lock);
    bool is_over = isa__conn_phase(conn) == ISA__CONN_CLOSING && isa_list_is_empty(&conn->calls);
    pthread_mutex_unlock(&conn->lock);
    if (is_over)
        finish(conn);
}

static void on_drained(void *owner)
{
    isa__conn_cancel_calls(owner, "the connection handle was closed");
}

static void on_close(struct isa__tr_msg *msg)
{
    struct isa_conn *conn = isa__container(msg, struct isa_conn, close_msg);
    /* When its loop is being destroyed, that thread closes it, and this may be another one. */
    if (!isa__tr_port_is_dead(conn->port) && isa__conn_phase(conn) == ISA__CONN_CLOSING) {
        if (conn->drain_ms)
            isa__tr_timer_start(conn->drain_timer, conn->port, conn->drain_ms);
        else
            on_drained(conn);
        isa__conn_finish_if_idle(conn);
    }
    isa__conn_unref(conn);
}

static int begin_close(struct isa_conn *conn, uint32_t drain_ms)
{
    if (!start_closing(conn, ISA_REASON_USER, drain_ms))
        return ISA_ECLOSED;
    isa__conn_ref(conn);
    isa__tr_port_post(conn->port, &conn->close_msg);
    return 0;
}

void isa__conn_on_link_end(struct isa_conn *conn, enum isa_reason reason)
{
    start_closing(conn, reason, 0);
    isa__conn_finish_if_idle(conn);
}

static void on_loop_destroyed(struct isa__tr_mourner *mourner)
{
    struct isa_conn *conn = isa__container(mourner, struct isa_conn, mourner);
    isa__conn_ref(conn);
    start_closing(conn, ISA_REASON_SHUTDOWN, 0);
    isa__conn_complete_calls(conn);
    finish(conn);
    isa__conn_unref(conn);
}

static int add_subscription(struct isa_conn *conn, isa_state_fn *fn, void *user, uint64_t *ret_id)
{
    struct isa__subscription *subscription = isa__alloc(sizeof *subscription);
    if (!subscription)
        return ISA_ENOMEM;
    subscription->id = ++conn->last_id;
    subscription->fn = fn;
    subscription->user = user;
    isa_list_append(&conn->subscriptions, &subscription->in_conn);
    if (ret_id)
        *ret_id = subscription->id;
    return 0;
}

static int make_conn(struct ev_loop *loop, const struct isa_conn_options *options,
                     struct isa_conn **ret_conn)
{
    struct isa_conn *conn = isa__alloc(sizeof *conn);
    if (!conn)
        return ISA_ENOMEM;
    atomic_init(&conn->users, 1);
    atomic_init(&conn->refs, 1);
    pthread_mutex_init(&conn->lock, NULL);
    isa_list_init(&conn->calls);
    isa_list_init(&conn->subscriptions);
    isa_list_init(&conn->rounds);
    isa_list_init(&conn->mourner.in_port);
    conn->merged_msg.fn = isa__conn_on_merged;
    conn->close_msg.fn = on_close;
    conn->watcher.on_change = isa__conn_on_change;
    conn->watcher.on_breaker = isa__conn_on_breaker;
    conn->mourner.fn = on_loop_destroyed;
    conn->deadline_ms = options->deadline_ms;
    conn->on_delay = options->on_delay;
    conn->user = options->user;
    conn->drain_timer = isa__tr_timer_new(on_drained, conn);
    int error = conn->drain_timer ? isa__tr_port_get(loop, &conn->port) : ISA_ENOMEM;
    if (!error && options->on_breaker)
        error = isa__conn_listen_to_breaker(conn, options->on_breaker);
    if (!error)
        error = isa__intercepts_new(options, &conn->intercepts);
    if (!error && options->on_state)
        error = add_subscription(conn, options->on_state, options->user, NULL);
    if (error) {
        free_conn(conn);
        return error;
    }
    *ret_conn = conn;
    return 0;
}

/* A link that has ended since the pool gave it to us will say nothing more: say it ourselves. */
static void watch(struct isa_conn *conn)
{
    static const struct isa_change end = {
        .from = ISA_STATE_IDLE, .to = ISA_STATE_SHUTDOWN, .reason = ISA_REASON_SHUTDOWN, .text = ""
    };
    if (isa__link_add_watcher(conn->link, &conn->watcher, &conn->told))
        return;
    conn->told = end.from;
    isa__conn_on_change(&conn->watcher, &end);
}

int isa_conn_open(struct ev_loop *loop, const char *target, const struct isa_conn_options *options,
                  struct isa_conn **ret_conn)
{
    if (!loop || !target || !ret_conn)
        return ISA_EINVAL;
    if (isa__tr_is_forked())
        return ISA_EFORKED;
    struct isa_conn_options settings;
    struct isa__link_config config;
    char canonical[ISA__TR_TARGET_MAX + 32];
    char words[WHY_BYTES];
    struct isa__text out;
    struct isa__text why;
    isa__text_init(&out, canonical, sizeof canonical);
    isa__text_init(&why, words, sizeof words);
    int error = isa__settings_read(options, &settings, &config, &why);
    if (!error)
        error = isa__tr_target_parse(target, &out, &why);
    if (!error)
        error = isa__token_check(&settings, canonical, &why);
    if (*words)
        isa__log(error ? ISA_LOG_ERROR : ISA_LOG_WARNING, "isa_conn_open: %s", words);
    if (error)
        return error;
    struct isa_conn *conn;
    error = make_conn(loop, &settings, &conn);
    if (error)
        return error;
    conn->may_send_tokens = isa__token_may_travel(&settings, canonical);
    error = isa__tr_profile_new(&settings, &config.channel.profile);
    if (!error)
        error = isa__registry_open(canonical, &config, &conn->link);
    isa__tr_profile_unref(config.channel.profile); /* the link holds it now */
    if (error) {
        free_conn(conn);
        return error;
    }
    isa__conn_ref(conn); /* the program's; the first one is the open handle's own */
    isa__tr_port_add_mourner(conn->port, &conn->mourner);
    isa__link_ref(conn->link);
    if (conn->on_delay)
        atomic_fetch_add(&conn->link->askers, 1);
    watch(conn);
    error = settings.keep_connected ? isa_conn_connect(conn) : 0;
    if (error)
        isa_conn_unref(conn);
    else
        *ret_conn = conn;
    return error;
}

struct isa_conn *isa_conn_ref(struct isa_conn *conn)
{
    if (conn)
        atomic_fetch_add(&conn->users, 1);
    return conn;
}

struct isa_conn *isa_conn_unref(struct isa_conn *conn)
{
    /* In a forked child another thread of its parent may hold a lock for ever: nothing is freed. */
    if (conn && !isa__tr_is_forked() && atomic_fetch_sub(&conn->users, 1) == 1) {
        if (isa__conn_phase(conn) == ISA__CONN_OPEN) /* nobody else can close it any more */
            atomic_store(&conn->is_abandoned, true);
        begin_close(conn, 0);
        isa__conn_unref(conn);
    }
    return NULL;
}

static int ask(struct isa_conn *conn, enum isa__link_signal signal)
{
    if (!conn)
        return ISA_EINVAL;
    if (isa__tr_is_forked())
        return ISA_EFORKED;
    if (isa__conn_phase(conn) != ISA__CONN_OPEN)
        return ISA_ECLOSED;
    int error = isa__registry_engage(conn->link);
    if (error)
        return error;
    if (signal == ISA__LINK_FORCE_CLOSE)
        isa__registry_drop(conn->link); /* not when it is heard: the next open makes another */
    isa__link_signal(conn->link, signal);
    return 0;
}

int isa_conn_connect(struct isa_conn *conn)
{
    return ask(conn, ISA__LINK_WANT);
}

int isa_conn_reconnect(struct isa_conn *conn)
{
    return ask(conn, ISA__LINK_RECONNECT);
}

int isa_conn_renew(struct isa_conn *conn)
{
    return ask(conn, ISA__LINK_RENEW);
}

int isa_conn_force_close(struct isa_conn *conn)
{
    return ask(conn, ISA__LINK_FORCE_CLOSE);
}

int isa_conn_close(struct isa_conn *conn, uint32_t drain_ms)
{
    if (!conn)
        return ISA_EINVAL;
    if (isa__tr_is_forked())
        return ISA_EFORKED;
    return begin_close(conn, drain_ms);
}

enum isa_state isa_conn_state(const struct isa_conn *conn)
{
    if (!conn || isa__tr_is_forked() || isa__conn_phase(conn) != ISA__CONN_OPEN)
        return ISA_STATE_SHUTDOWN;
    return isa__machine_public(isa__link_private_state(conn->link));
}

bool isa_conn_is_healthy(const struct isa_conn *conn)
{
    static const unsigned healthy =
        1U << ISA__FSM_ST_READY | 1U << ISA__FSM_ST_DIALING | 1U << ISA__FSM_ST_DORMANT;
    if (!conn || isa__tr_is_forked() || isa__conn_phase(conn) != ISA__CONN_OPEN)
        return false;
    return healthy >> isa__link_private_state(conn->link) & 1U;
}

const char *isa_conn_target(const struct isa_conn *conn)
{
    return conn ? isa__link_target(conn->link) : "";
}

int isa_conn_subscribe(struct isa_conn *conn, isa_state_fn *fn, void *user, uint64_t *ret_id)
{
    if (!conn || !fn)
        return ISA_EINVAL;
    if (isa__tr_is_forked())
        return ISA_EFORKED;
    if (isa__conn_phase(conn) == ISA__CONN_CLOSED)
        return ISA_ECLOSED;
    return add_subscription(conn, fn, user, ret_id);
}

int isa_conn_unsubscribe(struct isa_conn *conn, uint64_t id)
{
    if (!conn)
        return ISA_EINVAL;
    if (isa__tr_is_forked())
        return ISA_EFORKED;
    isa_list_each(node, after, &conn->subscriptions)
    {
        struct isa__subscription *subscription =
            isa__container(node, struct isa__subscription, in_conn);
        if (subscription->id != id)
            continue;
        if (conn->next_subscription == node)
            conn->next_subscription = node->next;
        isa_list_remove(node);
        isa__free(subscription);
        return 0;
    }
    return ISA_EINVAL;
}

int isa_conn_get_stats(struct isa_conn *conn, struct isa_conn_stats *ret_stats)
{
    struct isa_conn_stats stats = ISA_CONN_STATS_INIT;
    if (!conn || !ret_stats)
        return ISA_EINVAL;
    if (isa__tr_is_forked())
        return ISA_EFORKED;
    isa__link_stats(conn->link, &stats);
    stats.handles = isa__registry_handles(conn->link);
    return isa__opt_return(ret_stats, &stats, sizeof stats);
}
