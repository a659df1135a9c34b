/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: what a well-formed target is, and its canonical form.
 * Used by: isa_target_check(), isa_conn_open(), through transport.h.
 * Must not know: channels. grpc-core never sees a target that this file has not passed: it would
 * wrap port 99999 to 34463, guess port 443, and look up "http" as a host.
 */
#include "transport.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>
#include <sys/un.h>

enum { SHOWN_CHARS = 64, HOST_MAX = 253, LABEL_MAX = 63, PORT_MAX = 65535 };

/* A part of the target, not terminated. */
struct piece {
    const char *at;
    size_t length;
};

static int refuse(struct isa__text *why, const char *what, struct piece piece, const char *remedy)
{
    char shown[ISA__TR_TARGET_MAX + 1];
    size_t length = piece.length < sizeof shown ? piece.length : sizeof shown - 1;
    memcpy(shown, piece.at, length);
    shown[length] = '\0';
    isa__text_add(why, "%s '", what);
    isa__text_add_quoted(why, shown, SHOWN_CHARS);
    isa__text_add(why, "': %s", remedy);
    return ISA_ETARGET;
}

static struct piece piece_of(const char *string)
{
    return (struct piece){ string, strlen(string) };
}

static bool take_prefix(struct piece *piece, const char *prefix)
{
    size_t length = strlen(prefix);
    if (piece->length < length || memcmp(piece->at, prefix, length) != 0)
        return false;
    piece->at += length;
    piece->length -= length;
    return true;
}

static bool has_char(struct piece piece, char wanted)
{
    return memchr(piece.at, wanted, piece.length) != NULL;
}

static int check_port(struct piece port, struct isa__text *why)
{
    unsigned value = 0;
    if (port.length == 0)
        return refuse(why, "port", port, "it is empty; write a number from 1 to 65535");
    for (size_t i = 0; i < port.length; i++) {
        if (!isdigit((unsigned char)port.at[i]))
            return refuse(why, "port", port, "not a number; write one from 1 to 65535");
        value = value * 10 + (unsigned)(port.at[i] - '0');
        if (value > PORT_MAX)
            return refuse(why, "port", port, "out of range; the largest is 65535");
    }
    if (value == 0)
        return refuse(why, "port", port, "out of range; the smallest is 1");
    return 0;
}

static int add_port(struct piece port, struct isa__text *out, struct isa__text *why)
{
    int error = check_port(port, why);
    if (error)
        return error;
    while (port.length > 1 && port.at[0] == '0') { /* 0080 and 80 are one port */
        port.at++;
        port.length--;
    }
    isa__text_add(out, ":%.*s", (int)port.length, port.at);
    return 0;
}

static bool parse_address(int family, struct piece host, char *ret, size_t size_bytes)
{
    char text[INET6_ADDRSTRLEN];
    unsigned char address[sizeof(struct in6_addr)];
    if (host.length >= sizeof text)
        return false;
    memcpy(text, host.at, host.length);
    text[host.length] = '\0';
    return inet_pton(family, text, address) == 1 &&
           inet_ntop(family, address, ret, (socklen_t)size_bytes) != NULL;
}

static int add_ipv4(struct piece item, struct isa__text *out, struct isa__text *why)
{
    char address[INET_ADDRSTRLEN];
    const char *colon = memchr(item.at, ':', item.length);
    if (!colon)
        return refuse(why, "address", item, "the port is missing; write 1.2.3.4:port");
    struct piece host = { item.at, (size_t)(colon - item.at) };
    struct piece port = { colon + 1, item.length - host.length - 1 };
    if (!parse_address(AF_INET, host, address, sizeof address))
        return refuse(why, "host", host, "not an IPv4 address; write four numbers from 0 to 255");
    isa__text_add(out, "%s", address);
    return add_port(port, out, why);
}

