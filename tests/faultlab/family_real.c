/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: faults of real servers: etcd, which is grpc-go, and one in Python.
 * Used by: main.c.
 * Must not know: the rooms behind the public headers.
 */
#include "etcd.h"
#include "lab.h"
#include "peers/peers.h"
#include "subject.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

/* Range of one key, packed: etcd's read. */
#define ETCD_READ "/etcdserverpb.KV/Range"
#define ETCD_KEY "\x0a\x01k"

enum {
    START_MS = 10000,
    BACK_MS = 1000,    /* from "its port accepts" to READY, nobody helping */
    ANSWERS_MS = 2000, /* and to an answer: etcd elects itself leader first */
    CALLS = 20,
};

static struct etcd *start_etcd(void)
{
    if (!etcd_is_installed())
        lab_skip("%s", etcd_missing_text);
    struct etcd *etcd = etcd_new();
    LAB_EXPECT(etcd && etcd_start(etcd) == 0 && etcd_wait_accepts(etcd, START_MS) == 0,
               "etcd does not start");
    return etcd;
}

static struct subject *read_from(struct etcd *etcd, const struct isa_conn_options *options)
{
    struct subject *subject = subject_new(etcd_target(etcd), options);
    subject_set_probe(subject, ETCD_READ, ETCD_KEY);
    subject_await_usable(subject, START_MS);
    return subject;
}

static void etcd_killed(void)
{
    enum { ROUNDS = 3 };
    struct etcd *etcd = start_etcd();
    struct subject *subject = read_from(etcd, NULL);
    subject_traffic(subject, CALLS, ETCD_READ, ETCD_KEY);
    for (unsigned round = 1; round <= ROUNDS; round++) {
        subject_run(subject, 200 + lab_draw(300));
        etcd_kill(etcd);
        lab_note("etcd is killed");
        subject_await_loss(subject, 200);
        subject_run(subject, lab_draw(1000));
        LAB_EXPECT(etcd_start(etcd) == 0 && etcd_wait_accepts(etcd, START_MS) == 0,
                   "etcd does not start again");
        lab_note("its port accepts");
        subject_await_state(subject, ISA_STATE_READY, BACK_MS);
        subject_await_usable(subject, ANSWERS_MS);
    }
    subject_traffic(subject, 0, NULL, NULL);
    subject_await_all(subject, START_MS);
    subject_expect_story(subject, STORY_START "( TRANSIENT_FAILURE:peer_closed" STORY_RETRIES(
                                      "refused|peer_closed") STORY_BACK "){3}");
    subject_end(subject);
    etcd_free(etcd);
}

/* etcd forbids pings more often than every five seconds, so the call's deadline finds it first. */
static void etcd_stopped(void)
{
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.keepalive_time_ms = 6000;
    options.keepalive_timeout_ms = 1000;
    options.connect_timeout_ms = 1000;
    struct etcd *etcd = start_etcd();
    struct subject *subject = read_from(etcd, &options);

    etcd_signal(etcd, SIGSTOP);
    lab_note("etcd is stopped");
    struct subject_call *hasty = subject_call(subject, ETCD_READ, ETCD_KEY, 500);
    subject_call(subject, ETCD_READ, ETCD_KEY, 0);
    subject_await_call(subject, hasty, 700);
    subject_expect_end(hasty, ISA_STATUS_DEADLINE_EXCEEDED, ISA_REASON_NONE, "");
    uint64_t took_ms = subject_await_loss(subject, 6000 + 1000 + 1000);
    lab_note("found after %u ms", (unsigned)took_ms);
    subject_run(subject, lab_draw(1000));
    etcd_signal(etcd, SIGCONT);
    lab_note("it goes on");
    subject_await_state(subject, ISA_STATE_READY, 2000);

    subject_await_usable(subject, ANSWERS_MS);
    subject_expect_story(subject, STORY_START
                         " TRANSIENT_FAILURE:keepalive_lost" STORY_RETRIES("timed_out") STORY_BACK);
    subject_end(subject);
    etcd_free(etcd);
}

static struct peer *start_python(void)
{
    if (!peer_has_python())
        lab_skip("Debian's package python3-grpcio is not installed");
    return peer_new("python");
}

static void python_killed(void)
{
    struct peer *server = start_python();
    struct subject *subject = subject_new(peer_target(server), NULL);
    subject_connect(subject, START_MS);
    subject_traffic(subject, CALLS, "Slow", "50");
    subject_run(subject, 300 + lab_draw(300));

    peer_kill(server);
    lab_note("the server is killed");
    subject_await_loss(subject, 200);
    peer_restart(server);
    lab_note("it listens again");
    subject_await_state(subject, ISA_STATE_READY, BACK_MS);

    subject_traffic(subject, 0, NULL, NULL);
    subject_await_all(subject, START_MS);
    subject_expect_ends(subject, "peer_closed|refused");
    subject_expect_story(subject, STORY_START " TRANSIENT_FAILURE:peer_closed" STORY_RETRIES(
                                      "refused|peer_closed") STORY_BACK);
    subject_end(subject);
    peer_free(server);
}

static void python_drains(void)
{
    struct peer *server = start_python();
    struct subject *subject = subject_new(peer_target(server), NULL);
    subject_connect(subject, START_MS);
    for (unsigned i = 0; i < CALLS; i++)
        subject_call(subject, "Slow", "800", 0);
    subject_run(subject, 200);

    peer_tell(server, "drain");
    lab_note("the server stops, with a grace");
    subject_await_all(subject, 2000);
    LAB_EXPECT(subject_count_ended(subject, ISA_STATUS_OK) == CALLS, "calls were lost");
    subject_run(subject, 300);
    peer_restart(server);
    lab_note("it listens again");
    subject_await_state(subject, ISA_STATE_READY, BACK_MS);

    subject_expect_story(subject, STORY_START
                         " CONNECTING:peer_drained TRANSIENT_FAILURE:refused" STORY_RETRIES(
                             "refused|peer_closed") STORY_BACK);
    subject_end(subject);
    peer_free(server);
}

static const struct scenario scenarios[] = {
    { "etcd-killed", "three times SIGKILL under traffic: READY within 1 s once its port accepts",
      90, etcd_killed },
    { "etcd-stopped", "SIGSTOP with a call in flight: found by keepalive; READY within 2 s", 60,
      etcd_stopped },
    { "python-killed", "SIGKILL under traffic: READY within 1 s of the restart", 60,
      python_killed },
    { "python-drains", "it stops with a grace: calls finish; READY within 1 s of the restart", 60,
      python_drains },
    { NULL, NULL, 0, NULL },
};

const struct scenario_family family_real = { "Real servers", scenarios };
