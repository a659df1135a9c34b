/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: faults of addresses: several in one target, a socket's path, a name that moves.
 * Used by: main.c.
 * Must not know: the rooms behind the public headers.
 */
#include "lab.h"
#include "peers/peers.h"
#include "subject.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { START_MS = 3000, BACK_MS = 1000, MOVED_MS = 2000, TARGET_BYTES = 128 };

static void second_address(void)
{
    char target[TARGET_BYTES];
    struct peer *first = peer_new("grpc");
    struct peer *second = peer_new("grpc");
    snprintf(target, sizeof target, "ipv4:%s,%s", peer_target(first), peer_target(second));
    struct subject *subject = subject_new(target, NULL);
    subject_connect(subject, START_MS);
    LAB_EXPECT(peer_tell(first, "connections") == 1, "it did not begin with the first address");

    peer_kill(first);
    lab_note("the first server is killed");
    subject_await_count(subject, ISA_STATE_READY, 2, BACK_MS);
    LAB_EXPECT(peer_tell(second, "connections") == 1, "it is not at the second address");
    peer_restart(first);
    peer_kill(second);
    lab_note("the first is back, the second is killed");
    subject_await_count(subject, ISA_STATE_READY, 3, BACK_MS);
    peer_kill(first);
    lab_note("both are gone");
    subject_await_loss(subject, 200);
    subject_run(subject, 1000);
    peer_restart(second);
    lab_note("the second is back");
    subject_await_state(subject, ISA_STATE_READY, BACK_MS);

    subject_await_usable(subject, 1000);
    subject_expect_story(subject, STORY_START "( TRANSIENT_FAILURE:peer_closed" STORY_RETRIES(
                                      "refused") STORY_BACK "){3}");
    subject_end(subject);
    peer_free(first);
    peer_free(second);
}

/* A silent host costs its connect timeout, not the attempt. */
static void first_silent(void)
{
    enum { CONNECT_MS = 500 };
    char target[TARGET_BYTES];
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.connect_timeout_ms = CONNECT_MS;
    struct peer *silent = peer_new("raw mode=silent");
    struct peer *server = peer_new("grpc");
    snprintf(target, sizeof target, "ipv4:%s,%s", peer_target(silent), peer_target(server));
    struct subject *subject = subject_new(target, &options);

    struct subject_call *call = subject_call(subject, "Echo", "x", 0);
    subject_await_call(subject, call, CONNECT_MS + 500);

    subject_expect_end(call, ISA_STATUS_OK, ISA_REASON_NONE, "");
    subject_expect_story(subject, STORY_START);
    subject_end(subject);
    peer_free(silent);
    peer_free(server);
}

static void unix_socket(void)
{
    char folder[] = "/tmp/isa-faultlab-XXXXXX";
    char target[TARGET_BYTES];
    LAB_EXPECT(mkdtemp(folder), "mkdtemp() failed");
    struct peer *server = peer_new("grpc");
    struct peer *door = peer_new("proxy to=%u unix=%s/socket", peer_port(server), folder);
    snprintf(target, sizeof target, "unix:%s/socket", folder);
    struct subject *subject = subject_new(target, NULL);
    subject_connect(subject, START_MS);

    peer_kill(door);
    lab_note("its process is killed; the path stays, and refuses");
    subject_await_loss(subject, 200);
    subject_run(subject, 700);
    peer_restart(door);
    lab_note("the path is made anew");
    subject_await_state(subject, ISA_STATE_READY, BACK_MS);
    peer_tell(door, "refuse");
    peer_tell(door, "cut");
    lab_note("the path is gone");
    subject_await_loss(subject, 200);
    subject_run(subject, 700);
    peer_tell(door, "listen");
    lab_note("it is there again");
    subject_await_state(subject, ISA_STATE_READY, BACK_MS);

    subject_await_usable(subject, 1000);
    subject_expect_story(subject, STORY_START "( TRANSIENT_FAILURE:peer_closed" STORY_RETRIES(
                                      "refused") STORY_BACK "){2}");
    subject_end(subject);
    peer_tell(door, "refuse");
    peer_free(door);
    peer_free(server);
    rmdir(folder);
}

/* A name, and a server that can be reached at two addresses, at the same port. */
struct name {
    struct peer *dns;
    struct peer *server;
    struct peer *old;
    struct subject *subject;
};

