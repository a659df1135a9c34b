/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: what each message means, with an example that causes it and one that does not. */
/* Called by: main. */
/* Must not know: how the mistake is found. */
#ifndef FG_EXPLAIN_H
#define FG_EXPLAIN_H

#include <stdio.h>

/* code is that of an error or a warning, or the name of a warning; upper case does not matter.
 * Returns 0, or -1 when there is none. */
int fg_explain(const char *code, FILE *stream);

#endif
