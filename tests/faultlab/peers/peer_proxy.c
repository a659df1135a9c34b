/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the peer of kind proxy: it stands between client and server, and delays, stalls, cuts.
 * Used by: side.c.
 * Must not know: what it carries.
 */
#include "side.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { PAIRS_MAX = 128, PIECE_BYTES = 16384, IDLE_MS = 1000 };
enum direction { UP, DOWN, DIRECTIONS }; /* to the server, to the client */

/* Bytes on their way. */
struct piece {
    struct piece *next;
    uint64_t due_us;
    size_t count;
    size_t sent;
    uint8_t bytes[PIECE_BYTES];
};

struct way {
    int from;
    int to;
    bool is_ended; /* its sender has said its last */
    uint64_t last_due_us;
    struct piece *first;
    struct piece **end;
};

struct pair {
    int fds[2]; /* client, server; -1: closed */
    struct way ways[DIRECTIONS];
};

static struct pair pairs[PAIRS_MAX];
static uint32_t chance;
static int listener = -1;
static char unix_path[sizeof((struct sockaddr_un *)NULL)->sun_path];
static const char *own_address;
static uint16_t own_port;
static uint16_t server_port;
static unsigned delay_ms;
static unsigned jitter_ms;
static bool is_stalled[DIRECTIONS];
static unsigned accepted;

static int bind_unix(void)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    snprintf(address.sun_path, sizeof address.sun_path, "%s", unix_path);
    unlink(unix_path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    side_must(fd >= 0, "socket");
    side_must(bind(fd, (const struct sockaddr *)&address, sizeof address) == 0, unix_path);
    return fd;
}

static void open_door(void)
{
    if (listener >= 0)
        return;
    listener = *unix_path ? bind_unix() : side_bind_tcp(own_address, own_port);
    side_listen(listener);
}

static void close_door(void)
{
    if (listener >= 0)
        close(listener);
    listener = -1;
    if (*unix_path)
        unlink(unix_path);
}

static void end_way(struct way *way)
{
    while (way->first) {
        struct piece *piece = way->first;
        way->first = piece->next;
        free(piece);
    }
}

static void end_pair(struct pair *pair, bool is_reset)
{
    for (int side = 0; side < 2; side++) {
        if (is_reset && side == 0)
            side_reset(pair->fds[side]);
        else
            close(pair->fds[side]);
        pair->fds[side] = -1;
    }
    end_way(&pair->ways[UP]);
    end_way(&pair->ways[DOWN]);
}

static void end_all(bool is_reset)
{
    for (size_t i = 0; i < PAIRS_MAX; i++) {
        if (pairs[i].fds[0] >= 0)
            end_pair(&pairs[i], is_reset);
    }
}

static void init_way(struct way *way, int from, int to)
{
    *way = (struct way){ .from = from, .to = to };
    way->end = &way->first;
}

static void take_connection(void)
{
    int client = accept(listener, NULL, NULL);
    if (client < 0)
        return;
    accepted++;
    int server = side_connect_tcp(server_port);
    if (server < 0) {
        side_reset(client);
        return;
    }
    for (size_t i = 0; i < PAIRS_MAX; i++) {
        struct pair *pair = &pairs[i];
        if (pair->fds[0] < 0) {
            pair->fds[0] = client;
            pair->fds[1] = server;
            init_way(&pair->ways[UP], client, server);
            init_way(&pair->ways[DOWN], server, client);
            return;
        }
    }
    side_must(false, "more connections than the proxy keeps");
}

/* Order is kept: nothing overtakes what was read before it. */
/* Numerical Recipes' generator: not good, and good enough to be late by. */
static unsigned draw(void)
{
    chance = chance * 1664525U + 1013904223U;
    return chance >> 8;
}

static bool read_piece(struct way *way)
{
    struct piece *piece = calloc(1, sizeof *piece);
    if (!piece)
        abort();
    ssize_t count = recv(way->from, piece->bytes, sizeof piece->bytes, 0);
    if (count <= 0) {
        free(piece);
        way->is_ended = true;
        return count == 0;
    }
    unsigned extra_ms = jitter_ms ? draw() % (jitter_ms + 1) : 0;
    piece->count = (size_t)count;
    piece->due_us = side_now_us() + (uint64_t)(delay_ms + extra_ms) * 1000;
    if (piece->due_us < way->last_due_us)
        piece->due_us = way->last_due_us;
    way->last_due_us = piece->due_us;
    *way->end = piece;
    way->end = &piece->next;
    return true;
}

