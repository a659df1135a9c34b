/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests of what isa-watch refuses, and of its help.
 * Used by: ctest.
 * Must not know: the library; isa-watch is run as users run it.
 */
#include "watch_support.h"

#include <criterion/criterion.h>

#include <ctype.h>
#include <string.h>

#define LONG_TARGET_CHARS 5000

struct refusal {
    const char *target;
    const char *shown; /* how the message names the target */
    const char *cause; /* what the message says about it */
};

static const struct refusal malformed[] = {
    { "localhost:99999", "\"localhost:99999\"", "port '99999': out of range" },
    { "ipv4:1.2.3:1", "\"ipv4:1.2.3:1\"", "not an IPv4 address" },
    { "", "\"\"", "empty" },
    { "http://x", "\"http://x\"", "scheme 'http': unknown" },
    { "unknown://a", "\"unknown://a\"", "scheme 'unknown': unknown" },
    { "localhost", "\"localhost\"", "the port is missing" },
    { "a\x01\x1b[31m:1", "\"a\\x01\\x1b[31m:1\"", "control character" },
    { "a\xc2\x9b:1", "\"a\\u009b:1\"", "outside ASCII" },
    { "a\xff\n:1", "\"a\\xff\\n:1\"", "outside ASCII" },
};

static size_t count_char(const char *text, char wanted)
{
    size_t count = 0;
    for (; *text != '\0'; text++)
        count += *text == wanted;
    return count;
}

static bool is_plain(const char *text)
{
    for (; *text != '\0'; text++)
        if (*text != '\n' && !isprint((unsigned char)*text))
            return false;
    return true;
}

Test(isa_watch_args, refuses_a_malformed_target_and_says_why)
{
    for (size_t i = 0; i < sizeof malformed / sizeof malformed[0]; i++) {
        const struct refusal *refusal = &malformed[i];
        const char *arguments[] = { "--", refusal->target, NULL };

        struct child *child = watch_run(arguments);

        cr_expect_eq(child->exit_status, 1, "case %zu ended with %d", i, child->exit_status);
        cr_expect_str_empty(child->out.text);
        cr_expect(is_plain(child->err.text), "case %zu: %s", i, child->err.text);
        cr_expect_eq(count_char(child->err.text, '\n'), 1, "case %zu: %s", i, child->err.text);
        cr_expect_not_null(strstr(child->err.text, refusal->shown), "case %zu lacks %s: %s", i,
                           refusal->shown, child->err.text);
        cr_expect_not_null(strstr(child->err.text, refusal->cause), "case %zu lacks %s: %s", i,
                           refusal->cause, child->err.text);
        child_free(child);
    }
}

Test(isa_watch_args, cuts_a_target_of_5000_characters_in_its_message)
{
    char target[LONG_TARGET_CHARS + 1];
    memset(target, 'a', LONG_TARGET_CHARS);
    target[LONG_TARGET_CHARS] = '\0';
    const char *arguments[] = { target, NULL };

    struct child *child = watch_run(arguments);

    cr_expect_eq(child->exit_status, 1);
    cr_expect(child->err.length < 400, "%zu characters", child->err.length);
    cr_expect_not_null(strstr(child->err.text, "aaa...\": "));
    cr_expect_not_null(strstr(child->err.text, "longer than 1024 characters"));
    child_free(child);
}

Test(isa_watch_args, starts_nothing_when_one_of_several_targets_is_malformed)
{
    char closed[TARGET_SIZE];
    watch_closed_target(closed);
    const char *arguments[] = { closed, "localhost", "http://x", NULL };

    struct child *child = watch_run(arguments);

    cr_expect_eq(child->exit_status, 1);
    cr_expect_str_empty(child->out.text);
    cr_expect_eq(count_char(child->err.text, '\n'), 2, "one line each: %s", child->err.text);
    child_free(child);
}

struct mistake {
    const char *arguments[6];
    const char *says;
};

static const struct mistake mistakes[] = {
    { { NULL }, "no target given" },
    { { "--no-such-option", "a:1", NULL }, "no-such-option" },
    { { "--json=1", "a:1", NULL }, "--json" },
    { { "--duration", NULL }, "--duration" },
    { { "--service", NULL }, "--service" },
    { { "--duration", "5", "a:1", NULL }, "\"5\": a duration needs a unit: write 5s or 5ms" },
    { { "--duration", "", "a:1", NULL }, "a whole number and a unit" },
    { { "--duration", "-5s", "a:1", NULL }, "a whole number and a unit" },
    { { "--duration", "1.5s", "a:1", NULL }, "a whole number and a unit" },
    { { "--duration", "5sec", "a:1", NULL }, "a whole number and a unit" },
    { { "--duration", "0s", "a:1", NULL }, "at least 1ms" },
    { { "--duration", "999999999999999999999h", "a:1", NULL }, "at most 596h" },
    { { "--duration", "\x1b]0;s", "a:1", NULL }, "\"\\x1b]0;s\"" },
    { { "--timeout", "5s", "a:1", NULL }, "--timeout needs --until-ready" },
    { { "--until-ready", "--duration", "5s", "a:1", NULL }, "exclude each other" },
    { { "--backoff-min", "2s", "--backoff-max", "1s", "a:1", NULL }, "shorter than" },
    { { "--backoff-max", "2h", "a:1", NULL }, "between 1ms and 1h" },
    { { "--connect-timeout", "99ms", "a:1", NULL }, "between 100ms and 1h" },
};

Test(isa_watch_args, refuses_a_mistake_and_points_to_the_help)
{
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        struct child *child = watch_run(mistakes[i].arguments);

        cr_expect_eq(child->exit_status, 1, "case %zu ended with %d", i, child->exit_status);
        cr_expect_str_empty(child->out.text);
        cr_expect(is_plain(child->err.text), "case %zu: %s", i, child->err.text);
        cr_expect_not_null(strstr(child->err.text, mistakes[i].says), "case %zu lacks '%s': %s", i,
                           mistakes[i].says, child->err.text);
        cr_expect_not_null(strstr(child->err.text, "--help"), "case %zu: %s", i, child->err.text);
        child_free(child);
    }
}

Test(isa_watch_args, prints_its_help_with_every_option)
{
    static const char *const options[] = { "--json",        "--until-ready",     "--service",
                                           "--timeout",     "--duration",        "--backoff-min",
                                           "--backoff-max", "--connect-timeout", "--help",
                                           "--version" };
    const char *arguments[] = { "--help", NULL };

    struct child *child = watch_run(arguments);

    cr_expect_eq(child->exit_status, 0);
    cr_expect_str_empty(child->err.text);
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
        cr_expect_not_null(strstr(child->out.text, options[i]), "%s", options[i]);
    child_free(child);
}

Test(isa_watch_args, prints_its_version)
{
    const char *arguments[] = { "--version", NULL };

    struct child *child = watch_run(arguments);

    cr_expect_eq(child->exit_status, 0);
    cr_expect_str_eq(child->out.text, "isa-watch " ISA_VERSION "\n");
    child_free(child);
}
