/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the subject's handle, its loop, its calls, waiting for what it hears.
 * Used by: scenarios, through subject.h.
 * Must not know: peers; what is right and what is wrong.
 */
#include "subject.h"

#include "book.h"
#include "lab.h"

#include <ev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SERVICE "/test.Test/"

static const double tick_s = 0.005;

static void on_state(struct isa_conn *conn, const struct isa_change *change, void *user)
{
    (void)conn;
    book_change(user, change);
}

static void on_reply(struct isa_call *handle, const struct isa_reply *reply, void *user)
{
    struct subject_call *call = user;
    (void)handle;
    call->completions++;
    call->subject->ended++;
    call->subject->late += call->subject->told[ISA_STATE_SHUTDOWN] > 0;
    call->code = reply->status.code;
    call->reason = reply->status.reason;
    call->ended_ms = lab_now_ms();
    snprintf(call->text, sizeof call->text, "%s", reply->status.message);
    if (call->code != ISA_STATUS_OK)
        lab_note("call ended: %s %s '%s'", isa_status_name((int)call->code),
                 isa_reason_name(call->reason), call->text);
}

static struct subject_call *start(struct subject *subject, const char *method, const char *text,
                                  uint32_t deadline_ms, bool is_waiting)
{
    char path[64];
    struct isa_unary unary = ISA_UNARY_INIT;
    struct subject_call *call = calloc(1, sizeof *call);
    LAB_EXPECT(call, "out of memory");
    snprintf(path, sizeof path, "%s%s", *method == '/' ? "" : SERVICE, method);
    call->subject = subject;
    call->began_ms = lab_now_ms();
    unary.method = path;
    unary.request_bytes = (struct isa_bytes){ text, strlen(text) };
    unary.on_reply = on_reply;
    unary.user = call;
    struct isa_call_options call_options = ISA_CALL_OPTIONS_INIT;
    unary.options = &call_options;
    call_options.deadline_ms = deadline_ms;
    call_options.wait_for_ready = is_waiting;
    int error = isa_call_unary(subject->conn, &unary, &call->call);
    LAB_EXPECT(error == 0, "a call was not accepted: %s", isa_error_name(error));
    call->next = subject->calls;
    subject->calls = call;
    subject->started++;
    return call;
}

struct subject_call *subject_call(struct subject *subject, const char *method, const char *text,
                                  uint32_t deadline_ms)
{
    return start(subject, method, text, deadline_ms, false);
}

struct subject_call *subject_call_waiting(struct subject *subject, const char *method,
                                          const char *text, uint32_t deadline_ms)
{
    return start(subject, method, text, deadline_ms, true);
}

static void on_traffic(struct ev_loop *loop, ev_timer *timer, int revents)
{
    struct subject *subject = timer->data;
    (void)loop, (void)revents;
    if (subject->started - subject->ended < subject->in_flight_max)
        start(subject, subject->method, subject->text, 0, false);
}

void subject_traffic(struct subject *subject, unsigned in_flight, const char *method,
                     const char *text)
{
    subject->in_flight_max = in_flight;
    subject->method = method;
    subject->text = text;
    if (in_flight)
        ev_timer_again(subject->loop, &subject->traffic);
    else
        ev_timer_stop(subject->loop, &subject->traffic);
}

void subject_set_probe(struct subject *subject, const char *method, const char *text)
{
    subject->probe_method = method;
    subject->probe_text = text;
}

static struct subject *make(struct ev_loop *loop, const char *target,
                            const struct isa_conn_options *options)
{
    struct isa_conn_options settings = ISA_CONN_OPTIONS_INIT;
    struct subject *subject = calloc(1, sizeof *subject);
    LAB_EXPECT(subject && loop, "out of memory");
    if (options)
        settings = *options;
    settings.on_state = on_state;
    settings.user = subject;
    subject->loop = loop;
    subject_set_probe(subject, "Echo", "usable?");
    ev_timer_init(&subject->traffic, on_traffic, tick_s, tick_s);
    subject->traffic.data = subject;
    int error = isa_conn_open(loop, target, &settings, &subject->conn);
    LAB_EXPECT(error == 0, "isa_conn_open(%s): %s", target, isa_error_name(error));
    return subject;
}

struct subject *subject_new(const char *target, const struct isa_conn_options *options)
{
    struct subject *subject = make(ev_loop_new(EVFLAG_AUTO), target, options);
    subject->handles = 1;
    return subject;
}

struct subject *subject_new_beside(struct subject *first, const char *target,
                                   const struct isa_conn_options *options)
{
    struct subject *subject = make(first->loop, target, options);
    subject->beside = first;
    first->handles++;
    return subject;
}

struct isa_conn *subject_conn(struct subject *subject)
{
    return subject->conn;
}

static void on_limit(struct ev_loop *loop, ev_timer *timer, int revents)
{
    (void)loop, (void)revents;
    *(bool *)timer->data = true;
}

