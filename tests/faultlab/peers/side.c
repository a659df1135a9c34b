/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the start of isa-faultlab-peer, its settings, the line to the parent, sockets.
 * Used by: the files of isa-faultlab-peer, through side.h.
 * Must not know: the library under test; what a kind of peer does.
 */
#include "side.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ADDRESS "127.0.0.2"

enum { BACKLOG = 512 };

void side_must(bool is_done, const char *what)
{
    if (is_done)
        return;
    fprintf(stderr, "isa-faultlab-peer: %s: %s\n", what, strerror(errno));
    _exit(EXIT_FAILURE);
}

const char *side_text(const struct side_settings *settings, const char *name)
{
    size_t length = strlen(name);
    for (int i = 0; i < settings->count; i++) {
        const char *word = settings->words[i];
        if (strncmp(word, name, length) == 0 && word[length] == '=')
            return word + length + 1;
    }
    return "";
}

long side_number(const struct side_settings *settings, const char *name)
{
    return strtol(side_text(settings, name), NULL, 10);
}

bool side_hear(char line[SIDE_LINE_BYTES])
{
    ssize_t size = recv(SIDE_CONTROL, line, SIDE_LINE_BYTES - 1, 0);
    line[size > 0 ? size : 0] = '\0';
    return size > 0;
}

void side_answer(unsigned number)
{
    char text[16];
    int length = snprintf(text, sizeof text, "%u", number);
    if (send(SIDE_CONTROL, text, (size_t)length + 1, MSG_NOSIGNAL) < 0)
        _exit(EXIT_SUCCESS); /* the parent is gone */
}

bool side_is(const char *line, const char *word, const char **ret_rest)
{
    size_t length = strlen(word);
    if (strncmp(line, word, length) != 0 || (line[length] && line[length] != ' '))
        return false;
    if (ret_rest)
        *ret_rest = line[length] ? line + length + 1 : "";
    return true;
}

uint64_t side_now_us(void)
{
    struct timespec now = { 0 };
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static struct sockaddr_in address_of(const char *text, uint16_t port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
    side_must(inet_pton(AF_INET, *text ? text : ADDRESS, &address.sin_addr) == 1, text);
    return address;
}

int side_bind_tcp(const char *text, uint16_t port)
{
    struct sockaddr_in address = address_of(text, port);
    int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    side_must(fd >= 0, "socket");
    side_must(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0, "SO_REUSEADDR");
    side_must(bind(fd, (const struct sockaddr *)&address, sizeof address) == 0, "bind");
    return fd;
}

int side_connect_tcp(uint16_t port)
{
    struct sockaddr_in address = address_of("", port);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    side_must(fd >= 0, "socket");
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    close(fd);
    return -1;
}

void side_listen(int fd)
{
    side_must(listen(fd, BACKLOG) == 0, "listen");
}

void side_reset(int fd)
{
    struct linger at_once = { .l_onoff = 1, .l_linger = 0 };
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(fd);
}

static const struct {
    const char *name;
    void (*run)(const struct side_settings *settings);
} kinds[] = {
    { "grpc", peer_grpc },
    { "raw", peer_raw },
    { "proxy", peer_proxy },
    { "dns", peer_dns },
};

int main(int argc, char **argv)
{
    const char *kind = argc > 1 ? argv[1] : "";
    struct side_settings settings = { argv + 2, argc > 2 ? argc - 2 : 0 };
    signal(SIGPIPE, SIG_IGN);
    if (strcmp(kind, "modes") == 0) {
        peer_raw_list();
        return EXIT_SUCCESS;
    }
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(kind, kinds[i].name) == 0) {
            kinds[i].run(&settings);
            _exit(EXIT_SUCCESS); /* the parent is gone; nothing here is worth an orderly end */
        }
    }
    fputs("usage: isa-faultlab-peer grpc|raw|proxy|dns|modes [setting=value]...\n"
          "Plays a peer for isa-faultlab, which talks to it on its standard input.\n",
          stderr);
    return 2;
}
