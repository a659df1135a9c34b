/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: one run of isa-watch, from the first handle to the empty pool.
 * Used by: main.c.
 * Must not know: how the command line is written, what a line looks like.
 */
#ifndef ISA_WATCH_WATCH_H
#define ISA_WATCH_WATCH_H

#include "args.h"

/* Watch the targets until it is time to end; leaves nothing behind. */
enum exit_status watch_run(const struct args *args);

#endif
