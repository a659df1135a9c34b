/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: what must be true of a subject, whatever happens to it; its story against a pattern.
 * Used by: scenarios, through subject.h; subject.c, through book.h.
 * Must not know: peers; how calls are made.
 */
#include "subject.h"

#include "book.h"
#include "lab.h"

#include <ctype.h>
#include <ev.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CLOSE_MS = 5000, SHUTDOWN_MS = 20000, COUNT_MS = 2000 };

static void tally_change(struct subject *subject, const struct isa_change *change)
{
    struct tally *tally = &subject->tally;
    bool was_ready = change->from == ISA_STATE_READY;
    if (change->to == ISA_STATE_CONNECTING)
        tally->attempts++;
    if (change->to == ISA_STATE_TRANSIENT_FAILURE && change->from == ISA_STATE_CONNECTING) {
        tally->failures++;
        tally->failures_by_reason[change->reason]++;
    }
    bool is_back = change->to == ISA_STATE_CONNECTING;
    bool is_down = change->to == ISA_STATE_TRANSIENT_FAILURE;
    bool by_goaway =
        change->reason == ISA_REASON_PEER_DRAINED || change->reason == ISA_REASON_TOO_MANY_PINGS;
    if (was_ready && by_goaway && is_back)
        tally->drains++;
    else if (was_ready && by_goaway && is_down)
        tally->doubtful++;
    else if (was_ready && (is_down || is_back)) {
        tally->losses++;
        subject->is_broken = true;
    }
    if (change->to == ISA_STATE_READY && subject->is_broken) {
        tally->reconnects++;
        subject->is_broken = false;
    }
}

/* With doubtful changes a count is known within a range. */
static bool is_counted_right(uint64_t counted, uint64_t told, const struct tally *tally)
{
    return counted >= told && counted <= told + tally->doubtful;
}

static const char *find_flaw(const struct subject *subject, const struct isa_change *change)
{
    if (subject->changes && change->from != subject->state)
        return "it does not follow from the last one";
    if (!subject->changes && change->from != ISA_STATE_IDLE)
        return "the first state was not IDLE";
    if (change->from == change->to)
        return "nothing changed";
    if (change->skipped)
        return "changes before it were merged, though the loop was never late";
    if (!is_counted_right(change->reconnects, subject->tally.reconnects, &subject->tally))
        return "its count of reconnections is wrong";
    if (change->next_delay_ms && change->to != ISA_STATE_TRANSIENT_FAILURE)
        return "it tells a delay where there is no retry";
    if (change->reason == ISA_REASON_NONE)
        return "it has no reason";
    if (change->to == ISA_STATE_TRANSIENT_FAILURE && !*change->text)
        return "no words say what failed";
    return NULL;
}

void book_change(struct subject *subject, const struct isa_change *change)
{
    lab_note("%s -> %s: %s '%s' attempt %u%s", isa_state_name(change->from),
             isa_state_name(change->to), isa_reason_name(change->reason), change->text,
             change->attempt, change->next_delay_ms ? ", next one follows" : "");
    tally_change(subject, change);
    const char *flaw = find_flaw(subject, change);
    if (flaw) {
        lab_note("that change is wrong: %s", flaw);
        subject->flaw = flaw;
    }
    subject->late += subject->told[ISA_STATE_SHUTDOWN] > 0;
    subject->changes++;
    subject->told[change->to]++;
    subject->state = change->to;
    int length = snprintf(subject->story + subject->story_used, STORY_BYTES - subject->story_used,
                          " %s:%s", isa_state_name(change->to), isa_reason_name(change->reason));
    LAB_EXPECT((size_t)length < STORY_BYTES - subject->story_used, "the story is too long");
    subject->story_used += (size_t)length;
}

