/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the clock, the CPU account and the latencies of a client.
 * Used by: the clients.
 * Must not know: how a call is made.
 */
#include "load.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/* Latencies in a logarithmic histogram: 64 steps to the octave, so within 1.6 %. */
enum { STEP_BITS = 6, STEPS = 1 << STEP_BITS, BUCKETS = 64 * STEPS, EXIT_MISSING = 77 };

enum stage { WARMING, COUNTING, OVER };

static struct {
    enum stage stage;
    uint64_t until_ns;
    uint64_t begin_ns;
    uint64_t end_ns;
    struct rusage begin;
    struct rusage end;
    long warm;
    long done;
    uint32_t histogram[BUCKETS];
} account;

uint64_t load_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

void load_fail(const char *what)
{
    fprintf(stderr, "bench client: %s\n", what);
    _exit(1);
}

void load_allow_styles(const struct load *load, const char *const *styles)
{
    for (; *styles; styles++) {
        if (strcmp(load->style, *styles) == 0)
            return;
    }
    _exit(EXIT_MISSING);
}

void load_write_order(unsigned char *order, uint32_t messages, uint32_t message_bytes)
{
    memcpy(order, &messages, 4); /* the server is the same machine */
    memcpy(order + 4, &message_bytes, 4);
}

void load_read_arguments(struct load *load, int argc, char **argv)
{
    static const struct option options[] = {
        { "target", required_argument, NULL, 't' },
        { "style", required_argument, NULL, 's' },
        { "payload", required_argument, NULL, 'p' },
        { "in-flight", required_argument, NULL, 'n' },
        { "seconds", required_argument, NULL, 'd' },
        { "warmup", required_argument, NULL, 'w' },
        { "calls", required_argument, NULL, 'c' },
        { "connections", required_argument, NULL, 'k' },
        { NULL, 0, NULL, 0 },
    };
    *load = (struct load){ .style = "", .payload_bytes = 64, .in_flight = 64, .connections = 1 };
    load->warmup_s = 0.3;
    load->seconds = 1.;
    for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        switch (c) {
        case 't':
            load->target = optarg;
            break;
        case 's':
            load->style = optarg;
            break;
        case 'p':
            load->payload_bytes = strtoul(optarg, NULL, 10);
            break;
        case 'n':
            load->in_flight = (int)strtol(optarg, NULL, 10);
            break;
        case 'd':
            load->seconds = strtod(optarg, NULL);
            break;
        case 'w':
            load->warmup_s = strtod(optarg, NULL);
            break;
        case 'k':
            load->connections = (int)strtol(optarg, NULL, 10);
            break;
        case 'c':
            load->calls = strtol(optarg, NULL, 10);
            break;
        default:
            exit(2);
        }
    }
    if (!load->target || load->in_flight < 1 || load->connections < 1)
        load_fail("--target is missing, or a number is not positive");
    load->payload = malloc(load->payload_bytes + LOAD_ORDER_BYTES);
    if (!load->payload)
        load_fail("no memory for the payload");
    memset(load->payload, 'x', load->payload_bytes);
    account.until_ns = load_now_ns() + (uint64_t)(load->warmup_s * 1e9);
}

static void keep(uint64_t ns)
{
    int octave = 63 - __builtin_clzll(ns | STEPS);
    uint64_t step = (ns >> (octave - STEP_BITS)) & (STEPS - 1);
    account.histogram[octave * STEPS + (int)step]++;
}

static void begin_counting(const struct load *load, uint64_t now_ns)
{
    account.stage = COUNTING;
    getrusage(RUSAGE_SELF, &account.begin);
    account.begin_ns = now_ns;
    account.until_ns = now_ns + (uint64_t)(load->seconds * 1e9);
}

/* With --calls the warm-up is a count too, so that two runs do the same. */
static bool is_warm(const struct load *load, uint64_t now_ns)
{
    account.warm++;
    return load->calls ? account.warm > load->calls / 10 : now_ns >= account.until_ns;
}

bool load_count(struct load *load, uint64_t started_ns)
{
    uint64_t now_ns = load_now_ns();
    if (account.stage == WARMING && is_warm(load, now_ns))
        begin_counting(load, now_ns);
    else if (account.stage == COUNTING) {
        keep(now_ns - started_ns);
        account.done++;
        if (load->calls ? account.done >= load->calls : now_ns >= account.until_ns) {
            getrusage(RUSAGE_SELF, &account.end);
            account.end_ns = now_ns;
            account.stage = OVER;
        }
    }
    return account.stage != OVER;
}

static double us_between(struct timeval from, struct timeval to)
{
    return (double)(to.tv_sec - from.tv_sec) * 1e6 + (double)(to.tv_usec - from.tv_usec);
}

static double quantile_us(double share)
{
    long rank = (long)(share * (double)account.done);
    int at = 0;
    for (long seen = 0; at < BUCKETS - 1; at++) {
        seen += account.histogram[at];
        if (seen > rank)
            break;
    }
    int octave = at / STEPS;
    uint64_t floor_ns = (uint64_t)1 << octave;
    return ((double)floor_ns + (double)(at % STEPS) * (double)floor_ns / STEPS) / 1e3;
}

void load_report(const char *extra)
{
    double calls = (double)account.done;
    double user_us = us_between(account.begin.ru_utime, account.end.ru_utime);
    double system_us = us_between(account.begin.ru_stime, account.end.ru_stime);
    double seconds = (double)(account.end_ns - account.begin_ns) / 1e9;
    printf("{\"calls\": %ld, \"cpu_us\": %.3f, \"user_us\": %.3f, \"system_us\": %.3f, "
           "\"per_second\": %.0f, \"p50_us\": %.2f, \"p99_us\": %.2f, \"sleeps\": %.3f, "
           "\"preempted\": %.4f%s}\n",
           account.done, (user_us + system_us) / calls, user_us / calls, system_us / calls,
           calls / seconds, quantile_us(0.5), quantile_us(0.99),
           (double)(account.end.ru_nvcsw - account.begin.ru_nvcsw) / calls,
           (double)(account.end.ru_nivcsw - account.begin.ru_nivcsw) / calls, extra);
    fflush(stdout);
    _exit(0); /* the calls still in flight are nobody's business */
}
