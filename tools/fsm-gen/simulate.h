/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: the verbs that work on a checked machine: run it, compare two. */
/* Called by: main. */
/* Must not know: the command line, C. */
#ifndef FG_SIMULATE_H
#define FG_SIMULATE_H

#include "model.h"

#include <stdio.h>

/* Run the machine on a script, one command a line: EVENT, "guard NAME=0", "guard NAME=1", "state".
 * Returns 0; 1 after an event that was unexpected or found no room; 2 for a line that is not
 * understood. */
int fg_simulate(const struct fg_model *model, FILE *script, FILE *out);

/* Say in which cells two machines differ. Returns 0: in none, 1: in some. */
int fg_compare(const struct fg_model *before, const struct fg_model *after, FILE *out);

#endif
