/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: a server-streaming call: one request, any number of replies.
 * Used by: readers; tests/interop runs it.  example-stream-server 127.0.0.1:5514
 * Must not know: grpc-core, threads.
 */
#include <isa/isa.h>

#include <ev.h>

#include "logbook.isa.h"

#include <stdbool.h>
#include <stdio.h>

/* The line is valid until this returns. */
static void on_line(struct isa_call *call, const Logbook__Line *line, void *user)
{
    (void)call, (void)user;
    printf("%s: %s\n", line->source, line->text);
}

/* Comes exactly once, after the last line. */
static void on_end(struct isa_call *call, const struct isa_reply *reply, void *user)
{
    bool *is_complete = user;
    *is_complete = reply->status.code == ISA_STATUS_OK;
    if (!*is_complete)
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
    bool is_complete = false;

    struct logbook_logbook_tail_events events = LOGBOOK_LOGBOOK_TAIL_EVENTS_INIT;
    events.on_message = on_line;
    events.on_end = on_end;
    events.user = &is_complete;

    Logbook__TailRequest request = LOGBOOK__TAIL_REQUEST__INIT;
    request.count = 3;

    int error = isa_conn_open(loop, argv[1], NULL, &conn);
    if (error == 0)
        error = logbook_logbook_tail(conn, &request, NULL, &events, NULL);
    if (error != 0)
        fprintf(stderr, "%s: %s\n", argv[0], isa_error_text(error));

    ev_run(loop, 0); /* returns when there is nothing left to wait for */
    isa_conn_unref(conn);
    return is_complete ? 0 : 1;
}
