/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: when a fault strikes which service, and how soon it is usable again.
 * Used by: chaos.c. All on one thread, with which the services' processes would end.
 * Must not know: how calls are made; what a fault does.
 */
#include "chaos.h"
#include "chaos_faults.h"
#include "clock.h"
#include "verdict.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { TICK_US = 1000, SETTLE_MS = 50, PEACE_MS = 400, TOLD_MS = 300, THREADS_OF_FATE = 1 };

enum phase { PEACE, HARMED, RETURNING, SETTLING };

struct service {
    struct dice dice; /* its own, so that a seed means the same faults whatever happens elsewhere */
    struct target *target;
    struct site *site;
    struct fault *fault;
    enum phase phase;
    uint64_t due_us;
    uint64_t began_us;   /* of the phase */
    unsigned prober;     /* loop of the next probe */
    uint64_t generation; /* of the channel that was harmed */
    bool was_missed;     /* a call was made to find out; when it is answered, nothing was lost */
    bool is_felt;        /* the fault has cost the connection, or a call after its end */
};

struct times {
    double *ms;
    size_t count;
    size_t max;
};

static struct {
    uint64_t until_us;
    bool is_verbose;
    unsigned patience;
    struct service services[TARGETS];
    unsigned silence_ms; /* that ends a connection with calls in flight */
    unsigned injected;
    unsigned missed;    /* ends of a connection that only a call found */
    unsigned believed;  /* looks at what is told in the middle of a deadly fault, or at peace */
    struct times all;   /* from the end of a fault until usable */
    struct times felt;  /* the same, when the connection was lost or a call failed */
    uint64_t in_flight; /* sum of samples */
    uint64_t samples;
} fate;

static void times_init(struct times *times, size_t max)
{
    times->max = max;
    times->ms = calloc(max, sizeof *times->ms);
    if (!times->ms)
        abort();
}

static void times_add(struct times *times, double ms)
{
    if (times->count < times->max)
        times->ms[times->count++] = ms;
}

void fate_begin(const struct chaos_settings *settings)
{
    fate.is_verbose = settings->is_verbose;
    fate.patience = settings->patience;
    fate.silence_ms = clients_silence_ms(settings);
    times_init(&fate.all, (size_t)settings->seconds * 100 + 100);
    times_init(&fate.felt, fate.all.max);
    for (unsigned i = 0; i < TARGETS; i++) {
        struct service *service = &fate.services[i];
        service->dice = dice_of(settings->seed, THREADS_OF_FATE + i);
        service->target = &targets[i];
        service->site = site_new(service->target, i);
        service->phase = RETURNING;
        service->began_us = clock_us();
    }
    fate.until_us = clock_us() + settings->seconds * (uint64_t)1000000;
}

static void enter(struct service *service, enum phase phase, unsigned ms)
{
    service->phase = phase;
    service->began_us = clock_us();
    service->due_us = service->began_us + ms * (uint64_t)1000;
}

static uint64_t generation_of(const struct target *target)
{
    struct isa_conn_stats stats = ISA_CONN_STATS_INIT;
    isa_conn_get_stats(target->seats[0].conn, &stats);
    return stats.generation;
}

/* What is not noticed yet is not over. (One that grows old may have been without a connection.) */
static bool is_noticed(const struct service *service)
{
    return !service->fault || !service->fault->is_fatal || service->target->grows_old ||
           generation_of(service->target) > service->generation;
}

static bool is_told_ready(const struct target *target)
{
    for (unsigned i = 0; i < LOOPS; i++) {
        if (atomic_load(&target->seats[i].told) != ISA_STATE_READY)
            return false;
    }
    return isa_conn_state(target->seats[0].conn) == ISA_STATE_READY;
}

/* A lie in either direction: READY without a server, not READY in spite of one. */
static void check_told(const struct service *service, bool is_ready, const char *when)
{
    const struct target *target = service->target;
    fate.believed++;
    must_hold((isa_conn_state(target->seats[0].conn) == ISA_STATE_READY) == is_ready, "%s: %s %s",
              target->address, isa_state_name(isa_conn_state(target->seats[0].conn)), when);
    for (unsigned i = 0; i < LOOPS; i++)
        must_hold((atomic_load(&target->seats[i].told) == ISA_STATE_READY) == is_ready,
                  "%s: loop %u believes in %s %s", target->address, i,
                  isa_state_name(atomic_load(&target->seats[i].told)), when);
}

/* Every fourth deadly one lasts until it must have been told; silence every second time until it must
 * have been found. */
static unsigned draw_length_ms(const struct fault *fault, struct dice *dice)
{
    unsigned ms = fault->end ? 1 + dice_below(dice, fault->ms_max) : 0;
    if (fault->is_deadly && dice_one_in(dice, 4))
        ms += TOLD_MS * fate.patience;
    if (fault->is_silent && dice_one_in(dice, 2))
        ms += fate.silence_ms;
    return ms;
}

static void harm(struct service *service)
{
    if (!service->target->grows_old)
        check_told(service, true, "at peace");
    struct fault *fault = fault_draw(service->site, &service->dice);
    atomic_fetch_add(&service->target->peace, 1); /* before it is harmed */
    service->fault = fault;
    service->was_missed = false;
    service->generation = generation_of(service->target);
    service->target->drained += fault->is_drain && service->target->has_traffic;
    fault->count++;
    fate.injected++;
    if (fate.is_verbose)
        printf("%9.3f %s: %s\n", (double)clock_us() / 1e6, service->target->address, fault->name);
    fault->begin(service->site, &service->dice);
    enter(service, HARMED, draw_length_ms(fault, &service->dice));
}

