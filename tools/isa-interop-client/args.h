/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: what isa-interop-client was told on its command line.
 * Used by: main.c, the cases.
 * Must not know: loops, handles.
 */
#ifndef ARGS_H
#define ARGS_H

#include <stdbool.h>
#include <stdint.h>

struct interop_case;

struct args {
    const struct interop_case *test_case;
    char target[300];
    uint32_t port;
    uint32_t retry_port; /* of a server that hangs up; 0: none */
    bool use_tls;
    const char *ca_file;              /* NULL: the system's authorities */
    const char *server_host_override; /* NULL: none */
    uint32_t soak_iterations;
    uint32_t soak_max_failures;
    uint32_t soak_latency_ms; /* most that one iteration may take */
};

enum args_verdict { ARGS_RUN, ARGS_SHOWN, ARGS_WRONG };

/* Parse; what is wrong is said on stderr, help and lists on stdout. */
enum args_verdict args_parse(int argc, char **argv, struct args *ret_args);

#endif
