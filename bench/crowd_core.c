/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: many channels of bare core, for comparison.
 * Used by: crowd.c.
 * Must not know: the library under test.
 */
#include <grpc/grpc.h>
#include <grpc/grpc_security.h>
#include <grpc/support/time.h>
#include <stdlib.h>
#include <unistd.h>

#include "crowd.h"

/* ---- bare core -------------------------------------------------------------------------------- */

static grpc_arg int_arg(const char *key, int value)
{
    return (grpc_arg){ .type = GRPC_ARG_INTEGER, .key = (char *)key, .value.integer = value };
}

/* The settings that the library gives core. */
static grpc_channel *new_channel(const char *target, int connect_ms)
{
    grpc_arg args[] = {
        int_arg(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1),
        int_arg(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, connect_ms),
        int_arg(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, connect_ms),
        int_arg(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, connect_ms),
        int_arg(GRPC_ARG_KEEPALIVE_TIME_MS, 60000),
        int_arg(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20000),
        int_arg(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0),
        int_arg(GRPC_ARG_ENABLE_HTTP_PROXY, 0),
    };
    grpc_channel_args all = { sizeof args / sizeof *args, args };
    grpc_channel_credentials *credentials = grpc_insecure_credentials_create();
    grpc_channel *channel = grpc_channel_create(target, credentials, &all);
    grpc_channel_credentials_release(credentials);
    return channel;
}

static void watch(grpc_completion_queue *queue, grpc_channel **channel,
                  grpc_connectivity_state seen)
{
    grpc_channel_watch_connectivity_state(*channel, seen, gpr_inf_future(GPR_CLOCK_MONOTONIC),
                                          queue, channel);
}

static void await_ready(grpc_completion_queue *queue, int count)
{
    gpr_timespec limit = gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                                      gpr_time_from_seconds(CROWD_LIMIT_S, GPR_TIMESPAN));
    int ready = 0;
    while (ready < count) {
        grpc_event event = grpc_completion_queue_next(queue, limit, NULL);
        if (event.type != GRPC_OP_COMPLETE)
            crowd_give_up("bare core", ready, count);
        grpc_channel **channel = event.tag;
        grpc_connectivity_state state = grpc_channel_check_connectivity_state(*channel, 0);
        watch(queue, channel, state);
        ready += state == GRPC_CHANNEL_READY;
    }
}

void crowd_run_core(int count, unsigned port, struct sample *sample)
{
    static grpc_channel **channels; /* as long as the process */
    channels = calloc((size_t)count, sizeof(grpc_channel *));
    char target[CROWD_TARGET_BYTES];
    if (!channels)
        _exit(1);
    double rss_before = crowd_rss_bytes();
    double begin_us = crowd_now_us();
    grpc_init();
    grpc_completion_queue *queue = grpc_completion_queue_create_for_next(NULL);
    for (int i = 0; i < count; i++) {
        crowd_write_target(target, i, port);
        channels[i] = new_channel(target, crowd_connect_ms(count));
        grpc_connectivity_state seen = grpc_channel_check_connectivity_state(channels[i], 1);
        watch(queue, &channels[i], seen);
    }
    await_ready(queue, count);
    sample->ready_ms = (crowd_now_us() - begin_us) / 1e3;
    sample->rss_bytes = (crowd_rss_bytes() - rss_before) / count;
}
