/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: defaults and ranges of breaker, retry budget and retries; guard.h documents them.
 * Used by: settings.c, call.c, registry.c.
 * Must not know: what the settings do.
 */
#include "guard.h"

#include <assert.h>

static_assert(sizeof(struct isa_breaker_options) ==
                  offsetof(struct isa_breaker_options, failure_codes) + sizeof(uint32_t),
              "no padding at the end: an unknown tail must be options, not chance");
static_assert(sizeof(struct isa_retry_budget_options) ==
                  offsetof(struct isa_retry_budget_options, token_ratio_milli) + sizeof(uint32_t),
              "no padding at the end: an unknown tail must be options, not chance");
static_assert(sizeof(struct isa_retry_options) ==
                  offsetof(struct isa_retry_options, backoff_factor) + sizeof(double),
              "no padding at the end: an unknown tail must be options, not chance");

enum { HOUR_MS = 3600000, MILLION = 1000000 };

static const uint32_t all_codes = (ISA_STATUS_BIT(UNAUTHENTICATED) << 1) - 1;

/* One number: its default, its range, and whether ISA_NEVER is in it. */
struct number {
    const char *name;
    uint32_t *value;
    uint32_t standard;
    uint32_t low;
    uint32_t high;
    bool may_be_never;
};

static int settle(struct isa__text *why, const struct number *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct number *number = &numbers[i];
        if (*number->value == 0)
            *number->value = number->standard;
        if (number->may_be_never && *number->value == ISA_NEVER)
            continue;
        if (*number->value >= number->low && *number->value <= number->high)
            continue;
        isa__text_add(why, "%s is %u: its range is %u to %u, or 0 for the default", number->name,
                      *number->value, number->low, number->high);
        return ISA_EINVAL;
    }
    return 0;
}

static int settle_codes(struct isa__text *why, const char *name, uint32_t *codes, uint32_t standard)
{
    static const uint32_t never = ISA_STATUS_BIT(OK) | ISA_STATUS_BIT(CANCELLED);
    if (*codes == 0)
        *codes = standard;
    if ((*codes & never) == 0 && (*codes & ~all_codes) == 0)
        return 0;
    isa__text_add(why, "%s is 0x%x: it holds OK, CANCELLED or what is no status code", name,
                  *codes);
    return ISA_EINVAL;
}

static int copy(void *to, size_t to_bytes, const void *from, size_t min_bytes, const char *name,
                struct isa__text *why)
{
    int error = isa__opt_copy(to, to_bytes, from, min_bytes);
    if (error)
        isa__text_add(why, "%s: start from its _INIT", name);
    return error;
}

static int read_breaker(const struct isa_breaker_options *options,
                        struct isa__breaker_policy *ret_policy, struct isa__text *why)
{
    struct isa_breaker_options o;
    int error = copy(&o, sizeof o, options, sizeof o, "breaker", why);
    if (error)
        return error;
    const struct number numbers[] = {
        { "breaker.consecutive_failures", &o.consecutive_failures, 5, 1, MILLION, true },
        { "breaker.failure_percent", &o.failure_percent, 50, 1, 100, true },
        { "breaker.min_calls", &o.min_calls, 20, 1, MILLION, false },
        { "breaker.window_ms", &o.window_ms, 10000, 10, HOUR_MS, false },
        { "breaker.open_ms", &o.open_ms, 5000, 1, HOUR_MS, false },
        { "breaker.probes", &o.probes, 1, 1, MILLION, false },
        { "breaker.successes", &o.successes, 1, 1, MILLION, false },
    };
    error = settle(why, numbers, sizeof numbers / sizeof *numbers);
    if (!error)
        error = settle_codes(why, "breaker.failure_codes", &o.failure_codes,
                             ISA_STATUS_BIT(UNAVAILABLE) | ISA_STATUS_BIT(DEADLINE_EXCEEDED));
    if (error)
        return error;
    *ret_policy = (struct isa__breaker_policy){
        .consecutive_failures = o.consecutive_failures,
        .failure_percent = o.failure_percent,
        .min_calls = o.min_calls,
        .window_ms = o.window_ms,
        .open_ms = o.open_ms,
        .probes = o.probes,
        .successes = o.successes,
        .failure_codes = o.failure_codes,
    };
    return 0;
}

