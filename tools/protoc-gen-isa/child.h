/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: running another program with bytes as its input, and taking what it writes.
 * Used by: generate.c.
 * Must not know: what the bytes are.
 */
#ifndef PGI_CHILD_H
#define PGI_CHILD_H

#include "text.h"

#include <stdint.h>

/** Program is looked for as the shell does; its messages go where ours go.
 *  @return NULL and ret_output is filled; or what went wrong */
const char *pgi_run_child(struct pgi_arena *arena, const char *program, const uint8_t *input,
                          size_t input_size, struct pgi_text *ret_output);

#endif
