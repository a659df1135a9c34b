/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: faults of a gRPC server: gone, stopped, silent, slow, draining, ageing, strict.
 * Used by: main.c.
 * Must not know: the rooms behind the public headers.
 */
#include "lab.h"
#include "peers/peers.h"
#include "subject.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    START_MS = 3000,
    BACK_MS = 1000, /* from "it listens" to READY, nobody helping */
    CALLS = 20,
};

static void send_calls(struct subject *subject, unsigned count, const char *method,
                       const char *text)
{
    for (unsigned i = 0; i < count; i++)
        subject_call(subject, method, text, 0);
}

static void refused(void)
{
    struct peer *server = peer_new("grpc");
    struct subject *subject = subject_new(peer_target(server), NULL);
    peer_tell(server, "down");
    lab_note("nothing listens");

    struct subject_call *call = subject_call(subject, "Echo", "x", 0);
    subject_await_call(subject, call, START_MS);
    subject_expect_end(call, ISA_STATUS_UNAVAILABLE, ISA_REASON_REFUSED, "Connection refused");
    subject_expect_end(call, ISA_STATUS_UNAVAILABLE, ISA_REASON_REFUSED, peer_target(server));
    subject_run(subject, 1000 + lab_draw(500));
    peer_tell(server, "up");
    lab_note("it listens");
    subject_await_state(subject, ISA_STATE_READY, BACK_MS);

    subject_expect_story(subject, " CONNECTING:operation TRANSIENT_FAILURE:refused" STORY_RETRIES(
                                      "refused") STORY_BACK);
    LAB_EXPECT(peer_tell(server, "connections") == 1, "not one connection was made");
    subject_end(subject);
    peer_free(server);
}

static void killed(void)
{
    struct peer *server = peer_new("grpc");
    struct subject *subject = subject_new(peer_target(server), NULL);
    subject_connect(subject, START_MS);
    subject_traffic(subject, CALLS, "Slow", "50");
    subject_run(subject, 300 + lab_draw(100));

    peer_kill(server);
    lab_note("the server is killed");
    subject_await_loss(subject, 200);
    subject_run(subject, 1000 + lab_draw(500));
    peer_restart(server);
    lab_note("it listens again");
    subject_await_state(subject, ISA_STATE_READY, BACK_MS);

    subject_run(subject, 300);
    subject_traffic(subject, 0, NULL, NULL);
    subject_await_all(subject, START_MS);
    subject_expect_ends(subject, "peer_closed|refused");
    subject_expect_story(subject, STORY_START
                         " TRANSIENT_FAILURE:peer_closed" STORY_RETRIES("refused") STORY_BACK);
    subject_end(subject);
    peer_free(server);
}

/* A stopped process is the purest half-open connection: its kernel acknowledges, nobody answers. */
static void stopped(void)
{
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.keepalive_time_ms = 1000;
    options.keepalive_timeout_ms = 1000;
    options.connect_timeout_ms = 1000;
    struct peer *server = peer_new("grpc min_ping_ms=1");
    struct subject *subject = subject_new(peer_target(server), &options);
    subject_connect(subject, START_MS);
    send_calls(subject, CALLS, "Hold", "x");
    peer_tell(server, "held %u", CALLS);

    peer_stop(server);
    lab_note("the server is stopped");
    uint64_t took_ms = subject_await_loss(subject, 1000 + 1000 + 1000);
    lab_note("found after %u ms", (unsigned)took_ms);
    subject_await_all(subject, 100);
    subject_expect_ends(subject, "keepalive_lost");
    subject_run(subject, 1500 + lab_draw(1000));
    peer_continue(server);
    lab_note("it goes on");
    subject_await_state(subject, ISA_STATE_READY, 2000);

    subject_expect_story(subject, STORY_START
                         " TRANSIENT_FAILURE:keepalive_lost" STORY_RETRIES("timed_out") STORY_BACK);
    subject_await_usable(subject, 1000);
    subject_end(subject);
    peer_free(server);
}

/* It accepts, as the kernel does for it, and never says its SETTINGS. */
static void hangs_in_handshake(void)
{
    enum { CONNECT_MS = 500 };
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.connect_timeout_ms = CONNECT_MS;
    struct peer *server = peer_new("grpc");
    struct subject *subject = subject_new(peer_target(server), &options);
    peer_stop(server);
    lab_note("the server is stopped");

    struct subject_call *call = subject_call(subject, "Echo", "x", 0);
    uint64_t took_ms = subject_await_call(subject, call, CONNECT_MS + 300);
    LAB_EXPECT(took_ms >= CONNECT_MS - 10, "it gave up after %u ms", (unsigned)took_ms);
    subject_expect_end(call, ISA_STATUS_UNAVAILABLE, ISA_REASON_TIMED_OUT, "");
    subject_run(subject, 1500);
    peer_continue(server);
    lab_note("it goes on");
    subject_await_state(subject, ISA_STATE_READY, 2000);

    subject_expect_story(subject, " CONNECTING:operation TRANSIENT_FAILURE:timed_out" STORY_RETRIES(
                                      "timed_out") STORY_BACK);
    subject_end(subject);
    peer_free(server);
}

