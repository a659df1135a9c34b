/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the peer of kind dns: a name server in which every name has one address, or none.
 * Used by: side.c.
 * Must not know: who asks.
 */
#include "side.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

enum { PACKET_BYTES = 512, HEAD_BYTES = 12, TYPE_A = 1, NAME_ERROR = 3 };

static struct in_addr address;
static bool has_address;
static bool is_silent;
static unsigned questions;

/* Length of the one question behind the head: name, type, class. 0: malformed. */
static size_t question_length(const uint8_t *packet, size_t size)
{
    size_t at = HEAD_BYTES;
    while (at < size && packet[at])
        at += packet[at] + 1U;
    return at + 5 <= size ? at + 5 - HEAD_BYTES : 0;
}

static size_t write_answer(uint8_t *packet, size_t length)
{
    static const uint8_t record[] = { 0xc0, HEAD_BYTES, 0, TYPE_A, 0, 1, 0, 0, 0, 0, 0, 4 };
    bool is_a = packet[length - 3] == TYPE_A && packet[length - 4] == 0;
    packet[2] = 0x84; /* an answer, and we know it ourselves */
    packet[3] = has_address ? 0 : NAME_ERROR;
    memset(packet + 6, 0, 6);
    if (!has_address || !is_a)
        return length;
    packet[7] = 1;
    memcpy(packet + length, record, sizeof record);
    memcpy(packet + length + sizeof record, &address, sizeof address);
    return length + sizeof record + sizeof address;
}

static void answer(int fd)
{
    uint8_t packet[PACKET_BYTES];
    struct sockaddr_storage from;
    socklen_t from_size = sizeof from;
    ssize_t size = recvfrom(fd, packet, PACKET_BYTES / 2, 0, (struct sockaddr *)&from, &from_size);
    if (size < HEAD_BYTES)
        return;
    questions++;
    size_t length = question_length(packet, (size_t)size);
    if (!length || is_silent)
        return;
    length = write_answer(packet, HEAD_BYTES + length);
    sendto(fd, packet, length, 0, (const struct sockaddr *)&from, from_size);
}

static bool obey(void)
{
    char line[SIDE_LINE_BYTES];
    const char *rest = "";
    if (!side_hear(line))
        return false;
    if (side_is(line, "answer", &rest)) {
        has_address = inet_pton(AF_INET, rest, &address) == 1;
        is_silent = false;
    } else if (side_is(line, "silence", NULL))
        is_silent = true;
    side_answer(questions);
    return true;
}

void peer_dns(const struct side_settings *settings)
{
    struct sockaddr_in own = { .sin_family = AF_INET,
                               .sin_port = htons((uint16_t)side_number(settings, "port")) };
    inet_pton(AF_INET, "127.0.0.2", &own.sin_addr);
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    side_must(fd >= 0 && bind(fd, (const struct sockaddr *)&own, sizeof own) == 0, "bind");
    side_answer(0);
    for (;;) {
        struct pollfd wait[2] = { { .fd = SIDE_CONTROL, .events = POLLIN },
                                  { .fd = fd, .events = POLLIN } };
        poll(wait, 2, -1);
        if (wait[0].revents && !obey())
            return;
        if (wait[1].revents)
            answer(fd);
    }
}
