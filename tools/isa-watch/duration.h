/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: durations as people write them: "250ms", "5s", "2m", "1h".
 * Used by: args.c.
 * Must not know: which option a duration is for.
 */
#ifndef ISA_WATCH_DURATION_H
#define ISA_WATCH_DURATION_H

#include <stddef.h>
#include <stdint.h>

/*
 * Read a duration. Returns 0, or -1 and one phrase in why that says what is wrong with it and what
 * would be right.
 */
int duration_parse(const char *text, uint32_t *ret_ms, char *why, size_t why_size_bytes);

#endif
