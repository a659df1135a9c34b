/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests of the defaults and ranges that options.h documents.
 * Used by: ctest.
 * Must not know: what the settings do.
 */
#include <criterion/criterion.h>

#include <math.h>
#include <string.h>

#include "settings.h"

static struct isa_conn_options read_options;
static struct isa__link_config config;
static struct isa__text why;
static char words[256];

static int settle(const struct isa_conn_options *options)
{
    isa__text_init(&why, words, sizeof words);
    return isa__settings_read(options, &read_options, &config, &why);
}

static uint32_t delay(struct isa_conn *conn, const struct isa_change *change, void *user)
{
    (void)conn;
    (void)user;
    return change->next_delay_ms;
}

static void expect_defaults(void)
{
    cr_expect_eq(read_options.backoff_min_ms, 650);
    cr_expect_eq(read_options.backoff_max_ms, 650);
    cr_expect_float_eq(read_options.backoff_factor, 1.6, 1e-12);
    cr_expect_eq(read_options.backoff_jitter, ISA_JITTER_FULL);
    cr_expect_eq(read_options.dial_floor_ms, 10);
    cr_expect_eq(read_options.connect_timeout_ms, 2000);
    cr_expect_eq(read_options.attempt_timeout_ms, 20000);
    cr_expect_eq(read_options.keepalive_time_ms, 60000);
    cr_expect_eq(read_options.keepalive_timeout_ms, 20000);
    cr_expect_eq(read_options.idle_timeout_ms, 300000);
    cr_expect_eq(read_options.deadline_ms, 30000);
    cr_expect_float_eq(read_options.backoff_dear_factor, 1.3, 1e-12);
    cr_expect_null(read_options.on_delay);
    cr_expect_not(read_options.keep_connected);
    cr_expect_eq(read_options.max_channels, 1);
    cr_expect_eq(read_options.calls_per_channel, 100);
    cr_expect_str_empty(words);
}

Test(pool_settings, no_options_are_the_defaults)
{
    cr_assert_eq(settle(NULL), 0);

    expect_defaults();
}

Test(pool_settings, zeros_are_the_defaults)
{
    const struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;

    cr_assert_eq(settle(&options), 0);

    expect_defaults();
}

Test(pool_settings, the_oldest_struct_has_the_defaults)
{
    struct isa_conn_options options;
    memset(&options, 0xff, sizeof options);
    options.size = offsetof(struct isa_conn_options, user);
    options.on_state = NULL;

    cr_assert_eq(settle(&options), 0);

    expect_defaults();
    cr_expect_null(read_options.user);
}

Test(pool_settings, what_is_set_is_kept)
{
    int someone;
    const struct isa_conn_options options = {
        sizeof options,
        NULL,
        &someone,
        11,
        22,
        3.5,
        ISA_JITTER_DECORRELATED,
        33,
        444,
        555,
        6666,
        777,
        888,
        99,
        4.5,
        delay,
        true,
        { false },
        5,
        50,
        NULL,
        NULL,
        NULL,
        NULL,
        NULL,
        NULL,
        NULL,
        ISA_BALANCING_PICK_FIRST,
        0,
        0,
        0,
        NULL,
        NULL,
        NULL,
        false,
        { false },
        NULL,
        60,
        70,
        0,
        false,
        { false },
    };

    cr_assert_eq(settle(&options), 0);

    cr_expect_eq(read_options.user, &someone);
    cr_expect_eq(read_options.backoff_min_ms, 11);
    cr_expect_eq(read_options.backoff_max_ms, 22);
    cr_expect_float_eq(read_options.backoff_factor, 3.5, 1e-12);
    cr_expect_eq(read_options.backoff_jitter, ISA_JITTER_DECORRELATED);
    cr_expect_eq(read_options.dial_floor_ms, 33);
    cr_expect_eq(read_options.connect_timeout_ms, 444);
    cr_expect_eq(read_options.attempt_timeout_ms, 555);
    cr_expect_eq(read_options.keepalive_time_ms, 6666);
    cr_expect_eq(read_options.keepalive_timeout_ms, 777);
    cr_expect_eq(read_options.idle_timeout_ms, 888);
    cr_expect_eq(read_options.deadline_ms, 99);
    cr_expect_float_eq(read_options.backoff_dear_factor, 4.5, 1e-12);
    cr_expect_eq(read_options.on_delay, delay);
    cr_expect(read_options.keep_connected);
}

Test(pool_settings, what_is_in_the_key_reaches_the_link)
{
    const struct isa_conn_options options = {
        sizeof options,
        NULL,
        NULL,
        11,
        22,
        3.5,
        ISA_JITTER_DECORRELATED,
        33,
        444,
        555,
        6666,
        777,
        888,
        99,
        4.5,
        delay,
        true,
        { false },
        5,
        50,
        NULL,
        NULL,
        NULL,
        NULL,
        NULL,
        NULL,
        NULL,
        ISA_BALANCING_PICK_FIRST,
        0,
        0,
        0,
        NULL,
        NULL,
        NULL,
        false,
        { false },
        NULL,
        60,
        70,
        0,
        false,
        { false },
    };

    cr_assert_eq(settle(&options), 0);

    cr_expect_eq(config.policy.backoff.min_ms, 11);
    cr_expect_eq(config.policy.backoff.max_ms, 22);
    cr_expect_float_eq(config.policy.backoff.factor, 3.5, 1e-12);
    cr_expect_eq(config.policy.backoff.jitter, ISA_JITTER_DECORRELATED);
    cr_expect_eq(config.policy.dial_floor_ms, 33);
    cr_expect_eq(config.channel.connect_timeout_ms, 444);
    cr_expect_eq(config.policy.attempt_timeout_ms, 555);
    cr_expect_eq(config.channel.keepalive_time_ms, 6666);
    cr_expect_eq(config.channel.keepalive_timeout_ms, 777);
    cr_expect_eq(config.policy.idle_timeout_ms, 888);
    cr_expect_float_eq(config.policy.dear_factor, 4.5, 1e-12);
    cr_expect(config.policy.keep_connected);
    cr_expect_eq(config.max_channels, 5);
    cr_expect_eq(config.calls_per_channel, 50);
    cr_expect_eq(config.max_waiting_calls, 60);
    cr_expect_eq(config.max_waiting_bytes, 70);
}

