/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: time, chance and timers of the fake transport.
 * Used by: fake_transport.c, and tests through fake_transport.h.
 * Must not know: messages, channels, calls.
 */
#include "fake_clock.h"

#include <criterion/criterion.h>

#include <stdatomic.h>

#include "fake_transport.h"

enum { TIMERS_MAX = 64 };

struct due {
    struct isa__tr_timer *timer; /* NULL: free */
    uint64_t at_us;
    uint64_t order; /* of starting */
};

static atomic_uint_fast64_t clock_us;
static struct due timers[TIMERS_MAX];
static uint64_t timers_started;
static uint32_t generator;
static bool is_generator_running;

void fake_clock_set(uint64_t now_us)
{
    atomic_store(&clock_us, now_us);
}

uint64_t fake_now_us(void)
{
    return atomic_load(&clock_us);
}

uint32_t fake_clock_draw(void)
{
    if (is_generator_running) {
        generator ^= generator << 13;
        generator ^= generator >> 17;
        generator ^= generator << 5;
    }
    return generator;
}

void fake_set_random(uint32_t value)
{
    is_generator_running = false;
    generator = value;
}

void fake_seed_random(uint32_t seed)
{
    is_generator_running = true;
    generator = seed ? seed : 1;
}

static struct due *find_timer(const struct isa__tr_timer *timer)
{
    for (int i = 0; i < TIMERS_MAX; i++) {
        if (timers[i].timer == timer)
            return &timers[i];
    }
    return NULL;
}

void fake_clock_timer_stop(struct isa__tr_timer *timer)
{
    struct due *due = find_timer(timer);
    if (due)
        due->timer = NULL;
}

void fake_clock_timer_start(struct isa__tr_timer *timer, uint32_t delay_ms)
{
    fake_clock_timer_stop(timer);
    struct due *due = find_timer(NULL);
    cr_assert_not_null(due, "the fake has only %d timers", TIMERS_MAX);
    *due = (struct due){ timer, fake_now_us() + (uint64_t)delay_ms * 1000, ++timers_started };
}

static struct due *next_due(void)
{
    struct due *next = NULL;
    for (int i = 0; i < TIMERS_MAX; i++) {
        struct due *due = &timers[i];
        if (!due->timer)
            continue;
        bool is_sooner = !next || due->at_us < next->at_us ||
                         (due->at_us == next->at_us && due->order < next->order);
        if (is_sooner)
            next = due;
    }
    return next;
}

unsigned fake_timers_running(void)
{
    unsigned count = 0;
    for (int i = 0; i < TIMERS_MAX; i++)
        count += timers[i].timer != NULL;
    return count;
}

uint64_t fake_next_timer_ms(void)
{
    struct due *due = next_due();
    return due ? (due->at_us - fake_now_us()) / 1000 : UINT64_MAX;
}

bool fake_clock_fire_next(uint64_t end_us)
{
    struct due *due = next_due();
    if (!due || due->at_us > end_us)
        return false;
    struct isa__tr_timer *timer = due->timer;
    fake_clock_set(due->at_us);
    due->timer = NULL;
    isa__tr_timer_fire(timer);
    return true;
}
