/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the words for a service of the chaos run and for what harms it.
 * Used by: chaos_fate.c, chaos_faults.c; on one thread, with which the services' processes end.
 * Must not know: when a fault strikes.
 */
#ifndef CHAOS_FAULTS_H
#define CHAOS_FAULTS_H

#include "chaos.h"
#include "dice.h"

struct site; /* a service's processes; opaque */

struct fault {
    const char *name;
    void (*begin)(struct site *site, struct dice *dice);
    void (*end)(struct site *site); /* NULL: it is over at once */
    unsigned ms_max;
    bool is_deadly; /* while it lasts no connection can stand */
    bool is_silent; /* while it lasts nobody hears anything */
    bool is_fatal;  /* no connection outlives it, be it noticed late */
    bool is_drain;  /* calls in flight are spared */
    unsigned count;
    double worst_ms; /* until its service was usable again */
};

/* Start the service, and write its address into the target. Never NULL. */
struct site *site_new(struct target *target, unsigned number);
void site_free(struct site *site);

/* One that can strike this service. */
struct fault *fault_draw(const struct site *site, struct dice *dice);
void faults_print(void);

#endif
