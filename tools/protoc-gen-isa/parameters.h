/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: what may be given with --isa_opt.
 * Used by: the run.
 * Must not know: descriptors.
 */
#ifndef PGI_PARAMETERS_H
#define PGI_PARAMETERS_H

#include "arena.h"

#include <stdbool.h>

struct pgi_parameters {
    bool writes_messages;     /* .pb-c.[ch] too: the default */
    const char *protoc_gen_c; /* what writes them */
    const char *for_child;    /* what it is told; NULL: nothing */
};

/** @param text  NAME or NAME=VALUE, separated by commas; or NULL
 *  @return NULL, or what is wrong */
const char *pgi_read_parameters(struct pgi_arena *arena, const char *text,
                                struct pgi_parameters *ret_parameters);

#endif
