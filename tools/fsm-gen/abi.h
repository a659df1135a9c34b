/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: the file that keeps the numbers of states, events, timers and public values (E21). */
/* Called by: main. */
/* Must not know: how they are written in C. */
#ifndef FG_ABI_H
#define FG_ABI_H

#include "model.h"

/* Report names of the file at path that are gone or have another number now. A file that does
 * not exist yet asks for nothing. Returns 0, or -1 after a message on stderr when it cannot be
 * read or is no such file. */
int fg_abi_check(const struct fg_model *model, const char *path);

/* Write the present numbers. Returns 0, or -1 after a message on stderr. */
int fg_abi_save(const struct fg_model *model, const char *path);

#endif