void subject_expect_story(const struct subject *subject, const char *pattern)
{
    char whole[2048];
    regex_t regex;
    snprintf(whole, sizeof whole, "^%s$", pattern);
    LAB_EXPECT(regcomp(&regex, whole, REG_EXTENDED | REG_NOSUB) == 0, "bad pattern %s", whole);
    bool is_match = regexec(&regex, subject->story, 0, NULL, 0) == 0;
    regfree(&regex);
    LAB_EXPECT(is_match, "the story is\n%s\nbut should be\n%s", subject->story, pattern);
}

unsigned subject_count(const struct subject *subject, enum isa_state state)
{
    return subject->told[state];
}

unsigned subject_count_ended(const struct subject *subject, enum isa_status_code code)
{
    unsigned count = 0;
    for (const struct subject_call *call = subject->calls; call; call = call->next)
        count += call->completions && call->code == code;
    return count;
}

struct isa_conn_stats subject_stats(const struct subject *subject)
{
    struct isa_conn_stats stats = ISA_CONN_STATS_INIT;
    int error = isa_conn_get_stats(subject->conn, &stats);
    LAB_EXPECT(error == 0, "isa_conn_get_stats(): %s", isa_error_name(error));
    return stats;
}

void subject_expect_end(const struct subject_call *call, enum isa_status_code code,
                        enum isa_reason reason, const char *words)
{
    LAB_EXPECT(call->completions == 1, "a call completed %u times", call->completions);
    LAB_EXPECT(call->code == code && call->reason == reason && strstr(call->text, words),
               "a call ended as %s %s '%s', not as %s %s '%s'", isa_status_name((int)call->code),
               isa_reason_name(call->reason), call->text, isa_status_name((int)code),
               isa_reason_name(reason), words);
}

/* Whether a name stands in a list "a|b|c". */
static bool is_listed(const char *name, const char *list)
{
    size_t length = strlen(name);
    for (const char *at = list; at; at = strchr(at, '|')) {
        at += *at == '|';
        if (strncmp(at, name, length) == 0 && (at[length] == '|' || !at[length]))
            return true;
    }
    return false;
}

void subject_expect_ends(const struct subject *subject, const char *reasons)
{
    for (const struct subject_call *call = subject->calls; call; call = call->next) {
        if (!call->completions || call->code == ISA_STATUS_OK)
            continue;
        LAB_EXPECT(call->code == ISA_STATUS_UNAVAILABLE &&
                       is_listed(isa_reason_name(call->reason), reasons),
                   "a call ended as %s %s '%s', not as UNAVAILABLE with one of %s",
                   isa_status_name((int)call->code), isa_reason_name(call->reason), call->text,
                   reasons);
    }
}

/* What no text may say to a caller: that a channel is closed is never the cause. */
static bool blames_the_channel(const char *text)
{
    static const char *const words[] = { "channel is closed", "channel closed", "closed channel" };
    char lower[256];
    size_t length = 0;
    for (; length < sizeof lower - 1 && text[length]; length++)
        lower[length] = (char)tolower((unsigned char)text[length]);
    lower[length] = '\0';
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strstr(lower, words[i]))
            return true;
    }
    return false;
}

static void check_calls(const struct subject *subject)
{
    for (const struct subject_call *call = subject->calls; call; call = call->next) {
        LAB_EXPECT(call->completions == 1, "a call completed %u times", call->completions);
        LAB_EXPECT(!blames_the_channel(call->text), "a call ended with '%s'", call->text);
    }
    LAB_EXPECT(subject->ended == subject->started, "%u of %u calls ended", subject->ended,
               subject->started);
}

