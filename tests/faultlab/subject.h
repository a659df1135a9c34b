/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: one handle as a program uses it, under judgement: every change and every call's end is
 * written down, and what must always hold is checked at the end.
 * Used by: scenarios.
 * Must not know: peers, the rooms behind the public headers.
 */
#ifndef SUBJECT_H
#define SUBJECT_H

#include <isa/isa.h>

#include <stdbool.h>
#include <stdint.h>

struct subject; /* opaque */

/* One call, and how it ended. */
struct subject_call {
    struct subject *subject;
    struct subject_call *next;
    struct isa_call *call;
    unsigned completions;
    enum isa_status_code code;
    enum isa_reason reason;
    char text[256];
    uint64_t began_ms; /* lab_now_ms() */
    uint64_t ended_ms;
};

/* Open a handle on a loop of its own. options may be NULL. */
struct subject *subject_new(const char *target, const struct isa_conn_options *options);
/* Another handle on the same loop as `first`. */
struct subject *subject_new_beside(struct subject *first, const char *target,
                                   const struct isa_conn_options *options);
struct isa_conn *subject_conn(struct subject *subject);

/* Connect, and expect READY within this time. */
void subject_connect(struct subject *subject, uint32_t within_ms);

/* Start a call of "/test.Test/METHOD", or of a method's full name. The call lives as long as the subject. deadline_ms 0: the
 * handle's. `waiting`: wait_for_ready. */
struct subject_call *subject_call(struct subject *subject, const char *method, const char *text,
                                  uint32_t deadline_ms);
struct subject_call *subject_call_waiting(struct subject *subject, const char *method,
                                          const char *text, uint32_t deadline_ms);

/* From now on keep up to so many calls in flight, a new one every few milliseconds; 0: no more. */
void subject_traffic(struct subject *subject, unsigned in_flight, const char *method,
                     const char *text);

/* Run the loop. */
void subject_run(struct subject *subject, uint32_t ms);
/* Run the loop until it is so; fails the scenario when that takes longer. Returns how long it took,
 * milliseconds. */
uint64_t subject_await_state(struct subject *subject, enum isa_state state, uint32_t within_ms);
/* The same for the loss of a READY connection after READY, or a loss, was last awaited. Unlike a
 * state it cannot be missed when it is short. */
uint64_t subject_await_loss(struct subject *subject, uint32_t within_ms);
/* So many changes to a state have been told in all. */
uint64_t subject_await_count(struct subject *subject, enum isa_state state, unsigned count,
                             uint32_t within_ms);
uint64_t subject_await_call(struct subject *subject, struct subject_call *call, uint32_t within_ms);
uint64_t subject_await_all(struct subject *subject, uint32_t within_ms);

/* Calls are made, one after the other, until one succeeds, which must be within this time; then the
 * connection is READY. Without a call: subject_await_state(). */
uint64_t subject_await_usable(struct subject *subject, uint32_t within_ms);
/* With which call; Echo if nothing else was said. */
void subject_set_probe(struct subject *subject, const char *method, const char *text);

/* How often a state was told; how many calls ended so. */
unsigned subject_count(const struct subject *subject, enum isa_state state);
unsigned subject_count_ended(const struct subject *subject, enum isa_status_code code);
struct isa_conn_stats subject_stats(const struct subject *subject);

/*
 * The changes told so far, as " STATE:reason" each, must match an extended regular expression as a
 * whole. OUTAGE is what every outage looks like from the first failed attempt on.
 */
void subject_expect_story(const struct subject *subject, const char *pattern);
#define STORY_START " CONNECTING:operation READY:connected"
#define STORY_RETRIES(reasons) "( CONNECTING:(retry|operation) TRANSIENT_FAILURE:(" reasons "))*"
#define STORY_BACK " CONNECTING:(retry|operation) READY:connected"

/* The call must have ended so, with these words in its text; "" for any. */
void subject_expect_end(const struct subject_call *call, enum isa_status_code code,
                        enum isa_reason reason, const char *words);
/* Every call that has ended ended well, or as UNAVAILABLE with one of these reasons (names, divided
 * by '|'). */
void subject_expect_ends(const struct subject *subject, const char *reasons);

/*
 * Let every call end, compare the library's counters with what was heard, close, shut the pool down
 * when it is the last one of its loop, and check: each call completed once; changes form a chain,
 * none is missing, none comes after SHUTDOWN, which comes once; no text says that a channel is
 * closed. Frees the subject; returns NULL.
 */
struct subject *subject_end(struct subject *subject);

#endif
