/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: how large what the generated C declares will be, on machines like the one fsm-gen runs on. */
/* Called by: the report. */
/* Must not know: how the C is written. */
#ifndef FG_SIZES_H
#define FG_SIZES_H

#include "model.h"

#include <stddef.h>

struct fg_sizes {
    size_t instance;                  /* struct PREFIX_fsm; 0: not known */
    const char *unknown;              /* the payload that makes it so, or NULL */
    size_t cells, handlers, pointers; /* the tables of the ways to dispatch */
    size_t branches, names, publics;  /* descriptions; names without their texts */
};

struct fg_sizes fg_sizes_of(const struct fg_model *model);

#endif