/* Which counter differs from what was heard; NULL: none. */
static const char *wrong_counter(const struct subject *subject, const struct isa_conn_stats *stats)
{
    const struct tally *tally = &subject->tally;
    unsigned ok = subject_count_ended(subject, ISA_STATUS_OK);
    uint64_t sum = 0;
    for (unsigned i = 0; i < ISA_REASON_COUNT; i++)
        sum += stats->failures_by_reason[i];
    if (stats->attempts != tally->attempts)
        return "attempts";
    if (stats->failures != tally->failures)
        return "failures";
    if (sum != stats->failures || memcmp(stats->failures_by_reason, tally->failures_by_reason,
                                         sizeof tally->failures_by_reason) != 0)
        return "failures_by_reason";
    if (!is_counted_right(stats->losses, tally->losses, tally))
        return "losses";
    if (!is_counted_right(stats->drains, tally->drains, tally) ||
        stats->losses + stats->drains != tally->losses + tally->drains + tally->doubtful)
        return "drains";
    if (!is_counted_right(stats->reconnects, tally->reconnects, tally))
        return "reconnects";
    if (stats->operations_started != subject->started)
        return "operations_started";
    if (stats->operations_ok != ok)
        return "operations_ok";
    if (stats->operations_failed != subject->ended - ok)
        return "operations_failed";
    return NULL;
}

static bool are_counters_exact(const struct subject *subject, const void *arg)
{
    struct isa_conn_stats stats = subject_stats(subject);
    (void)arg;
    return !wrong_counter(subject, &stats);
}

/* Counters can be a moment ahead of the callbacks, and changes go on while a peer is down. */
static void check_counters(struct subject *subject)
{
    if (book_run_until(subject, are_counters_exact, NULL, COUNT_MS))
        return;
    struct isa_conn_stats stats = subject_stats(subject);
    const char *name = wrong_counter(subject, &stats);
    LAB_EXPECT(
        !name,
        "the counter %s is not what was heard: attempts %u/%u, failures %u/%u, losses "
        "%u/%u, drains %u/%u, reconnects %u/%u, started %u/%u",
        name, (unsigned)stats.attempts, (unsigned)subject->tally.attempts, (unsigned)stats.failures,
        (unsigned)subject->tally.failures, (unsigned)stats.losses, (unsigned)subject->tally.losses,
        (unsigned)stats.drains, (unsigned)subject->tally.drains, (unsigned)stats.reconnects,
        (unsigned)subject->tally.reconnects, (unsigned)stats.operations_started, subject->started);
}

static void on_pool_done(void *user)
{
    *(bool *)user = true;
}

static bool is_set(const struct subject *subject, const void *arg)
{
    (void)subject;
    return *(const bool *)arg;
}

static void shut_pool_down(struct subject *owner)
{
    bool is_done = false;
    int error = isa_pool_shutdown(owner->loop, 0, on_pool_done, &is_done);
    LAB_EXPECT(error == 0, "isa_pool_shutdown(): %s", isa_error_name(error));
    LAB_EXPECT(book_run_until(owner, is_set, &is_done, SHUTDOWN_MS), "the pool did not shut down");
}

static void free_calls(struct subject *subject)
{
    while (subject->calls) {
        struct subject_call *call = subject->calls;
        subject->calls = call->next;
        isa_call_unref(call->call);
        free(call);
    }
}

struct subject *subject_end(struct subject *subject)
{
    struct subject *owner = subject->beside ? subject->beside : subject;
    bool is_last = --owner->handles == 0;
    subject_traffic(subject, 0, NULL, NULL);
    subject_await_all(subject, CLOSE_MS);
    check_counters(subject);
    int error = isa_conn_close(subject->conn, 0);
    LAB_EXPECT(error == 0, "isa_conn_close(): %s", isa_error_name(error));
    subject_await_state(subject, ISA_STATE_SHUTDOWN, CLOSE_MS);
    if (is_last)
        shut_pool_down(owner);
    LAB_EXPECT(!subject->flaw, "a change was wrong: %s", subject->flaw);
    LAB_EXPECT(subject->told[ISA_STATE_SHUTDOWN] == 1, "SHUTDOWN was told %u times",
               subject->told[ISA_STATE_SHUTDOWN]);
    LAB_EXPECT(subject->late == 0, "%u callbacks came after SHUTDOWN", subject->late);
    check_calls(subject);
    free_calls(subject);
    isa_conn_unref(subject->conn);
    if (is_last)
        ev_loop_destroy(owner->loop);
    free(subject);
    return NULL;
}
