/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests of targets: what is accepted, in which form, and what is said of the rest.
 * Used by: ctest.
 * Must not know: channels.
 */
#include <criterion/criterion.h>

#include <string.h>

#include "transport.h"

struct parsed {
    int error;
    char canonical[ISA__TR_TARGET_MAX + 32];
    char why[256];
};

static struct parsed parse(const char *target)
{
    struct parsed parsed;
    struct isa__text canonical;
    struct isa__text why;
    isa__text_init(&canonical, parsed.canonical, sizeof parsed.canonical);
    isa__text_init(&why, parsed.why, sizeof parsed.why);
    parsed.error = isa__tr_target_parse(target, &canonical, &why);
    return parsed;
}

static const struct {
    const char *target;
    const char *canonical;
} good[] = {
    { "localhost:50051", "dns:///localhost:50051" },
    { "LocalHost:50051", "dns:///localhost:50051" },
    { "a.b-c.example:1", "dns:///a.b-c.example:1" },
    { "_grpc._tcp.example:443", "dns:///_grpc._tcp.example:443" },
    { "host.:80", "dns:///host.:80" },
    { "host:0080", "dns:///host:80" },
    { "host:65535", "dns:///host:65535" },
    { "1.2.3.4:80", "ipv4:1.2.3.4:80" },
    { "ipv4:1.2.3.4:80", "ipv4:1.2.3.4:80" },
    { "ipv4:1.2.3.4:80,5.6.7.8:0090", "ipv4:1.2.3.4:80,5.6.7.8:90" },
    { "[::1]:80", "ipv6:[::1]:80" },
    { "[0:0:0:0:0:0:0:1]:80", "ipv6:[::1]:80" },
    { "[2001:DB8::1]:80", "ipv6:[2001:db8::1]:80" },
    { "ipv6:[::1]:80,[2001:db8:0::2]:81", "ipv6:[::1]:80,[2001:db8::2]:81" },
    { "[::ffff:1.2.3.4]:80", "ipv6:[::ffff:1.2.3.4]:80" },
    { "dns:host:80", "dns:///host:80" },
    { "dns:///host:80", "dns:///host:80" },
    { "dns:///HOST:80", "dns:///host:80" },
    { "dns:///1.2.3.4:80", "ipv4:1.2.3.4:80" },
    { "dns:///[::1]:80", "ipv6:[::1]:80" },
    { "dns://8.8.8.8/host:80", "dns://8.8.8.8/host:80" },
    { "dns://[::1]:53/host:80", "dns://[::1]:53/host:80" },
    { "unix:/run/x.sock", "unix:/run/x.sock" },
    { "unix:///run/x.sock", "unix:/run/x.sock" },
    { "unix:relative.sock", "unix:relative.sock" },
    { "unix-abstract:name", "unix-abstract:name" },
    { "3com.example:80", "dns:///3com.example:80" },
    { "1.2.3.4a:80", "dns:///1.2.3.4a:80" },
};

