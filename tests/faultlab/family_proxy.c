/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: faults of the way between client and server, made by a proxy: delay, jitter, stalls, cuts.
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
    BACK_MS = 1000, /* from "one can connect again" to READY, nobody helping */
    HEALED_MS = 2000,
    KEEPALIVE_MS = 1000, /* its time, and its timeout */
    CALLS = 10,
};

/* A server behind a proxy, and a subject before it. */
struct way {
    struct peer *server;
    struct peer *proxy;
    struct subject *subject;
};

static struct way lay(void)
{
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    struct way way;
    options.keepalive_time_ms = KEEPALIVE_MS;
    options.keepalive_timeout_ms = KEEPALIVE_MS;
    options.connect_timeout_ms = 500;
    way.server = peer_new("grpc min_ping_ms=1");
    way.proxy = peer_new("proxy to=%u", peer_port(way.server));
    way.subject = subject_new(peer_target(way.proxy), &options);
    return way;
}

static void clear(struct way *way)
{
    subject_end(way->subject);
    peer_free(way->proxy);
    peer_free(way->server);
}

static void delays(void)
{
    struct way way = lay();
    peer_tell(way.proxy, "delay 100 0");

    subject_connect(way.subject, START_MS);
    struct subject_call *call = subject_call(way.subject, "Echo", "x", 0);
    uint64_t took_ms = subject_await_call(way.subject, call, 1000);
    subject_run(way.subject, 500);

    subject_expect_end(call, ISA_STATUS_OK, ISA_REASON_NONE, "");
    LAB_EXPECT(took_ms >= 195, "a reply after %u ms, faster than the way", (unsigned)took_ms);
    subject_expect_story(way.subject, STORY_START);
    clear(&way);
}

static void jitters(void)
{
    struct way way = lay();
    peer_tell(way.proxy, "delay 0 150");
    subject_connect(way.subject, START_MS);
    subject_traffic(way.subject, CALLS, "Echo", "x");
    subject_run(way.subject, 3500);
    subject_traffic(way.subject, 0, NULL, NULL);
    subject_await_all(way.subject, START_MS);

    subject_expect_ends(way.subject, "no failure is expected");
    subject_expect_story(way.subject, STORY_START);
    clear(&way);
}

/* The handshake takes longer than the time it is given. */
static void too_far(void)
{
    struct way way = lay();
    peer_tell(way.proxy, "delay 800 0");
    struct subject_call *call = subject_call(way.subject, "Echo", "x", 0);
    subject_await_call(way.subject, call, 500 + 300);
    subject_expect_end(call, ISA_STATUS_UNAVAILABLE, ISA_REASON_TIMED_OUT, "");
    subject_run(way.subject, 1000);

    peer_tell(way.proxy, "delay 20 0");
    lab_note("the way is short again");
    subject_await_state(way.subject, ISA_STATE_READY, HEALED_MS);
    subject_expect_story(
        way.subject,
        " CONNECTING:operation TRANSIENT_FAILURE:timed_out" STORY_RETRIES("timed_out") STORY_BACK);
    clear(&way);
}

/* Half-open: nothing comes, nothing breaks. With calls in flight a ping finds it. */
static void stall(const char *direction)
{
    struct way way = lay();
    subject_connect(way.subject, START_MS);
    for (unsigned i = 0; i < CALLS; i++)
        subject_call(way.subject, "Hold", "x", 0);
    peer_tell(way.server, "held %u", CALLS);
    subject_run(way.subject, lab_draw(500));

    peer_tell(way.proxy, "stall %s", direction);
    lab_note("stalled: %s", direction);
    uint64_t took_ms = subject_await_loss(way.subject, 2 * KEEPALIVE_MS + 1000);
    lab_note("found after %u ms", (unsigned)took_ms);
    subject_await_all(way.subject, 100);
    subject_expect_ends(way.subject, "keepalive_lost");
    subject_run(way.subject, 500 + lab_draw(1000));
    peer_tell(way.proxy, "heal");
    lab_note("healed");
    subject_await_state(way.subject, ISA_STATE_READY, HEALED_MS);

    subject_expect_story(way.subject, STORY_START
                         " TRANSIENT_FAILURE:keepalive_lost" STORY_RETRIES("timed_out") STORY_BACK);
    subject_await_usable(way.subject, 1000);
    clear(&way);
}

static void stall_up(void)
{
    stall("up");
}

static void stall_down(void)
{
    stall("down");
}

static void stall_both(void)
{
    stall("both");
}

