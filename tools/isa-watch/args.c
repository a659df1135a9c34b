/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the options of isa-watch, their help, and the refusal of what makes no sense.
 * Used by: main.c, through args.h.
 * Must not know: loops, handles, how changes are printed.
 */
#include "args.h"
#include "duration.h"
#include "text.h"

#include <isa/conn.h>
#include <isa/version.h>

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#define DEFAULT_TIMEOUT_MS 5000
#define LONGEST_SETTING_MS 3600000u /* of the library's backoff and connect timeout */
#define LEAST_CONNECT_TIMEOUT_MS 100
#define LONGEST_SERVICE_BYTES 1024

/* Bytes of a target and of an explanation that an error message shows. */
enum { SHOWN_TARGET_SIZE = 80, WHY_SIZE = 200 };

enum option_id {
    OPTION_JSON = 256, /* beyond every character */
    OPTION_UNTIL_READY,
    OPTION_SERVICE,
    OPTION_TIMEOUT,
    OPTION_DURATION,
    OPTION_BACKOFF_MIN,
    OPTION_BACKOFF_MAX,
    OPTION_CONNECT_TIMEOUT,
    OPTION_VERSION,
};

static const struct option options[] = {
    { "json", no_argument, NULL, OPTION_JSON },
    { "until-ready", no_argument, NULL, OPTION_UNTIL_READY },
    { "service", required_argument, NULL, OPTION_SERVICE },
    { "timeout", required_argument, NULL, OPTION_TIMEOUT },
    { "duration", required_argument, NULL, OPTION_DURATION },
    { "backoff-min", required_argument, NULL, OPTION_BACKOFF_MIN },
    { "backoff-max", required_argument, NULL, OPTION_BACKOFF_MAX },
    { "connect-timeout", required_argument, NULL, OPTION_CONNECT_TIMEOUT },
    { "help", no_argument, NULL, 'h' },
    { "version", no_argument, NULL, OPTION_VERSION },
    { NULL, 0, NULL, 0 },
};

static const char help[] =
    "Usage: isa-watch [OPTION]... TARGET...\n"
    "Connect to gRPC servers and print every change of each connection's state.\n"
    "\n"
    "      --json               print one JSON object a line instead of text\n"
    "      --until-ready        end as soon as every target is READY, and with --service healthy\n"
    "      --service NAME       watch the health of this service too; \"\" is the server as a "
    "whole\n"
    "      --timeout D          with --until-ready: give up after D (default 5s)\n"
    "      --duration D         end after D; without this or --until-ready, run until\n"
    "                           SIGINT or SIGTERM\n"
    "      --backoff-min D      first window of the delay between attempts (default 400ms;\n"
    "                           given alone, the largest window is twice as long)\n"
    "      --backoff-max D      largest window of that delay (default 500ms;\n"
    "                           given alone, the first window is half as long)\n"
    "      --connect-timeout D  time for one address to answer (default 2s); an attempt as\n"
    "                           a whole gets ten times as long\n"
    "  -h, --help               print this help\n"
    "      --version            print the version\n"
    "\n"
    "TARGET is host:port, 1.2.3.4:port, [::1]:port, ipv4:..., ipv6:..., dns:///host:port,\n"
    "unix:path or unix-abstract:name. D is a whole number and a unit: 250ms, 5s, 2m, 1h.\n"
    "\n"
    "A line of JSON has the keys time (RFC 3339, UTC), target, from, to, reason, text,\n"
    "attempt, next_delay_ms, reconnects and generation. One about health has time, target,\n"
    "service, health_from, health_to, status and text.\n"
    "\n"
    "Exit status: 0 when every target is READY at the end, 1 for a usage error or a\n"
    "malformed target, 2 when a target is not READY or was not in time. With --service also\n"
    "3 when the health call fails or the service is unknown, 4 when it says NOT_SERVING; a\n"
    "server without a health service counts as healthy.\n";

/* Times to run as given, before it is known which of them applies; 0: not given. */
struct given {
    uint32_t timeout_ms;
    uint32_t duration_ms;
};

static uint32_t at_most_longest(uint64_t ms)
{
    return ms < LONGEST_SETTING_MS ? (uint32_t)ms : LONGEST_SETTING_MS;
}

static enum args_verdict wrong(const char *message)
{
    fprintf(stderr, "isa-watch: %s\nTry 'isa-watch --help' for more information.\n", message);
    return ARGS_WRONG;
}

static int parse_duration(const char *name, const char *text, uint32_t *ret_ms)
{
    char why[WHY_SIZE], shown[SHOWN_TARGET_SIZE], message[WHY_SIZE + SHOWN_TARGET_SIZE + 32];
    if (duration_parse(text, ret_ms, why, sizeof why) == 0)
        return 0;
    text_escape(shown, sizeof shown, text);
    snprintf(message, sizeof message, "--%s \"%s\": %s", name, shown, why);
    wrong(message);
    return -1;
}