static struct name give_name(const struct isa_conn_options *options)
{
    char target[TARGET_BYTES];
    struct name name;
    name.dns = peer_new("dns");
    name.server = peer_new("grpc");
    name.old = peer_new("proxy to=%u address=127.0.0.3 at=%u", peer_port(name.server),
                        peer_port(name.server));
    snprintf(target, sizeof target, "dns://%s/server.faultlab.test:%u", peer_target(name.dns),
             peer_port(name.server));
    name.subject = subject_new(target, options);
    return name;
}

static void forget_name(struct name *name)
{
    subject_end(name->subject);
    peer_free(name->old);
    peer_free(name->server);
    peer_free(name->dns);
}

static void name_moves(void)
{
    struct name name = give_name(NULL);
    peer_tell(name.dns, "answer 127.0.0.3");
    subject_connect(name.subject, START_MS);
    LAB_EXPECT(peer_tell(name.old, "connections") == 1, "it is not at the old address");
    LAB_EXPECT(peer_tell(name.server, "connections") == 1, "it came by another way");

    peer_kill(name.old);
    lab_note("nothing listens at the old address any more");
    subject_await_loss(name.subject, 200);
    subject_run(name.subject, 1000);
    peer_tell(name.dns, "answer 127.0.0.2");
    lab_note("the name has another address");
    subject_await_state(name.subject, ISA_STATE_READY, MOVED_MS);

    subject_await_usable(name.subject, 1000);
    subject_expect_story(name.subject, STORY_START
                         " TRANSIENT_FAILURE:peer_closed" STORY_RETRIES("refused") STORY_BACK);
    forget_name(&name);
}

static void name_lost(void)
{
    struct name name = give_name(NULL);
    peer_tell(name.dns, "answer none");
    struct subject_call *call = subject_call(name.subject, "Echo", "x", 0);
    subject_await_call(name.subject, call, START_MS);
    subject_expect_end(call, ISA_STATUS_UNAVAILABLE, ISA_REASON_NAME_NOT_FOUND,
                       "server.faultlab.test");
    subject_run(name.subject, 1000);

    peer_tell(name.dns, "answer 127.0.0.2");
    lab_note("the name is known");
    subject_await_state(name.subject, ISA_STATE_READY, MOVED_MS);
    subject_expect_story(name.subject,
                         " CONNECTING:operation TRANSIENT_FAILURE:name_not_found" STORY_RETRIES(
                             "name_not_found") STORY_BACK);
    forget_name(&name);
}

/* A name server that does not answer is bounded by the time for a whole attempt. */
static void name_server_silent(void)
{
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.connect_timeout_ms = 500;
    options.attempt_timeout_ms = 800;
    struct name name = give_name(&options);
    peer_tell(name.dns, "silence");
    struct subject_call *call = subject_call(name.subject, "Echo", "x", 0);
    subject_await_call(name.subject, call, 800 + 300);
    LAB_EXPECT(call->code == ISA_STATUS_UNAVAILABLE, "it ended as %s",
               isa_status_name((int)call->code));
    subject_run(name.subject, 1000);

    peer_tell(name.dns, "answer 127.0.0.2");
    lab_note("the name server answers");
    subject_await_state(name.subject, ISA_STATE_READY, MOVED_MS);
    subject_expect_story(
        name.subject,
        " CONNECTING:operation TRANSIENT_FAILURE:timed_out" STORY_RETRIES("timed_out") STORY_BACK);
    forget_name(&name);
}

static const struct scenario scenarios[] = {
    { "address-second", "two addresses, each server killed in turn: READY at the other within 1 s",
      30, second_address },
    { "address-first-silent", "the first of two addresses is silent: it costs its connect timeout",
      30, first_silent },
    { "address-unix", "a socket's path refuses, is removed and made anew: READY within 1 s", 30,
      unix_socket },
    { "address-name-moves", "a name has another address after the outage: READY there within 2 s",
      30, name_moves },
    { "address-name-lost", "an unknown name: name_not_found; READY within 2 s once it is known", 30,
      name_lost },
    { "address-name-server-silent", "no answer from the name server: READY within 2 s of its first",
      30, name_server_silent },
    { NULL, NULL, 0, NULL },
};

const struct scenario_family family_address = { "Addresses and names", scenarios };
