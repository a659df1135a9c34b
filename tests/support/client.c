/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the handle, its loop, the book.
 * Used by: live and acceptance tests, through client.h.
 * Must not know: servers, the rooms behind the public headers.
 */
#include "client.h"

#include <criterion/criterion.h>
#include <ev.h>
#include <stdio.h>
#include <string.h>

static const double limit_s = 15.; /* of any wait; a test that needs it has failed */

static void on_state(struct isa_conn *conn, const struct isa_change *change, void *user)
{
    struct client *client = user;
    (void)conn;
    if (client->shutdown_count)
        client->late_count++;
    if (change->to == ISA_STATE_SHUTDOWN)
        client->shutdown_count++;
    if (client->change_count < CLIENT_CHANGES_MAX) {
        struct client_change *kept = &client->changes[client->change_count];
        kept->change = *change;
        snprintf(kept->text, sizeof kept->text, "%s", change->text);
        kept->change.text = kept->text;
    }
    client->change_count++;
    if (client->on_change)
        client->on_change(client, change);
}

void client_open_on(struct client *client, struct ev_loop *loop, const char *target,
                    const struct isa_conn_options *options)
{
    struct isa_conn_options settings = ISA_CONN_OPTIONS_INIT;
    if (options)
        settings = *options;
    settings.on_state = on_state;
    settings.user = client;
    memset(client, 0, sizeof *client);
    client->loop = loop;
    cr_assert_eq(isa_conn_open(loop, target, &settings, &client->conn), 0);
}

void client_open(struct client *client, const char *target, const struct isa_conn_options *options)
{
    struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO);
    cr_assert_not_null(loop);
    client_open_on(client, loop, target, options);
    client->has_own_loop = true;
}

static void keep_reply(struct client_op *op, const struct isa_reply *reply)
{
    op->status = reply->status;
    snprintf(op->text, sizeof op->text, "%s", reply->status.message);
    op->status.message = op->text;
    op->reply_bytes = reply->bytes.size_bytes;
    size_t kept = op->reply_bytes < sizeof op->reply ? op->reply_bytes : sizeof op->reply - 1;
    if (kept)
        memcpy(op->reply, reply->bytes.data, kept);
    op->reply[kept] = '\0';
    op->duration_us = reply->duration_us;
    op->attempts = reply->attempts;
}

static void on_reply(struct isa_call *call, const struct isa_reply *reply, void *user)
{
    struct client_op *op = user;
    (void)call;
    op->completions++;
    op->thread = pthread_self();
    op->client->completed++;
    if (op->client->shutdown_count)
        op->client->late_count++;
    keep_reply(op, reply);
    if (op->look)
        op->look(op, reply);
    if (op->then)
        op->then(op);
}

struct isa_unary client_unary(const char *method, const char *text)
{
    struct isa_unary unary = ISA_UNARY_INIT;
    unary.method = method;
    unary.request_bytes = (struct isa_bytes){ text, strlen(text) };
    return unary;
}

int client_start(struct client *client, struct client_op *op, const struct isa_unary *unary)
{
    struct isa_unary copy = *unary;
    copy.on_reply = on_reply;
    copy.user = op;
    op->client = client;
    op->error = isa_call_unary(client->conn, &copy, &op->call);
    if (op->error)
        return op->error;
    op->next = client->ops;
    client->ops = op;
    client->started++;
    return 0;
}

void client_send(struct client *client, struct client_op *op, const char *method, const char *text)
{
    struct isa_unary unary = client_unary(method, text);
    cr_assert_eq(client_start(client, op, &unary), 0, "%s", isa_error_name(op->error));
}

void client_do(struct client *client, struct client_op *op, const char *method, const char *text)
{
    client_send(client, op, method, text);
    client_await_op(client, op);
}

static void on_limit(struct ev_loop *loop, ev_timer *timer, int revents)
{
    (void)loop, (void)revents;
    *(bool *)timer->data = true;
}

static bool run_until(struct client *client, bool (*is_true)(void *arg), void *arg, double s)
{
    bool is_late = false;
    ev_timer limit;
    ev_timer_init(&limit, on_limit, s, 0.);
    limit.data = &is_late;
    ev_now_update(client->loop);
    ev_timer_start(client->loop, &limit);
    while (!is_true(arg) && !is_late)
        ev_run(client->loop, EVRUN_ONCE);
    ev_timer_stop(client->loop, &limit);
    return is_true(arg);
}

void client_await(struct client *client, bool (*is_true)(void *arg), void *arg)
{
    cr_assert(run_until(client, is_true, arg, limit_s), "what was waited for did not come");
}

static void on_tick(struct ev_loop *loop, ev_timer *timer, int revents)
{
    (void)loop, (void)timer, (void)revents; /* that it ends the iteration is all */
}

