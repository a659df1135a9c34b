/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests of calls that meet a connection in the moment in which it breaks.
 * Used by: ctest.
 * Must not know: the rooms behind the public headers.
 */
#include "client.h"
#include "grpc_server.h"
#include "stream_peer.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <string.h>

enum { ROUNDS = 10 };

/* The server is gone and the library cannot know yet: core finds out when the call is started. Core
 * may have put the call on the dying connection, and then nobody knows whether it arrived
 * (peer_closed); one that core could not put anywhere must not fail. */
Test(live_unsent, a_call_that_waits_for_ready_outlives_the_moment_of_the_break)
{
    struct server_child *server = server_child_new();
    struct client client;
    client_open(&client, server_child_target(server), NULL);
    struct client_op ops[ROUNDS] = { 0 };
    struct client_op before[ROUNDS] = { 0 };

    for (unsigned i = 0; i < ROUNDS; i++) {
        client_do(&client, &before[i], "/test.Test/Echo", "connected");
        server_child_down(server);
        struct isa_unary unary = client_unary("/test.Test/Echo", "x");
        struct isa_call_options call_options = ISA_CALL_OPTIONS_INIT;
        unary.options = &call_options;
        call_options.wait_for_ready = true;
        cr_assert_eq(client_start(&client, &ops[i], &unary), 0);
        client_run_for(&client, 30);
        server_child_up(server);
        client_await_op(&client, &ops[i]);
    }

    for (unsigned i = 0; i < ROUNDS; i++)
        cr_expect(ops[i].status.code == ISA_STATUS_OK ||
                      ops[i].status.reason == ISA_REASON_PEER_CLOSED,
                  "round %u: %s", i, ops[i].text);
    for (unsigned i = 0; i < ROUNDS; i++)
        cr_expect(ops[i].status.code != ISA_STATUS_OK || strcmp(ops[i].reply, "x") == 0,
                  "round %u: the request was lost: \"%s\" came back", i, ops[i].reply);
    client_end(&client);
    server_child_free(server);
}

Test(live_unsent, such_a_call_can_still_be_cancelled)
{
    struct server_child *server = server_child_new();
    struct client client;
    client_open(&client, server_child_target(server), NULL);
    struct client_op before = { 0 };
    struct client_op op = { 0 };
    client_do(&client, &before, "/test.Test/Echo", "connected");
    server_child_down(server);
    struct isa_unary unary = client_unary("/test.Test/Echo", "x");
    struct isa_call_options call_options = ISA_CALL_OPTIONS_INIT;
    unary.options = &call_options;
    call_options.wait_for_ready = true;
    cr_assert_eq(client_start(&client, &op, &unary), 0);
    client_run_for(&client, 30);

    isa_call_cancel(op.call);
    client_await_op(&client, &op);

    cr_expect(op.status.code == ISA_STATUS_CANCELLED || op.status.reason == ISA_REASON_PEER_CLOSED,
              "%s", op.text);
    client_end(&client);
    server_child_free(server);
}

/* ---- a service under load that goes away ------------------------------------------------------- */

enum { IN_FLIGHT = 16, KILLS = 20 };

static struct {
    struct isa_conn *conn;
    unsigned running;
    unsigned answered;
    unsigned untried;
    bool is_over;
} load;

static void ask(void);

static void on_reply(struct isa_call *call, const struct isa_reply *reply, void *user)
{
    (void)call, (void)user;
    load.running--;
    load.answered += reply->status.code == ISA_STATUS_OK;
    load.untried += strcmp(reply->status.message, "Transport closed") == 0;
    cr_expect(reply->status.code == ISA_STATUS_OK || reply->status.reason != ISA_REASON_NONE, "%s",
              reply->status.message);
    if (!load.is_over)
        ask();
}

static void ask(void)
{
    struct isa_unary unary = client_unary("/test.Test/Echo", "x");
    unary.on_reply = on_reply;
    cr_assert_eq(isa_call_unary(load.conn, &unary, NULL), 0);
    load.running++;
}

static void *take_down(void *server)
{
    server_child_down(server);
    return NULL;
}

static bool is_quiet(void *unused)
{
    (void)unused;
    return load.running == 0;
}

/* Core says "Transport closed" of a call that it has not put on the connection, which had ended. Without
 * the library's care about one kill in two brings such a call. */
Test(live_unsent, no_call_fails_because_its_connection_had_just_ended)
{
    struct client client;
    struct server_child *server = server_child_new();
    client_open(&client, server_child_target(server), NULL);
    load.conn = client.conn;
    struct client_op before[KILLS] = { 0 };

    for (unsigned i = 0; i < KILLS; i++) {
        client_do(&client, &before[i], "/test.Test/Echo", "connected");
        load.is_over = false;
        for (unsigned n = 0; n < IN_FLIGHT; n++)
            ask();
        client_run_for(&client, 5);
        pthread_t other;
        cr_assert_eq(pthread_create(&other, NULL, take_down, server), 0);
        client_run_for(&client, 20);
        load.is_over = true;
        pthread_join(other, NULL);
        server_child_up(server);
        client_await(&client, is_quiet, NULL);
    }

    cr_expect_gt(load.answered, 0);
    cr_expect_eq(load.untried, 0, "%u calls failed that had not been tried", load.untried);
    client_end(&client);
    server_child_free(server);
}

