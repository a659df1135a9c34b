/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the peer of kind grpc: a server of grpc-core that obeys.
 * Used by: side.c.
 * Must not know: the library under test.
 */
#include "side.h"

#include "grpc_server.h"

#include <stdlib.h>

static struct server_options options;
static struct server *server;
static struct server *draining; /* the one before it; NULL: none */

/* GOAWAY on every connection; calls that run may finish; a new server takes the port. */
static void drain(void)
{
    server_drain(server);
    server_free(draining);
    draining = server;
    server = server_new(&options);
}

static void release(void)
{
    server_release(server);
    if (draining)
        server_release(draining);
}

static unsigned obey(const char *line)
{
    const char *rest = NULL;
    if (side_is(line, "held", &rest))
        return server_await_held(server, (unsigned)strtoul(rest, NULL, 10));
    if (side_is(line, "connections", NULL))
        return server_counts(server).connections;
    if (side_is(line, "calls", NULL))
        return server_counts(server).calls;
    if (side_is(line, "release", NULL))
        release();
    else if (side_is(line, "cut", NULL))
        server_cut(server);
    else if (side_is(line, "down", NULL))
        server_down(server);
    else if (side_is(line, "up", NULL))
        server_up(server);
    else if (side_is(line, "drain", NULL))
        drain();
    else
        side_must(false, line);
    return 0;
}

void peer_grpc(const struct side_settings *settings)
{
    char line[SIDE_LINE_BYTES];
    options.port = (uint16_t)side_number(settings, "port");
    options.max_age_ms = (int)side_number(settings, "max_age_ms");
    options.max_age_grace_ms = (int)side_number(settings, "max_age_grace_ms");
    options.max_receive_bytes = (int)side_number(settings, "max_receive_bytes");
    options.min_ping_ms = (int)side_number(settings, "min_ping_ms");
    options.ping_strikes = (int)side_number(settings, "ping_strikes");
    server = server_new(&options);
    side_answer(0);
    while (side_hear(line))
        side_answer(obey(line));
}
