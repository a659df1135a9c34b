/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the demo's own record of every operation, kept beside the library's counters.
 * Used by: traffic.c, which writes it; main.c and summary.c, which read it.
 * Must not know: how operations are made, when etcd is killed.
 */
#ifndef DEMO_BOOK_H
#define DEMO_BOOK_H

#include <isa/call.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BOOK_TALLIES = 48, BOOK_TEXT_SIZE = 240 };

/* One operation, from the moment the library accepted it. */
struct operation {
    struct operation *next; /* the one started before it */
    struct book *book;
    uint64_t number;
    uint64_t key; /* number of the operation that stored, or stores, the key */
    bool is_get;
    bool started_up; /* etcd was up when it started */
    bool in_flight_at_kill;
    uint32_t completions; /* must become 1, and stay 1 */
    bool is_ok;
};

/* Failures that are alike, with the words of the first. */
struct tally {
    enum isa_status_code code;
    enum isa_reason reason;
    uint64_t count;
    char text[BOOK_TEXT_SIZE];
};

struct book {
    struct operation *newest; /* of struct operation.next */
    uint64_t started;
    uint64_t refused; /* the library would not accept them */
    uint64_t pending;
    uint64_t ok;
    uint64_t failed;
    uint64_t repeated;            /* completions beyond the first */
    uint64_t wrong_values;        /* gets that did not return what was put */
    uint64_t closed_texts;        /* failures that speak of a closed channel */
    uint64_t up;                  /* started while etcd was up, not in flight at a kill */
    uint64_t up_failed;           /* of those */
    char up_text[BOOK_TEXT_SIZE]; /* what the first of those said */
    struct tally tallies[BOOK_TALLIES];
    size_t tally_count;
};

/* Enter a new operation. NULL: out of memory. */
struct operation *book_start(struct book *book, bool is_get, bool started_up);

/* Strike the newest operation: the library did not accept it. */
void book_refuse(struct book *book);

/* Enter a completion. A get is given is_right_value = false when the value was not what was put. */
void book_end(struct operation *operation, const struct isa_status *status, bool is_right_value);

/* etcd is about to be killed: whatever has not completed may fail. */
void book_mark_kill(struct book *book);

/* Operations that did not complete exactly once. */
uint64_t book_count_incomplete(const struct book *book);

void book_fini(struct book *book);

#endif