bool book_run_until(struct subject *subject,
                    bool (*is_so)(const struct subject *subject, const void *arg), const void *arg,
                    uint32_t ms)
{
    bool is_late = false;
    ev_timer limit;
    ev_timer_init(&limit, on_limit, ms / 1000., 0.);
    limit.data = &is_late;
    ev_now_update(subject->loop);
    ev_timer_start(subject->loop, &limit);
    while (!is_so(subject, arg) && !is_late)
        ev_run(subject->loop, EVRUN_ONCE);
    ev_timer_stop(subject->loop, &limit);
    return is_so(subject, arg);
}

static bool is_never(const struct subject *subject, const void *arg)
{
    (void)subject, (void)arg;
    return false;
}

void subject_run(struct subject *subject, uint32_t ms)
{
    book_run_until(subject, is_never, NULL, ms);
}

static uint64_t losses_told(const struct subject *subject)
{
    return subject->tally.losses + subject->tally.doubtful;
}

static bool is_in_state(const struct subject *subject, const void *arg)
{
    return subject->changes && subject->state == *(const enum isa_state *)arg;
}

uint64_t subject_await_state(struct subject *subject, enum isa_state state, uint32_t within_ms)
{
    uint64_t began_ms = lab_now_ms();
    LAB_EXPECT(book_run_until(subject, is_in_state, &state, within_ms),
               "not %s within %u ms, but %s", isa_state_name(state), (unsigned)within_ms,
               isa_state_name(subject->state));
    if (state == ISA_STATE_READY)
        subject->losses_awaited = losses_told(subject);
    return lab_now_ms() - began_ms;
}

static bool has_lost(const struct subject *subject, const void *arg)
{
    (void)arg;
    return losses_told(subject) > subject->losses_awaited;
}

uint64_t subject_await_loss(struct subject *subject, uint32_t within_ms)
{
    uint64_t began_ms = lab_now_ms();
    LAB_EXPECT(book_run_until(subject, has_lost, NULL, within_ms),
               "the connection was not lost within %u ms", (unsigned)within_ms);
    subject->losses_awaited = losses_told(subject);
    return lab_now_ms() - began_ms;
}

struct wanted_count {
    enum isa_state state;
    unsigned count;
};

static bool is_counted(const struct subject *subject, const void *arg)
{
    const struct wanted_count *wanted = arg;
    return subject->told[wanted->state] >= wanted->count;
}

uint64_t subject_await_count(struct subject *subject, enum isa_state state, unsigned count,
                             uint32_t within_ms)
{
    struct wanted_count wanted = { state, count };
    uint64_t began_ms = lab_now_ms();
    LAB_EXPECT(book_run_until(subject, is_counted, &wanted, within_ms),
               "%s was told %u times, not %u times, within %u ms", isa_state_name(state),
               subject->told[state], count, (unsigned)within_ms);
    if (state == ISA_STATE_READY)
        subject->losses_awaited = losses_told(subject);
    return lab_now_ms() - began_ms;
}

static bool has_ended(const struct subject *subject, const void *arg)
{
    (void)subject;
    return ((const struct subject_call *)arg)->completions > 0;
}

uint64_t subject_await_call(struct subject *subject, struct subject_call *call, uint32_t within_ms)
{
    uint64_t began_ms = lab_now_ms();
    LAB_EXPECT(book_run_until(subject, has_ended, call, within_ms),
               "a call did not end within %u ms", (unsigned)within_ms);
    return lab_now_ms() - began_ms;
}

static bool have_all_ended(const struct subject *subject, const void *arg)
{
    (void)arg;
    return subject->ended >= subject->started;
}

uint64_t subject_await_all(struct subject *subject, uint32_t within_ms)
{
    uint64_t began_ms = lab_now_ms();
    LAB_EXPECT(book_run_until(subject, have_all_ended, NULL, within_ms),
               "%u of %u calls ended within %u ms", subject->ended, subject->started,
               (unsigned)within_ms);
    return lab_now_ms() - began_ms;
}

uint64_t subject_await_usable(struct subject *subject, uint32_t within_ms)
{
    uint64_t began_ms = lab_now_ms();
    for (;;) {
        uint64_t gone_ms = lab_now_ms() - began_ms;
        LAB_EXPECT(gone_ms < within_ms, "no call succeeded within %u ms", (unsigned)within_ms);
        uint32_t left_ms = within_ms - (uint32_t)gone_ms;
        struct subject_call *call =
            start(subject, subject->probe_method, subject->probe_text, left_ms, false);
        subject_await_call(subject, call, left_ms + 100);
        if (call->code == ISA_STATUS_OK)
            break;
        subject_run(subject, 5);
    }
    uint64_t took_ms = lab_now_ms() - began_ms;
    lab_note("usable after %u ms", (unsigned)took_ms);
    subject_await_state(subject, ISA_STATE_READY, within_ms); /* the reply can be the faster one */
    return took_ms;
}

void subject_connect(struct subject *subject, uint32_t within_ms)
{
    int error = isa_conn_connect(subject->conn);
    LAB_EXPECT(error == 0, "isa_conn_connect(): %s", isa_error_name(error));
    subject_await_state(subject, ISA_STATE_READY, within_ms);
}
