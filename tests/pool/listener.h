/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: a state callback that keeps a book.
 * Used by: the tests of handles.
 * Must not know: what it ought to hear.
 */
#ifndef LISTENER_H
#define LISTENER_H

#include <isa/conn.h>

#include <stdio.h>
#include <string.h>

struct listener {
    unsigned changes;
    struct isa_change last; /* its text in `text` */
    char text[128];
    char history[1024]; /* as in "IDLE>SHUTDOWN user; " */
    void (*then)(struct listener *listener, struct isa_conn *conn);
    uint64_t id; /* of its subscription, for whoever needs it */
};

/* An isa_state_fn; user is a struct listener. */
static inline void listener_hear(struct isa_conn *conn, const struct isa_change *change, void *user)
{
    struct listener *listener = user;
    size_t length = strlen(listener->history);
    snprintf(listener->history + length, sizeof listener->history - length, "%s>%s %s; ",
             isa_state_name(change->from), isa_state_name(change->to),
             isa_reason_name(change->reason));
    snprintf(listener->text, sizeof listener->text, "%s", change->text);
    listener->changes++;
    listener->last = *change;
    listener->last.text = listener->text;
    if (listener->then)
        listener->then(listener, conn);
}

#endif
