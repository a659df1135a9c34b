/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: what generated code costs: fsm-gen's machine beside the same machine by hand.
 * Used by: `make bench`; with --check by ctest, which measures nothing.
 * Must not know: how any contender works.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "back_ends.h" /* BACK_ENDS(X): each way in which fsm-gen's machine was made to dispatch */
#include "report.h"
#include "streams.h"

#define DECLARE(back_end) extern const struct contender contender_##back_end;
BACK_ENDS(DECLARE)
#undef DECLARE

/* First the baseline, then what fsm-gen does when it is not told how. */
#define LIST(back_end) &contender_##back_end,
static const struct contender *const contenders[] = {
    &contender_switch,
    BACK_ENDS(LIST)
#ifdef HAVE_RAGEL
        & contender_ragel,
#endif
};
#undef LIST

enum { CONTENDERS = sizeof contenders / sizeof *contenders, ROUNDS = 60 };

static struct item items[STREAM_COUNT][STREAM_LENGTH];
static struct link links[MACHINES];
static struct figure cost[STREAM_COUNT][CONTENDERS];
static struct figure ratio[STREAM_COUNT][CONTENDERS];
static char names[2][STREAM_COUNT][CONTENDERS][64];

/* Of this program alone, so that others on the machine count for less. */
static double cpu_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static void init_links(const struct contender *contender)
{
    memset(links, 0, sizeof links);
    for (size_t i = 0; i < MACHINES; i++)
        contender->init(&links[i]);
}

/* Of everything that all machines did, in order. */
static uint32_t digest(void)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < MACHINES; i++)
        sum = sum * 31U + links[i].work;
    return sum;
}

static bool all_agree(void)
{
    bool agree = true;
    for (int s = 0; s < STREAM_COUNT; s++) {
        uint32_t expected = 0;
        for (int c = 0; c < CONTENDERS; c++) {
            init_links(contenders[c]);
            contenders[c]->feed(links, items[s], STREAM_LENGTH);
            if (c == 0)
                expected = digest();
            if (digest() == expected && expected != 0)
                continue;
            fprintf(stderr, "isa-bench-machine: %s does other work than %s on %s\n",
                    contenders[c]->name, contenders[0]->name, stream_names[s]);
            agree = false;
        }
    }
    return agree;
}

static double measure(int stream, int contender)
{
    init_links(contenders[contender]);
    double start = cpu_ns();
    contenders[contender]->feed(links, items[stream], STREAM_LENGTH);
    return (cpu_ns() - start) / STREAM_LENGTH;
}

/* Each contender is first as often as any other: the first finds the stream out of the cache. */
static void measure_round(int stream, int round)
{
    double ns[CONTENDERS];
    for (int i = 0; i < CONTENDERS; i++) {
        int c = (i + round) % CONTENDERS;
        ns[c] = measure(stream, c);
    }
    for (int c = 0; c < CONTENDERS; c++) {
        figure_add(&cost[stream][c], ns[c]);
        figure_add(&ratio[stream][c], ns[c] / ns[0]);
    }
}

static void name_figures(void)
{
    for (int s = 0; s < STREAM_COUNT; s++)
        for (int c = 0; c < CONTENDERS; c++) {
            snprintf(names[0][s][c], sizeof names[0][s][c], "machine_ns_%s_%s", stream_names[s],
                     contenders[c]->name);
            snprintf(names[1][s][c], sizeof names[1][s][c], "machine_x_%s_%s", stream_names[s],
                     contenders[c]->name);
            cost[s][c].name = names[0][s][c];
            cost[s][c].unit = "ns";
            ratio[s][c].name = names[1][s][c];
            ratio[s][c].unit = "x";
            ratio[s][c].baseline = cost[s][0].name;
        }
}

/* The two figures that are promised: fsm-gen's default on a real stream, and on its worst. */
static void promised(struct figure *ret_real, struct figure *ret_worst)
{
    *ret_real = *ret_worst = ratio[STREAM_REAL][1];
    for (int s = 0; s < STREAM_COUNT; s++)
        if (figure_median(&ratio[s][1]) > figure_median(ret_worst))
            *ret_worst = ratio[s][1];
    ret_real->name = "machine_ratio_real";
    ret_worst->name = "machine_ratio_worst";
}

static int report(const char *json)
{
    static struct figure real, worst;
    const struct figure *all[2 * STREAM_COUNT * CONTENDERS + 2];
    int count = 0;
    promised(&real, &worst);
    for (int s = 0; s < STREAM_COUNT; s++)
        for (int c = 0; c < CONTENDERS; c++) {
            all[count++] = &cost[s][c];
            if (c > 0)
                all[count++] = &ratio[s][c];
        }
    all[count++] = &real;
    all[count++] = &worst;
    report_print(all, count);
    if (json && !report_write(json, all, count)) {
        perror(json);
        return 1;
    }
    return 0;
}

int main(int argc, char **argv)
{
    static const struct option options[] = { { "json", required_argument, NULL, 'j' },
                                             { "check", no_argument, NULL, 'c' },
                                             { NULL, 0, NULL, 0 } };
    const char *json = NULL;
    bool only_check = false;
    for (int c; (c = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (c == 'j')
            json = optarg;
        else if (c == 'c')
            only_check = true;
        else
            return 2;
    }
    for (int s = 0; s < STREAM_COUNT; s++)
        make_stream((enum stream)s, links, items[s]);
    if (!all_agree())
        return 1;
    if (only_check)
        return 0;
    name_figures();
    for (int round = 0; round < ROUNDS; round++)
        for (int s = 0; s < STREAM_COUNT; s++)
            measure_round(s, round);
    return report(json);
}
