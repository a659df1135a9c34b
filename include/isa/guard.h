/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: what guards a service against its callers: circuit breaker, retries, retry budget.
 * Used by: options.h and call.h, whose structs point to these; applications.
 * Must not know: handles and calls beyond their names.
 */
#ifndef ISA_GUARD_H
#define ISA_GUARD_H

#include <isa/error.h>
#include <isa/export.h>

#include <stddef.h>
#include <stdint.h>

ISA_BEGIN_DECLS

struct isa_conn;

/** A set of status codes: ISA_STATUS_BIT(UNAVAILABLE) | ISA_STATUS_BIT(ABORTED). */
#define ISA_STATUS_BIT(name) (UINT32_C(1) << ISA_STATUS_##name)

/** For a limit that shall never be reached. */
#define ISA_NEVER UINT32_MAX

/** Where a circuit breaker stands. */
enum isa_breaker_state {
    ISA_BREAKER_CLOSED,    /* calls pass, and are counted; also: there is no breaker */
    ISA_BREAKER_OPEN,      /* calls fail at once, with ISA_REASON_BREAKER_OPEN */
    ISA_BREAKER_HALF_OPEN, /* some calls pass as probes, the others fail at once */
};

/**
 * A circuit breaker. Start from ISA_BREAKER_OPTIONS_INIT; zero means the default.
 *
 * It opens by either of two rules: so many failures in a row, or a share of failures among the
 * calls of a sliding window. docs/RESILIENCE.md says where the defaults come from.
 */
struct isa_breaker_options {
    size_t size; /* Required. sizeof(struct isa_breaker_options) */
    /* Optional. Open after so many failures in a row. Default 5, range 1 to 1000000; ISA_NEVER: not
     * by this rule. */
    uint32_t consecutive_failures;
    /* Optional. Open when this share of the window's calls has failed, percent. Default 50, range 1
     * to 100; ISA_NEVER: not by this rule. */
    uint32_t failure_percent;
    /* Optional. Calls that the window must hold for its share to count. Default 20, range 1 to
     * 1000000. */
    uint32_t min_calls;
    /* Optional. Length of the window, ms; it moves on by tenths. Default 10000, range 10 to
     * 3600000. */
    uint32_t window_ms;
    /* Optional. Stay open for this long, and up to a fifth longer by chance, ms. Default 5000, range
     * 1 to 3600000. */
    uint32_t open_ms;
    /* Optional. When half-open, probes that may run at once. Default 1, range 1 to 1000000. */
    uint32_t probes;
    /* Optional. When half-open, successes in a row that close it. Default 1, range 1 to 1000000. */
    uint32_t successes;
    /* Optional. Status codes that count as failures. Default UNAVAILABLE and DEADLINE_EXCEEDED. OK
     * and CANCELLED cannot be among them. */
    uint32_t failure_codes;
};

#define ISA_BREAKER_OPTIONS_INIT                                                                   \
    {                                                                                              \
        sizeof(struct isa_breaker_options), 0, 0, 0, 0, 0, 0, 0, 0                                 \
    }

/** One change of a breaker. Valid during the callback. */
struct isa_breaker_change {
    enum isa_breaker_state from;
    enum isa_breaker_state to;
    uint32_t open_ms;  /* to OPEN: how long it will stay so; else 0 */
    uint32_t skipped;  /* changes merged into this one because the loop fell behind */
    uint64_t opens;    /* how often it has opened so far */
    uint64_t refusals; /* attempts of calls it has turned away so far */
};

/**
 * Hears a change of a handle's breaker. Runs on the handle's loop, later than what caused it. Every
 * function of this library may be called from it. Nothing is heard after ISA_STATE_SHUTDOWN.
 */
typedef void isa_breaker_fn(struct isa_conn *conn, const struct isa_breaker_change *change,
                            void *user);

/**
 * A retry budget: a bucket of tokens, as gRPC's retryThrottling. It begins full. Each success puts
 * `token_ratio` in, each failure that would be worth a retry takes one out; retries are made while
 * the bucket is more than half full. Start from ISA_RETRY_BUDGET_OPTIONS_INIT; zero means the
 * default.
 */
struct isa_retry_budget_options {
    size_t size; /* Required. sizeof(struct isa_retry_budget_options) */
    /* Optional. What the bucket holds. Default 10, range 1 to 1000. */
    uint32_t max_tokens;
    /* Optional. What a success puts in, thousandths of a token. Default 100 (one retry for ten
     * successes), range 1 to 1000000. */
    uint32_t token_ratio_milli;
};

#define ISA_RETRY_BUDGET_OPTIONS_INIT                                                              \
    {                                                                                              \
        sizeof(struct isa_retry_budget_options), 0, 0                                              \
    }

/**
 * How a call is tried again. Start from ISA_RETRY_OPTIONS_INIT; zero means the default.
 *
 * For calls that may be carried out twice: a call that was under way when its connection broke may
 * have reached the service.
 */
struct isa_retry_options {
    size_t size; /* Required. sizeof(struct isa_retry_options) */
    /* Optional. Attempts, the first one included. Default 3, range 2 to 5. */
    uint32_t max_attempts;
    /* Optional. First window of the wait before another attempt, ms; the wait is drawn from (0,
     * window]. Default 100, range 1 to 3600000. */
    uint32_t backoff_min_ms;
    /* Optional. Largest window, ms. Default 1000, or backoff_min_ms when that is larger. Range
     * backoff_min_ms to 3600000. */
    uint32_t backoff_max_ms;
    /* Optional. Status codes that are worth another attempt. Default UNAVAILABLE. OK and CANCELLED
     * cannot be among them. A service decides with the trailer grpc-retry-pushback-ms: the next attempt
     * comes after so many milliseconds, and none when it is negative or no number. */
    uint32_t codes;
    /* Optional. Growth of the window per attempt. Default 2, range 1 to 10. */
    double backoff_factor;
};

#define ISA_RETRY_OPTIONS_INIT                                                                     \
    {                                                                                              \
        sizeof(struct isa_retry_options), 0, 0, 0, 0, 0                                            \
    }

/**
 * State of the handle's circuit breaker at this moment: two loads, no lock, no system call.
 *
 * @param conn  Handle, or NULL.
 * @return the state; ISA_BREAKER_CLOSED for NULL, a handle without a breaker, and in a forked child
 * @thread any
 * @since  0.1
 */
ISA_API enum isa_breaker_state isa_conn_breaker_state(const struct isa_conn *conn);

/**
 * Name of a breaker's state ("HALF_OPEN").
 *
 * @return a static string; "?" for a number that is no state
 * @thread any
 * @since  0.1
 */
ISA_API const char *isa_breaker_state_name(enum isa_breaker_state state);

ISA_END_DECLS

#endif
