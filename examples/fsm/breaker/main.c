/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: a story of a service that fails, is left alone, fails its trial, and comes back.
 * Used by: ctest, which compares what it prints with breaker.expected.
 * Must not know: how the machine works.
 */
#include "breaker.h"

#include <stdio.h>

enum { FAILURES_ALLOWED = 2 };

bool breaker_grd_is_last_straw(const struct breaker *ctx)
{
    return ctx->failures == FAILURES_ALLOWED;
}

void breaker_act_admit(struct breaker *ctx, int payload)
{
    (void)ctx;
    printf("call %d passes\n", payload);
}

void breaker_act_refuse(struct breaker *ctx, int payload)
{
    (void)ctx;
    printf("call %d is refused\n", payload);
}

void breaker_act_forget_failures(struct breaker *ctx)
{
    ctx->failures = 0;
}

void breaker_act_count_failure(struct breaker *ctx)
{
    ctx->failures++;
}

void breaker_arm(struct breaker *ctx, enum breaker_timer timer)
{
    ctx->is_armed[timer] = true;
}

void breaker_disarm(struct breaker *ctx, enum breaker_timer timer)
{
    ctx->is_armed[timer] = false;
}

void breaker_on_health(struct breaker *ctx, enum breaker_health from, enum breaker_health to)
{
    static const char *const names[] = { "good", "bad", "unknown" };

    (void)ctx;
    printf("health: %s, was %s\n", names[to], names[from]);
}

void breaker_on_unexpected(struct breaker *ctx, enum breaker_state state, enum breaker_event ev)
{
    (void)ctx;
    printf("unexpected: %s in %s\n", breaker_event_name(ev), breaker_state_name(state));
}

/* The timer fires only while it runs, as a loop's would. */
static void fire(struct breaker *breaker, enum breaker_timer timer)
{
    if (!breaker->is_armed[timer])
        return;
    (void)breaker_dispatch(breaker, (enum breaker_event)((int)BREAKER_TM_COOL_DOWN + (int)timer),
                           NULL);
}

int main(void)
{
    static struct breaker breaker;
    int number = 0;

    breaker_init(&breaker);
    (void)breaker_failure(&breaker);
    (void)breaker_failure(&breaker);
    (void)breaker_success(&breaker); /* in a row, it says: the count begins anew */
    for (int i = 0; i <= FAILURES_ALLOWED; i++) {
        (void)breaker_call(&breaker, ++number);
        (void)breaker_failure(&breaker);
    }
    (void)breaker_call(&breaker, ++number);
    (void)breaker_success(&breaker); /* a late one changes nothing */
    fire(&breaker, BREAKER_TIMER_COOL_DOWN);
    (void)breaker_call(&breaker, ++number);
    (void)breaker_call(&breaker, ++number);
    fire(&breaker, BREAKER_TIMER_TRIAL_LIMIT);
    fire(&breaker, BREAKER_TIMER_COOL_DOWN);
    (void)breaker_call(&breaker, ++number);
    (void)breaker_success(&breaker);
    (void)breaker_call(&breaker, ++number);
    return 0;
}
