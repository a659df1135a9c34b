/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: running isa-watch, a refused address, lines.
 * Used by: test_isa_watch_*.c, through watch_support.h.
 * Must not know: what a test expects.
 */
#include "watch_support.h"

#include <criterion/criterion.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct child *watch_run(const char *const *arguments)
{
    struct child *child = child_run(ISA_WATCH, arguments, RUN_MS);
    cr_assert_not_null(child, "isa-watch must end by itself");
    return child;
}

/* On an address that clients are not given for themselves, so that none can take the port. */
void watch_closed_target(char target[TARGET_SIZE])
{
    struct sockaddr_in address = { .sin_family = AF_INET };
    socklen_t size = sizeof address;
    inet_pton(AF_INET, "127.0.0.2", &address.sin_addr);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    cr_assert(fd >= 0);
    cr_assert(bind(fd, (const struct sockaddr *)&address, sizeof address) == 0);
    cr_assert(getsockname(fd, (struct sockaddr *)&address, &size) == 0);
    close(fd);
    snprintf(target, TARGET_SIZE, "127.0.0.2:%u", ntohs(address.sin_port));
}

size_t watch_lines(char *text, char **lines, size_t room)
{
    size_t count = 0;
    while (count < room && *text != '\0') {
        char *end = strchr(text, '\n');
        lines[count++] = text;
        if (end == NULL)
            break;
        *end = '\0';
        text = end + 1;
    }
    return count;
}
