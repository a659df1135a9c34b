/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: what the demo's command line asks for.
 * Used by: the demo's other files.
 * Must not know: etcd, the library.
 */
#ifndef DEMO_OPTIONS_H
#define DEMO_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

struct options {
    uint32_t rounds;        /* how often etcd is killed and started again */
    uint32_t first_up_ms;   /* from the first READY to the first kill */
    uint32_t between_ms;    /* from READY again to the next kill */
    uint32_t last_up_ms;    /* from READY again to the end */
    uint32_t down_ms;       /* from a kill to the next start */
    bool traffic_when_down; /* start operations while etcd is gone, too */
    bool verbose;           /* print every change, not only the first ones of an outage */
    const char *json_path;  /* where the figures go; NULL: nowhere */
};

/* Returns 0: run; 1: help was printed; -1: a mistake, reported on stderr. */
int options_parse(int argc, char **argv, struct options *ret_options);

#endif
