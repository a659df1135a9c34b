/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: a client on the library under test, on one libev loop.
 * Used by: bench/run.py.
 * Must not know: the library's rooms; it includes what a program includes.
 */
#include <ev.h>
#include <isa/isa.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "load.h"

static struct load load;
static struct isa_conn **conns;
static int next_conn;
static atomic_ulong allocations;
static unsigned long allocations_before;
static unsigned long completions;

static void *count_alloc(size_t size_bytes, void *user)
{
    (void)user;
    atomic_fetch_add_explicit(&allocations, 1, memory_order_relaxed);
    return malloc(size_bytes);
}

static void count_release(void *memory, void *user)
{
    (void)user;
    free(memory);
}

struct slot {
    uint64_t started_ns;
};

static void begin(struct slot *slot);

static void report(void)
{
    char extra[96];
    unsigned long made = atomic_load(&allocations) - allocations_before;
    snprintf(extra, sizeof extra, ", \"allocations\": %.4f", (double)made / (double)completions);
    load_report(extra);
}

static void on_reply(struct isa_call *call, const struct isa_reply *reply, void *user)
{
    (void)call;
    struct slot *slot = user;
    if (reply->status.code != ISA_STATUS_OK || reply->bytes.size_bytes != load.payload_bytes)
        load_fail(reply->status.message);
    if (completions++ == 0)
        allocations_before = atomic_load(&allocations);
    if (!load_count(&load, slot->started_ns))
        report();
    begin(slot);
}

static void begin(struct slot *slot)
{
    struct isa_unary unary = ISA_UNARY_INIT;
    unary.method = LOAD_UNARY;
    unary.request_bytes = (struct isa_bytes){ load.payload, load.payload_bytes };
    unary.on_reply = on_reply;
    unary.user = slot;
    slot->started_ns = load_now_ns();
    int error = isa_call_unary(conns[next_conn], &unary, NULL);
    next_conn = (next_conn + 1) % load.connections;
    if (error)
        load_fail(isa_error_text(error));
}

/* One connection to an address is the rule; another setting makes another connection. */
static void open_connections(struct ev_loop *loop)
{
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    conns = calloc((size_t)load.connections, sizeof(struct isa_conn *));
    if (!conns)
        load_fail("no memory");
    for (int i = 0; i < load.connections; i++) {
        options.connect_timeout_ms = 10000U + (uint32_t)i;
        int error = isa_conn_open(loop, load.target, &options, &conns[i]);
        if (error)
            load_fail(isa_error_text(error));
    }
}

static void on_message(struct isa_call *call, const struct isa_message *message, void *user)
{
    (void)call;
    (void)user;
    if (message->bytes.size_bytes != load.payload_bytes)
        load_fail("a message of another size");
    if (!load_count(&load, load_now_ns()))
        load_report("");
}

static void on_end(struct isa_call *call, const struct isa_reply *reply, void *user)
{
    (void)call;
    (void)user;
    load_fail(reply->status.message);
}

/* The server pours until this process ends. */
static void begin_stream(struct isa_conn *conn)
{
    unsigned char order[LOAD_ORDER_BYTES];
    struct isa_stream stream = ISA_STREAM_INIT;
    load_write_order(order, UINT32_MAX, (uint32_t)load.payload_bytes);
    stream.method = LOAD_POUR;
    stream.request_bytes = (struct isa_bytes){ order, sizeof order };
    stream.half_close = true;
    stream.on_message = on_message;
    stream.on_end = on_end;
    int error = isa_call_stream(conn, &stream, NULL);
    if (error)
        load_fail(isa_error_text(error));
}

int main(int argc, char **argv)
{
    static const char *const styles[] = { "", "count", "stream", NULL };
    static const struct isa_allocator allocator = { count_alloc, count_release, NULL };
    load_read_arguments(&load, argc, argv);
    load_allow_styles(&load, styles);
    struct slot *slots = calloc((size_t)load.in_flight, sizeof *slots);
    struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO);
    if (!slots || !loop)
        return 1;
    if (strcmp(load.style, "count") == 0)
        isa_set_allocator(&allocator);
    open_connections(loop);
    bool is_stream = strcmp(load.style, "stream") == 0;
    for (int i = 0; i < load.in_flight; i++) {
        if (is_stream)
            begin_stream(conns[i % load.connections]);
        else
            begin(&slots[i]);
    }
    ev_run(loop, 0);
    load_fail("the loop returned");
}
