/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: a service's health, watched until it serves.
 * Used by: readers; tests/tools runs it.  example-health 127.0.0.1:50051 my.package.Service
 * Must not know: grpc-core, threads.
 */
#include <isa/isa.h>

#include <ev.h>

#include <stdbool.h>
#include <stdio.h>

/* Each change once; UNKNOWN while the connection is away. */
static void on_change(struct isa_call *call, const struct isa_health_change *change, void *user)
{
    bool *is_serving = user;
    *is_serving = isa_health_is_good(change->to);
    printf("%s -> %s %s\n", isa_health_name(change->from), isa_health_name(change->to),
           change->why.message);
    fflush(stdout);
    if (*is_serving)
        isa_conn_close(isa_call_conn(call), 0); /* it has seen enough: this ends the watch */
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: %s TARGET [SERVICE]\n", argv[0]);
        return 2;
    }
    struct ev_loop *loop = ev_default_loop(EVFLAG_AUTO);
    struct isa_conn *conn = NULL;
    bool is_serving = false;

    struct isa_health_watch_options watch = ISA_HEALTH_WATCH_OPTIONS_INIT;
    watch.service = argv[2]; /* NULL: the server as a whole */
    watch.on_change = on_change;
    watch.user = &is_serving;

    int error = isa_conn_open(loop, argv[1], NULL, &conn);
    if (error == 0)
        error = isa_health_watch(conn, &watch, NULL);
    if (error != 0)
        fprintf(stderr, "%s: %s\n", argv[0], isa_error_text(error));

    ev_run(loop, 0); /* returns when there is nothing left to wait for */
    isa_conn_unref(conn);
    return is_serving ? 0 : 1;
}
