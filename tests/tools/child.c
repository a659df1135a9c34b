/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the pipes, the deadline and the end of a child process.
 * Used by: the tests in this folder, through child.h.
 * Must not know: which program it is.
 */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int64_t now_ms(void)
{
    struct timespec now = { 0 };
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void become(const char *program, const char *const *arguments, int out, int err)
{
    char *argv[CHILD_ARGUMENTS + 2] = { (char *)(size_t)program };
    for (size_t i = 0; i < CHILD_ARGUMENTS && arguments[i] != NULL; i++)
        argv[i + 1] = (char *)(size_t)arguments[i];
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    execv(program, argv);
    perror(program);
    _exit(127);
}

/* Only the two ends that the child needs survive its exec. */
static bool make_outputs(int out[2], int err[2], bool is_socket)
{
    if ((is_socket ? socketpair(AF_UNIX, SOCK_STREAM, 0, out) : pipe(out)) != 0 || pipe(err) != 0)
        return false;
    for (int i = 0; i < 2; i++) {
        fcntl(out[i], F_SETFD, FD_CLOEXEC);
        fcntl(err[i], F_SETFD, FD_CLOEXEC);
    }
    return true;
}

static struct child *start(const char *program, const char *const *arguments, bool is_socket)
{
    int out[2], err[2];
    struct child *child = calloc(1, sizeof *child);
    if (child == NULL || !make_outputs(out, err, is_socket))
        abort();
    child->pid = fork();
    if (child->pid < 0)
        abort();
    if (child->pid == 0)
        become(program, arguments, out[1], err[1]);
    close(out[1]);
    close(err[1]);
    child->out.fd = out[0];
    child->err.fd = err[0];
    return child;
}

struct child *child_start(const char *program, const char *const *arguments)
{
    return start(program, arguments, false);
}

struct child *child_start_on_socket(const char *program, const char *const *arguments)
{
    return start(program, arguments, true);
}

static void close_output(struct child_output *output)
{
    if (output->fd >= 0)
        close(output->fd);
    output->fd = -1;
}

static void read_some(struct child_output *output)
{
    size_t room = sizeof output->text - 1 - output->length;
    ssize_t got = read(output->fd, output->text + output->length, room);
    if (got > 0)
        output->length += (size_t)got;
    else if (got == 0 || errno != EINTR)
        close_output(output);
    output->text[output->length] = '\0';
}

/* Read what either output has. False: nothing came until the deadline. */
static bool read_more(struct child *child, int64_t deadline_ms)
{
    struct pollfd outputs[] = { { child->out.fd, POLLIN, 0 }, { child->err.fd, POLLIN, 0 } };
    int64_t left_ms = deadline_ms - now_ms();
    if (left_ms <= 0 || poll(outputs, 2, (int)left_ms) == 0)
        return false;
    if (outputs[0].revents != 0)
        read_some(&child->out);
    if (outputs[1].revents != 0)
        read_some(&child->err);
    return true;
}

bool child_wait_text(struct child *child, const char *text, uint32_t timeout_ms)
{
    int64_t deadline_ms = now_ms() + timeout_ms;
    while (strstr(child->out.text, text) == NULL) {
        if (child->out.fd < 0 || !read_more(child, deadline_ms))
            return false;
    }
    return true;
}

void child_close_out(struct child *child)
{
    close_output(&child->out);
}

static void collect(struct child *child)
{
    int status = 0;
    while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR)
        ;
    child->exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    child->pid = 0;
}

bool child_wait(struct child *child, uint32_t timeout_ms)
{
    int64_t deadline_ms = now_ms() + timeout_ms;
    bool in_time = true;
    while (in_time && (child->out.fd >= 0 || child->err.fd >= 0))
        in_time = read_more(child, deadline_ms);
    if (!in_time)
        kill(child->pid, SIGKILL);
    collect(child);
    return in_time;
}

struct child *child_run(const char *program, const char *const *arguments, uint32_t timeout_ms)
{
    struct child *child = child_start(program, arguments);
    if (child_wait(child, timeout_ms))
        return child;
    fprintf(stderr, "%s did not end within %u ms; it wrote:\n%s%s", program, (unsigned)timeout_ms,
            child->out.text, child->err.text);
    child_free(child);
    return NULL;
}

void child_free(struct child *child)
{
    if (child == NULL)
        return;
    if (child->pid > 0) {
        kill(child->pid, SIGKILL);
        collect(child);
    }
    close_output(&child->out);
    close_output(&child->err);
    free(child);
}
