/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: the shape of an explanation. */
/* Called by: explain and its texts. */
/* Must not know: the texts. */
#ifndef FG_EXPLAIN_TEXT_H
#define FG_EXPLAIN_TEXT_H

#include <stddef.h>

/* Both examples are the common lines, then their own, inside a machine. */
struct fg_explanation {
    const char *code, *flag; /* flag: name of the warning, or NULL */
    const char *title, *text, *common;
    const char *faulty; /* NULL: no specification alone has this mistake */
    const char *good;
};

/* Each ends with a row without code. */
extern const struct fg_explanation fg_explained_forms[], fg_explained_runs[];

#endif
