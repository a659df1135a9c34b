/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: a service's health, asked and watched, across breaks of the connection.
 * Used by: ctest.
 * Must not know: the rooms behind the public headers.
 */
#include "client.h"
#include "grpc_server.h"
#include "health.isa.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

enum { TOLD_MAX = 32 };

/* Everything that was heard of one check or watch. */
struct book {
    struct isa_call *call;
    unsigned told;
    enum isa_health from[TOLD_MAX];
    enum isa_health to[TOLD_MAX];
    struct isa_status why; /* of the last change or answer; its message is below */
    unsigned ends;
    unsigned late;
    struct isa_status status;
    char text[256];
    bool cancels; /* inside the next change */
};

static struct server *server;
static struct client client;
static struct book book;

static void keep_why(struct book *of, const struct isa_status *why)
{
    of->why = *why;
    snprintf(of->text, sizeof of->text, "%s", why->message);
    of->why.message = of->text;
}

static void on_change(struct isa_call *call, const struct isa_health_change *change, void *user)
{
    struct book *of = user;
    of->late += of->ends > 0;
    cr_assert_lt(of->told, TOLD_MAX);
    of->from[of->told] = change->from;
    of->to[of->told++] = change->to;
    keep_why(of, &change->why);
    if (of->cancels)
        isa_call_cancel(call);
}

static void on_end(struct isa_call *call, const struct isa_reply *reply, void *user)
{
    struct book *of = user;
    (void)call;
    of->ends++;
    of->status = reply->status;
}

static void on_health(struct isa_call *call, enum isa_health health, const struct isa_reply *reply,
                      void *user)
{
    struct book *of = user;
    (void)call;
    of->ends++;
    of->to[0] = health;
    keep_why(of, &reply->status);
}

static void begin(int health)
{
    server = server_new(NULL);
    server_set_health(server, health);
    client_open(&client, server_target(server), NULL);
}

static void end(void)
{
    isa_call_unref(book.call);
    client_end(&client);
    cr_expect_eq(book.ends, 1);
    cr_expect_eq(book.late, 0);
    server_free(server);
}

static bool has_ended(void *arg)
{
    (void)arg;
    return book.ends > 0;
}

static unsigned awaited;

static bool has_told(void *arg)
{
    (void)arg;
    return book.told >= awaited;
}

static void await_told(unsigned count)
{
    awaited = count;
    client_await(&client, has_told, NULL);
    cr_assert_eq(book.told, count);
    if (count > 1)
        cr_expect_eq(book.from[count - 1], book.to[count - 2]);
    else
        cr_expect_eq(book.from[0], ISA_HEALTH_UNKNOWN);
}

static void watch(const char *service)
{
    struct isa_health_watch_options watch = ISA_HEALTH_WATCH_OPTIONS_INIT;
    watch.service = service;
    watch.on_change = on_change;
    watch.on_end = on_end;
    watch.user = &book;
    cr_assert_eq(isa_health_watch(client.conn, &watch, &book.call), 0);
}

static enum isa_health check(const char *service)
{
    struct isa_health_check_options check = ISA_HEALTH_CHECK_OPTIONS_INIT;
    book.ends = 0;
    check.service = service;
    check.on_health = on_health;
    check.user = &book;
    cr_assert_eq(isa_health_check(client.conn, &check, NULL), 0);
    client_await(&client, has_ended, NULL);
    return book.to[0];
}

static void cancel_and_end(void)
{
    isa_call_cancel(book.call);
    client_await(&client, has_ended, NULL);
    cr_expect_eq(book.status.code, ISA_STATUS_CANCELLED);
    end();
}

Test(live_health, a_check_says_what_the_service_says)
{
    begin(SERVER_HEALTH_NONE);

    cr_expect_eq(check(NULL), ISA_HEALTH_UNIMPLEMENTED);
    cr_expect_eq(book.why.code, ISA_STATUS_UNIMPLEMENTED);
    for (int health = 0; health < 3; health++) {
        server_set_health(server, health);
        cr_expect_eq((int)check(NULL), health);
        cr_expect_eq((int)check("test"), health);
        cr_expect_eq(book.why.code, ISA_STATUS_OK);
    }
    cr_expect_eq(check("other"), ISA_HEALTH_SERVICE_UNKNOWN);
    cr_expect_eq(book.why.code, ISA_STATUS_NOT_FOUND);
    server_set_health(server, SERVER_HEALTH_GARBAGE);
    cr_expect_eq(check(""), ISA_HEALTH_UNKNOWN);
    cr_expect_eq(book.why.code, ISA_STATUS_INTERNAL, "%s", book.text);
    end();
}

