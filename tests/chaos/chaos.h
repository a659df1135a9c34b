/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the words of the chaos run: targets, seats, the book of each target.
 * Used by: chaos_*.c.
 * Must not know: the rooms behind the public headers.
 *
 * Eight services, four loops in four threads, a handle for each of both: a seat. Fate harms one
 * service after the other; workers on the loops make calls, and do not care. A service is at peace
 * from the moment it was seen to be usable after a fault until the next one: what is done meanwhile
 * has to succeed.
 */
#ifndef CHAOS_H
#define CHAOS_H

#include <isa/isa.h>

#include "dice.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum {
    LOOPS = 4,
    TARGETS = 8,
    WORKERS = 50,        /* on each loop; each has one call in flight */
    USABLE_MS_MAX = 2000 /* after a fault has ended */
};

struct loop_thread;

/* What a handle was told; its loop's thread writes. */
struct seat {
    struct target *target;
    unsigned loop;
    struct isa_conn *conn; /* a reference */
    atomic_uint told;      /* enum isa_state */
    uint64_t changes;
    uint64_t skipped;
    uint64_t dials;    /* changes to CONNECTING */
    uint64_t failures; /* CONNECTING to TRANSIENT_FAILURE */
    uint64_t ends;     /* from READY to something else: lost or drained */
    uint64_t generation;
    uint64_t reconnects;
    unsigned shutdowns;
};

enum probe { PROBE_NONE, PROBE_RUNNING, PROBE_OK, PROBE_FAILED };

struct target {
    const char *address;
    struct seat seats[LOOPS];
    atomic_uint_fast64_t accepted;
    atomic_uint_fast64_t ok;
    atomic_uint_fast64_t failed;
    atomic_uint peace; /* odd: at peace; even: harmed, or not seen to be usable yet */
    atomic_uint probe; /* enum probe: the last of fate's own calls */
    unsigned drained;  /* so often by fate, with traffic */
    bool has_traffic;  /* else only fate's own probes, when it is READY */
    bool grows_old;    /* its server drains every connection after a while */
};

struct chaos_settings {
    uint64_t seed;
    unsigned seconds;
    unsigned
        patience; /* every bound of time is so many times longer; 1 on a machine of one's own */
    bool is_verbose;
};

extern struct target targets[TARGETS];

/* chaos_clients.c: handles and what they hear. */
void clients_open(const struct chaos_settings *settings);
/* Silence for longer than this, with a call in flight, ends a connection. */
unsigned clients_silence_ms(const struct chaos_settings *settings);
struct loop_thread *clients_loop(unsigned loop);
/* Every call has completed: what was told and counted must agree. */
void clients_judge(void);
/* End the pool; every handle hears it once. */
void clients_close(void);

/* chaos_workers.c: calls. */
void workers_start(const struct chaos_settings *settings);
/* Start no more calls, wait for those in flight; those that never end are stuck. */
void workers_stop(void);
struct worker_counts {
    uint64_t accepted, completed, ok, failed, cancelled, duplicates, stuck;
    uint64_t at_peace; /* had to succeed */
} workers_counts(void);
unsigned workers_in_flight(void);
/* Start one call of fate's own, from any thread; how it ends is seen in target->probe. */
void workers_probe(struct target *target, unsigned loop);

/* chaos_fate.c: services and what happens to them; all on one thread. */
void fate_begin(const struct chaos_settings *settings);
void fate_run(void);
void fate_end(void);
void fate_print(void);

#endif