/* A stall that keepalive bears: everything waits, nothing is lost. */
static void hiccup(void)
{
    struct way way = lay();
    subject_connect(way.subject, START_MS);
    subject_traffic(way.subject, CALLS, "Echo", "x");
    for (unsigned round = 0; round < 3; round++) {
        subject_run(way.subject, 300);
        peer_tell(way.proxy, "stall both");
        subject_run(way.subject, 300 + lab_draw(200));
        peer_tell(way.proxy, "heal");
    }
    subject_traffic(way.subject, 0, NULL, NULL);
    subject_await_all(way.subject, START_MS);

    subject_expect_ends(way.subject, "no failure is expected");
    subject_expect_story(way.subject, STORY_START);
    clear(&way);
}

static void break_often(const char *how)
{
    enum { ROUNDS = 8 };
    struct way way = lay();
    subject_connect(way.subject, START_MS);
    subject_traffic(way.subject, CALLS, "Slow", "20");
    for (unsigned round = 1; round <= ROUNDS; round++) {
        subject_run(way.subject, lab_draw(200));
        subject_await_state(way.subject, ISA_STATE_READY, BACK_MS);
        unsigned before = subject_count(way.subject, ISA_STATE_READY);
        peer_tell(way.proxy, "%s", how);
        lab_note("%s", how);
        subject_await_count(way.subject, ISA_STATE_READY, before + 1, BACK_MS);
    }
    subject_traffic(way.subject, 0, NULL, NULL);
    subject_await_all(way.subject, START_MS);

    subject_expect_ends(way.subject, "peer_closed");
    subject_expect_story(way.subject,
                         STORY_START "( TRANSIENT_FAILURE:peer_closed" STORY_BACK "){8}");
    clear(&way);
}

static void cut(void)
{
    break_often("cut");
}

static void reset(void)
{
    break_often("reset");
}

/* The proxy is there, the server behind it is not: it accepts and resets. */
static void server_behind_it_gone(void)
{
    struct way way = lay();
    subject_connect(way.subject, START_MS);
    peer_kill(way.server);
    lab_note("the server is killed");
    subject_await_loss(way.subject, 200);
    subject_run(way.subject, 1000 + lab_draw(500));
    peer_restart(way.server);
    lab_note("it listens again");
    subject_await_state(way.subject, ISA_STATE_READY, BACK_MS);

    subject_expect_story(way.subject, STORY_START
                         " TRANSIENT_FAILURE:peer_closed" STORY_RETRIES("peer_closed") STORY_BACK);
    subject_await_usable(way.subject, 1000);
    clear(&way);
}

static void door_shut(void)
{
    struct way way = lay();
    subject_connect(way.subject, START_MS);
    peer_tell(way.proxy, "refuse");
    peer_tell(way.proxy, "reset");
    lab_note("refused and reset");
    subject_await_loss(way.subject, 200);
    subject_run(way.subject, 3000 + lab_draw(500));
    peer_tell(way.proxy, "listen");
    lab_note("it listens again");
    subject_await_state(way.subject, ISA_STATE_READY, BACK_MS);

    subject_expect_story(way.subject, STORY_START
                         " TRANSIENT_FAILURE:peer_closed" STORY_RETRIES("refused") STORY_BACK);
    clear(&way);
}

static const struct scenario scenarios[] = {
    { "proxy-delay", "100 ms each way: slower, and nothing else", 30, delays },
    { "proxy-jitter", "0 to 150 ms for each piece, under traffic: not one call fails", 30,
      jitters },
    { "proxy-too-far", "a handshake longer than the connect timeout: timed_out", 30, too_far },
    { "proxy-stall-up",
      "nothing reaches the server: found by keepalive; READY within 2 s of healing", 30, stall_up },
    { "proxy-stall-down", "nothing comes back: found by keepalive; READY within 2 s of healing", 30,
      stall_down },
    { "proxy-stall-both", "nothing passes: found by keepalive; READY within 2 s of healing", 30,
      stall_both },
    { "proxy-hiccup", "stalls shorter than keepalive bears: not one call fails", 30, hiccup },
    { "proxy-cut", "eight times FIN under traffic: READY within 1 s each time", 60, cut },
    { "proxy-reset", "eight times RST under traffic: READY within 1 s each time", 60, reset },
    { "proxy-server-gone", "accepted and reset while its server is down: READY within 1 s", 30,
      server_behind_it_gone },
    { "proxy-door-shut", "refused for 3 s: READY within 1 s", 30, door_shut },
    { NULL, NULL, 0, NULL },
};

const struct scenario_family family_proxy = { "The way there, through a proxy", scenarios };
