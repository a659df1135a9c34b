/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: a client-streaming call: many requests, one reply, and a queue between that stays small.
 * Used by: readers; tests/interop runs it.  example-stream-client 127.0.0.1:5514
 * Must not know: grpc-core, threads.
 */
#include <isa/isa.h>

#include <ev.h>

#include "logbook.isa.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

enum { LINES = 100000 };

struct shipment {
    uint32_t written;
    uint32_t pauses;
    bool is_kept;
};

/* Write until the queue is full. The library says so before it holds more than a little: 1 is "taken, now
 * full", and on_writable comes once there is room. */
static void write_on(struct isa_call *call, struct shipment *shipment)
{
    int full = 0;
    while (full == 0 && shipment->written < LINES) {
        char text[32];
        Logbook__Line line = LOGBOOK__LINE__INIT;
        snprintf(text, sizeof text, "event %06" PRIu32, shipment->written);
        line.source = (char *)"example";
        line.text = text;
        full = logbook_logbook_ship_write(call, &line);
        if (full < 0)
            return; /* the call has ended: on_kept says why */
        shipment->written++;
    }
    if (shipment->written == LINES)
        isa_call_half_close(call);
    else
        shipment->pauses++;
}

static void on_writable(struct isa_call *call, void *user)
{
    write_on(call, user);
}

static void on_kept(struct isa_call *call, const Logbook__Receipt *receipt,
                    const struct isa_reply *reply, void *user)
{
    struct shipment *shipment = user;
    if (receipt != NULL) {
        printf("%" PRIu64 " lines kept, %" PRIu64 " bytes; %s\n", receipt->lines, receipt->bytes,
               shipment->pauses > 0 ? "the queue was full at times" : "the queue was never full");
        shipment->is_kept = receipt->lines == LINES;
    } else {
        printf("not kept: %s: %s\n", isa_status_name((int)reply->status.code),
               reply->status.message);
    }
    isa_conn_close(isa_call_conn(call), 0); /* then nothing keeps the loop running */
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s TARGET\n", argv[0]);
        return 2;
    }
    struct ev_loop *loop = ev_default_loop(EVFLAG_AUTO);
    struct isa_conn *conn = NULL;
    struct isa_call *call = NULL;
    struct shipment shipment = { 0 };

    struct logbook_logbook_ship_events events = LOGBOOK_LOGBOOK_SHIP_EVENTS_INIT;
    events.on_done = on_kept;
    events.on_writable = on_writable;
    events.user = &shipment;

    int error = isa_conn_open(loop, argv[1], NULL, &conn);
    if (error == 0)
        error = logbook_logbook_ship(conn, NULL, NULL, &events, &call);
    if (error == 0)
        write_on(call, &shipment); /* queued until there is a connection */
    else
        fprintf(stderr, "%s: %s\n", argv[0], isa_error_text(error));

    ev_run(loop, 0); /* returns when there is nothing left to wait for */
    isa_call_unref(call);
    isa_conn_unref(conn);
    return shipment.is_kept ? 0 : 1;
}
