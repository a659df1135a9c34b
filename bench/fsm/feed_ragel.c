/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: Ragel's machine as a contender.
 * Used by: main.c, when Ragel is installed.
 * Must not know: how the machine works.
 */
#include "contender.h"
#include "ragel.h"

DEFINE_FEED(ragel_dispatch)

const struct contender contender_ragel = { "ragel_g2", ragel_init, feed };