static int add_ipv6(struct piece item, struct isa__text *out, struct isa__text *why)
{
    char address[INET6_ADDRSTRLEN];
    const char *close = memchr(item.at, ']', item.length);
    if (item.length == 0 || item.at[0] != '[' || !close)
        return refuse(why, "address", item, "an IPv6 address needs brackets; write [::1]:port");
    struct piece host = { item.at + 1, (size_t)(close - item.at) - 1 };
    struct piece port = { close + 1, item.length - host.length - 2 };
    if (!parse_address(AF_INET6, host, address, sizeof address))
        return refuse(why, "host", host, "not an IPv6 address");
    if (!take_prefix(&port, ":"))
        return refuse(why, "address", item, "the port is missing; write [::1]:port");
    isa__text_add(out, "[%s]", address);
    return add_port(port, out, why);
}

typedef int add_item_fn(struct piece item, struct isa__text *out, struct isa__text *why);

static int add_each(struct piece list, add_item_fn *add, struct isa__text *out,
                    struct isa__text *why)
{
    for (;;) {
        const char *comma = memchr(list.at, ',', list.length);
        struct piece item = { list.at, comma ? (size_t)(comma - list.at) : list.length };
        int error = add(item, out, why);
        if (error || !comma)
            return error;
        isa__text_add(out, ",");
        list.at = comma + 1;
        list.length -= item.length + 1;
    }
}

static int check_label(struct piece label, struct isa__text *why)
{
    if (label.length == 0)
        return refuse(why, "host label", label, "it is empty; two dots stand together");
    if (label.length > LABEL_MAX)
        return refuse(why, "host label", label, "longer than 63 characters");
    for (size_t i = 0; i < label.length; i++) {
        unsigned char c = (unsigned char)label.at[i];
        if (!isalnum(c) && c != '-' && c != '_')
            return refuse(why, "host label", label,
                          "only letters, digits, '-' and '_' are allowed");
    }
    return 0;
}

static int check_name(struct piece host, struct isa__text *why)
{
    bool is_numeric = true;
    if (host.length == 0)
        return refuse(why, "host", host, "it is empty; write host:port");
    if (host.length > HOST_MAX)
        return refuse(why, "host", host, "longer than 253 characters");
    struct piece rest = host;
    if (rest.length > 1 && rest.at[rest.length - 1] == '.')
        rest.length--; /* the root's dot */
    for (;;) {
        const char *dot = memchr(rest.at, '.', rest.length);
        struct piece label = { rest.at, dot ? (size_t)(dot - rest.at) : rest.length };
        int error = check_label(label, why);
        if (error)
            return error;
        for (size_t i = 0; i < label.length; i++)
            is_numeric = is_numeric && isdigit((unsigned char)label.at[i]);
        if (!dot)
            break;
        rest.at = dot + 1;
        rest.length -= label.length + 1;
    }
    if (is_numeric)
        return refuse(why, "host", host, "not an IPv4 address; write four numbers from 0 to 255");
    return 0;
}

/* host:port in one of its three forms; the prefix names the scheme of a name. */
static int add_host_port(struct piece item, const char *prefix, struct isa__text *out,
                         struct isa__text *why)
{
    char address[INET_ADDRSTRLEN];
    if (item.length && item.at[0] == '[') {
        isa__text_add(out, "ipv6:");
        return add_ipv6(item, out, why);
    }
    const char *colon = memchr(item.at, ':', item.length);
    if (!colon)
        return refuse(why, "target", item, "the port is missing; write host:port");
    struct piece host = { item.at, (size_t)(colon - item.at) };
    struct piece port = { colon + 1, item.length - host.length - 1 };
    if (has_char(port, ':'))
        return refuse(why, "target", item, "an IPv6 address needs brackets; write [::1]:port");
    if (parse_address(AF_INET, host, address, sizeof address)) {
        isa__text_add(out, "ipv4:%s", address);
        return add_port(port, out, why);
    }
    int error = check_name(host, why);
    if (error)
        return error;
    isa__text_add(out, "%s", prefix);
    for (size_t i = 0; i < host.length; i++)
        isa__text_add(out, "%c", tolower((unsigned char)host.at[i]));
    return add_port(port, out, why);
}

