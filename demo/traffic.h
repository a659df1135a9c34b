/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the stream of puts and gets that the demo sends to etcd.
 * Used by: main.c, which starts and stops it.
 * Must not know: when etcd is killed; it is told whether etcd is up.
 */
#ifndef DEMO_TRAFFIC_H
#define DEMO_TRAFFIC_H

#include "book.h"

#include <ev.h>

struct traffic {
    struct book book;
    struct isa_conn *conn;
    ev_timer tick;
    bool is_etcd_up;
    uint64_t last_stored; /* operation whose put was confirmed last; 0: none */
};

/* Prepare; no operation is started yet. conn is borrowed. */
void traffic_init(struct traffic *traffic, struct isa_conn *conn);

/* Start an operation every 20 ms from now on. Starting or stopping twice does nothing. */
void traffic_start(struct traffic *traffic, struct ev_loop *loop);
void traffic_stop(struct traffic *traffic, struct ev_loop *loop);

#endif
