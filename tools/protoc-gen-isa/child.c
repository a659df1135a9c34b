/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: running another program with bytes as its input, and taking what it writes.
 * Called by: generate.c.
 * Must not know: what the bytes are.
 */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

struct pipes {
    int to[2], from[2]; /* read end, write end */
};

static void close_one(int *descriptor)
{
    if (*descriptor >= 0)
        (void)close(*descriptor);
    *descriptor = -1;
}

static void close_all(struct pipes *pipes)
{
    for (int i = 0; i < 2; i++) {
        close_one(&pipes->to[i]);
        close_one(&pipes->from[i]);
    }
}

/* 0, or an errno. */
static int start(const char *program, struct pipes *pipes, pid_t *ret_child)
{
    char *const arguments[] = { (char *)(uintptr_t)program, NULL };
    posix_spawn_file_actions_t actions;
    int error = posix_spawn_file_actions_init(&actions);

    if (error != 0)
        return error;
    (void)posix_spawn_file_actions_adddup2(&actions, pipes->to[0], STDIN_FILENO);
    (void)posix_spawn_file_actions_adddup2(&actions, pipes->from[1], STDOUT_FILENO);
    for (int i = 0; i < 2; i++) {
        (void)posix_spawn_file_actions_addclose(&actions, pipes->to[i]);
        (void)posix_spawn_file_actions_addclose(&actions, pipes->from[i]);
    }
    error = posix_spawnp(ret_child, program, &actions, NULL, arguments, environ);
    (void)posix_spawn_file_actions_destroy(&actions);
    close_one(&pipes->to[0]);
    close_one(&pipes->from[1]);
    return error;
}

/* A child that does not read to the end is told by its exit status, not here. */
static void write_some(struct pipes *pipes, const uint8_t **input, size_t *size)
{
    const ssize_t count = *size == 0 ? 0 : write(pipes->to[1], *input, *size);

    if (count > 0) {
        *input += count;
        *size -= (size_t)count;
    } else if (*size == 0 || (errno != EAGAIN && errno != EINTR)) {
        *size = 0;
    }
    if (*size == 0)
        close_one(&pipes->to[1]);
}

static void read_some(struct pipes *pipes, struct pgi_text *output)
{
    char bytes[65536];
    const ssize_t count = read(pipes->from[0], bytes, sizeof(bytes));

    if (count > 0)
        pgi_add_bytes(output, bytes, (size_t)count);
    else if (count == 0 || errno != EINTR)
        close_one(&pipes->from[0]);
}

/* Both ways at once: a child may answer before it has read everything. */
static void converse(struct pipes *pipes, const uint8_t *input, size_t size,
                     struct pgi_text *output)
{
    (void)fcntl(pipes->to[1], F_SETFL, O_NONBLOCK);
    while (pipes->from[0] >= 0) {
        struct pollfd both[] = { { pipes->from[0], POLLIN, 0 }, { pipes->to[1], POLLOUT, 0 } };

        if (poll(both, 2, -1) < 0 && errno != EINTR)
            return;
        if (both[1].revents != 0)
            write_some(pipes, &input, &size);
        if (both[0].revents != 0)
            read_some(pipes, output);
    }
}

static const char *judge(struct pgi_arena *arena, const char *program, int status)
{
    if (WIFSIGNALED(status))
        return pgi_format(arena, "%s was killed by signal %d", program, WTERMSIG(status));
    if (WEXITSTATUS(status) == 127) /* how some systems say that it is not there */
        return pgi_format(arena, "%s cannot be run", program);
    if (WEXITSTATUS(status) != 0)
        return pgi_format(arena, "%s ended with status %d", program, WEXITSTATUS(status));
    return NULL;
}

const char *pgi_run_child(struct pgi_arena *arena, const char *program, const uint8_t *input,
                          size_t input_size, struct pgi_text *ret_output)
{
    struct pipes pipes = { { -1, -1 }, { -1, -1 } };
    const struct sigaction ignored = { .sa_handler = SIG_IGN };
    struct sigaction before;
    pid_t child;
    int error, status = 0;

    if (pipe(pipes.to) != 0 || pipe(pipes.from) != 0) {
        error = errno;
        close_all(&pipes);
        return pgi_format(arena, "no pipe to %s: %s", program, strerror(error));
    }
    error = start(program, &pipes, &child);
    if (error != 0) {
        close_all(&pipes);
        return pgi_format(arena,
                          "%s cannot be run: %s; it is protobuf-c's plugin for protoc (Debian: "
                          "protobuf-c-compiler), and must be in PATH or given as "
                          "--isa_opt=protoc_gen_c=PROGRAM",
                          program, strerror(error));
    }
    (void)sigaction(SIGPIPE, &ignored, &before);
    converse(&pipes, input, input_size, ret_output);
    close_all(&pipes);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    (void)sigaction(SIGPIPE, &before, NULL);
    return judge(arena, program, status);
}
