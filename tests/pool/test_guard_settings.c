/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests of the defaults and ranges that guard.h documents.
 * Used by: ctest.
 * Must not know: what the settings do.
 */
#include <criterion/criterion.h>

#include <math.h>
#include <string.h>

#include "guard.h"

static struct isa__guard_config config;
static struct isa__retry_policy policy;
static char words[256];

static int read_breaker(const struct isa_breaker_options *breaker)
{
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    struct isa__text why;
    isa__text_init(&why, words, sizeof words);
    options.breaker = breaker;
    return isa__guard_read_options(&options, &config, &why);
}

static int read_budget(uint32_t max_tokens, uint32_t token_ratio_milli)
{
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    struct isa_retry_budget_options budget = ISA_RETRY_BUDGET_OPTIONS_INIT;
    struct isa__text why;
    isa__text_init(&why, words, sizeof words);
    budget.max_tokens = max_tokens;
    budget.token_ratio_milli = token_ratio_milli;
    options.retry_budget = &budget;
    return isa__guard_read_options(&options, &config, &why);
}

Test(pool_guard_settings, all_is_off_by_default)
{
    cr_assert_eq(read_breaker(NULL), 0);

    cr_expect_not(config.has_breaker);
    cr_expect_eq(config.budget.max_milli, 0);
}

Test(pool_guard_settings, zeros_are_the_defaults)
{
    static const struct isa_breaker_options breaker = ISA_BREAKER_OPTIONS_INIT;
    static const struct isa_retry_options retry = ISA_RETRY_OPTIONS_INIT;

    cr_assert_eq(read_breaker(&breaker), 0);
    cr_expect(config.has_breaker);
    cr_expect_eq(config.breaker.consecutive_failures, 5);
    cr_expect_eq(config.breaker.failure_percent, 50);
    cr_expect_eq(config.breaker.min_calls, 20);
    cr_expect_eq(config.breaker.window_ms, 10000);
    cr_expect_eq(config.breaker.open_ms, 5000);
    cr_expect_eq(config.breaker.probes, 1);
    cr_expect_eq(config.breaker.successes, 1);
    cr_expect_eq(config.breaker.failure_codes,
                 ISA_STATUS_BIT(UNAVAILABLE) | ISA_STATUS_BIT(DEADLINE_EXCEEDED));
    cr_assert_eq(read_budget(0, 0), 0);
    cr_expect_eq(config.budget.max_milli, 10000);
    cr_expect_eq(config.budget.ratio_milli, 100);
    cr_assert_eq(isa__guard_read_retry(&retry, &policy), 0);
    cr_expect_eq(policy.max_attempts, 3);
    cr_expect_eq(policy.backoff.min_ms, 100);
    cr_expect_eq(policy.backoff.max_ms, 1000);
    cr_expect_float_eq(policy.backoff.factor, 2., 1e-12);
    cr_expect_eq(policy.codes, ISA_STATUS_BIT(UNAVAILABLE));
}

/* One field of an options struct, by its place; what is allowed and what is not. */
struct range {
    size_t offset;
    const char *name;
    uint32_t low; /* 1: zero is the default */
    uint32_t high;
    bool may_be_never;
};

#define BREAKER(field) offsetof(struct isa_breaker_options, field), "breaker." #field

static const struct range ranges[] = {
    { BREAKER(consecutive_failures), 1, 1000000, true },
    { BREAKER(failure_percent), 1, 100, true },
    { BREAKER(min_calls), 1, 1000000, false },
    { BREAKER(window_ms), 10, 3600000, false },
    { BREAKER(open_ms), 1, 3600000, false },
    { BREAKER(probes), 1, 1000000, false },
    { BREAKER(successes), 1, 1000000, false },
};

static int read_one(size_t offset, uint32_t value)
{
    struct isa_breaker_options breaker = ISA_BREAKER_OPTIONS_INIT;
    memcpy((char *)&breaker + offset, &value, sizeof value);
    return read_breaker(&breaker);
}

Test(pool_guard_settings, numbers_of_a_breaker_have_ranges)
{
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        const struct range *range = &ranges[i];
        cr_expect_eq(read_one(range->offset, range->low), 0, "%s", range->name);
        cr_expect_eq(read_one(range->offset, range->high), 0, "%s", range->name);
        cr_expect_eq(read_one(range->offset, range->high + 1), ISA_EINVAL, "%s", range->name);
        cr_expect(strncmp(words, range->name, strlen(range->name)) == 0, "%s: %s", range->name,
                  words);
        if (range->low > 1)
            cr_expect_eq(read_one(range->offset, range->low - 1), ISA_EINVAL, "%s", range->name);
        cr_expect_eq(read_one(range->offset, ISA_NEVER), range->may_be_never ? 0 : ISA_EINVAL, "%s",
                     range->name);
    }
}