void client_await_outside(struct client *client, bool (*is_true)(void *arg), void *arg)
{
    ev_timer tick;
    ev_timer_init(&tick, on_tick, 0., 0.001);
    ev_timer_start(client->loop, &tick);
    client_await(client, is_true, arg);
    ev_timer_stop(client->loop, &tick);
}

static bool is_complete(void *arg)
{
    return ((struct client_op *)arg)->completions > 0;
}

void client_await_op(struct client *client, struct client_op *op)
{
    cr_assert(run_until(client, is_complete, op, limit_s), "the call did not complete");
}

static bool are_all_complete(void *arg)
{
    struct client *client = arg;
    return client->completed >= client->started;
}

void client_await_all(struct client *client)
{
    cr_assert(run_until(client, are_all_complete, client, limit_s), "%u of %u calls completed",
              client->completed, client->started);
}

struct awaited {
    const struct client *client;
    enum isa_state state;
    unsigned count;
};

static bool is_told(void *arg)
{
    const struct awaited *awaited = arg;
    return awaited->client->change_count && client_last(awaited->client)->to == awaited->state;
}

void client_await_state(struct client *client, enum isa_state state)
{
    struct awaited awaited = { client, state, 1 };
    cr_assert(run_until(client, is_told, &awaited, limit_s), "%s was not told",
              isa_state_name(state));
}

static bool is_counted(void *arg)
{
    const struct awaited *awaited = arg;
    return client_count_to(awaited->client, awaited->state) >= awaited->count;
}

void client_await_count_to(struct client *client, enum isa_state state, unsigned count)
{
    struct awaited awaited = { client, state, count };
    cr_assert(run_until(client, is_counted, &awaited, limit_s), "%s was not told %u times",
              isa_state_name(state), count);
}

static bool is_never(void *unused)
{
    (void)unused;
    return false;
}

void client_run_for(struct client *client, unsigned ms)
{
    run_until(client, is_never, NULL, ms / 1000.);
}

const struct isa_change *client_last(const struct client *client)
{
    cr_assert(client->change_count > 0 && client->change_count <= CLIENT_CHANGES_MAX);
    return &client->changes[client->change_count - 1].change;
}

const struct isa_change *client_nth_to(const struct client *client, enum isa_state state,
                                       unsigned n)
{
    for (unsigned i = 0; i < client->change_count && i < CLIENT_CHANGES_MAX; i++) {
        if (client->changes[i].change.to == state && n-- == 0)
            return &client->changes[i].change;
    }
    return NULL;
}

unsigned client_count_to(const struct client *client, enum isa_state state)
{
    unsigned count = 0;
    while (client_nth_to(client, state, count))
        count++;
    return count;
}

struct isa_conn_stats client_stats(const struct client *client)
{
    struct isa_conn_stats stats = ISA_CONN_STATS_INIT;
    cr_assert_eq(isa_conn_get_stats(client->conn, &stats), 0);
    return stats;
}

static bool is_shut_down(void *arg)
{
    return ((struct client *)arg)->shutdown_count > 0;
}

void client_close(struct client *client)
{
    cr_assert_eq(isa_conn_close(client->conn, 0), 0);
    client->conn = isa_conn_unref(client->conn);
    client_await(client, is_shut_down, client);
}

static void on_pool_done(void *user)
{
    *(bool *)user = true;
}

static bool is_set(void *arg)
{
    return *(bool *)arg;
}

void client_shutdown_pool(struct client *client, uint32_t drain_ms)
{
    bool is_done = false;
    cr_assert_eq(isa_pool_shutdown(client->loop, drain_ms, on_pool_done, &is_done), 0);
    client_await(client, is_set, &is_done);
}

void client_check(const struct client *client)
{
    for (const struct client_op *op = client->ops; op; op = op->next)
        cr_assert_eq(op->completions, 1, "a call completed %u times", op->completions);
    for (unsigned i = 1; i < client->change_count && i < CLIENT_CHANGES_MAX; i++)
        cr_assert_eq(client->changes[i].change.from, client->changes[i - 1].change.to);
    cr_assert_leq(client->shutdown_count, 1);
    cr_assert_eq(client->late_count, 0, "%u callbacks after the last", client->late_count);
    cr_assert_eq(client->completed, client->started);
}

void client_leave(struct client *client)
{
    client_check(client);
    for (struct client_op *op = client->ops; op; op = op->next)
        op->call = isa_call_unref(op->call);
    client->conn = isa_conn_unref(client->conn);
    if (client->has_own_loop)
        ev_loop_destroy(client->loop);
}

void client_end(struct client *client)
{
    if (client->conn && client->shutdown_count == 0)
        client_close(client);
    client_shutdown_pool(client, 0);
    client_leave(client);
}
