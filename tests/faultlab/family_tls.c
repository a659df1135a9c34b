/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: faults of TLS: etcd comes back as somebody else, or expired, or hangs in the handshake.
 * Used by: main.c.
 * Must not know: the rooms behind the public headers.
 */
#include "etcd.h"
#include "identity.h"
#include "lab.h"
#include "subject.h"

#include <signal.h>
#include <stdio.h>

/* Range of one key, packed: etcd's read. */
#define ETCD_READ "/etcdserverpb.KV/Range"
#define ETCD_KEY "\x0a\x01k"

enum {
    START_MS = 10000,
    BACK_MS = 1500, /* from "its port accepts" to READY: two handshakes, nobody helping */
    ANSWERS_MS = 2000,
    CALLS = 20,
};

static struct identity *authority;
static const char *dir;
static struct etcd *etcd;
static struct isa_tls_options tls = ISA_TLS_OPTIONS_INIT;

static void write_certificate(const char *san, int valid_days)
{
    struct identity *theirs = identity_new(authority, "etcd", san, valid_days);
    char chain[128], key[128], roots[128];
    snprintf(chain, sizeof chain, "%s", scratch_write(dir, "etcd.pem", identity_chain(theirs)));
    snprintf(key, sizeof key, "%s", scratch_write(dir, "etcd.key", identity_key(theirs)));
    snprintf(roots, sizeof roots, "%s", scratch_write(dir, "roots.pem", identity_chain(authority)));
    etcd_set_tls(etcd, chain, key, roots);
    identity_free(theirs);
}

static void begin(void)
{
    if (!etcd_is_installed())
        lab_skip("%s", etcd_missing_text);
    authority = identity_new(NULL, "Authority", NULL, 30);
    struct identity *ours = identity_new(authority, "client", NULL, 30);
    static char chain[128], key[128];
    dir = scratch_new();
    snprintf(chain, sizeof chain, "%s", scratch_write(dir, "chain.pem", identity_chain(ours)));
    snprintf(key, sizeof key, "%s", scratch_write(dir, "key.pem", identity_key(ours)));
    tls.roots_pem = identity_chain(authority);
    tls.chain_file = chain;
    tls.key_file = key;
    identity_free(ours);
    etcd = etcd_new();
    LAB_EXPECT(etcd, "etcd has no place to live");
    write_certificate("IP:127.0.0.2", 30);
}

static void start(void)
{
    LAB_EXPECT(etcd_start(etcd) == 0 && etcd_wait_accepts(etcd, START_MS) == 0,
               "etcd does not start");
    lab_note("its port accepts");
}

static void end(void)
{
    etcd_free(etcd);
    identity_free(authority);
    scratch_remove(dir);
}

/* Under traffic etcd is killed, comes back with a certificate that is refused, and then as itself.
 * When it is killed between an attempt and the look at its certificate, that look finds nothing
 * (tls_refused), or already the next etcd, which shakes hands (client_cert). Of a connection that ends
 * while core holds back its only call, a busy machine cannot tell whether it drained. */
static void comes_back_refused(const char *san, int valid_days, const char *reason)
{
    char story[1024];
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.tls = &tls;
    begin();
    start();
    struct subject *subject = subject_new(etcd_target(etcd), &options);
    subject_set_probe(subject, ETCD_READ, ETCD_KEY);
    subject_await_usable(subject, START_MS);
    subject_traffic(subject, CALLS, ETCD_READ, ETCD_KEY);
    subject_run(subject, 200 + lab_draw(300));

    etcd_kill(etcd);
    lab_note("etcd is killed");
    subject_await_count(subject, ISA_STATE_TRANSIENT_FAILURE, 1, 1000);
    write_certificate(san, valid_days);
    start();
    subject_run(subject, 1000 + lab_draw(500));
    LAB_EXPECT(subject_stats(subject).reconnects == 0, "it was let in");
    etcd_kill(etcd);
    write_certificate("IP:127.0.0.2", 30);
    start();
    subject_await_state(subject, ISA_STATE_READY, BACK_MS);
    subject_await_usable(subject, ANSWERS_MS);

    subject_traffic(subject, 0, NULL, NULL);
    subject_await_all(subject, START_MS);
    snprintf(story, sizeof story,
             STORY_START
             "( TRANSIENT_FAILURE:peer_closed| CONNECTING:peer_drained"
             " TRANSIENT_FAILURE:refused)" STORY_RETRIES(
                 "refused|peer_closed") " CONNECTING:(retry|operation) "
                                        "TRANSIENT_FAILURE:%s" STORY_RETRIES(
                                            "refused|peer_closed|tls_refused|client_cert|%s")
                                            STORY_BACK,
             reason, reason);
    subject_expect_story(subject, story);
    subject_end(subject);
    end();
}

static void another_name(void)
{
    comes_back_refused("DNS:elsewhere.example", 30, "cert_wrong_name");
}

static void expired(void)
{
    comes_back_refused("IP:127.0.0.2", -1, "cert_expired");
}

/* A stopped process: its kernel accepts, and nobody answers the handshake. */
static void hangs(void)
{
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.tls = &tls;
    options.connect_timeout_ms = 500;
    begin();
    start();
    etcd_signal(etcd, SIGSTOP);
    lab_note("etcd is stopped");
    struct subject *subject = subject_new(etcd_target(etcd), &options);
    subject_set_probe(subject, ETCD_READ, ETCD_KEY);

    struct subject_call *call = subject_call(subject, ETCD_READ, ETCD_KEY, 0);
    uint64_t took_ms = subject_await_call(subject, call, 500 + 300);
    LAB_EXPECT(took_ms >= 400, "given up after %u ms", (unsigned)took_ms);
    subject_expect_end(call, ISA_STATUS_UNAVAILABLE, ISA_REASON_TIMED_OUT,
                       "no answer to the handshake within 500 ms");
    subject_run(subject, 500 + lab_draw(500));
    etcd_signal(etcd, SIGCONT);
    lab_note("it goes on");
    subject_await_usable(subject, ANSWERS_MS);

    subject_expect_story(subject, " CONNECTING:operation TRANSIENT_FAILURE:timed_out" STORY_RETRIES(
                                      "timed_out") STORY_BACK);
    subject_end(subject);
    end();
}

static const struct scenario scenarios[] = {
    { "tls-another-name",
      "etcd comes back with another's certificate: refused; READY when it is itself", 90,
      another_name },
    { "tls-expired",
      "etcd comes back with an expired certificate: refused; READY when it is renewed", 90,
      expired },
    { "tls-hangs", "nobody answers in the handshake: timed_out in time; READY when somebody does",
      60, hangs },
    { NULL, NULL, 0, NULL },
};

const struct scenario_family family_tls = { "TLS", scenarios };