static void on_typed(struct isa_call *call, const Grpc__Health__V1__HealthCheckResponse *response,
                     const struct isa_reply *reply, void *user)
{
    struct book *of = user;
    (void)call;
    of->ends++;
    of->status = reply->status;
    of->to[0] = (enum isa_health)response->status;
}

Test(live_health, the_published_interface_says_the_same)
{
    Grpc__Health__V1__HealthCheckRequest request = GRPC__HEALTH__V1__HEALTH_CHECK_REQUEST__INIT;
    begin(2);
    request.service = (char *)"test";

    cr_assert_eq(grpc_health_v1_health_check(client.conn, &request, NULL, on_typed, &book, NULL),
                 0);
    client_await(&client, has_ended, NULL);

    cr_expect_eq(book.status.code, ISA_STATUS_OK);
    cr_expect_eq(book.to[0], ISA_HEALTH_NOT_SERVING);
    end();
}

Test(live_health, a_check_of_a_service_that_is_away_says_why)
{
    begin(1);
    server_down(server);

    cr_expect_eq(check(NULL), ISA_HEALTH_UNKNOWN);
    cr_expect_eq(book.why.code, ISA_STATUS_UNAVAILABLE);
    cr_expect_eq(book.why.reason, ISA_REASON_REFUSED);
    end();
}

Test(live_health, a_watch_tells_each_change_once)
{
    begin(1);

    watch("test");
    await_told(1);
    server_set_health(server, 2);
    await_told(2);
    server_set_health(server, 1);
    await_told(3);

    cr_expect_eq(book.to[0], ISA_HEALTH_SERVING);
    cr_expect_eq(book.to[1], ISA_HEALTH_NOT_SERVING);
    cr_expect_eq(book.to[2], ISA_HEALTH_SERVING);
    cr_expect_eq(book.why.code, ISA_STATUS_OK);
    cancel_and_end();
}

Test(live_health, a_watch_of_a_name_nobody_knows_stays_open)
{
    begin(1);

    watch("other");
    await_told(1);
    client_run_for(&client, 100);

    cr_expect_eq(book.to[0], ISA_HEALTH_SERVICE_UNKNOWN);
    cr_expect_eq(book.told, 1);
    cr_expect_eq(book.ends, 0);
    cancel_and_end();
}

Test(live_health, a_watch_survives_the_connection)
{
    begin(1);

    watch(NULL);
    await_told(1);
    server_down(server);
    await_told(2);
    cr_expect_eq(book.to[1], ISA_HEALTH_UNKNOWN);
    cr_expect_eq(book.why.code, ISA_STATUS_UNAVAILABLE, "%s", book.text);
    client_run_for(&client, 200);
    server_set_health(server, 2);
    server_up(server);
    await_told(3);

    cr_expect_eq(book.to[2], ISA_HEALTH_NOT_SERVING);
    cr_expect_eq(server_counts(server).watches, 2);
    cancel_and_end();
}

Test(live_health, a_watch_survives_a_reconnection_that_the_program_asks_for)
{
    begin(1);

    watch(NULL);
    await_told(1);
    cr_assert_eq(isa_conn_reconnect(client.conn), 0);
    await_told(3);

    cr_expect_eq(book.to[1], ISA_HEALTH_UNKNOWN);
    cr_expect_eq(book.to[2], ISA_HEALTH_SERVING);
    cancel_and_end();
}

Test(live_health, a_watch_begins_again_whatever_ended_it)
{
    static const int codes[] = { ISA_STATUS_OK, ISA_STATUS_CANCELLED, ISA_STATUS_INTERNAL,
                                 ISA_STATUS_PERMISSION_DENIED };
    begin(1);

    watch(NULL);
    await_told(1);
    for (unsigned i = 0; i < sizeof codes / sizeof *codes; i++) {
        server_end_watches(server, codes[i]);
        await_told(2 * i + 3);
        cr_expect_eq(book.to[2 * i + 1], ISA_HEALTH_UNKNOWN);
        cr_expect_eq(book.to[2 * i + 2], ISA_HEALTH_SERVING);
    }
    cancel_and_end();
}

