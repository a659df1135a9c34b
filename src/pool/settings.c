/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: defaults and ranges of a handle's settings; options.h documents them.
 * Used by: conn.c.
 * Must not know: what the settings do.
 */
#include "settings.h"

#include <assert.h>

/* With full jitter: clients that lose one server at the same moment, and find it back at once, dial within
 * this time, so that 100 ms hold 15 % of their dials, and by chance hardly ever a quarter (isa-herd).
 * Longer, and a service that is back would wait for its clients. */
#define WINDOW_MS 650
#define FACTOR 1.6 /* gRPC's own multiplier, doc/connection-backoff.md */
/* After a partition: a second at most for an attempt whose SYN was lost, then this window: below 2 s. */
#define DEAR_FACTOR 1.3

static_assert(sizeof(struct isa_conn_options) ==
                  offsetof(struct isa_conn_options, reserved_end) + sizeof(bool[3]),
              "no padding at the end: an unknown tail must be options, not chance");

enum {
    HOUR_MS = 3600000,
    INTERCEPTORS_MAX = 64,
    LARGEST_MS = INT32_MAX,
    /* Clients of other implementations refuse to ping more often: gRFC A8, grpc-go. */
    KEEPALIVE_ADVISED_MS = 10000,
};

static int out_of_range(struct isa__text *why, const char *name, double value, double low,
                        double high)
{
    isa__text_add(why, "%s is %.10g: its range is %.10g to %.10g, or 0 for the default", name,
                  value, low, high);
    return ISA_EINVAL;
}

/* Set the default, or check the range. */
static int settle(struct isa__text *why, const char *name, uint32_t *value, uint32_t standard,
                  uint32_t low, uint32_t high)
{
    if (*value == 0)
        *value = standard;
    return *value >= low && *value <= high ? 0 : out_of_range(why, name, *value, low, high);
}

static int settle_factor(struct isa__text *why, const char *name, double *value, double standard,
                         double high)
{
    if (*value == 0.)
        *value = standard;
    return *value >= 1. && *value <= high ? 0 : out_of_range(why, name, *value, 1., high);
}

static int settle_backoff(struct isa_conn_options *o, struct isa__text *why)
{
    if (settle(why, "backoff_min_ms", &o->backoff_min_ms, WINDOW_MS, 1, HOUR_MS) < 0)
        return ISA_EINVAL;
    uint32_t least = o->backoff_min_ms;
    if (settle(why, "backoff_max_ms", &o->backoff_max_ms, least > WINDOW_MS ? least : WINDOW_MS,
               least, HOUR_MS) < 0 ||
        settle_factor(why, "backoff_factor", &o->backoff_factor, FACTOR, 10.) < 0 ||
        settle_factor(why, "backoff_dear_factor", &o->backoff_dear_factor, DEAR_FACTOR, 100.) < 0)
        return ISA_EINVAL;
    if ((unsigned)o->backoff_jitter > ISA_JITTER_NONE) {
        isa__text_add(why, "backoff_jitter is %u: use one of enum isa_jitter",
                      (unsigned)o->backoff_jitter);
        return ISA_EINVAL;
    }
    return settle(why, "dial_floor_ms", &o->dial_floor_ms, 10, 1, 60000);
}

static int settle_times(struct isa_conn_options *o, struct isa__text *why)
{
    if (settle(why, "connect_timeout_ms", &o->connect_timeout_ms, 2000, 100, HOUR_MS) < 0)
        return ISA_EINVAL;
    uint32_t least = o->connect_timeout_ms;
    if (settle(why, "attempt_timeout_ms", &o->attempt_timeout_ms, least > 20000 ? least : 20000,
               least, HOUR_MS) < 0 ||
        settle(why, "keepalive_time_ms", &o->keepalive_time_ms, 60000, 1000, LARGEST_MS) < 0 ||
        settle(why, "keepalive_timeout_ms", &o->keepalive_timeout_ms, 20000, 100, LARGEST_MS) < 0 ||
        settle(why, "idle_timeout_ms", &o->idle_timeout_ms, 300000, 100, LARGEST_MS) < 0)
        return ISA_EINVAL;
    if (settle(why, "max_channels", &o->max_channels, 1, 1, 64) < 0 ||
        settle(why, "calls_per_channel", &o->calls_per_channel, 100, 1, LARGEST_MS) < 0)
        return ISA_EINVAL;
    if (settle(why, "max_waiting_calls", &o->max_waiting_calls, 200000, 1, LARGEST_MS) < 0 ||
        settle(why, "max_waiting_bytes", &o->max_waiting_bytes, 268435456, 1, LARGEST_MS) < 0)
        return ISA_EINVAL;
    return settle(why, "deadline_ms", &o->deadline_ms, 30000, 1, LARGEST_MS);
}

