/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: what a scenario is, and how it ends: by returning, by fail(), by skip().
 * Used by: every file of isa-faultlab.
 * Must not know: the library under test.
 */
#ifndef LAB_H
#define LAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One fault, with everything that must be true of the library while it lasts and afterwards. Runs in
 * a process of its own. */
struct scenario {
    const char *name;
    const char *line;  /* what is done, and what must come of it */
    unsigned limit_s;  /* of the whole scenario; then its process is ended */
    void (*run)(void); /* returns: passed */
};

struct scenario_family {
    const char *title;
    const struct scenario *scenarios; /* ends with a name that is NULL */
};

extern const struct scenario_family family_grpc;
extern const struct scenario_family family_raw;
extern const struct scenario_family family_net;
extern const struct scenario_family family_proxy;
extern const struct scenario_family family_real;
extern const struct scenario_family family_address;
extern const struct scenario_family family_tls;

/* What was asked for on the command line. */
struct lab {
    uint64_t seed;
    bool is_long; /* full lengths of what is otherwise shortened */
    bool is_verbose;
};
extern struct lab lab;

enum { EXIT_SKIPPED = 77 };

#if defined(__GNUC__)
#define LAB_PRINTF(at, first) __attribute__((format(printf, at, first)))
#define LAB_NORETURN __attribute__((noreturn))
#else
#define LAB_PRINTF(at, first)
#define LAB_NORETURN
#endif

/* A number from 0 to most, from the seed. */
unsigned lab_draw(unsigned most);

/* A line in the scenario's diary: what was done to the peer. Diaries are shown with --verbose, and
 * when the scenario fails. */
void lab_note(const char *text, ...) LAB_PRINTF(1, 2);
uint64_t lab_now_ms(void); /* since the scenario began */

/* End the scenario here: with the diary; with the reason why this machine cannot run it. */
void lab_fail(const char *text, ...) LAB_PRINTF(1, 2) LAB_NORETURN;
void lab_skip(const char *text, ...) LAB_PRINTF(1, 2) LAB_NORETURN;

#define LAB_EXPECT(is_true, ...)                                                                   \
    do {                                                                                           \
        if (!(is_true))                                                                            \
            lab_fail(__VA_ARGS__);                                                                 \
    } while (0)

#endif
