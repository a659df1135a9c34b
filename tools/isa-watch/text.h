/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: how text of unknown origin is written to a terminal and into JSON.
 * Used by: args.c, print.c, watch.c.
 * Must not know: what the text is about.
 */
#ifndef ISA_WATCH_TEXT_H
#define ISA_WATCH_TEXT_H

#include <stddef.h>
#include <stdio.h>

/*
 * Copy text on one line that cannot steer a terminal: control characters, malformed UTF-8 and
 * backslashes as escapes, cut with "..." where it does not fit. size_bytes is at least 4.
 * Returns the width in characters.
 */
size_t text_escape(char *buffer, size_t size_bytes, const char *text);

/* Write a JSON string, quotes included; always valid UTF-8, whatever the text is. */
void text_put_json(FILE *out, const char *text);

#endif
