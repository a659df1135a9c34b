/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: faults of a network: cuts in each direction, resets, loss, links and addresses that go.
 * Used by: main.c.
 * Must not know: the rooms behind the public headers.
 */
#include "lab.h"
#include "netns.h"
#include "subject.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    START_MS = 3000,
    HEALED_MS = 2000,    /* from "the network is well" to READY, nobody helping */
    KEEPALIVE_MS = 1000, /* its time, and its timeout */
    CALLS = 10,
    QUIET_MS = 300, /* all that was sent is acknowledged: an ACK may be put off for 40 ms or 200 */
    HASTY_MS = 100,
};

static struct subject *meet(void)
{
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.keepalive_time_ms = KEEPALIVE_MS;
    options.keepalive_timeout_ms = KEEPALIVE_MS;
    struct subject *subject = subject_new(NETNS_TARGET, &options);
    subject_connect(subject, START_MS);
    return subject;
}

static void hold_calls(struct peer *server, struct subject *subject)
{
    for (unsigned i = 0; i < CALLS; i++)
        subject_call(subject, "Hold", "x", 0);
    peer_tell(server, "held %u", CALLS);
}

static unsigned partition_ms(void)
{
    return (lab.is_long ? 60000 : 6000) + lab_draw(1000);
}

/* Found within keepalive's time and timeout, and back soon after the network is well again. */
static void expect_found(struct subject *subject, const char *reason)
{
    uint64_t took_ms = subject_await_loss(subject, 2 * KEEPALIVE_MS + 1000);
    lab_note("found after %u ms", (unsigned)took_ms);
    subject_await_all(subject, 100);
    subject_expect_ends(subject, reason);
}

static void expect_back(struct subject *subject, const char *found, const char *reasons)
{
    char story[256];
    uint64_t took_ms = subject_await_state(subject, ISA_STATE_READY, HEALED_MS);
    lab_note("READY %u ms after healing", (unsigned)took_ms);
    subject_await_usable(subject, 1000);
    snprintf(story, sizeof story,
             STORY_START " TRANSIENT_FAILURE:(%s)" STORY_RETRIES("%s") STORY_BACK, found, reasons);
    subject_expect_story(subject, story);
}

static void partition(enum netns_cut cut)
{
    struct peer *server = netns_new();
    struct subject *subject = meet();
    hold_calls(server, subject);

    netns_cut(server, cut);
    lab_note("cut");
    expect_found(subject, "keepalive_lost");
    subject_run(subject, partition_ms());
    netns_heal(server, cut);
    lab_note("healed");
    expect_back(subject, "keepalive_lost", "timed_out|unreachable");

    subject_end(subject);
    peer_free(server);
}

static void cut_both(void)
{
    partition(NETNS_BOTH);
}

static void cut_to_server(void)
{
    partition(NETNS_TO_SERVER);
}

static void cut_from_server(void)
{
    partition(NETNS_FROM_SERVER);
}

/* No call is under way, so no ping may be sent: the next call finds it. */
static void cut_while_idle(void)
{
    struct peer *server = netns_new();
    struct subject *subject = meet();
    subject_run(subject, QUIET_MS);
    netns_cut(server, NETNS_BOTH);
    lab_note("cut");
    subject_run(subject, 2 * KEEPALIVE_MS + 1000);
    subject_expect_story(subject, STORY_START);

    subject_call(subject, "Echo", "x", 0);
    expect_found(subject, "keepalive_lost");
    netns_heal(server, NETNS_BOTH);
    lab_note("healed");
    expect_back(subject, "keepalive_lost", "timed_out|unreachable");

    subject_end(subject);
    peer_free(server);
}

/* What was sent is never acknowledged, which ends the connection; nobody waits for a reply any more,
 * who would be told why. */
static void cut_and_given_up(void)
{
    struct peer *server = netns_new();
    struct subject *subject = meet();
    subject_run(subject, QUIET_MS);
    netns_cut(server, NETNS_BOTH);
    lab_note("cut");
    struct subject_call *call = subject_call(subject, "Echo", "x", HASTY_MS);
    subject_await_call(subject, call, KEEPALIVE_MS / 2);
    subject_expect_end(call, ISA_STATUS_DEADLINE_EXCEEDED, ISA_REASON_NONE, "");

    uint64_t took_ms = subject_await_loss(subject, 2 * KEEPALIVE_MS + 1000);
    lab_note("found after %u ms", (unsigned)took_ms);
    netns_heal(server, NETNS_BOTH);
    lab_note("healed");
    expect_back(subject, "peer_closed", "timed_out|unreachable");

    subject_end(subject);
    peer_free(server);
}

