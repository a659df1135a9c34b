/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: what the parts of isa-bench-crowd know of each other.
 * Used by: crowd.c, crowd_core.c, crowd_peer.c.
 * Must not know: the library under test.
 */
#ifndef CROWD_H
#define CROWD_H

enum {
    CROWD_LIMIT_S = 40, /* for all to be READY; then it says how far it came */
    CROWD_TARGET_BYTES = 40
};

/* What one process measured. */
struct sample {
    double ready_ms;        /* from the first to the last */
    double rss_bytes;       /* of each connection */
    double own_bytes;       /* of each: what the library's allocator has given out */
    double event_cpu_us;    /* of one reconnection among so many connections */
    double event_median_us; /* and how long it took */
};

double crowd_now_us(void);
/** The connect timeout of both. */
int crowd_connect_ms(int count);
/** Ends the process. */
_Noreturn void crowd_give_up(const char *who, int ready, int count);
double crowd_rss_bytes(void);
void crowd_write_target(char target[CROWD_TARGET_BYTES], int number, unsigned port);

/** Bring so many channels of bare core to READY. Exits the process when it cannot. */
void crowd_run_core(int count, unsigned port, struct sample *sample);

/** Listen on every address of the loopback device, and on no other device. @return -1: cannot */
int crowd_listen(unsigned *ret_port);
/** Send an empty SETTINGS frame to whoever connects; never returns. */
void crowd_serve(int listener);

#endif