/* The server is well and the call is not: that is no outage. */
static void never_answers(void)
{
    enum { DEADLINE_MS = 400 };
    struct peer *server = peer_new("grpc");
    struct subject *subject = subject_new(peer_target(server), NULL);

    struct subject_call *call = subject_call(subject, "Hold", "x", DEADLINE_MS);
    uint64_t took_ms = subject_await_call(subject, call, DEADLINE_MS + 200);

    LAB_EXPECT(took_ms >= DEADLINE_MS - 10, "it ended after %u ms", (unsigned)took_ms);
    subject_expect_end(call, ISA_STATUS_DEADLINE_EXCEEDED, ISA_REASON_NONE, "");
    subject_await_usable(subject, 1000);
    subject_expect_story(subject, STORY_START);
    subject_end(subject);
    peer_free(server);
}

static void slow(void)
{
    struct peer *server = peer_new("grpc");
    struct subject *subject = subject_new(peer_target(server), NULL);

    struct subject_call *patient = subject_call(subject, "Slow", "800", 5000);
    struct subject_call *hasty = subject_call(subject, "Slow", "800", 300);
    subject_await_all(subject, 1500);

    subject_expect_end(patient, ISA_STATUS_OK, ISA_REASON_NONE, "");
    subject_expect_end(hasty, ISA_STATUS_DEADLINE_EXCEEDED, ISA_REASON_NONE, "");
    subject_expect_story(subject, STORY_START);
    subject_end(subject);
    peer_free(server);
}

static void drains(void)
{
    struct peer *server = peer_new("grpc");
    struct subject *subject = subject_new(peer_target(server), NULL);
    subject_connect(subject, START_MS);
    send_calls(subject, CALLS, "Hold", "x");
    peer_tell(server, "held %u", CALLS);
    subject_run(subject, 50);

    peer_tell(server, "drain");
    lab_note("GOAWAY; a new server at the same port");
    subject_await_count(subject, ISA_STATE_READY, 2, BACK_MS);
    struct subject_call *next = subject_call(subject, "Echo", "x", 0);
    subject_await_call(subject, next, 1000);
    LAB_EXPECT(subject_count_ended(subject, ISA_STATUS_OK) == 1, "a held call has ended");
    peer_tell(server, "release");
    subject_await_all(subject, 1000);

    subject_expect_end(next, ISA_STATUS_OK, ISA_REASON_NONE, "");
    LAB_EXPECT(subject_count_ended(subject, ISA_STATUS_OK) == CALLS + 1, "calls were lost");
    subject_expect_story(subject, STORY_START " CONNECTING:peer_drained READY:connected");
    subject_end(subject);
    peer_free(server);
}

static void ages(void)
{
    enum { DRAINS = 5 };
    struct peer *server = peer_new("grpc max_age_ms=400 max_age_grace_ms=10000");
    struct subject *subject = subject_new(peer_target(server), NULL);
    subject_connect(subject, START_MS);
    subject_traffic(subject, CALLS, "Slow", "100");

    subject_await_count(subject, ISA_STATE_READY, 1 + DRAINS, 400 * DRAINS * 2);
    subject_traffic(subject, 0, NULL, NULL);
    subject_await_all(subject, START_MS);

    subject_expect_ends(subject, "no failure is expected");
    LAB_EXPECT(subject_stats(subject).losses == 0, "an aged connection was told to be lost");
    subject_end(subject);
    peer_free(server);
}

/* The grace is shorter than the call: the call is cut off, the next one is not. */
static void ages_without_grace(void)
{
    struct peer *server = peer_new("grpc max_age_ms=300 max_age_grace_ms=200");
    struct subject *subject = subject_new(peer_target(server), NULL);

    struct subject_call *call = subject_call(subject, "Hold", "x", 5000);
    subject_await_call(subject, call, 300 + 200 + 500);

    LAB_EXPECT(call->code == ISA_STATUS_UNAVAILABLE, "it ended as %s",
               isa_status_name((int)call->code));
    LAB_EXPECT(call->reason != ISA_REASON_NONE && call->reason != ISA_REASON_OTHER,
               "its reason is %s '%s'", isa_reason_name(call->reason), call->text);
    subject_await_usable(subject, BACK_MS);
    subject_end(subject);
    peer_free(server);
}

static void cut_mid_call(void)
{
    enum { ROUNDS = 5 };
    struct peer *server = peer_new("grpc");
    struct subject *subject = subject_new(peer_target(server), NULL);
    subject_connect(subject, START_MS);
    for (unsigned round = 1; round <= ROUNDS; round++) {
        send_calls(subject, CALLS, "Hold", "x");
        peer_tell(server, "held %u", CALLS);
        peer_tell(server, "cut");
        lab_note("every connection is cut");
        subject_await_all(subject, 100);
        subject_await_count(subject, ISA_STATE_READY, 1 + round, BACK_MS);
    }

    subject_expect_ends(subject, "peer_closed");
    LAB_EXPECT(subject_count_ended(subject, ISA_STATUS_UNAVAILABLE) == ROUNDS * CALLS,
               "some calls did not fail");
    LAB_EXPECT(peer_tell(server, "connections") == 1 + ROUNDS, "needless connections were made");
    subject_end(subject);
    peer_free(server);
}

