/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: making the two networks, the wire between them, and rules in them.
 * Used by: family_net.c, through netns.h.
 * Must not know: the library under test.
 */
#include "netns.h"

#include "lab.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { COMMAND_BYTES = 384 };

static bool write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool is_done = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    close(fd);
    return is_done;
}

/* Who is not root may be root in a user namespace of its own, where that is allowed. */
static bool leave_network(void)
{
    char map[64];
    uid_t user = geteuid();
    gid_t group = getegid();
    if (user == 0)
        return unshare(CLONE_NEWNET) == 0;
    if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
        return false;
    snprintf(map, sizeof map, "0 %u 1", (unsigned)user);
    if (!write_file("/proc/self/uid_map", map) || !write_file("/proc/self/setgroups", "deny"))
        return false;
    snprintf(map, sizeof map, "0 %u 1", (unsigned)group);
    return write_file("/proc/self/gid_map", map);
}

static void need_program(const char *check, const char *package)
{
    if (peer_run("%s", check) != 0)
        lab_skip("'%s' does not work: Debian's package %s is not installed, or the kernel refuses",
                 check, package);
}

void netns_here(const char *command, ...)
{
    char text[COMMAND_BYTES];
    va_list list;
    va_start(list, command);
    vsnprintf(text, sizeof text, command, list);
    va_end(list);
    LAB_EXPECT(peer_run("%s", text) == 0, "'%s' failed", text);
}

void netns_there(const struct peer *server, const char *command, ...)
{
    char text[COMMAND_BYTES];
    va_list list;
    va_start(list, command);
    vsnprintf(text, sizeof text, command, list);
    va_end(list);
    LAB_EXPECT(peer_run("nsenter --net=/proc/%d/ns/net -- %s", peer_pid(server), text) == 0,
               "'%s' failed at the server", text);
}

static void lay_wire(const struct peer *server)
{
    netns_here("ip link add lab0 type veth peer name lab1 netns %d", peer_pid(server));
    netns_here("ip address add 192.0.2.1/24 dev lab0");
    netns_here("ip link set lab0 up");
    netns_there(server, "ip address add 192.0.2.2/24 dev lab1");
    netns_there(server, "ip link set lab1 up");
    /* The server listens on its loopback; what comes over the wire is led there. */
    netns_there(server,
                "iptables -w -t nat -A PREROUTING -i lab1 -p tcp --dport " NETNS_PORT
                " -j DNAT --to-destination %s",
                peer_target(server));
}

struct peer *netns_new(void)
{
    if (!leave_network())
        lab_skip("no network namespace may be made here: %s", strerror(errno));
    need_program("ip link set lo up", "iproute2");
    need_program("unshare --net -- true", "util-linux");
    need_program("iptables -w -t nat -F", "iptables");
    need_program("iptables -w -t raw -F", "iptables");
    struct peer *server = peer_new("grpc min_ping_ms=1 netns=1");
    lay_wire(server);
    return server;
}

static void rule(const struct peer *server, enum netns_cut cut, char verb)
{
    if (cut & NETNS_TO_SERVER)
        netns_there(server, "iptables -w -t raw -%c PREROUTING -i lab1 -j DROP", verb);
    if (cut & NETNS_FROM_SERVER)
        netns_here("iptables -w -t raw -%c PREROUTING -i lab0 -j DROP", verb);
}

void netns_cut(const struct peer *server, enum netns_cut cut)
{
    rule(server, cut, 'I');
}

void netns_heal(const struct peer *server, enum netns_cut cut)
{
    rule(server, cut, 'D');
}
