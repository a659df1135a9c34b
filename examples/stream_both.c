/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: a bidirectional call: what is asked next depends on what came.
 * Used by: readers; tests/interop runs it.  example-stream-both 127.0.0.1:5514
 * Must not know: grpc-core, threads.
 */
#include <isa/isa.h>

#include <ev.h>

#include "logbook.isa.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { LINES_EACH = 2 };

struct reading {
    unsigned left; /* lines of this source that are still to come */
    bool is_complete;
};

static Logbook__Interest interest(const char *source)
{
    Logbook__Interest interest = LOGBOOK__INTEREST__INIT;
    interest.source = (char *)source;
    interest.count = LINES_EACH;
    return interest;
}

/* After the last line of one source ask for the next; after the last source say that this was all. */
static void on_line(struct isa_call *call, const Logbook__Line *line, void *user)
{
    struct reading *reading = user;
    printf("%s: %s\n", line->source, line->text);
    if (--reading->left > 0)
        return;
    if (strcmp(line->source, "net") == 0) {
        Logbook__Interest next = interest("disk");
        reading->left = LINES_EACH;
        logbook_logbook_follow_write(call, &next);
    } else {
        isa_call_half_close(call); /* the server ends the call in its turn */
    }
}

static void on_end(struct isa_call *call, const struct isa_reply *reply, void *user)
{
    struct reading *reading = user;
    reading->is_complete = reply->status.code == ISA_STATUS_OK && reading->left == 0;
    if (!reading->is_complete)
        printf("broke off: %s: %s\n", isa_status_name((int)reply->status.code),
               reply->status.message);
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
    struct reading reading = { .left = LINES_EACH };

    struct logbook_logbook_follow_events events = LOGBOOK_LOGBOOK_FOLLOW_EVENTS_INIT;
    events.on_message = on_line;
    events.on_end = on_end;
    events.user = &reading;

    Logbook__Interest first = interest("net");
    int error = isa_conn_open(loop, argv[1], NULL, &conn);
    if (error == 0)
        error = logbook_logbook_follow(conn, &first, NULL, &events, NULL);
    if (error != 0)
        fprintf(stderr, "%s: %s\n", argv[0], isa_error_text(error));

    ev_run(loop, 0); /* returns when there is nothing left to wait for */
    isa_conn_unref(conn);
    return reading.is_complete ? 0 : 1;
}
