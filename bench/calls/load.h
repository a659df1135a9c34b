/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: what every client of the comparison shares: the load it makes, how its cost is counted.
 * Used by: the clients, in C and in C++.
 * Must not know: how a call is made.
 *
 * A client keeps so many calls in flight: each completion starts the next call. Cost is counted from
 * the end of the warm-up to the end of the load; what comes before and after costs nothing.
 */
#ifndef ISA_BENCH_LOAD_H
#define ISA_BENCH_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Method of the server in server.c: answers with what it was sent. */
#define LOAD_UNARY "/isa.bench.Echo/Unary"
/** The first message says how many, load_write_order(); the server sends so many and ends. */
#define LOAD_POUR "/isa.bench.Echo/Pour"

enum { LOAD_DEADLINE_S = 30, LOAD_ORDER_BYTES = 8 };

struct load {
    const char *target;
    const char *style; /* which of the ways that a client knows */
    size_t payload_bytes;
    int in_flight;
    int connections; /* calls take them in turn */
    double warmup_s;
    double seconds;
    long calls;    /* 0, or: count so many completions instead of seconds */
    char *payload; /* payload_bytes of it */
};

/** --target HOST:PORT [--style S] [--payload B] [--in-flight N] [--connections N]
 *  [--warmup S] [--seconds S | --calls N]; or exits. */
void load_read_arguments(struct load *load, int argc, char **argv);
uint64_t load_now_ns(void);
/** One more call, or message of a stream, is complete. @return false: enough; start no other */
bool load_count(struct load *load, uint64_t started_ns);
/** Prints one line of JSON and ends the process. @param extra  more members, or "" */
void load_report(const char *extra);
/** Ends the process, unless the client knows the style that was asked for: NULL ends the list. */
void load_allow_styles(const struct load *load, const char *const *styles);
/** Ends the process. */
void load_fail(const char *what);
/** Into LOAD_ORDER_BYTES: how many messages, and of what size. */
void load_write_order(unsigned char *order, uint32_t messages, uint32_t message_bytes);

#ifdef __cplusplus
}
#endif

#endif