static int read_budget(const struct isa_retry_budget_options *options,
                       struct isa__budget_policy *ret_policy, struct isa__text *why)
{
    struct isa_retry_budget_options o;
    int error = copy(&o, sizeof o, options, sizeof o, "retry_budget", why);
    if (error)
        return error;
    const struct number numbers[] = {
        { "retry_budget.max_tokens", &o.max_tokens, 10, 1, 1000, false },
        { "retry_budget.token_ratio_milli", &o.token_ratio_milli, 100, 1, MILLION, false },
    };
    error = settle(why, numbers, sizeof numbers / sizeof *numbers);
    if (error)
        return error;
    *ret_policy = (struct isa__budget_policy){ o.max_tokens * 1000, o.token_ratio_milli };
    return 0;
}

int isa__guard_read_options(const struct isa_conn_options *options,
                            struct isa__guard_config *ret_config, struct isa__text *why)
{
    struct isa__guard_config config = { .has_breaker = options->breaker != NULL };
    int error = 0;
    if (options->breaker)
        error = read_breaker(options->breaker, &config.breaker, why);
    if (!error && options->retry_budget)
        error = read_budget(options->retry_budget, &config.budget, why);
    if (!error)
        *ret_config = config;
    return error;
}

int isa__guard_read_retry(const struct isa_retry_options *options,
                          struct isa__retry_policy *ret_policy)
{
    char unread[128];
    struct isa__text why;
    struct isa_retry_options o;
    isa__text_init(&why, unread, sizeof unread);
    int error = copy(&o, sizeof o, options, sizeof o, "retry", &why);
    if (error)
        return error;
    uint32_t least = o.backoff_min_ms ? o.backoff_min_ms : 100;
    const struct number numbers[] = {
        { "retry.max_attempts", &o.max_attempts, 3, 2, 5, false },
        { "retry.backoff_min_ms", &o.backoff_min_ms, 100, 1, HOUR_MS, false },
        { "retry.backoff_max_ms", &o.backoff_max_ms, least > 1000 ? least : 1000, least, HOUR_MS,
          false },
    };
    error = settle(&why, numbers, sizeof numbers / sizeof *numbers);
    if (!error)
        error = settle_codes(&why, "retry.codes", &o.codes, ISA_STATUS_BIT(UNAVAILABLE));
    if (error)
        return error;
    if (o.backoff_factor == 0.)
        o.backoff_factor = 2.;
    if (!(o.backoff_factor >= 1. && o.backoff_factor <= 10.))
        return ISA_EINVAL;
    *ret_policy = (struct isa__retry_policy){
        .backoff = { .min_ms = o.backoff_min_ms,
                     .max_ms = o.backoff_max_ms,
                     .factor = o.backoff_factor,
                     .jitter = ISA_JITTER_FULL },
        .max_attempts = o.max_attempts,
        .codes = o.codes,
    };
    return 0;
}

void isa__guard_write_key(struct isa__text *key, const struct isa__guard_config *config)
{
    const struct isa__breaker_policy *breaker = &config->breaker;
    if (config->has_breaker)
        isa__text_add(key, " breaker %u %u %u %u %u %u %u %u", breaker->consecutive_failures,
                      breaker->failure_percent, breaker->min_calls, breaker->window_ms,
                      breaker->open_ms, breaker->probes, breaker->successes,
                      breaker->failure_codes);
    if (config->budget.max_milli)
        isa__text_add(key, " budget %u %u", config->budget.max_milli, config->budget.ratio_milli);
}