static void too_large(void)
{
    struct peer *server = peer_new("grpc max_receive_bytes=1000");
    struct subject *subject = subject_new(peer_target(server), NULL);
    char request[2048];
    for (size_t i = 0; i < sizeof request; i++)
        request[i] = 'r';
    request[sizeof request - 1] = '\0';

    struct subject_call *sent = subject_call(subject, "Echo", request, 0);
    struct subject_call *received = subject_call(subject, "Size", "5000000", 0);
    subject_await_all(subject, START_MS);

    subject_expect_end(sent, ISA_STATUS_RESOURCE_EXHAUSTED, ISA_REASON_NONE, "");
    subject_expect_end(received, ISA_STATUS_RESOURCE_EXHAUSTED, ISA_REASON_NONE, "");
    subject_await_usable(subject, 1000);
    subject_expect_story(subject, STORY_START);
    subject_end(subject);
    peer_free(server);
}

/* Our shortest keepalive against a server that forbids it. */
static void strict_pings(void)
{
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.keepalive_time_ms = 1000;
    struct peer *server = peer_new("grpc min_ping_ms=60000 ping_strikes=1");
    struct subject *subject = subject_new(peer_target(server), &options);
    subject_connect(subject, START_MS);
    struct subject_call *call = subject_call(subject, "Hold", "x", 20000);

    subject_await_call(subject, call, 8000);
    LAB_EXPECT(call->code == ISA_STATUS_UNAVAILABLE && call->reason != ISA_REASON_OTHER,
               "it ended as %s %s '%s'", isa_status_name((int)call->code),
               isa_reason_name(call->reason), call->text);
    subject_await_usable(subject, BACK_MS);

    subject_expect_story(subject,
                         STORY_START " (TRANSIENT_FAILURE|CONNECTING):(peer_drained|too_many_pings)"
                                     "( CONNECTING:(retry|operation))? READY:connected");
    subject_end(subject);
    peer_free(server);
}

static void flaps(void)
{
    enum { ROUNDS = 6 };
    struct peer *server = peer_new("grpc");
    struct subject *subject = subject_new(peer_target(server), NULL);
    subject_connect(subject, START_MS);
    subject_traffic(subject, CALLS, "Slow", "20");
    for (unsigned round = 1; round <= ROUNDS; round++) {
        subject_run(subject, 50 + lab_draw(300));
        peer_kill(server);
        lab_note("killed");
        subject_run(subject, lab_draw(600));
        peer_restart(server);
        lab_note("restarted");
    }

    subject_await_state(subject, ISA_STATE_READY, BACK_MS);
    subject_run(subject, 200);
    subject_traffic(subject, 0, NULL, NULL);
    subject_await_all(subject, START_MS);
    subject_expect_ends(subject, "peer_closed|refused");
    subject_expect_story(subject, STORY_START "( TRANSIENT_FAILURE:peer_closed" STORY_RETRIES(
                                      "refused|peer_closed") STORY_BACK ")*");
    subject_end(subject);
    peer_free(server);
}

static const struct scenario scenarios[] = {
    { "grpc-refused", "nothing listens: calls fail with the cause; READY within 1 s once it does",
      30, refused },
    { "grpc-killed", "SIGKILL under traffic, away for 1 s: READY within 1 s of the restart", 30,
      killed },
    { "grpc-flaps", "killed and restarted six times, at random, under traffic: READY within 1 s",
      60, flaps },
    { "grpc-stopped",
      "SIGSTOP with calls in flight: found by keepalive; READY within 2 s of SIGCONT", 40,
      stopped },
    { "grpc-hangs-in-handshake",
      "it accepts and says nothing: timed_out; READY within 2 s of speech", 30,
      hangs_in_handshake },
    { "grpc-never-answers", "a call is not answered: its deadline ends it, the connection is well",
      30, never_answers },
    { "grpc-slow", "answers come late: who is patient gets one, who is not DEADLINE_EXCEEDED", 30,
      slow },
    { "grpc-drains", "GOAWAY: calls in flight finish, new ones go to the next server", 30, drains },
    { "grpc-ages", "connections age out under traffic: not one call fails, each is a drain", 30,
      ages },
    { "grpc-ages-without-grace",
      "a call outlives its connection's grace: it fails, the next is well", 30,
      ages_without_grace },
    { "grpc-cut-mid-call",
      "five times cut with calls in flight: each fails once, one dial for each", 30, cut_mid_call },
    { "grpc-too-large", "messages over either side's limit: RESOURCE_EXHAUSTED, and no outage", 30,
      too_large },
    { "grpc-strict-pings",
      "GOAWAY too_many_pings: the call fails with the reason, then all is well", 40, strict_pings },
    { NULL, NULL, 0, NULL },
};

const struct scenario_family family_grpc = { "A gRPC server (grpc-core)", scenarios };