static const struct {
    const char *target;
    const char *why;
} bad[] = {
    { "", "the target is empty: write host:port" },
    { "localhost", "target 'localhost': the port is missing; write host:port" },
    { ":80", "host '': it is empty; write host:port" },
    { "localhost:", "port '': it is empty; write a number from 1 to 65535" },
    { "localhost:http", "port 'http': not a number; write one from 1 to 65535" },
    { "localhost:0", "port '0': out of range; the smallest is 1" },
    { "localhost:000", "port '000': out of range; the smallest is 1" },
    { "localhost:65536", "port '65536': out of range; the largest is 65535" },
    { "localhost:99999", "port '99999': out of range; the largest is 65535" },
    { "localhost:184467440737095516160",
      "port '184467440737095516160': out of range; the largest is 65535" },
    { "localhost:-1", "port '-1': not a number; write one from 1 to 65535" },
    { "localhost:+1", "port '+1': not a number; write one from 1 to 65535" },
    { "localhost:80 ", "target 'localhost:80 ': a space, a control character or a byte outside "
                       "ASCII is in it" },
    { "http://x:80", "scheme 'http': unknown; write host:port, or use ipv4:, ipv6:, dns:///, unix: "
                     "or unix-abstract:" },
    { "xds:///x", "scheme 'xds': unknown; write host:port, or use ipv4:, ipv6:, dns:///, unix: or "
                  "unix-abstract:" },
    { "::1:80", "target '::1:80': an IPv6 address needs brackets; write [::1]:port" },
    { "[::1]", "address '[::1]': the port is missing; write [::1]:port" },
    { "[::1", "address '[::1': an IPv6 address needs brackets; write [::1]:port" },
    { "[::1]80", "address '[::1]80': the port is missing; write [::1]:port" },
    { "[1.2.3.4]:80", "host '1.2.3.4': not an IPv6 address" },
    { "[::g]:80", "host '::g': not an IPv6 address" },
    { "[]:80", "host '': not an IPv6 address" },
    { "1.2.3:80", "host '1.2.3': not an IPv4 address; write four numbers from 0 to 255" },
    { "1.2.3.256:80", "host '1.2.3.256': not an IPv4 address; write four numbers from 0 to 255" },
    { "ipv4:1.2.3:1", "host '1.2.3': not an IPv4 address; write four numbers from 0 to 255" },
    { "ipv4:1.2.3.4", "address '1.2.3.4': the port is missing; write 1.2.3.4:port" },
    { "ipv4:", "address '': the port is missing; write 1.2.3.4:port" },
    { "ipv4:1.2.3.4:80,", "address '': the port is missing; write 1.2.3.4:port" },
    { "ipv4:host:80", "host 'host': not an IPv4 address; write four numbers from 0 to 255" },
    { "ipv6:::1:80", "address '::1:80': an IPv6 address needs brackets; write [::1]:port" },
    { "a..b:80", "host label '': it is empty; two dots stand together" },
    { ".a:80", "host label '': it is empty; two dots stand together" },
    { "a b:80", "target 'a b:80': a space, a control character or a byte outside ASCII is in it" },
    { "a/b:80", "host label 'a/b': only letters, digits, '-' and '_' are allowed" },
    { "user@host:80", "host label 'user@host': only letters, digits, '-' and '_' are allowed" },
    { "dns:", "target '': the port is missing; write host:port" },
    { "dns:///", "target '': the port is missing; write host:port" },
    { "dns://host:80", "target 'host:80': write dns:///host:port or dns://server/host:port" },
    { "dns://a b/host:80", "target 'dns://a b/host:80': a space, a control character or a byte "
                           "outside ASCII is in it" },
    { "dns://x?y/host:80", "name server 'x?y': write host or host:port" },
    { "unix:", "path '': it is empty; write unix:/path or unix-abstract:name" },
    { "unix://", "path '': after unix:// it must be absolute: unix:///path" },
    { "unix://run/x", "path 'run/x': after unix:// it must be absolute: unix:///path" },
    { "unix-abstract:", "path '': it is empty; write unix:/path or unix-abstract:name" },
    { "caf\xc3\xa9:80", "target 'caf\\xc3\\xa9:80': a space, a control character or a byte outside "
                        "ASCII is in it" },
    { "host\x1b[2J:80", "target 'host\\x1b[2J:80': a space, a control character or a byte outside "
                        "ASCII is in it" },
};

Test(transport_target, good_ones_have_their_canonical_form)
{
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct parsed parsed = parse(good[i].target);
        cr_expect_eq(parsed.error, 0, "%s: %s", good[i].target, parsed.why);
        cr_expect_str_eq(parsed.canonical, good[i].canonical);
        cr_expect_str_eq(parsed.why, "", "%s", good[i].target);
    }
}

Test(transport_target, bad_ones_are_told_what_is_wrong_and_what_would_be_right)
{
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct parsed parsed = parse(bad[i].target);
        cr_expect_eq(parsed.error, ISA_ETARGET, "%s is taken", bad[i].target);
        cr_expect_str_eq(parsed.why, bad[i].why);
    }
}

/* Sizes. */

static const char *repeated(char c, size_t count, const char *tail)
{
    static char target[6000];
    memset(target, c, count);
    strcpy(target + count, tail); /* NOLINT(clang-analyzer-security.insecureAPI.strcpy) */
    return target;
}

Test(transport_target, a_label_has_at_most_63_characters)
{
    cr_expect_eq(parse(repeated('a', 63, ":80")).error, 0);
    cr_expect_eq(parse(repeated('a', 64, ":80")).error, ISA_ETARGET);
}

Test(transport_target, a_name_has_at_most_253_characters)
{
    char name[300] = "";
    for (int i = 0; i < 126; i++)
        strcat(name, "a."); /* NOLINT(clang-analyzer-security.insecureAPI.strcpy) */
    struct isa__text target = { name, sizeof name, strlen(name) };

    isa__text_add(&target, "b:80");
    cr_expect_eq(parse(name).error, 0, "%s", parse(name).why);
    target.length -= 4;
    isa__text_add(&target, "bc:80");

    cr_expect_eq(parse(name).error, ISA_ETARGET);
    cr_expect_not_null(strstr(parse(name).why, "longer than 253 characters"));
}

Test(transport_target, a_socket_path_has_at_most_107_bytes)
{
    char target[200] = "unix:";
    memset(target + 5, 'p', 107);

    cr_expect_eq(parse(target).error, 0);
    target[5 + 107] = 'p';

    cr_expect_eq(parse(target).error, ISA_ETARGET);
}

