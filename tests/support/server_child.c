/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: a server in a child process, and the words with which it is told what to do.
 * Used by: tests that count what the library leaves in their own process, through grpc_server.h.
 * Must not know: the library under test.
 */
#include "grpc_server.h"

#include "proc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LINE_BYTES = 64 };

struct server_child {
    struct proc_helper helper;
    char target[LINE_BYTES];
};

/* What the child answers to a line; "" when there is nothing to say. */
static const char *obey(struct server *server, const char *line)
{
    if (strcmp(line, "target") == 0)
        return server_target(server);
    if (strcmp(line, "down") == 0)
        server_down(server);
    else if (strcmp(line, "up") == 0)
        server_up(server);
    else if (strcmp(line, "release") == 0)
        server_release(server);
    else if (strncmp(line, "held ", 5) == 0)
        return server_await_held(server, (unsigned)strtoul(line + 5, NULL, 10)) ? "yes" : "no";
    return "";
}

static void run_child(int socket)
{
    char line[LINE_BYTES];
    struct server *server = server_new(NULL);
    while (recv(socket, line, sizeof line, 0) > 0) {
        const char *answer = obey(server, line);
        if (send(socket, answer, strlen(answer) + 1, MSG_NOSIGNAL) < 0)
            break;
    }
    _exit(EXIT_SUCCESS); /* the parent is done with us; nothing here is worth an orderly end */
}

struct server_child *server_child_new(void)
{
    struct server_child *child = calloc(1, sizeof *child);
    if (!child)
        abort();
    proc_helper_start(&child->helper, run_child);
    proc_helper_ask(&child->helper, "target", child->target, sizeof child->target);
    return child;
}

const char *server_child_target(const struct server_child *child)
{
    return child->target;
}

static void tell(struct server_child *child, const char *line)
{
    char unread[LINE_BYTES];
    proc_helper_ask(&child->helper, line, unread, sizeof unread);
}

void server_child_down(struct server_child *child)
{
    tell(child, "down");
}

void server_child_up(struct server_child *child)
{
    tell(child, "up");
}

void server_child_release(struct server_child *child)
{
    tell(child, "release");
}

bool server_child_await_held(struct server_child *child, unsigned count)
{
    char line[LINE_BYTES];
    char answer[LINE_BYTES];
    snprintf(line, sizeof line, "held %u", count);
    proc_helper_ask(&child->helper, line, answer, sizeof answer);
    return strcmp(answer, "yes") == 0;
}

struct server_child *server_child_free(struct server_child *child)
{
    if (!child)
        return NULL;
    proc_helper_kill(&child->helper);
    free(child);
    return NULL;
}
