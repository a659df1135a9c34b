/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests of processes that fork before and after the library's first use.
 * Used by: ctest.
 * Must not know: the rooms behind the public headers.
 */
#include "client.h"
#include "grpc_server.h"
#include "proc.h"

#include <criterion/criterion.h>
#include <ev.h>
#include <stdio.h>

enum { LIMIT_S = 10 };

/* What a child does that was forked off in the middle of everything. */
struct scene {
    struct client *client;
    struct client_op *op;
};

static int expect(const char *what, int is, int should)
{
    if (is == should)
        return 0;
    printf("%s gave %s, not %s\n", what, isa_error_name(is), isa_error_name(should));
    return 1;
}

static void ignore_reply(struct isa_call *call, const struct isa_reply *reply, void *user)
{
    (void)call, (void)reply, (void)user;
    printf("a callback ran in the child\n");
}

static void ignore_state(struct isa_conn *conn, const struct isa_change *change, void *user)
{
    (void)conn, (void)change, (void)user;
    printf("a callback ran in the child\n");
}

static int try_everything(void *arg)
{
    struct scene *scene = arg;
    struct isa_conn *conn = scene->client->conn;
    struct isa_conn *other = NULL;
    struct isa_conn_stats stats = ISA_CONN_STATS_INIT;
    struct isa_pool_stats pool = ISA_POOL_STATS_INIT;
    struct isa_unary unary = client_unary("/test.Test/Echo", "x");
    unary.on_reply = ignore_reply;
    uint64_t id = 0;
    struct ev_loop *loop = scene->client->loop;

    int wrong = expect("open", isa_conn_open(loop, "a:1", NULL, &other), ISA_EFORKED);
    wrong += expect("connect", isa_conn_connect(conn), ISA_EFORKED);
    wrong += expect("reconnect", isa_conn_reconnect(conn), ISA_EFORKED);
    wrong += expect("close", isa_conn_close(conn, 0), ISA_EFORKED);
    wrong += expect("force_close", isa_conn_force_close(conn), ISA_EFORKED);
    wrong += expect("unary", isa_call_unary(conn, &unary, NULL), ISA_EFORKED);
    wrong += expect("subscribe", isa_conn_subscribe(conn, ignore_state, NULL, &id), ISA_EFORKED);
    wrong += expect("unsubscribe", isa_conn_unsubscribe(conn, 1), ISA_EFORKED);
    wrong += expect("get_stats", isa_conn_get_stats(conn, &stats), ISA_EFORKED);
    wrong += expect("pool_get_stats", isa_pool_get_stats(&pool), ISA_EFORKED);
    wrong += expect("pool_shutdown", isa_pool_shutdown(loop, 0, NULL, NULL), ISA_EFORKED);
    wrong += isa_conn_state(conn) != ISA_STATE_SHUTDOWN;
    wrong += isa_conn_is_healthy(conn);
    isa_call_cancel(scene->op->call);
    isa_call_unref(scene->op->call);
    isa_conn_unref(isa_conn_ref(conn));
    isa_conn_unref(conn);
    return wrong;
}

Test(live_fork, after_first_use_gives_the_child_eforked_from_every_function)
{
    struct server_child *server = server_child_new();
    struct client client;
    client_open(&client, server_child_target(server), NULL);
    struct client_op held = { 0 };
    client_send(&client, &held, "/test.Test/Hold", "x");
    client_await_state(&client, ISA_STATE_READY);
    cr_assert(server_child_await_held(server, 1));
    struct scene scene = { &client, &held };

    struct proc_result child = proc_run(try_everything, &scene, LIMIT_S);
    server_child_release(server);
    client_await_op(&client, &held);
    struct client_op op = { 0 };
    client_do(&client, &op, "/test.Test/Echo", "the parent is unharmed");

    cr_assert_eq(child.signal, 0, "the child hung or crashed: %s", child.output);
    cr_assert_eq(child.exit_status, 0, "%s", child.output);
    cr_assert_eq(child.output_bytes, 0, "%s", child.output);
    cr_assert_eq(held.status.code, ISA_STATUS_OK, "%s", held.text);
    cr_assert_eq(op.status.code, ISA_STATUS_OK, "%s", op.text);
    client_end(&client);
    server_child_free(server);
}

/* What a daemon may do with a loop that it inherited. */
static int run_and_destroy_loop(void *arg)
{
    struct scene *scene = arg;
    unsigned changes = scene->client->change_count;
    ev_loop_fork(scene->client->loop);
    ev_run(scene->client->loop, 0);
    ev_loop_destroy(scene->client->loop);
    return scene->op->completions > 0 || scene->client->change_count != changes;
}

Test(live_fork, lets_the_child_run_and_destroy_its_copy_of_a_loop_in_peace)
{
    struct server_child *server = server_child_new();
    struct client client;
    client_open(&client, server_child_target(server), NULL);
    struct client_op held = { 0 };
    client_send(&client, &held, "/test.Test/Hold", "x");
    client_await_state(&client, ISA_STATE_READY);
    cr_assert(server_child_await_held(server, 1));
    struct scene scene = { &client, &held };

    struct proc_result child = proc_run(run_and_destroy_loop, &scene, LIMIT_S);
    server_child_release(server);
    client_await_op(&client, &held);

    cr_assert_eq(child.signal, 0, "the child hung or crashed: %s", child.output);
    cr_assert_eq(child.exit_status, 0, "a callback ran in the child too");
    cr_assert_eq(held.status.code, ISA_STATUS_OK, "%s", held.text);
    client_end(&client);
    server_child_free(server);
}

/* The child of a process that has only opened handles: it uses them. */
static int use_inherited(void *arg)
{
    struct client *client = arg;
    struct client_op op = { 0 };
    ev_loop_fork(client->loop);
    client_do(client, &op, "/test.Test/Echo", "child");
    client_shutdown_pool(client, 0);
    return op.status.code == ISA_STATUS_OK ? 0 : 1;
}

Test(live_fork, before_first_use_leaves_both_processes_a_working_library)
{
    struct server_child *server = server_child_new();
    struct client client;
    client_open(&client, server_child_target(server), NULL);

    struct proc_result child = proc_run(use_inherited, &client, LIMIT_S);
    struct client_op op = { 0 };
    client_do(&client, &op, "/test.Test/Echo", "parent");

    cr_assert_eq(child.signal, 0, "the child hung or crashed: %s", child.output);
    cr_assert_eq(child.exit_status, 0, "%s", child.output);
    cr_assert_eq(op.status.code, ISA_STATUS_OK, "%s", op.text);
    client_end(&client);
    server_child_free(server);
}
