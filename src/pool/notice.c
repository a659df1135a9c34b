/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: how a change travels from the control loop to a handle's subscribers, in order, bounded.
 * Used by: link.c (as a watcher), conn.c.
 * Must not know: why a state changed.
 */
#include "handle.h"

#include <assert.h>
#include <string.h>

/* A loop that stands still costs at most this many notices; then changes are merged. */
enum { NOTICES_MAX = 64, DELAY_MAX_MS = 3600000 };

struct notice {
    struct isa__tr_msg msg;
    struct isa_conn *conn; /* a reference */
    struct isa_change change;
    char text[]; /* change.text */
};

/* A change that is to be told. It lies on the stack of whoever delivers it, until all have heard it. */
struct round {
    struct isa_list in_conn; /* in struct isa_conn.rounds */
    struct isa_change *change;
    bool wants_delay; /* the handle is to be asked first */
    bool is_begun;    /* the first subscriber hears it, or nobody is to hear it */
};

/* The handle's word on how long to wait, and what its subscribers are told. */
static void ask_delay(struct isa_conn *conn, struct round *round)
{
    struct isa_change *change = round->change;
    round->wants_delay = false;
    if (!conn->on_delay || change->to != ISA_STATE_TRANSIENT_FAILURE ||
        isa__conn_phase(conn) != ISA__CONN_OPEN)
        return;
    uint32_t delay_ms = conn->on_delay(conn, change, conn->user);
    if (delay_ms == 0)
        delay_ms = change->next_delay_ms;
    delay_ms = delay_ms < DELAY_MAX_MS ? delay_ms : DELAY_MAX_MS;
    if (!round->is_begun) /* the callback may have run the loop, and it was told meanwhile */
        change->next_delay_ms = delay_ms;
    isa__link_answer_delay(conn->link, change->generation, delay_ms);
}

static void begin_round(struct isa_conn *conn, struct round *round)
{
    struct isa_change *change = round->change;
    bool is_news = change->to != conn->told && !atomic_load(&conn->is_abandoned);
    round->is_begun = true;
    change->from = conn->told;
    conn->told = change->to;
    conn->next_subscription = is_news ? conn->subscriptions.next : &conn->subscriptions;
}

/* Tell the first change to one more, ask for its delay, or go on to the next. */
static void tell_on(struct isa_conn *conn)
{
    struct round *round = isa__container(conn->rounds.next, struct round, in_conn);
    if (!round->is_begun && round->wants_delay && round->change->to != conn->told) {
        round->change->from = conn->told;
        ask_delay(conn, round);
        return;
    }
    if (!round->is_begun)
        begin_round(conn, round);
    if (conn->next_subscription == &conn->subscriptions) {
        conn->next_subscription = NULL;
        isa_list_remove(&round->in_conn);
        return;
    }
    assert(conn->next_subscription); /* a round that has begun stands somewhere */
    struct isa__subscription *subscription =
        isa__container(conn->next_subscription, struct isa__subscription, in_conn);
    conn->next_subscription = subscription->in_conn.next; /* one that unsubscribes moves it on */
    subscription->fn(conn, round->change, subscription->user);
}

/* In order, whatever a callback does: one that runs the loop brings us here again, and then whoever
 * has not heard the changes before this one hears them first. */
static void deliver(struct isa_conn *conn, struct isa_change *change, bool wants_delay)
{
    struct round round = { .change = change, .wants_delay = wants_delay };
    isa_list_init(&round.in_conn);
    struct isa_list *volatile node =
        &round.in_conn; /* or gcc fears that it outlives this function */
    isa_list_append(&conn->rounds, node);
    while (!isa_list_is_empty(&conn->rounds))
        tell_on(conn);
}

void isa__conn_deliver(struct isa_conn *conn, struct isa_change *change)
{
    deliver(conn, change, false);
}

/* Loop. The link's end is told to subscribers when the handle's calls have completed, not before. */
static void hear(struct isa_conn *conn, struct isa_change *change)
{
    if (isa__conn_phase(conn) == ISA__CONN_CLOSED)
        return;
    if (change->to == ISA_STATE_SHUTDOWN)
        isa__conn_on_link_end(conn, change->reason);
    else
        deliver(conn, change, true);
}

static void on_notice(struct isa__tr_msg *msg)
{
    struct notice *notice = isa__container(msg, struct notice, msg);
    struct isa_conn *conn = notice->conn;
    pthread_mutex_lock(&conn->lock);
    conn->notices--;
    pthread_mutex_unlock(&conn->lock);
    if (!isa__tr_port_is_dead(conn->port))
        hear(conn, &notice->change);
    isa__free(notice);
    isa__conn_unref(conn);
}

void isa__conn_on_merged(struct isa__tr_msg *msg)
{
    struct isa_conn *conn = isa__container(msg, struct isa_conn, merged_msg);
    pthread_mutex_lock(&conn->lock);
    struct isa_change change = conn->merged;
    change.skipped = conn->merged_count - 1;
    conn->is_merging = false;
    conn->merged_count = 0;
    pthread_mutex_unlock(&conn->lock);
    if (!isa__tr_port_is_dead(conn->port))
        hear(conn, &change);
    isa__conn_unref(conn);
}

static struct notice *make_notice(struct isa_conn *conn, const struct isa_change *change)
{
    size_t text_bytes = strlen(change->text) + 1;
    struct notice *notice = isa__alloc(sizeof *notice + text_bytes);
    if (!notice)
        return NULL;
    notice->msg.fn = on_notice;
    notice->conn = isa__conn_ref(conn);
    notice->change = *change;
    memcpy(notice->text, change->text, text_bytes);
    notice->change.text = notice->text;
    return notice;
}

/* Out of memory, or the loop is far behind: one notice that says where things stand. */
static void merge_locked(struct isa_conn *conn, const struct isa_change *change)
{
    conn->merged = *change;
    conn->merged.text = "";
    conn->merged_count++;
    if (conn->is_merging)
        return;
    conn->is_merging = true;
    isa__conn_ref(conn);
    isa__tr_port_post(conn->port, &conn->merged_msg);
}

void isa__conn_on_change(struct isa__link_watcher *watcher, const struct isa_change *change)
{
    struct isa_conn *conn = isa__container(watcher, struct isa_conn, watcher);
    struct notice *notice = NULL;
    pthread_mutex_lock(&conn->lock);
    if (!conn->is_merging && conn->notices < NOTICES_MAX)
        notice = make_notice(conn, change);
    if (notice) {
        conn->notices++;
        isa__tr_port_post(conn->port, &notice->msg);
    } else {
        merge_locked(conn, change);
    }
    pthread_mutex_unlock(&conn->lock);
}
