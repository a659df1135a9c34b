/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: a program under test as a child process, with what it wrote and how it ended.
 * Used by: the tests in this folder.
 * Must not know: which program it is.
 */
#ifndef CHILD_H
#define CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { CHILD_OUTPUT_SIZE = 256 * 1024, CHILD_ARGUMENTS = 16 };

/* One output of a child: everything it has written so far, terminated. */
struct child_output {
    int fd; /* -1: at its end */
    size_t length;
    char text[CHILD_OUTPUT_SIZE];
};

struct child {
    pid_t pid;
    struct child_output out;
    struct child_output err;
    int exit_status; /* after child_wait(): 0 to 255, or 128 + the signal that killed it */
};

/* Start a program, found by its path; arguments end with NULL and do not name the program. */
struct child *child_start(const char *program, const char *const *arguments);

/* The same, with a socket instead of a pipe as standard output. */
struct child *child_start_on_socket(const char *program, const char *const *arguments);

/* Read until standard output has this text, or the end. False: not within timeout_ms. */
bool child_wait_text(struct child *child, const char *text, uint32_t timeout_ms);

/* Leave, as a reader that has seen enough: what the child writes from now on is an error for it. */
void child_close_out(struct child *child);

/* Read to the end and collect the process. False: not within timeout_ms; then it was killed. */
bool child_wait(struct child *child, uint32_t timeout_ms);

/* child_start() and child_wait(): the outcome is in the child; NULL when it took too long. */
struct child *child_run(const char *program, const char *const *arguments, uint32_t timeout_ms);

/* End it if it still runs, free it. */
void child_free(struct child *child);

#endif
