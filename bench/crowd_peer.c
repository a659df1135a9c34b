/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the least that a client of gRPC takes for a server.
 * Used by: crowd.c.
 * Must not know: the library under test.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "crowd.h"

/* ---- the peer --------------------------------------------------------------------------------- */

static void greet(int poll_fd, int client)
{
    static const unsigned char settings[9] = { 0, 0, 0, 4, 0, 0, 0, 0, 0 };
    struct epoll_event event = { .events = EPOLLIN, .data.fd = client };
    if (write(client, settings, sizeof settings) != (ssize_t)sizeof settings ||
        epoll_ctl(poll_fd, EPOLL_CTL_ADD, client, &event) < 0)
        close(client);
}

static void serve_one(int poll_fd, int listener, int fd)
{
    char sink[4096];
    if (fd == listener) {
        int client;
        while ((client = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0)
            greet(poll_fd, client);
        return;
    }
    ssize_t got = read(fd, sink, sizeof sink);
    if (got == 0 || (got < 0 && errno != EAGAIN))
        close(fd);
}

void crowd_serve(int listener)
{
    int poll_fd = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = { .events = EPOLLIN, .data.fd = listener };
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    epoll_ctl(poll_fd, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        struct epoll_event events[64];
        int count = epoll_wait(poll_fd, events, 64, -1);
        for (int i = 0; i < count; i++)
            serve_one(poll_fd, listener, events[i].data.fd);
    }
}

/* On every address of the loopback device, and on no other device. */
int crowd_listen(unsigned *ret_port)
{
    struct sockaddr_in address = { .sin_family = AF_INET };
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3) < 0 ||
        bind(fd, (struct sockaddr *)&address, size) < 0 || listen(fd, 4096) < 0 ||
        getsockname(fd, (struct sockaddr *)&address, &size) < 0) {
        perror("isa-bench-crowd: cannot listen on the loopback device");
        return -1;
    }
    *ret_port = ntohs(address.sin_port);
    return fd;
}