/* Shorter than keepalive bears: TCP sends again, and nobody hears of it. */
static void cut_briefly(void)
{
    struct peer *server = netns_new();
    struct subject *subject = subject_new(NETNS_TARGET, NULL);
    subject_connect(subject, START_MS);
    subject_traffic(subject, CALLS, "Echo", "x");
    subject_run(subject, 200);

    netns_cut(server, NETNS_BOTH);
    lab_note("cut");
    subject_run(subject, 1000 + lab_draw(500));
    netns_heal(server, NETNS_BOTH);
    lab_note("healed");
    subject_traffic(subject, 0, NULL, NULL);
    subject_await_all(subject, 5000);

    subject_expect_ends(subject, "no failure is expected");
    subject_expect_story(subject, STORY_START);
    subject_end(subject);
    peer_free(server);
}

/* A firewall that resets what it does not know. */
static void rejects(void)
{
    static const char rule[] = "iptables -w -%c INPUT -i lab1 -p tcp -j REJECT "
                               "--reject-with tcp-reset";
    struct peer *server = netns_new();
    struct subject *subject = meet();
    subject_traffic(subject, CALLS, "Echo", "x");
    subject_run(subject, 200);

    netns_there(server, rule, 'I');
    lab_note("every segment is answered with RST");
    subject_await_loss(subject, 500);
    subject_run(subject, 1000 + lab_draw(500));
    subject_traffic(subject, 0, NULL, NULL);
    subject_run(subject, 100);
    netns_there(server, rule, 'D');
    lab_note("the rule is gone");
    subject_await_state(subject, ISA_STATE_READY, 1000);

    subject_await_all(subject, START_MS);
    subject_expect_ends(subject, "peer_closed|refused");
    subject_expect_story(subject, STORY_START
                         " TRANSIENT_FAILURE:peer_closed" STORY_RETRIES("refused") STORY_BACK);
    subject_end(subject);
    peer_free(server);
}

static void loses(void)
{
    struct peer *server = netns_new();
    struct subject *subject = subject_new(NETNS_TARGET, NULL);
    subject_connect(subject, START_MS);
    netns_there(server, "iptables -w -t raw -I PREROUTING -i lab1 -m statistic --mode random "
                        "--probability 0.15 -j DROP");
    netns_here("iptables -w -t raw -I PREROUTING -i lab0 -m statistic --mode random "
               "--probability 0.15 -j DROP");
    lab_note("15 of 100 packets are lost each way");

    subject_traffic(subject, CALLS, "Echo", "x");
    subject_run(subject, 4000);
    subject_traffic(subject, 0, NULL, NULL);
    subject_await_all(subject, 20000);

    subject_expect_ends(subject, "no failure is expected");
    subject_expect_story(subject, STORY_START);
    subject_end(subject);
    peer_free(server);
}

/* Our own interface: connecting fails at once, so retries are as close as the backoff allows. */
static void link_down(void)
{
    struct peer *server = netns_new();
    struct subject *subject = meet();
    hold_calls(server, subject);

    netns_here("ip link set lab0 down");
    lab_note("our interface is down");
    expect_found(subject, "unreachable|keepalive_lost");
    subject_run(subject, 2000 + lab_draw(500));
    netns_here("ip link set lab0 up");
    lab_note("it is up");
    expect_back(subject, "unreachable|keepalive_lost", "unreachable");

    subject_end(subject);
    peer_free(server);
}

static void cable_pulled(void)
{
    struct peer *server = netns_new();
    struct subject *subject = meet();
    hold_calls(server, subject);

    netns_there(server, "ip link set lab1 down");
    lab_note("the server's interface is down");
    expect_found(subject, "keepalive_lost");
    subject_run(subject, 2000 + lab_draw(500));
    netns_there(server, "ip link set lab1 up");
    lab_note("it is up");
    expect_back(subject, "keepalive_lost", "timed_out|unreachable");

    subject_end(subject);
    peer_free(server);
}

