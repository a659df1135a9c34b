/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: reading and checking a specification from memory, for the fuzzers. */
/* Called by: fuzz_spec, fuzz_run, fuzz_diff. */
/* Must not know: what is done with the machine. */
#ifndef FUZZ_LOAD_H
#define FUZZ_LOAD_H

#include "../../../tools/fsm-gen/model.h"

#include <stdint.h>

/* Between the two parts of an input; not in the language. */
#define FUZZ_SEPARATOR "\n%%\n"

/* Read and check; the diagnostics are in ret->spec->diag. Returns the number of errors. */
int fuzz_load(struct fg_arena *arena, const char *text, size_t len, struct fg_model **ret_model);

/* Split at the first separator: the second part, or NULL, and the length of the first. */
const char *fuzz_split(const char *text, size_t size, size_t *ret_first, size_t *ret_second);

#endif