Test(pool_guard_settings, a_mask_holds_failures_only)
{
    static const size_t offset = offsetof(struct isa_breaker_options, failure_codes);

    cr_expect_eq(read_one(offset, ISA_STATUS_BIT(UNAUTHENTICATED)), 0);
    cr_expect_eq(read_one(offset, ISA_STATUS_BIT(OK)), ISA_EINVAL);
    cr_expect_eq(read_one(offset, ISA_STATUS_BIT(CANCELLED)), ISA_EINVAL);
    cr_expect_eq(read_one(offset, ISA_STATUS_BIT(UNAUTHENTICATED) << 1), ISA_EINVAL);
}

Test(pool_guard_settings, a_budget_has_ranges)
{
    cr_expect_eq(read_budget(1, 1), 0);
    cr_expect_eq(read_budget(1000, 1000000), 0);
    cr_expect_eq(read_budget(1001, 0), ISA_EINVAL);
    cr_expect_eq(read_budget(0, 1000001), ISA_EINVAL);
}

static int read_retry(uint32_t attempts, uint32_t min_ms, uint32_t max_ms, double factor)
{
    struct isa_retry_options retry = ISA_RETRY_OPTIONS_INIT;
    retry.max_attempts = attempts;
    retry.backoff_min_ms = min_ms;
    retry.backoff_max_ms = max_ms;
    retry.backoff_factor = factor;
    return isa__guard_read_retry(&retry, &policy);
}

Test(pool_guard_settings, retries_have_ranges)
{
    cr_expect_eq(read_retry(2, 1, 1, 1.), 0);
    cr_expect_eq(read_retry(5, 3600000, 0, 10.), 0);
    cr_expect_eq(policy.backoff.max_ms, 3600000, "at least the first window");
    cr_expect_eq(read_retry(1, 0, 0, 0.), ISA_EINVAL);
    cr_expect_eq(read_retry(6, 0, 0, 0.), ISA_EINVAL);
    cr_expect_eq(read_retry(0, 3600001, 0, 0.), ISA_EINVAL);
    cr_expect_eq(read_retry(0, 100, 99, 0.), ISA_EINVAL);
    cr_expect_eq(read_retry(0, 0, 3600001, 0.), ISA_EINVAL);
    cr_expect_eq(read_retry(0, 0, 0, .99), ISA_EINVAL);
    cr_expect_eq(read_retry(0, 0, 0, 10.01), ISA_EINVAL);
    cr_expect_eq(read_retry(0, 0, 0, (double)NAN), ISA_EINVAL);
}

Test(pool_guard_settings, a_struct_of_another_version_is_refused_or_understood)
{
    struct {
        struct isa_breaker_options known;
        uint64_t unknown;
    } newer = { .known = ISA_BREAKER_OPTIONS_INIT };
    newer.known.size = sizeof newer;
    cr_expect_eq(read_breaker(&newer.known), 0);
    newer.unknown = 1;
    cr_expect_eq(read_breaker(&newer.known), ISA_EUNKNOWN_OPTION);
    newer.known.size = 1;
    cr_expect_eq(read_breaker(&newer.known), ISA_EINVAL);
}

static void write_key(struct isa__text *key, char *buffer, size_t size_bytes)
{
    isa__text_init(key, buffer, size_bytes);
    isa__guard_write_key(key, &config);
}

Test(pool_guard_settings, each_setting_is_in_the_key)
{
    char standard[512];
    char other[512];
    struct isa__text key;
    static const struct isa_breaker_options breaker = ISA_BREAKER_OPTIONS_INIT;
    cr_assert_eq(read_breaker(NULL), 0);
    write_key(&key, standard, sizeof standard);
    cr_expect_str_empty(standard, "what is off is not in it");
    cr_assert_eq(read_breaker(&breaker), 0);
    write_key(&key, standard, sizeof standard);

    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        cr_assert_eq(read_one(ranges[i].offset, 37), 0);
        write_key(&key, other, sizeof other);
        cr_expect_str_neq(other, standard, "%s", ranges[i].name);
    }
    cr_assert_eq(read_one(offsetof(struct isa_breaker_options, failure_codes), 1U << 4), 0);
    write_key(&key, other, sizeof other);
    cr_expect_str_neq(other, standard);
    cr_assert_eq(read_budget(1000, 1000000), 0);
    write_key(&key, other, sizeof other);
    cr_expect_str_eq(other, " budget 1000000 1000000");
}