/* ---- a peer that says which calls it leaves out ------------------------------------------------ */

static void expect_next_connection(const struct client *client)
{
    struct isa_conn_stats stats = client_stats(client);
    cr_expect_eq(stats.attempts, 2);
    cr_expect_eq(stats.drains, 1);
    cr_expect_eq(stats.losses, 0);
    cr_expect_eq(stats.operations_failed, 0);
    cr_expect_eq(client_count_to(client, ISA_STATE_TRANSIENT_FAILURE), 0, "a drain is no failure");
}

Test(live_unsent, a_call_that_a_goaway_leaves_out_goes_to_the_next_connection)
{
    struct stream_peer *peer = stream_peer_new();
    struct client client;
    client_open(&client, stream_peer_target(peer), NULL);
    struct client_op ops[2] = { 0 };
    client_do(&client, &ops[0], "/test.Test/Echo", "before");

    stream_peer_arm(peer, PHASE_BEFORE_HEADERS, harm_by_goaway);
    client_do(&client, &ops[1], "/test.Test/Echo", "x");

    cr_expect_eq(stream_peer_harmed(peer), 1);
    cr_expect_eq(ops[1].status.code, ISA_STATUS_OK, "%s", ops[1].text);
    cr_expect_str_eq(ops[1].reply, "0");
    expect_next_connection(&client);
    client_end(&client);
    stream_peer_free(peer);
}

struct heard {
    unsigned messages;
    unsigned ends;
    enum isa_status_code code;
};

static void on_message(struct isa_call *call, const struct isa_message *message, void *user)
{
    (void)call;
    struct heard *heard = user;
    heard->messages += message->bytes.size_bytes == 1;
}

static void on_end(struct isa_call *call, const struct isa_reply *reply, void *user)
{
    (void)call;
    struct heard *heard = user;
    heard->ends++;
    heard->code = reply->status.code;
}

static bool has_ended(void *user)
{
    return ((const struct heard *)user)->ends > 0;
}

Test(live_unsent, so_does_a_stream)
{
    struct stream_peer *peer = stream_peer_new();
    struct client client;
    client_open(&client, stream_peer_target(peer), NULL);
    struct client_op before = { 0 };
    client_do(&client, &before, "/test.Test/Echo", "before");
    struct heard heard = { 0 };
    struct isa_stream stream = ISA_STREAM_INIT;
    stream.method = "/test.Test/Stream";
    stream.request_bytes = (struct isa_bytes){ "a", 1 };
    stream.on_message = on_message;
    stream.on_end = on_end;
    stream.half_close = true;
    stream.user = &heard;

    stream_peer_arm(peer, PHASE_BEFORE_HEADERS, harm_by_goaway);
    cr_assert_eq(isa_call_stream(client.conn, &stream, NULL), 0);
    client_await(&client, has_ended, &heard);

    cr_expect_eq(stream_peer_harmed(peer), 1);
    cr_expect_eq(heard.code, ISA_STATUS_OK);
    cr_expect_eq(heard.messages, 1);
    cr_expect_eq(heard.ends, 1);
    expect_next_connection(&client);
    client_end(&client);
    stream_peer_free(peer);
}

static void answers_each_with_a_goaway(bool wait_for_ready)
{
    struct stream_peer *peer = stream_peer_new();
    struct client client;
    client_open(&client, stream_peer_target(peer), NULL);
    struct client_op op = { 0 };
    struct isa_unary unary = client_unary("/test.Test/Echo", "x");
    struct isa_call_options options = ISA_CALL_OPTIONS_INIT;
    options.wait_for_ready = wait_for_ready;
    unary.options = &options;

    stream_peer_arm_for(peer, 1000, PHASE_BEFORE_HEADERS, harm_by_goaway);
    cr_assert_eq(client_start(&client, &op, &unary), 0);
    client_await_op(&client, &op);

    cr_expect_eq(stream_peer_harmed(peer), 2);
    cr_expect_eq(op.attempts, 2);
    cr_expect_eq(op.status.code, ISA_STATUS_UNAVAILABLE, "%s", op.text);
    cr_expect_eq(op.status.reason, ISA_REASON_PEER_DRAINED, "%s", op.text);
    client_end(&client);
    stream_peer_free(peer);
}

/* So does grpc-java with a call whose headers are larger than it takes. */
Test(live_unsent, a_call_that_each_server_answers_with_a_goaway_is_sent_twice_at_most)
{
    answers_each_with_a_goaway(false);
    answers_each_with_a_goaway(true);
}