/* Send what is due. False: the other end is gone. */
static bool pass_on(struct way *way)
{
    while (way->first && way->first->due_us <= side_now_us()) {
        struct piece *piece = way->first;
        ssize_t count = send(way->to, piece->bytes + piece->sent, piece->count - piece->sent,
                             MSG_NOSIGNAL | MSG_DONTWAIT);
        if (count < 0)
            return true; /* full: later; gone: seen by recv() */
        piece->sent += (size_t)count;
        if (piece->sent < piece->count)
            return true;
        way->first = piece->next;
        if (!way->first)
            way->end = &way->first;
        free(piece);
    }
    return !(way->is_ended && !way->first);
}

static void set_stall(const char *which, bool value)
{
    is_stalled[UP] = side_is(which, "down", NULL) ? is_stalled[UP] : value;
    is_stalled[DOWN] = side_is(which, "up", NULL) ? is_stalled[DOWN] : value;
}

static bool obey(void)
{
    char line[SIDE_LINE_BYTES];
    const char *rest = "";
    char *after = NULL;
    if (!side_hear(line))
        return false;
    if (side_is(line, "delay", &rest)) {
        delay_ms = (unsigned)strtoul(rest, &after, 10);
        jitter_ms = (unsigned)strtoul(after, NULL, 10);
    } else if (side_is(line, "stall", &rest))
        set_stall(rest, true);
    else if (side_is(line, "heal", NULL))
        set_stall("both", false);
    else if (side_is(line, "cut", NULL))
        end_all(false);
    else if (side_is(line, "reset", NULL))
        end_all(true);
    else if (side_is(line, "refuse", NULL))
        close_door();
    else if (side_is(line, "listen", NULL))
        open_door();
    side_answer(accepted);
    return true;
}

/* What to wait for, and no longer than until the next piece is due. */
static int fill_wait(struct pollfd wait[2 + 2 * PAIRS_MAX])
{
    uint64_t now_us = side_now_us();
    int limit_ms = IDLE_MS;
    wait[0] = (struct pollfd){ .fd = SIDE_CONTROL, .events = POLLIN };
    wait[1] = (struct pollfd){ .fd = listener, .events = POLLIN };
    for (size_t i = 0; i < (size_t)2 * PAIRS_MAX; i++) {
        const struct pair *pair = &pairs[i / 2];
        enum direction direction = (enum direction)(i % 2);
        const struct way *way = &pair->ways[direction];
        bool is_read = pair->fds[0] >= 0 && !is_stalled[direction] && !way->is_ended;
        wait[2 + i] = (struct pollfd){ .fd = is_read ? way->from : -1, .events = POLLIN };
        if (pair->fds[0] < 0 || is_stalled[direction] || !way->first)
            continue;
        uint64_t due_us = way->first->due_us;
        int left_ms = due_us > now_us ? (int)((due_us - now_us) / 1000 + 1) : 1;
        limit_ms = left_ms < limit_ms ? left_ms : limit_ms;
    }
    return limit_ms;
}

static void carry(const struct pollfd wait[2 + 2 * PAIRS_MAX])
{
    for (size_t i = 0; i < (size_t)2 * PAIRS_MAX; i++) {
        struct pair *pair = &pairs[i / 2];
        struct way *way = &pair->ways[i % 2];
        if (pair->fds[0] < 0 || is_stalled[i % 2])
            continue;
        bool is_alive = true;
        if (wait[2 + i].fd == way->from && wait[2 + i].revents)
            is_alive = read_piece(way);
        if (!is_alive || !pass_on(way))
            end_pair(pair, !is_alive);
    }
}

void peer_proxy(const struct side_settings *settings)
{
    snprintf(unix_path, sizeof unix_path, "%s", side_text(settings, "unix"));
    own_address = side_text(settings, "address");
    own_port = (uint16_t)side_number(settings, *own_address ? "at" : "port");
    server_port = (uint16_t)side_number(settings, "to");
    chance = own_port;
    for (size_t i = 0; i < PAIRS_MAX; i++)
        pairs[i].fds[0] = pairs[i].fds[1] = -1;
    open_door();
    side_answer(0);
    for (;;) {
        struct pollfd wait[2 + 2 * PAIRS_MAX];
        poll(wait, 2 + (size_t)2 * PAIRS_MAX, fill_wait(wait));
        if (wait[0].revents && !obey())
            return;
        if (wait[1].revents && listener >= 0)
            take_connection();
        carry(wait);
    }
}