static int parse_setting(const char *name, const char *text, uint32_t least_ms, uint32_t *ret_ms)
{
    uint32_t ms = 0;
    if (parse_duration(name, text, &ms) != 0)
        return -1;
    if (ms < least_ms || ms > LONGEST_SETTING_MS) {
        char message[WHY_SIZE];
        snprintf(message, sizeof message, "--%s is %ums; it must be between %ums and 1h", name,
                 (unsigned)ms, (unsigned)least_ms);
        wrong(message);
        return -1;
    }
    *ret_ms = ms;
    return 0;
}

static int parse_option(int id, const char *value, struct args *args, struct given *given)
{
    switch (id) {
    case OPTION_JSON:
        args->is_json = true;
        return 0;
    case OPTION_UNTIL_READY:
        args->until_ready = true;
        return 0;
    case OPTION_SERVICE:
        args->service = value;
        return strlen(value) <= LONGEST_SERVICE_BYTES
                   ? 0
                   : (wrong("--service: a name has at most 1024 bytes"), -1);
    case OPTION_TIMEOUT:
        return parse_duration("timeout", value, &given->timeout_ms);
    case OPTION_DURATION:
        return parse_duration("duration", value, &given->duration_ms);
    case OPTION_BACKOFF_MIN:
        return parse_setting("backoff-min", value, 1, &args->backoff_min_ms);
    case OPTION_BACKOFF_MAX:
        return parse_setting("backoff-max", value, 1, &args->backoff_max_ms);
    case OPTION_CONNECT_TIMEOUT:
        return parse_setting("connect-timeout", value, LEAST_CONNECT_TIMEOUT_MS,
                             &args->connect_timeout_ms);
    default: /* getopt_long() has said what is wrong */
        fputs("Try 'isa-watch --help' for more information.\n", stderr);
        return -1;
    }
}

/* A setting given alone moves its partner along: the library's default for that might not fit. */
static void complete_settings(struct args *args)
{
    if (args->backoff_max_ms == 0)
        args->backoff_max_ms = at_most_longest(args->backoff_min_ms * UINT64_C(2));
    if (args->backoff_min_ms == 0)
        args->backoff_min_ms = (args->backoff_max_ms + 1) / 2;
    args->attempt_timeout_ms = at_most_longest(args->connect_timeout_ms * UINT64_C(10));
}

static enum args_verdict combine(struct args *args, const struct given *given)
{
    if (args->until_ready && given->duration_ms > 0)
        return wrong("--until-ready and --duration exclude each other; give --timeout with the"
                     " former");
    if (!args->until_ready && given->timeout_ms > 0)
        return wrong("--timeout needs --until-ready; to end after a time, give --duration");
    if (args->until_ready)
        args->run_ms = given->timeout_ms > 0 ? given->timeout_ms : DEFAULT_TIMEOUT_MS;
    else
        args->run_ms = given->duration_ms;

    if (args->backoff_min_ms > 0 && args->backoff_max_ms > 0 &&
        args->backoff_max_ms < args->backoff_min_ms)
        return wrong("--backoff-max is shorter than --backoff-min");
    complete_settings(args);
    return ARGS_RUN;
}

static enum args_verdict check_targets(const struct args *args)
{
    enum args_verdict verdict = ARGS_RUN;
    for (size_t i = 0; i < args->target_count; i++) {
        char why[WHY_SIZE], shown[SHOWN_TARGET_SIZE];
        if (isa_target_check(args->targets[i], why, sizeof why) == 0)
            continue;
        text_escape(shown, sizeof shown, args->targets[i]);
        fprintf(stderr, "isa-watch: target \"%s\": %s\n", shown, why);
        verdict = ARGS_WRONG;
    }
    return verdict;
}

enum args_verdict args_parse(int argc, char **argv, struct args *ret_args)
{
    struct args args = { 0 };
    struct given given = { 0 };
    int id = 0;

    while ((id = getopt_long(argc, argv, "h", options, NULL)) != -1) {
        if (id == 'h') {
            fputs(help, stdout);
            return ARGS_SHOWN;
        }
        if (id == OPTION_VERSION) {
            printf("isa-watch %s\n", isa_version());
            return ARGS_SHOWN;
        }
        if (parse_option(id, optarg, &args, &given) != 0)
            return ARGS_WRONG;
    }
    args.targets = argv + optind;
    args.target_count = (size_t)(argc - optind);
    if (args.target_count == 0)
        return wrong("no target given");
    enum args_verdict verdict = combine(&args, &given);
    if (verdict == ARGS_RUN)
        verdict = check_targets(&args);
    if (verdict == ARGS_RUN)
        *ret_args = args;
    return verdict;
}
