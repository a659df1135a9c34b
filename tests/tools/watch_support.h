/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: what the tests of isa-watch share: how it is run, a port where nothing listens.
 * Used by: test_isa_watch_*.c.
 * Must not know: what a test expects.
 */
#ifndef WATCH_SUPPORT_H
#define WATCH_SUPPORT_H

#include "child.h"

#include <stddef.h>

enum { RUN_MS = 20000, TARGET_SIZE = 32 };

/* Run isa-watch with these arguments, which end with NULL, to its end. Fails the test if it hangs. */
struct child *watch_run(const char *const *arguments);

/* "127.0.0.2:port" of a port that was just free: a connection to it is refused. */
void watch_closed_target(char target[TARGET_SIZE]);

/* Cut text into lines, in place. Returns their number, at most room. */
size_t watch_lines(char *text, char **lines, size_t room);

#endif
