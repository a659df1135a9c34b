/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: counting in /proc and with fcntl(); children and what they say.
 * Used by: live tests, through proc.h.
 * Must not know: the library under test.
 */
#include "proc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FDS_MAX = 8192, LOOKS = 1000, PATH_BYTES = 64 };

static void must(bool is_done, const char *what)
{
    if (is_done)
        return;
    perror(what);
    abort();
}

static void *say_who(void *path)
{
    static const char proc[] = "/proc/";
    memcpy(path, proc, sizeof proc);
    ssize_t length = readlink("/proc/thread-self", (char *)path + sizeof proc - 1, PATH_BYTES);
    must(length > 0, "/proc/thread-self");
    return NULL;
}

/* A sanitizer has a thread of its own that starts with the first of the process. */
static void start_tools(void)
{
    static bool is_started;
    pthread_t thread;
    char path[PATH_BYTES * 2] = "";
    if (is_started)
        return;
    is_started = true;
    must(pthread_create(&thread, NULL, say_who, path) == 0, "pthread_create");
    pthread_join(thread, NULL);
    while (access(path, F_OK) == 0) /* until the system has buried it */
        sched_yield();
}

unsigned proc_threads(void)
{
    char line[256];
    unsigned threads = 0;
    start_tools();
    FILE *status = fopen("/proc/self/status", "r");
    must(status, "/proc/self/status");
    while (threads == 0 && fgets(line, sizeof line, status)) {
        if (strncmp(line, "Threads:", 8) == 0)
            threads = (unsigned)strtoul(line + 8, NULL, 10);
    }
    fclose(status);
    return threads;
}

unsigned proc_threads_left(unsigned most)
{
    unsigned threads = proc_threads();
    for (unsigned look = 0; threads > most && look < LOOKS; look++) {
        poll(NULL, 0, 1);
        threads = proc_threads();
    }
    return threads;
}

unsigned proc_fds(void)
{
    unsigned fds = 0;
    for (int fd = 0; fd < FDS_MAX; fd++)
        fds += fcntl(fd, F_GETFD) >= 0;
    return fds;
}

/* In the child. */
static void die_with_parent(pid_t parent)
{
    must(prctl(PR_SET_PDEATHSIG, SIGKILL) == 0, "prctl");
    if (getppid() != parent) /* it died before the line above */
        _exit(EXIT_FAILURE);
}

static int wait_for(pid_t pid)
{
    int status = 0;
    while (waitpid(pid, &status, 0) < 0)
        must(errno == EINTR, "waitpid");
    return status;
}

static void read_output(int fd, struct proc_result *result)
{
    char buffer[1024];
    for (;;) {
        ssize_t count = read(fd, buffer, sizeof buffer);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            return;
        size_t kept = result->output_bytes < sizeof result->output - 1 ? result->output_bytes
                                                                       : sizeof result->output - 1;
        size_t room = sizeof result->output - 1 - kept;
        memcpy(result->output + kept, buffer, (size_t)count < room ? (size_t)count : room);
        result->output_bytes += (size_t)count;
    }
}

struct proc_result proc_run(int (*fn)(void *arg), void *arg, unsigned limit_s)
{
    struct proc_result result = { 0 };
    int pipe_fds[2];
    must(pipe(pipe_fds) == 0, "pipe");
    fflush(NULL);
    pid_t parent = getpid();
    pid_t pid = fork();
    must(pid >= 0, "fork");
    if (pid == 0) {
        die_with_parent(parent);
        signal(SIGALRM, SIG_DFL);
        alarm(limit_s);
        dup2(pipe_fds[1], STDOUT_FILENO);
        dup2(pipe_fds[1], STDERR_FILENO);
        close(pipe_fds[0]);
        close(pipe_fds[1]);
        int status = fn(arg);
        fflush(NULL);
        _exit(status);
    }
    close(pipe_fds[1]);
    read_output(pipe_fds[0], &result);
    close(pipe_fds[0]);
    int status = wait_for(pid);
    result.exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    result.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    return result;
}

void proc_helper_start(struct proc_helper *helper, void (*fn)(int socket))
{
    int sockets[2];
    must(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) == 0, "socketpair");
    fflush(NULL);
    pid_t parent = getpid();
    pid_t pid = fork();
    must(pid >= 0, "fork");
    if (pid == 0) {
        die_with_parent(parent);
        close(sockets[0]);
        fn(sockets[1]);
        _exit(EXIT_SUCCESS);
    }
    close(sockets[1]);
    helper->pid = pid;
    helper->socket = sockets[0];
}

void proc_helper_ask(struct proc_helper *helper, const char *line, char *ret_answer,
                     size_t size_bytes)
{
    must(send(helper->socket, line, strlen(line) + 1, MSG_NOSIGNAL) >= 0, "send to the helper");
    ssize_t count = recv(helper->socket, ret_answer, size_bytes - 1, 0);
    must(count > 0, "answer of the helper");
    ret_answer[count] = '\0';
}

void proc_helper_kill(struct proc_helper *helper)
{
    kill(helper->pid, SIGKILL);
    wait_for(helper->pid);
    close(helper->socket);
}
