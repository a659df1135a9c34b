/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: defaults and ranges of a handle's settings; conn.h documents them.
 * Used by: conn.c.
 * Must not know: what the settings do.
 */
#include "settings.h"

#include <assert.h>

static_assert(sizeof(struct isa_conn_options) ==
                  offsetof(struct isa_conn_options, deadline_ms) + sizeof(uint32_t),
              "no padding at the end: an unknown tail must be options, not chance");

enum { HOUR_MS = 3600000, LARGEST_MS = INT32_MAX };

/* Set the default, or check the range. */
static int settle(uint32_t *value, uint32_t standard, uint32_t low, uint32_t high)
{
    if (*value == 0)
        *value = standard;
    return *value >= low && *value <= high ? 0 : ISA_EINVAL;
}

static int settle_backoff(struct isa_conn_options *o)
{
    if (settle(&o->backoff_min_ms, 400, 1, HOUR_MS) < 0)
        return ISA_EINVAL;
    uint32_t least = o->backoff_min_ms;
    if (settle(&o->backoff_max_ms, least > 500 ? least : 500, least, HOUR_MS) < 0)
        return ISA_EINVAL;
    if (o->backoff_factor == 0.)
        o->backoff_factor = 1.6;
    if (!(o->backoff_factor >= 1. && o->backoff_factor <= 10.))
        return ISA_EINVAL;
    if ((unsigned)o->backoff_jitter > ISA_JITTER_NONE)
        return ISA_EINVAL;
    return settle(&o->dial_floor_ms, 10, 1, 60000);
}

static int settle_times(struct isa_conn_options *o)
{
    if (settle(&o->connect_timeout_ms, 2000, 100, HOUR_MS) < 0)
        return ISA_EINVAL;
    uint32_t least = o->connect_timeout_ms;
    if (settle(&o->attempt_timeout_ms, least > 20000 ? least : 20000, least, HOUR_MS) < 0 ||
        settle(&o->keepalive_time_ms, 60000, 1000, LARGEST_MS) < 0 ||
        settle(&o->keepalive_timeout_ms, 20000, 100, LARGEST_MS) < 0 ||
        settle(&o->idle_timeout_ms, 300000, 100, LARGEST_MS) < 0)
        return ISA_EINVAL;
    return settle(&o->deadline_ms, 30000, 1, LARGEST_MS);
}

int isa__settings_read(const struct isa_conn_options *options, struct isa_conn_options *ret_options,
                       struct isa__link_config *ret_config)
{
    static const struct isa_conn_options standard = ISA_CONN_OPTIONS_INIT;
    struct isa_conn_options o;
    int error = isa__opt_copy(&o, sizeof o, options ? options : &standard,
                              offsetof(struct isa_conn_options, user));
    if (error)
        return error;
    if (settle_backoff(&o) < 0 || settle_times(&o) < 0)
        return ISA_EINVAL;
    *ret_options = o;
    *ret_config = (struct isa__link_config){
        .policy = { .backoff = { o.backoff_min_ms, o.backoff_max_ms, o.backoff_factor,
                                 o.backoff_jitter },
                    .dial_floor_ms = o.dial_floor_ms,
                    .attempt_timeout_ms = o.attempt_timeout_ms,
                    .idle_timeout_ms = o.idle_timeout_ms },
        .channel = { .connect_timeout_ms = o.connect_timeout_ms,
                     .keepalive_time_ms = o.keepalive_time_ms,
                     .keepalive_timeout_ms = o.keepalive_timeout_ms },
    };
    return 0;
}