static int check_reserved(const struct isa_conn_options *o, struct isa__text *why)
{
    for (size_t i = 0; i < sizeof o->reserved; i++) {
        if (o->reserved[i]) {
            isa__text_add(why, "reserved[%zu] is set: start from ISA_CONN_OPTIONS_INIT", i);
            return ISA_EUNKNOWN_OPTION;
        }
    }
    for (size_t i = 0; i < sizeof o->reserved_more; i++) {
        if (o->reserved_more[i]) {
            isa__text_add(why, "reserved_more[%zu] is set: start from ISA_CONN_OPTIONS_INIT", i);
            return ISA_EUNKNOWN_OPTION;
        }
    }
    for (size_t i = 0; i < sizeof o->reserved_end; i++) {
        if (o->reserved_end[i]) {
            isa__text_add(why, "reserved_end[%zu] is set: start from ISA_CONN_OPTIONS_INIT", i);
            return ISA_EUNKNOWN_OPTION;
        }
    }
    if (o->interceptor_count > INTERCEPTORS_MAX || (o->interceptor_count && !o->interceptors)) {
        isa__text_add(why, "interceptor_count is %u: at most %d, and interceptors must name them",
                      o->interceptor_count, INTERCEPTORS_MAX);
        return ISA_EINVAL;
    }
    return 0;
}

static void advise(const struct isa_conn_options *o, struct isa__text *why)
{
    if (o->keepalive_time_ms < KEEPALIVE_ADVISED_MS)
        isa__text_add(why,
                      "keepalive_time_ms is %u: most servers answer pings more often than every "
                      "%d ms with GOAWAY too_many_pings; set theirs, or a longer one",
                      o->keepalive_time_ms, KEEPALIVE_ADVISED_MS);
}

static int read_known(const struct isa_conn_options *options, struct isa_conn_options *o,
                      struct isa__text *why)
{
    static const struct isa_conn_options standard = ISA_CONN_OPTIONS_INIT;
    int error = isa__opt_copy(o, sizeof *o, options ? options : &standard,
                              offsetof(struct isa_conn_options, user));
    if (error)
        isa__text_add(why, "%s: start from ISA_CONN_OPTIONS_INIT",
                      error == ISA_EINVAL ? "size is too small"
                                          : "a field that this version does not know is set");
    return error;
}

int isa__settings_read(const struct isa_conn_options *options, struct isa_conn_options *ret_options,
                       struct isa__link_config *ret_config, struct isa__text *why)
{
    struct isa_conn_options o;
    int error = read_known(options, &o, why);
    if (!error)
        error = check_reserved(&o, why);
    if (!error)
        error = settle_backoff(&o, why);
    if (!error)
        error = settle_times(&o, why);
    if (!error)
        error = isa__tr_profile_check(&o, why);
    struct isa__guard_config guard = { 0 };
    if (!error)
        error = isa__guard_read_options(&o, &guard, why);
    if (error)
        return error;
    advise(&o, why);
    *ret_options = o;
    *ret_config = (struct isa__link_config){
        .policy = { .backoff = { o.backoff_min_ms, o.backoff_max_ms, o.backoff_factor,
                                 o.backoff_jitter },
                    .dear_factor = o.backoff_dear_factor,
                    .dial_floor_ms = o.dial_floor_ms,
                    .attempt_timeout_ms = o.attempt_timeout_ms,
                    .idle_timeout_ms = o.idle_timeout_ms,
                    .keep_connected = o.keep_connected },
        .channel = { .connect_timeout_ms = o.connect_timeout_ms,
                     .keepalive_time_ms = o.keepalive_time_ms,
                     .keepalive_timeout_ms = o.keepalive_timeout_ms },
        .max_channels = o.max_channels,
        .calls_per_channel = o.calls_per_channel,
        .max_waiting_calls = o.max_waiting_calls,
        .max_waiting_bytes = o.max_waiting_bytes,
        .guard = guard,
    };
    return 0;
}