struct range {
    const char *name;
    size_t offset;
    uint32_t low;
    uint32_t high;
};

#define RANGE(field, low, high)                                                                    \
    {                                                                                              \
#field, offsetof(struct isa_conn_options, field), low, high                                \
    }

static const struct range ranges[] = {
    RANGE(backoff_min_ms, 1, 3600000),
    RANGE(dial_floor_ms, 1, 60000),
    RANGE(connect_timeout_ms, 100, 3600000),
    RANGE(keepalive_time_ms, 1000, 2147483647),
    RANGE(keepalive_timeout_ms, 100, 2147483647),
    RANGE(idle_timeout_ms, 100, 2147483647),
    RANGE(deadline_ms, 1, 2147483647),
    RANGE(max_channels, 1, 64),
    RANGE(calls_per_channel, 1, 2147483647),
    RANGE(max_waiting_calls, 1, 2147483647),
    RANGE(max_waiting_bytes, 1, 2147483647),
    RANGE(backoff_max_ms, 650, 3600000),
    RANGE(attempt_timeout_ms, 2000, 3600000),
};

static int settle_one(const struct range *range, uint32_t value)
{
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    memcpy((char *)&options + range->offset, &value, sizeof value);
    return settle(&options);
}

Test(pool_settings, every_range_ends_where_it_is_documented)
{
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        const struct range *range = &ranges[i];
        cr_expect_eq(settle_one(range, range->low), 0, "%s, lowest", range->name);
        cr_expect_eq(settle_one(range, range->high), 0, "%s, highest", range->name);
        cr_expect_eq(settle_one(range, range->high + 1), ISA_EINVAL, "%s, too high", range->name);
        cr_expect_eq(settle_one(range, UINT32_MAX), ISA_EINVAL, "%s, all ones", range->name);
        if (range->low > 1) /* 0 is the default */
            cr_expect_eq(settle_one(range, range->low - 1), ISA_EINVAL, "%s, too low", range->name);
    }
}

Test(pool_settings, the_largest_window_is_at_least_the_first)
{
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.backoff_min_ms = 5000;

    cr_expect_eq(settle(&options), 0);
    cr_expect_eq(read_options.backoff_max_ms, 5000, "by default, at least");
    options.backoff_max_ms = 4999;
    cr_expect_eq(settle(&options), ISA_EINVAL);
    options.backoff_max_ms = 5000;

    cr_expect_eq(settle(&options), 0);
}

Test(pool_settings, an_attempt_lasts_at_least_as_long_as_a_connect)
{
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.connect_timeout_ms = 30000;

    cr_expect_eq(settle(&options), 0);
    cr_expect_eq(read_options.attempt_timeout_ms, 30000, "by default, at least");
    options.attempt_timeout_ms = 29999;
    cr_expect_eq(settle(&options), ISA_EINVAL);
    options.attempt_timeout_ms = 30000;

    cr_expect_eq(settle(&options), 0);
}

Test(pool_settings, the_factor_is_from_one_to_ten)
{
    static const struct {
        double factor;
        int error;
    } cases[] = {
        { 1., 0 },
        { 10., 0 },
        { 0.999999, ISA_EINVAL },
        { 10.000001, ISA_EINVAL },
        { -1., ISA_EINVAL },
        { NAN, ISA_EINVAL },
        { INFINITY, ISA_EINVAL },
        { -INFINITY, ISA_EINVAL },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
        options.backoff_factor = cases[i].factor;
        cr_expect_eq(settle(&options), cases[i].error, "%f", cases[i].factor);
    }
}

Test(pool_settings, there_are_three_jitters)
{
    for (int jitter = -1; jitter <= 3; jitter++) {
        struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
        options.backoff_jitter = (enum isa_jitter)jitter;
        cr_expect_eq(settle(&options), jitter >= 0 && jitter <= 2 ? 0 : ISA_EINVAL, "%d", jitter);
    }
}

Test(pool_settings, a_struct_too_small_for_any_version_is_refused)
{
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;

    options.size = 0;
    cr_expect_eq(settle(&options), ISA_EINVAL);
    options.size = offsetof(struct isa_conn_options, user) - 1;

    cr_expect_eq(settle(&options), ISA_EINVAL);
}

Test(pool_settings, a_newer_struct_is_taken_if_it_sets_nothing_newer)
{
    struct {
        struct isa_conn_options known;
        uint64_t newer;
    } options = { ISA_CONN_OPTIONS_INIT, 0 };
    options.known.size = sizeof options;

    cr_expect_eq(settle(&options.known), 0);
    options.newer = 1;

    cr_expect_eq(settle(&options.known), ISA_EUNKNOWN_OPTION);
}