static void stop_harm(struct service *service)
{
    const struct fault *fault = service->fault;
    uint64_t lasted_ms = (clock_us() - service->began_us) / 1000;
    if (fault->is_deadly && lasted_ms >= (uint64_t)TOLD_MS * fate.patience)
        check_told(service, false, "in the middle of a deadly fault");
    service->is_felt = !is_told_ready(service->target);
    if (fault->end)
        fault->end(service->site);
    atomic_store(&service->target->probe, PROBE_NONE);
    enter(service, RETURNING, 0);
}

static void note_recovery(const struct service *service, uint64_t took_us)
{
    double took_ms = (double)took_us / 1e3;
    if (fate.is_verbose)
        printf("%9.3f %s: usable %.1f ms after the end of '%s'\n", (double)clock_us() / 1e6,
               service->target->address, took_ms,
               service->fault ? service->fault->name : "the start");
    if (!service->fault) /* it has come up for the first time */
        return;
    must_hold(took_ms <= USABLE_MS_MAX * fate.patience,
              "%s: usable only %.0f ms after the end of '%s'", service->target->address, took_ms,
              service->fault->name);
    if (took_ms > service->fault->worst_ms)
        service->fault->worst_ms = took_ms;
    times_add(&fate.all, took_ms);
    if (service->is_felt)
        times_add(&fate.felt, took_ms);
}

/* Core can miss a reset that comes right behind data, and without a call nobody pings: then the next
 * call finds out. Time counts from that call on. */
static bool is_missed(struct service *service, uint64_t took_us)
{
    bool is = !is_noticed(service) && is_told_ready(service->target) &&
              took_us > (uint64_t)1000 * USABLE_MS_MAX * fate.patience;
    if (is) {
        fate.missed++;
        service->was_missed = true;
        service->began_us = clock_us();
    }
    return is;
}

/* Usable: every loop was told READY, and a call made after that is answered. One that was begun on
 * a connection that is dead, and not known to be, fails; the next one has to go. */
static void look_for_return(struct service *service)
{
    struct target *target = service->target;
    unsigned probe = atomic_load(&target->probe);
    uint64_t took_us = clock_us() - service->began_us;
    bool is_known = is_noticed(service) || (service->was_missed && probe == PROBE_OK);
    bool is_back = is_known && is_told_ready(target);
    service->is_felt = service->is_felt || probe == PROBE_FAILED || !is_back;
    if (probe == PROBE_OK && is_back) {
        note_recovery(service, took_us);
        enter(service, SETTLING, SETTLE_MS);
    } else if (probe != PROBE_RUNNING && (is_back || is_missed(service, took_us))) {
        workers_probe(target, service->prober++ % LOOPS);
    } else if (took_us > 5 * (uint64_t)1000 * USABLE_MS_MAX * fate.patience) {
        violation("%s: stuck in %s after '%s'", target->address,
                  isa_state_name(isa_conn_state(target->seats[0].conn)),
                  service->fault ? service->fault->name : "the start");
        service->began_us = clock_us();
    }
}

static void step(struct service *service)
{
    bool is_due = clock_us() >= service->due_us;
    switch (service->phase) {
    case PEACE:
        if (is_due && clock_us() < fate.until_us)
            harm(service);
        break;
    case HARMED:
        if (is_due)
            stop_harm(service);
        break;
    case RETURNING:
        look_for_return(service);
        break;
    case SETTLING:
        if (is_due) {
            atomic_fetch_add(&service->target->peace, 1);
            enter(service, PEACE, 50 + dice_below(&service->dice, PEACE_MS));
        }
        break;
    }
}

/* To the end, and until all is at peace. */
void fate_run(void)
{
    unsigned at_peace = 0;
    while (at_peace < TARGETS || clock_us() < fate.until_us) {
        at_peace = 0;
        for (unsigned i = 0; i < TARGETS; i++) {
            step(&fate.services[i]);
            at_peace += fate.services[i].phase == PEACE;
        }
        fate.in_flight += workers_in_flight();
        fate.samples++;
        fflush(stdout);
        pause_us(TICK_US);
        if (clock_us() > fate.until_us + 30 * (uint64_t)1000000 * fate.patience) {
            violation("%u of %u services are at peace at the end", at_peace, (unsigned)TARGETS);
            return;
        }
    }
}

void fate_end(void)
{
    for (unsigned i = 0; i < TARGETS; i++) {
        site_free(fate.services[i].site);
    }
    free(fate.all.ms);
    free(fate.felt.ms);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static void print_times(const char *name, struct times *times)
{
    size_t n = times->count;
    qsort(times->ms, n, sizeof *times->ms, compare);
    printf("%s: %zu", name, n);
    if (n)
        printf("; usable after p50 %.1f ms, p99 %.1f ms, max %.1f ms", times->ms[n / 2],
               times->ms[n * 99 / 100], times->ms[n - 1]);
    printf("\n");
}

void fate_print(void)
{
    printf("faults injected: %u\n", fate.injected);
    faults_print();
    print_times("recoveries", &fate.all);
    print_times("of these, after a loss", &fate.felt);
    printf("ends of a connection that only a call found: %u\n", fate.missed);
    must_hold(fate.missed * 50 <= fate.injected, "only calls found the end of connections");
    printf("looks at what is told: %u; calls in flight: %" PRIu64 " on average\n", fate.believed,
           fate.samples ? fate.in_flight / fate.samples : 0);
}