Test(transport_target, a_target_of_five_thousand_characters_is_refused_in_one_sentence)
{
    struct parsed parsed = parse(repeated('x', 5000, ":80"));

    cr_expect_eq(parsed.error, ISA_ETARGET);
    cr_expect_not_null(strstr(parsed.why, "...': longer than 1024 characters"));
}

Test(transport_target, a_list_that_grows_in_its_canonical_form_is_refused_not_cut)
{
    char target[ISA__TR_TARGET_MAX + 1] = "";
    struct isa__text text;
    isa__text_init(&text, target, sizeof target);
    isa__text_add(&text, "ipv6:[::ffff:ff:ff]:1");
    while (text.length + 20 < sizeof target)
        isa__text_add(&text, ",[::ffff:ff:ff]:1");

    struct parsed parsed = parse(target);

    cr_expect_eq(parsed.error, ISA_ETARGET, "cut to %s", parsed.canonical);
    cr_expect_not_null(strstr(parsed.why, "longer than 1024 characters"), "%s", parsed.why);
}

Test(transport_target, a_why_without_room_is_cut)
{
    char canonical[ISA__TR_TARGET_MAX + 32];
    char why[10];
    struct isa__text canonical_text;
    struct isa__text why_text;
    isa__text_init(&canonical_text, canonical, sizeof canonical);
    isa__text_init(&why_text, why, sizeof why);

    cr_expect_eq(isa__tr_target_parse("localhost", &canonical_text, &why_text), ISA_ETARGET);

    cr_expect_str_eq(why, "target 'l");
}

/* Theories. */

static void expect_sound(const char *target)
{
    struct parsed parsed = parse(target);
    if (parsed.error) {
        cr_assert_eq(parsed.error, ISA_ETARGET, "%s", target);
        cr_assert_gt(strlen(parsed.why), 0, "%s", target);
        for (const char *at = parsed.why; *at; at++)
            cr_assert(*at >= ' ' && *at < 0x7f, "an unprintable byte in: %s", parsed.why);
        return;
    }
    struct parsed again = parse(parsed.canonical);
    cr_assert_eq(again.error, 0, "%s: canonical %s: %s", target, parsed.canonical, again.why);
    cr_assert_str_eq(again.canonical, parsed.canonical, "%s", target);
}

Test(transport_target, every_byte_alone_or_inside_is_judged)
{
    for (int c = 1; c < 256; c++) {
        const char alone[] = { (char)c, '\0' };
        const char inside[] = { 'a', (char)c, 'b', ':', '8', '0', '\0' };
        const char port[] = { 'a', ':', '8', (char)c, '\0' };
        const char path[] = { 'u', 'n', 'i', 'x', ':', (char)c, '\0' };
        expect_sound(alone);
        expect_sound(inside);
        expect_sound(port);
        expect_sound(path);
    }
}

Test(transport_target, the_canonical_form_of_a_good_target_is_its_own)
{
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        expect_sound(good[i].target);
    expect_sound("unix:////double");
    expect_sound("unix-abstract:////double");
}

static uint32_t draw(uint32_t *generator)
{
    *generator ^= *generator << 13;
    *generator ^= *generator >> 17;
    *generator ^= *generator << 5;
    return *generator;
}

/* Words of the grammar and stray bytes, in any order. */
static void write_random_target(struct isa__text *target, uint32_t *generator)
{
    static const char *const words[] = {
        "dns:", "///",     "//",   "/",    "ipv4:",  "ipv6:", "unix:",    "unix-abstract:",
        "::",   ":",       ",",    "[",    "]",      ".",     "host",     "1",
        "255",  "1.2.3.4", "::1",  ":80",  ":1",     "%",     "[::1]:80", "A-b",
        "0",    "65535",   "ffff", "fe80", "dns://", "_x",    "xn--",     "1.2.3.4:80,",
        "@",    "?",       "#",    "x",
    };
    enum { WORDS = sizeof words / sizeof *words };
    for (uint32_t left = draw(generator) % 9; left > 0; left--) {
        if (draw(generator) % 40 == 0)
            isa__text_add(target, "%c", (int)(1 + draw(generator) % 255));
        else
            isa__text_add(target, "%s", words[draw(generator) % WORDS]);
    }
}

Test(transport_target, no_string_breaks_the_parser)
{
    uint32_t generator = 19650218U;
    unsigned accepted = 0;

    for (int i = 0; i < 200000; i++) {
        char buffer[160];
        struct isa__text target;
        isa__text_init(&target, buffer, sizeof buffer);
        write_random_target(&target, &generator);
        expect_sound(buffer);
        accepted += parse(buffer).error == 0;
    }

    cr_expect_gt(accepted, 1000, "the strings are too wild to test anything");
}
