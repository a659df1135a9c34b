/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: what the command line asks for.
 * Used by: main.c, which reads it; watch.c, which does it.
 * Must not know: loops, handles, how changes are printed.
 */
#ifndef ISA_WATCH_ARGS_H
#define ISA_WATCH_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the exit status of isa-watch means; as grpc_health_probe has it. */
enum exit_status {
    EXIT_READY = 0,       /* every target is READY */
    EXIT_USAGE = 1,       /* a mistake on the command line, a malformed target */
    EXIT_NOT_READY = 2,   /* not every target is READY, or not in time */
    EXIT_NO_HEALTH = 3,   /* all are READY, but one gave no health, or does not know the service */
    EXIT_NOT_SERVING = 4, /* all said something, one of them NOT_SERVING */
};

struct args {
    bool is_json;
    bool until_ready;
    const char *service;     /* in argv; NULL: health is not asked */
    uint32_t run_ms;         /* end after this time; 0: run until a signal */
    uint32_t backoff_min_ms; /* these four: 0 is the library's default */
    uint32_t backoff_max_ms;
    uint32_t connect_timeout_ms;
    uint32_t attempt_timeout_ms;
    char **targets; /* in argv */
    size_t target_count;
};

enum args_verdict {
    ARGS_RUN,   /* all is well: watch the targets */
    ARGS_SHOWN, /* help or version was asked for, and printed */
    ARGS_WRONG, /* a mistake, reported on stderr */
};

/* Read the command line; every target in it is well-formed on ARGS_RUN. */
enum args_verdict args_parse(int argc, char **argv, struct args *ret_args);

#endif
