/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: what this process has (threads, descriptors), and doing something in a child process.
 * Used by: live tests that look at what the library leaves behind.
 * Must not know: the library under test.
 */
#ifndef PROC_H
#define PROC_H

#include <stddef.h>

/* Threads of this process, and its open descriptors, at this moment. */
unsigned proc_threads(void);
unsigned proc_fds(void);

/* Threads, once no more than `most` are left; or how many there are after a second. The system takes
 * a moment to bury a thread that was joined. */
unsigned proc_threads_left(unsigned most);

/* What a child process did. */
struct proc_result {
    int exit_status;     /* -1: it did not exit by itself */
    int signal;          /* 0: it exited by itself */
    size_t output_bytes; /* what it wrote to stdout and stderr */
    char output[4096];   /* the start of it, terminated */
};

/* Fork; run fn in the child, its return value is the exit status; wait for its end, which comes
 * within limit_s seconds, by SIGALRM if need be. The child never outlives this thread. */
struct proc_result proc_run(int (*fn)(void *arg), void *arg, unsigned limit_s);

/* A helper process that obeys: fn runs in the child with a socket to the parent. */
struct proc_helper {
    int pid;
    int socket;
};
void proc_helper_start(struct proc_helper *helper, void (*fn)(int socket));
/* Send a line, without its end, and receive the answer, cut to fit. */
void proc_helper_ask(struct proc_helper *helper, const char *line, char *ret_answer,
                     size_t size_bytes);
/* End it at once and see it gone. */
void proc_helper_kill(struct proc_helper *helper);

#endif