Test(live_health, a_server_without_a_health_service_ends_the_watch_well)
{
    begin(SERVER_HEALTH_NONE);

    watch(NULL);
    client_await(&client, has_ended, NULL);

    cr_expect_eq(book.told, 1);
    cr_expect_eq(book.to[0], ISA_HEALTH_UNIMPLEMENTED);
    cr_expect_eq(book.why.code, ISA_STATUS_UNIMPLEMENTED);
    cr_expect_eq(book.status.code, ISA_STATUS_OK);
    end();
}

Test(live_health, garbage_is_unknown_and_the_watch_goes_on)
{
    begin(1);

    watch(NULL);
    await_told(1);
    server_set_health(server, SERVER_HEALTH_GARBAGE);
    await_told(2);
    cr_expect_eq(book.to[1], ISA_HEALTH_UNKNOWN);
    cr_expect_eq(book.why.code, ISA_STATUS_INTERNAL);
    server_set_health(server, 1);
    await_told(3);

    cr_expect_eq(book.to[2], ISA_HEALTH_SERVING);
    cancel_and_end();
}

Test(live_health, a_watch_can_be_cancelled_while_the_connection_is_away)
{
    begin(1);

    watch(NULL);
    await_told(1);
    server_down(server);
    await_told(2);
    cancel_and_end();
}

Test(live_health, a_watch_can_be_cancelled_inside_its_change)
{
    begin(1);
    book.cancels = true;

    watch(NULL);
    client_await(&client, has_ended, NULL);

    cr_expect_eq(book.told, 1);
    cr_expect_eq(book.status.code, ISA_STATUS_CANCELLED);
    end();
}

Test(live_health, the_end_of_the_handle_ends_its_watch)
{
    begin(1);

    watch(NULL);
    await_told(1);
    end(); /* closes */

    cr_expect_eq(book.status.code, ISA_STATUS_CANCELLED);
}

Test(live_health, an_open_breaker_does_not_blind_the_watch)
{
    struct isa_breaker_options breaker = ISA_BREAKER_OPTIONS_INIT;
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    struct client_op op = { 0 };
    breaker.consecutive_failures = 1;
    breaker.open_ms = 60000;
    options.breaker = &breaker;
    server = server_new(NULL);
    server_set_health(server, 1);
    client_open(&client, server_target(server), &options);

    client_do(&client, &op, "/test.Test/Fail", "14 away");
    cr_assert_eq(isa_conn_breaker_state(client.conn), ISA_BREAKER_OPEN);
    watch(NULL);
    await_told(1);
    server_cut(server);
    await_told(3);

    cr_expect_eq(book.to[2], ISA_HEALTH_SERVING);
    cr_expect_eq(isa_conn_breaker_state(client.conn), ISA_BREAKER_OPEN);
    cancel_and_end();
}

Test(live_health, what_is_out_of_range_is_refused)
{
    char name[1026];
    struct isa_health_watch_options none = ISA_HEALTH_WATCH_OPTIONS_INIT;
    struct isa_health_watch_options long_name = ISA_HEALTH_WATCH_OPTIONS_INIT;
    struct isa_health_check_options no_ear = ISA_HEALTH_CHECK_OPTIONS_INIT;
    begin(1);
    memset(name, 'n', sizeof name);
    name[1025] = '\0';
    long_name.on_change = on_change;
    long_name.service = name;

    cr_expect_eq(isa_health_watch(client.conn, &none, NULL), ISA_EINVAL);
    cr_expect_eq(isa_health_watch(NULL, &long_name, NULL), ISA_EINVAL);
    cr_expect_eq(isa_health_watch(client.conn, &long_name, NULL), ISA_EINVAL);
    cr_expect_eq(isa_health_check(client.conn, &no_ear, NULL), ISA_EINVAL);
    cr_expect_eq(isa_health_check(client.conn, NULL, NULL), ISA_EINVAL);
    no_ear.size = 1;
    cr_expect_eq(isa_health_check(client.conn, &no_ear, NULL), ISA_EINVAL);

    book.ends = 1;
    end();
}