static void address_removed(void)
{
    struct peer *server = netns_new();
    struct subject *subject = meet();
    hold_calls(server, subject);

    netns_here("ip address delete 192.0.2.1/24 dev lab0");
    lab_note("our address is gone");
    expect_found(subject, "unreachable|keepalive_lost");
    subject_run(subject, 1000 + lab_draw(500));
    netns_here("ip address add 192.0.2.1/24 dev lab0");
    lab_note("it is back");
    expect_back(subject, "unreachable|keepalive_lost", "unreachable|timed_out");

    subject_end(subject);
    peer_free(server);
}

/* We get another one, as when a lease ends. */
static void address_changed(void)
{
    struct peer *server = netns_new();
    struct subject *subject = meet();
    hold_calls(server, subject);

    netns_here("ip address delete 192.0.2.1/24 dev lab0");
    netns_here("ip address add 192.0.2.77/24 dev lab0");
    lab_note("we have another address");
    expect_found(subject, "unreachable|keepalive_lost");
    expect_back(subject, "unreachable|keepalive_lost", "unreachable|timed_out");

    subject_end(subject);
    peer_free(server);
}

/* The server gets another one; its name follows. */
static void server_moves(void)
{
    char target[128];
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.keepalive_time_ms = KEEPALIVE_MS;
    options.keepalive_timeout_ms = KEEPALIVE_MS;
    struct peer *server = netns_new();
    struct peer *dns = peer_new("dns");
    peer_tell(dns, "answer 192.0.2.2");
    snprintf(target, sizeof target, "dns://%s/server.faultlab.test:" NETNS_PORT, peer_target(dns));
    struct subject *subject = subject_new(target, &options);
    subject_connect(subject, START_MS);
    hold_calls(server, subject);

    netns_there(server, "ip address delete 192.0.2.2/24 dev lab1");
    netns_there(server, "ip address add 192.0.2.3/24 dev lab1");
    netns_there(server, "iptables -w -t raw -I PREROUTING -i lab1 -d 192.0.2.2 -j DROP");
    lab_note("the server has another address");
    expect_found(subject, "keepalive_lost");
    subject_run(subject, 1000 + lab_draw(500));
    peer_tell(dns, "answer 192.0.2.3");
    lab_note("its name follows");
    uint64_t took_ms = subject_await_state(subject, ISA_STATE_READY, 3000 + HEALED_MS);
    lab_note("READY %u ms after the name", (unsigned)took_ms);

    subject_await_usable(subject, 1000);
    subject_end(subject);
    peer_free(dns);
    peer_free(server);
}

static const struct scenario scenarios[] = {
    { "net-cut", "nothing passes for 6 s (60 s): found by keepalive; READY within 2 s of healing",
      40, cut_both },
    { "net-cut-to-server", "the same, only towards the server", 40, cut_to_server },
    { "net-cut-from-server", "the same, only from the server", 40, cut_from_server },
    { "net-cut-while-idle", "cut with no call in flight: the next call finds it", 40,
      cut_while_idle },
    { "net-cut-given-up", "cut, and the only call gave up before: found by TCP, nobody hears why",
      40, cut_and_given_up },
    { "net-cut-briefly", "cut for a second under traffic: not one call fails", 40, cut_briefly },
    { "net-reject", "a firewall resets everything: READY within 1 s of its end", 40, rejects },
    { "net-loss", "15 % of the packets lost each way, under traffic: not one call fails", 60,
      loses },
    { "net-link-down", "our interface goes down and up: READY within 2 s", 40, link_down },
    { "net-cable-pulled", "the server's interface goes down and up: READY within 2 s", 40,
      cable_pulled },
    { "net-address-removed", "our address goes and comes back: READY within 2 s", 40,
      address_removed },
    { "net-address-changed", "we get another address: READY within 2 s of finding out", 40,
      address_changed },
    { "net-server-moves", "the server gets another address, its name follows: READY there", 40,
      server_moves },
    { NULL, NULL, 0, NULL },
};

const struct scenario_family family_net = { "A network of its own", scenarios };
