/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: a peer that floods its connection while the loop has another one to serve.
 * Used by: ctest.
 * Must not know: the rooms behind the public headers.
 *
 * The other one's calls keep the loop so busy that it takes core's completions itself, and core parses the
 * flood on whichever thread takes them.
 */
#include "client.h"
#include "grpc_server.h"
#include "stream_peer.h"

#include <criterion/criterion.h>
#include <ev.h>
#include <time.h>

enum { IN_FLIGHT = 32, WARM_UP = 2000 };

static struct client client;
static struct isa_conn *flooded;
static struct {
    unsigned running;
    unsigned answered;
    unsigned flood_ends;
    bool is_over;
    uint64_t last_us;
    uint64_t worst_us;
} book;

/* What this thread has worked: what others do on the machine does not count. */
static uint64_t worked_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void look_at_clock(void)
{
    uint64_t now = worked_us();
    if (book.last_us && now - book.last_us > book.worst_us)
        book.worst_us = now - book.last_us;
    book.last_us = now;
}

static void on_tick(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)loop, (void)timer, (void)events;
    look_at_clock();
}

static void ask(void);

static void on_reply(struct isa_call *call, const struct isa_reply *reply, void *user)
{
    (void)call, (void)user;
    cr_assert_eq(reply->status.code, ISA_STATUS_OK, "%s", reply->status.message);
    look_at_clock();
    book.running--;
    book.answered++;
    if (!book.is_over)
        ask();
}

static void ask(void)
{
    struct isa_unary unary = client_unary("/test.Test/Echo", "x");
    unary.on_reply = on_reply;
    cr_assert_eq(isa_call_unary(client.conn, &unary, NULL), 0);
    book.running++;
}

static void on_flood_end(struct isa_call *call, const struct isa_reply *reply, void *user)
{
    (void)call, (void)reply, (void)user;
    book.flood_ends++;
}

static void ask_for_flood(void)
{
    struct isa_unary unary = client_unary("/test.Test/Any", "x");
    struct isa_call_options options = ISA_CALL_OPTIONS_INIT;
    options.deadline_ms = 1500;
    unary.options = &options;
    unary.on_reply = on_flood_end;
    cr_assert_eq(isa_call_unary(flooded, &unary, NULL), 0);
}

/* By then the loop takes core's completions itself. */
static bool is_busy(void *unused)
{
    (void)unused;
    return book.answered >= WARM_UP;
}

static bool has_ended(void *unused)
{
    (void)unused;
    return book.flood_ends == 2;
}

static bool is_quiet(void *unused)
{
    (void)unused;
    return book.running == 0;
}

static void suffer(stream_harm_fn *harm)
{
    struct server_child *server = server_child_new();
    struct stream_peer *peer = stream_peer_new();
    ev_timer tick;
    client_open(&client, server_child_target(server), NULL);
    cr_assert_eq(isa_conn_open(client.loop, stream_peer_target(peer), NULL, &flooded), 0);
    ev_timer_init(&tick, on_tick, 0.001, 0.001);
    ev_timer_start(client.loop, &tick);
    for (unsigned i = 0; i < IN_FLIGHT; i++)
        ask();
    client_await(&client, is_busy, NULL);
    stream_peer_arm_for(peer, 2, PHASE_BEFORE_HEADERS, harm);
    ask_for_flood();
    ask_for_flood();

    client_await(&client, has_ended, NULL);
    book.is_over = true;
    client_await(&client, is_quiet, NULL);

    cr_expect_leq(book.worst_us, 50000, "the loop was held up for %lu us",
                  (unsigned long)book.worst_us);
    ev_timer_stop(client.loop, &tick);
    isa_conn_unref(flooded);
    client_end(&client);
    stream_peer_free(peer);
    server_child_free(server);
}

Test(live_flood, of_unknown_frames_does_not_hold_up_the_loop)
{
    suffer(harm_by_unknown_frames);
}

Test(live_flood, of_window_updates_does_not_hold_up_the_loop)
{
    suffer(harm_by_window_updates);
}
