/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: faults of a peer that speaks wrong HTTP/2, or stops speaking, at each stage of a connection.
 * Used by: main.c.
 * Must not know: the rooms behind the public headers.
 */
#include "lab.h"
#include "peers/peers.h"
#include "subject.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    START_MS = 3000,
    BACK_MS = 2000, /* from "a real server listens" to READY, nobody helping */
    CONNECT_MS = 500,
    LASTS_MS = 1500,
    DIALS_MAX = 60, /* in LASTS_MS, nobody asking: what a peer that lets us in must put up with */
};

static struct subject *meet(struct peer *peer)
{
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.connect_timeout_ms = CONNECT_MS;
    return subject_new(peer_target(peer), &options);
}

/* A real server takes the place of the wrong one. */
static void mend(struct peer *peer, struct subject *subject)
{
    peer_restart_as(peer, "grpc");
    lab_note("a real server listens");
    subject_await_state(subject, ISA_STATE_READY, BACK_MS);
    subject_run(subject, 50);
    subject_await_usable(subject, BACK_MS);
    subject_end(subject);
    peer_free(peer);
}

/* The connection never stands: each attempt fails with this reason, and calls do with it. */
static void fails_to_connect(const char *mode, const char *reason)
{
    char story[256];
    struct peer *peer = peer_new("raw mode=%s", mode);
    struct subject *subject = meet(peer);

    struct subject_call *call = subject_call(subject, "Echo", "x", 0);
    subject_await_call(subject, call, CONNECT_MS + 500);
    subject_run(subject, LASTS_MS);

    LAB_EXPECT(call->code == ISA_STATUS_UNAVAILABLE, "it ended as %s",
               isa_status_name((int)call->code));
    subject_expect_ends(subject, reason);
    snprintf(story, sizeof story,
             " CONNECTING:operation TRANSIENT_FAILURE:(%s)" STORY_RETRIES("%s") "%s", reason,
             reason, "( CONNECTING:retry)?");
    subject_expect_story(subject, story);
    LAB_EXPECT(subject_count(subject, ISA_STATE_TRANSIENT_FAILURE) >= 2, "it was not tried again");
    unsigned dials = peer_tell(peer, "connections");
    LAB_EXPECT(dials <= DIALS_MAX, "%u connections in %u ms", dials, (unsigned)LASTS_MS);
    mend(peer, subject);
}

/* The connection stands, and falls at once, again and again. */
static void falls_when_it_stands(const char *mode, unsigned traffic, unsigned dials_max)
{
    struct peer *peer = peer_new("raw mode=%s", mode);
    struct subject *subject = meet(peer);
    if (traffic)
        subject_traffic(subject, traffic, "Echo", "x");
    else
        LAB_EXPECT(isa_conn_connect(subject_conn(subject)) == 0, "isa_conn_connect() failed");

    subject_await_count(subject, ISA_STATE_CONNECTING, 3, START_MS);
    subject_run(subject, LASTS_MS);
    unsigned dials = peer_tell(peer, "connections");
    lab_note("%u connections", dials);
    LAB_EXPECT(dials <= dials_max, "%u connections in %u ms: a storm", dials, (unsigned)LASTS_MS);
    subject_traffic(subject, 0, NULL, NULL);
    subject_expect_ends(subject, "peer_closed|peer_drained");
    subject_expect_story(subject, "( (CONNECTING:(operation|retry|peer_drained)|READY:connected|"
                                  "TRANSIENT_FAILURE:(peer_closed|peer_drained)))*");
    mend(peer, subject);
}

/* The connection stands, and the first call on it brings it down. */
static void falls_by_a_call(const char *mode, enum isa_status_code code, const char *reasons)
{
    char story[256];
    struct peer *peer = peer_new("raw mode=%s", mode);
    struct subject *subject = meet(peer);
    subject_connect(subject, START_MS);

    struct subject_call *call = subject_call(subject, "Echo", "x", 0);
    subject_await_call(subject, call, START_MS);
    LAB_EXPECT(call->code == code, "it ended as %s '%s'", isa_status_name((int)call->code),
               call->text);
    if (code == ISA_STATUS_UNAVAILABLE)
        subject_expect_ends(subject, reasons);
    subject_await_count(subject, ISA_STATE_READY, 2, BACK_MS);

    snprintf(story, sizeof story, STORY_START " TRANSIENT_FAILURE:(%s)" STORY_BACK, reasons);
    subject_expect_story(subject, story);
    mend(peer, subject);
}

/* The call fails, the connection does not. */
static void harms_a_call(const char *mode, enum isa_status_code code, const char *words)
{
    struct peer *peer = peer_new("raw mode=%s", mode);
    struct subject *subject = meet(peer);
    subject_connect(subject, START_MS);

    struct subject_call *call = subject_call(subject, "Echo", "x", 300);
    subject_await_call(subject, call, 500);
    subject_run(subject, 100);

    subject_expect_end(call, code, ISA_REASON_NONE, words);
    subject_expect_story(subject, STORY_START);
    peer_kill(peer);
    lab_note("the wrong peer is killed");
    subject_await_loss(subject, 200);
    mend(peer, subject);
}

static void silent(void)
{
    fails_to_connect("silent", "timed_out");
}

static void half_settings(void)
{
    fails_to_connect("half-settings", "timed_out");
}

static void garbage(void)
{
    fails_to_connect("garbage", "protocol");
}

static void http1(void)
{
    fails_to_connect("http1", "protocol");
}

static void crooked_settings(void)
{
    fails_to_connect("crooked-settings", "protocol");
}

