/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: one handle as a program uses it, with a book of what it heard and of every call's end.
 * Used by: live and acceptance tests.
 * Must not know: servers, the rooms behind the public headers.
 */
#ifndef CLIENT_H
#define CLIENT_H

#include <isa/isa.h>

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ev_loop;
struct client;
struct client_op;

/* A change of state, as it was told. */
struct client_change {
    struct isa_change change; /* its text points below */
    char text[256];
};

/* One call, and how it ended. */
struct client_op {
    struct client *client;
    struct client_op *next; /* in client.ops */
    struct isa_call *call;  /* a reference, until client_end() */
    int error;              /* what isa_call_unary() said */
    unsigned completions;
    struct isa_status status; /* its message points below */
    char text[1024];
    char reply[64];     /* the start of the bytes, terminated */
    size_t reply_bytes; /* all of them */
    uint32_t attempts;
    uint64_t duration_us;
    pthread_t thread;                   /* where it was told */
    void (*then)(struct client_op *op); /* Optional. Runs inside the reply callback */
    /* Optional. The same, with the reply */
    void (*look)(struct client_op *op, const struct isa_reply *reply);
    void *user; /* the test's */
};

enum { CLIENT_CHANGES_MAX = 128 };

struct client {
    struct ev_loop *loop;
    struct isa_conn *conn; /* a reference; NULL once the test has given it back */
    struct client_op *ops;
    unsigned started;
    unsigned completed;
    unsigned shutdown_count; /* changes to SHUTDOWN */
    unsigned change_count;
    struct client_change changes[CLIENT_CHANGES_MAX];
    void (*on_change)(struct client *client, const struct isa_change *change); /* Optional */
    void *user;                                                                /* the test's */
    unsigned late_count; /* changes and replies after SHUTDOWN: must stay 0 */
    bool has_own_loop;
};

/* Open a handle on a new loop, or on one that exists. options may be NULL. Asserts success. */
void client_open(struct client *client, const char *target, const struct isa_conn_options *options);
void client_open_on(struct client *client, struct ev_loop *loop, const char *target,
                    const struct isa_conn_options *options);

/* Start a call; what the op's callback and user are is the client's business. Any outcome. */
int client_start(struct client *client, struct client_op *op, const struct isa_unary *unary);
/* The same for a text, with the defaults; asserts that it was accepted. */
void client_send(struct client *client, struct client_op *op, const char *method, const char *text);
/* And wait for its end. */
void client_do(struct client *client, struct client_op *op, const char *method, const char *text);
/* A unary for client_start(). */
struct isa_unary client_unary(const char *method, const char *text);

/* Run the loop until is_true(arg); asserts that it came to be within seconds. */
void client_await(struct client *client, bool (*is_true)(void *arg), void *arg);
/* The same for what other threads bring about: the loop is not woken by it, so it looks often. */
void client_await_outside(struct client *client, bool (*is_true)(void *arg), void *arg);
void client_await_op(struct client *client, struct client_op *op);
/* Every call that was accepted has completed. */
void client_await_all(struct client *client);
/* The last state that was told. For states that stay: one that passes can be missed. */
void client_await_state(struct client *client, enum isa_state state);
/* So many changes to a state have been told. */
void client_await_count_to(struct client *client, enum isa_state state, unsigned count);
/* Give the loop this long; nothing is expected to end it. */
void client_run_for(struct client *client, unsigned ms);

/* The last change told; never NULL: asserts that there is one. */
const struct isa_change *client_last(const struct client *client);
/* The n-th change to a state, from 0; NULL: there was none. */
const struct isa_change *client_nth_to(const struct client *client, enum isa_state state,
                                       unsigned n);
unsigned client_count_to(const struct client *client, enum isa_state state);
struct isa_conn_stats client_stats(const struct client *client);

/* Close the handle, give it back and hear its last word. */
void client_close(struct client *client);

/* End the pool from this loop and see it gone. Asserts success. */
void client_shutdown_pool(struct client *client, uint32_t drain_ms);

/* Assert that every accepted call completed exactly once, where it should; that the changes form a
 * chain and ended with at most one SHUTDOWN, after which nothing came. */
void client_check(const struct client *client);
/* Give the ops' calls and the handle back, check, destroy the loop if it is the client's own. */
void client_leave(struct client *client);
/* How most tests end: close, shut the pool down, leave. */
void client_end(struct client *client);

#endif