static int parse_dns(struct piece rest, struct isa__text *out, struct isa__text *why)
{
    struct piece server = { rest.at, 0 };
    char prefix[ISA__TR_TARGET_MAX + 16];
    struct isa__text text;
    isa__text_init(&text, prefix, sizeof prefix);
    if (take_prefix(&rest, "//")) {
        const char *slash = memchr(rest.at, '/', rest.length);
        if (!slash)
            return refuse(why, "target", rest, "write dns:///host:port or dns://server/host:port");
        server = (struct piece){ rest.at, (size_t)(slash - rest.at) };
        rest.length -= server.length + 1;
        rest.at = slash + 1;
    }
    for (size_t i = 0; i < server.length; i++) {
        if (!isalnum((unsigned char)server.at[i]) && !strchr(".-_:[]", server.at[i]))
            return refuse(why, "name server", server, "write host or host:port");
    }
    isa__text_add(&text, "dns://%.*s/", (int)server.length, server.at);
    return add_host_port(rest, prefix, out, why);
}

static int parse_unix(struct piece path, const char *scheme, struct isa__text *out,
                      struct isa__text *why)
{
    enum { PATH_MAX_BYTES = sizeof(((struct sockaddr_un *)0)->sun_path) - 1 };
    if (take_prefix(&path, "//") && (path.length == 0 || path.at[0] != '/'))
        return refuse(why, "path", path, "after unix:// it must be absolute: unix:///path");
    if (path.length == 0)
        return refuse(why, "path", path, "it is empty; write unix:/path or unix-abstract:name");
    if (path.length > PATH_MAX_BYTES)
        return refuse(why, "path", path, "longer than a socket's path can be (107 bytes)");
    /* Two slashes before the path mean nothing, unless the path itself begins with two. */
    const char *slashes = path.length > 1 && memcmp(path.at, "//", 2) == 0 ? "//" : "";
    isa__text_add(out, "%s%s%.*s", scheme, slashes, (int)path.length, path.at);
    return 0;
}

static int check_characters(const char *target, struct isa__text *why)
{
    if (!*target) {
        isa__text_add(why, "the target is empty: write host:port");
        return ISA_ETARGET;
    }
    if (strnlen(target, ISA__TR_TARGET_MAX + 1) > ISA__TR_TARGET_MAX)
        return refuse(why, "target", piece_of(target), "longer than 1024 characters");
    for (const unsigned char *at = (const unsigned char *)target; *at; at++) {
        if (*at <= ' ' || *at >= 0x7f)
            return refuse(why, "target", piece_of(target),
                          "a space, a control character or a byte outside ASCII is in it");
    }
    return 0;
}

static int parse_by_scheme(const char *target, struct isa__text *out, struct isa__text *why)
{
    struct piece rest = piece_of(target);
    if (take_prefix(&rest, "ipv4:")) {
        isa__text_add(out, "ipv4:");
        return add_each(rest, add_ipv4, out, why);
    }
    if (take_prefix(&rest, "ipv6:")) {
        isa__text_add(out, "ipv6:");
        return add_each(rest, add_ipv6, out, why);
    }
    if (take_prefix(&rest, "dns:"))
        return parse_dns(rest, out, why);
    if (take_prefix(&rest, "unix:"))
        return parse_unix(rest, "unix:", out, why);
    if (take_prefix(&rest, "unix-abstract:"))
        return parse_unix(rest, "unix-abstract:", out, why);
    const char *scheme_end = strstr(target, "://");
    if (scheme_end)
        return refuse(why, "scheme", (struct piece){ target, (size_t)(scheme_end - target) },
                      "unknown; write host:port, or use ipv4:, ipv6:, dns:///, unix: or "
                      "unix-abstract:");
    return add_host_port(rest, "dns:///", out, why);
}

int isa__tr_target_parse(const char *target, struct isa__text *ret_canonical, struct isa__text *why)
{
    int error = check_characters(target, why);
    if (!error)
        error = parse_by_scheme(target, ret_canonical, why);
    if (!error && ret_canonical->length > ISA__TR_TARGET_MAX) /* [::ffff:ff:ff] grows by six */
        error = refuse(why, "target", piece_of(target),
                       "its canonical form is longer than 1024 characters");
    return error;
}
