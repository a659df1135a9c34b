/* SPDX-License-Identifier: Apache-2.0 */
/* Owns: payload types that a test machine takes by value. */
/* Called by: the generated header of that machine. */
/* Must not know: the machine. */
#ifndef BEGIN_TYPES_H
#define BEGIN_TYPES_H

enum colour { COLOUR_RED, COLOUR_BLUE };

struct point {
    int x, y;
};

#endif