static void reset_on_accept(void)
{
    fails_to_connect("reset-on-accept", "peer_closed");
}

static void reset_after_preface(void)
{
    fails_to_connect("reset-after-preface", "peer_closed");
}

static void reset_after_settings(void)
{
    falls_when_it_stands("reset-after-settings", 0, DIALS_MAX);
}

static void close_after_settings(void)
{
    falls_when_it_stands("close-after-settings", 0, DIALS_MAX);
}

static void goaway_after_settings(void)
{
    falls_when_it_stands("goaway-after-settings", 0, DIALS_MAX);
}

/* With calls that want a connection the dial floor is the bound: one attempt in 10 ms. */
static void goaway_under_traffic(void)
{
    /* Core dials by itself for calls that it holds, until the library has seen the drain: the more often,
     * the slower a sanitizer makes that. */
    falls_when_it_stands("goaway-after-settings", 20,
                         LAB_SLOWNESS * (unsigned)(LASTS_MS + START_MS) / 10);
}

static void reset_after_headers(void)
{
    falls_by_a_call("reset-after-headers", ISA_STATUS_UNAVAILABLE, "peer_closed");
}

static void truncated_frame(void)
{
    falls_by_a_call("truncated-frame", ISA_STATUS_UNAVAILABLE, "peer_closed|protocol");
}

static void oversized_headers(void)
{
    falls_by_a_call("oversized-headers", ISA_STATUS_UNAVAILABLE, "protocol");
}

static void oversized_data(void)
{
    falls_by_a_call("oversized-data", ISA_STATUS_INTERNAL, "peer_closed");
}

static void stray_continuation(void)
{
    falls_by_a_call("stray-continuation", ISA_STATUS_UNAVAILABLE, "protocol");
}

static void window_overflow(void)
{
    harms_a_call("window-overflow", ISA_STATUS_DEADLINE_EXCEEDED, "");
}

static void refused_stream(void)
{
    harms_a_call("refused-stream", ISA_STATUS_INTERNAL, "");
}

static void padded_data(void)
{
    harms_a_call("padded-data", ISA_STATUS_INTERNAL, "");
}

static void never_answers(void)
{
    harms_a_call("never-answers", ISA_STATUS_DEADLINE_EXCEEDED, "");
}

/* Handshake well done, then not a byte: only a ping can tell. */
static void mute(void)
{
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.keepalive_time_ms = 1000;
    options.keepalive_timeout_ms = 1000;
    struct peer *peer = peer_new("raw mode=mute");
    struct subject *subject = subject_new(peer_target(peer), &options);
    subject_connect(subject, START_MS);

    struct subject_call *call = subject_call(subject, "Echo", "x", 0);
    subject_await_call(subject, call, 1000 + 1000 + 1000);
    subject_expect_end(call, ISA_STATUS_UNAVAILABLE, ISA_REASON_KEEPALIVE_LOST, "");
    subject_await_count(subject, ISA_STATE_TRANSIENT_FAILURE, 1, 100);

    subject_expect_story(subject, STORY_START " TRANSIENT_FAILURE:keepalive_lost(" STORY_BACK ")?");
    mend(peer, subject);
}

static const struct scenario scenarios[] = {
    { "raw-silent", "accepts and says nothing: timed_out", 30, silent },
    { "raw-half-settings", "half of its first frame, then silence: timed_out", 30, half_settings },
    { "raw-garbage", "no frame of any kind: protocol", 30, garbage },
    { "raw-http1", "HTTP/1.1 400: protocol", 30, http1 },
    { "raw-crooked-settings", "SETTINGS of an impossible length: protocol", 30, crooked_settings },
    { "raw-reset-on-accept", "RST as soon as it has accepted: peer_closed", 30, reset_on_accept },
    { "raw-reset-after-preface", "RST after our preface: peer_closed", 30, reset_after_preface },
    { "raw-reset-after-settings", "RST when we are READY, each time: retried, without a storm", 30,
      reset_after_settings },
    { "raw-close-after-settings", "FIN when we are READY, each time: retried, without a storm", 30,
      close_after_settings },
    { "raw-goaway-after-settings", "GOAWAY when we are READY, each time: no storm", 30,
      goaway_after_settings },
    { "raw-goaway-under-traffic", "the same with calls: dials are bounded, those by core too", 30,
      goaway_under_traffic },
    { "raw-reset-after-headers", "RST for a call: it fails as peer_closed", 30,
      reset_after_headers },
    { "raw-truncated-frame", "a frame ends in its middle, then FIN: the call fails", 30,
      truncated_frame },
    { "raw-oversized-headers", "HEADERS of 16 MiB: protocol", 30, oversized_headers },
    { "raw-oversized-data", "DATA of 16 MiB: INTERNAL for the call, peer_closed for the connection",
      30, oversized_data },
    { "raw-stray-continuation", "CONTINUATION out of order: protocol", 30, stray_continuation },
    { "raw-window-overflow", "a flow-control window over its limit: core 1.51 bears it, no outage",
      30, window_overflow },
    { "raw-refused-stream", "RST_STREAM: INTERNAL for the call, no outage", 30, refused_stream },
    { "raw-padded-data", "padded DATA, which core 1.51 cannot read: INTERNAL, no outage", 30,
      padded_data },
    { "raw-never-answers", "pings are answered, calls are not: DEADLINE_EXCEEDED, no outage", 30,
      never_answers },
    { "raw-mute", "not a byte after the handshake: found by keepalive", 30, mute },
    { NULL, NULL, 0, NULL },
};

const struct scenario_family family_raw = {
    "A raw TCP peer; a real server takes its place, and READY follows within 2 s", scenarios
};
