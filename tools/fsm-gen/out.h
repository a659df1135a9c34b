/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: text being generated, and its way into a file that changes only when the text does. */
/* Called by: emitters and main. */
/* Must not know: the machine. */
#ifndef FG_OUT_H
#define FG_OUT_H

#include "arena.h"

#include <stdbool.h>

struct fg_out;

/* prefix and context are what "$p", "$P" (upper case) and "$c" stand for in a format. */
struct fg_out *fg_out_new(struct fg_arena *arena, const char *prefix, const char *context);

/* What "$i" stands for: the indentation of the statements that follow. */
void fg_indent(struct fg_out *out, int columns);

/* printf, after the marks in the format have been replaced. */
void fg_put(struct fg_out *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Text as part of a comment, of a C string literal, of a Markdown table cell, of a DOT label. */
void fg_put_comment(struct fg_out *out, const char *text);
void fg_put_string(struct fg_out *out, const char *text);
void fg_put_markdown(struct fg_out *out, const char *text);

/* Continue the line with spaces up to a column. */
void fg_put_pad(struct fg_out *out, int column);

/* Write to path, through a temporary file beside it, unless path has this content already. What is
 * no regular file, a pipe or a device, is written to as it is.
 * Returns 0, or -1 after a message on stderr. */
int fg_out_save(const struct fg_out *out, const char *path);

#endif
