/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the run of one case: its loop, its connection, its verdict; waiting for calls to end.
 * Used by: main.c and the cases.
 * Must not know: which case runs.
 */
#ifndef RUN_H
#define RUN_H

#include <isa/isa.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct args;
struct ev_loop;

enum verdict { VERDICT_PASSED, VERDICT_FAILED, VERDICT_CANNOT };

struct run {
    const struct args *args;
    struct ev_loop *loop;
    struct isa_conn *conn;
    enum verdict verdict;
    char why[600]; /* what differed first; empty when nothing did */
};

/* Start and end. run_begin() gives an error of the library, and has said it. */
int run_begin(struct run *run, const struct args *args);
void run_end(struct run *run);

/* Open a connection with the settings of the command line. */
int run_open(struct run *run, struct isa_conn **ret_conn);

/* Something differs: the first sentence is kept, and the case has failed. */
__attribute__((format(printf, 2, 3))) void run_fail(struct run *run, const char *format, ...);
/* The case cannot be run against this server, or by this client. Not after a failure. */
__attribute__((format(printf, 2, 3))) void run_cannot(struct run *run, const char *format, ...);
bool run_is_over(const struct run *run); /* one of the two was said */

/* Run the loop until the flag is set. If it never is, the library has failed, and the process ends. */
void run_wait(struct run *run, const bool *is_done);

/* The same for a call that was started with this result; nothing is waited for when that is an error. */
void run_started(struct run *run, int error, const bool *is_done);

/* Bytes that have arrived on this process's connections to the server so far, as TCP counts them. */
uint64_t run_bytes_received(const struct run *run);

#endif
