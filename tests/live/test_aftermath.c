/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests of what the library leaves behind when it has ended: nothing.
 * Used by: ctest.
 * Must not know: the rooms behind the public headers.
 *
 * The server is in another process, for it would keep grpc-core's threads.
 */
#include "client.h"
#include "grpc_server.h"
#include "proc.h"
#include "tcp_peer.h"

#include <criterion/criterion.h>
#include <stdatomic.h>
#include <stdlib.h>

/* Core's one poll set and what wakes it, until the process ends. */
enum { CORE_KEEPS_FDS = 2 };

struct heap {
    atomic_size_t blocks;
    atomic_size_t allocations;
};

static void *take(size_t size_bytes, void *user)
{
    struct heap *heap = user;
    atomic_fetch_add(&heap->blocks, 1);
    atomic_fetch_add(&heap->allocations, 1);
    return malloc(size_bytes);
}

static void give(void *memory, void *user)
{
    atomic_fetch_sub(&((struct heap *)user)->blocks, 1);
    free(memory);
}

Test(live_aftermath, has_no_thread_descriptor_or_memory)
{
    struct server_child *server = server_child_new();
    struct heap heap = { 0 };
    struct isa_allocator allocator = { take, give, &heap };
    cr_assert_eq(isa_set_allocator(&allocator), 0);
    unsigned threads = proc_threads();
    unsigned fds = proc_fds();
    struct client client;
    struct client_op op = { 0 };
    struct client_op held = { 0 };
    client_open(&client, server_child_target(server), NULL);
    client_do(&client, &op, "/test.Test/Echo", "x");
    client_send(&client, &held, "/test.Test/Hold", "x");
    cr_assert(server_child_await_held(server, 1));
    unsigned threads_in_use = proc_threads();

    client_shutdown_pool(&client, 0);
    unsigned threads_at_done = proc_threads_left(threads);
    client_leave(&client);

    cr_assert_gt(threads_in_use, threads, "or nothing is counted");
    cr_assert_gt(atomic_load(&heap.allocations), 0, "or nothing is counted");
    cr_assert_eq(threads_at_done, threads, "%u, not %u", threads_at_done, threads);
    cr_assert_leq(proc_fds(), fds + CORE_KEEPS_FDS, "%u, not %u", proc_fds(), fds);
    cr_assert_eq(atomic_load(&heap.blocks), 0, "%zu blocks", atomic_load(&heap.blocks));
    server_child_free(server);
}

/* A life with an outage, a failed call and a reconnection; ends at READY. */
static void live(struct client *client, struct server_child *server, struct client_op ops[3])
{
    client_do(client, &ops[0], "/test.Test/Echo", "x");
    server_child_down(server);
    client_await_count_to(client, ISA_STATE_TRANSIENT_FAILURE, 1);
    client_do(client, &ops[1], "/test.Test/Echo", "x");
    server_child_up(server);
    client_await_count_to(client, ISA_STATE_READY, 2);
    client_do(client, &ops[2], "/test.Test/Echo", "x");
    cr_assert_eq(ops[2].status.code, ISA_STATUS_OK, "%s", ops[2].text);
}

Test(live_aftermath, has_nothing_of_failed_attempts_either_given_grace)
{
    struct server_child *server = server_child_new();
    struct heap heap = { 0 };
    struct isa_allocator allocator = { take, give, &heap };
    cr_assert_eq(isa_set_allocator(&allocator), 0);
    struct tcp_peer *silent = tcp_peer_new(0, tcp_accept_silently, NULL);
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.connect_timeout_ms = 200;
    unsigned threads = proc_threads();
    struct client client;
    struct client dialing;
    struct client_op ops[4] = { 0 };
    client_open(&client, server_child_target(server), &options);
    client_open_on(&dialing, client.loop, tcp_peer_target(silent), &options);
    live(&client, server, ops);
    client_send(&dialing, &ops[3], "/test.Test/Echo", "x");
    client_await_state(&dialing, ISA_STATE_CONNECTING);

    client_shutdown_pool(&client, 20000);
    unsigned threads_at_done = proc_threads_left(threads);
    client_leave(&dialing);
    client_leave(&client);

    cr_assert_eq(threads_at_done, threads, "%u, not %u", threads_at_done, threads);
    cr_assert_eq(atomic_load(&heap.blocks), 0, "%zu blocks", atomic_load(&heap.blocks));
    tcp_peer_free(silent);
    server_child_free(server);
}
