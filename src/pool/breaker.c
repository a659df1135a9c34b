/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: what a handle says of its breaker: the state, and each change, on its loop.
 * Used by: applications; guard.c (as a watcher), conn.c.
 * Must not know: why a breaker opens.
 */
#include "handle.h"

enum isa_breaker_state isa_conn_breaker_state(const struct isa_conn *conn)
{
    if (!conn || isa__tr_is_forked())
        return ISA_BREAKER_CLOSED;
    return isa__guard_breaker_state(conn->link);
}

/* A loop that falls behind hears one change that leads from where it stood to where it is now. */
void isa__conn_on_breaker(struct isa__link_watcher *watcher,
                          const struct isa_breaker_change *change)
{
    struct isa_conn *conn = isa__container(watcher, struct isa_conn, watcher);
    struct isa__breaker_ear *ear = conn->breaker_ear;
    if (!ear)
        return;
    pthread_mutex_lock(&conn->lock);
    enum isa_breaker_state from = ear->count ? ear->change.from : change->from;
    ear->change = *change;
    ear->change.from = from;
    bool is_first = ear->count++ == 0;
    pthread_mutex_unlock(&conn->lock);
    if (!is_first)
        return;
    isa__conn_ref(conn);
    isa__tr_port_post(conn->port, &ear->msg);
}

static void on_breaker_msg(struct isa__tr_msg *msg)
{
    struct isa__breaker_ear *ear = isa__container(msg, struct isa__breaker_ear, msg);
    struct isa_conn *conn = ear->conn;
    pthread_mutex_lock(&conn->lock);
    struct isa_breaker_change change = ear->change;
    change.skipped = ear->count - 1;
    ear->count = 0;
    pthread_mutex_unlock(&conn->lock);
    bool is_heard = !isa__tr_port_is_dead(conn->port) && !atomic_load(&conn->is_abandoned) &&
                    isa__conn_phase(conn) != ISA__CONN_CLOSED;
    if (is_heard && change.from != change.to)
        ear->fn(conn, &change, conn->user);
    isa__conn_unref(conn);
}

int isa__conn_listen_to_breaker(struct isa_conn *conn, isa_breaker_fn *fn)
{
    struct isa__breaker_ear *ear = isa__alloc(sizeof *ear);
    if (!ear)
        return ISA_ENOMEM;
    ear->conn = conn;
    ear->fn = fn;
    ear->msg.fn = on_breaker_msg;
    conn->breaker_ear = ear;
    return 0;
}
