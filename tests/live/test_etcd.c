/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests against a real etcd that is killed and started again, with traffic and without.
 * Used by: ctest; skipped, loudly, where etcd is not installed.
 * Must not know: the rooms behind the public headers.
 */
#include "client.h"
#include "etcd.h"
#include "etcd_kv.pb-c.h"

#include <criterion/criterion.h>
#include <ev.h>
#include <stdio.h>
#include <string.h>

enum {
    ACCEPT_LIMIT_MS = 10000,
    DOWN_MS = 300,  /* how long etcd stays away */
    PROBE_MS = 2,   /* how closely its return is watched */
    TRAFFIC_MS = 2, /* an operation each */
    ROUNDS = 3,
    OPS_MAX = 8000,
};

static const double ready_limit_s = 1.; /* from the port's return to READY */

static struct etcd *start_etcd(void)
{
    if (!etcd_is_installed())
        cr_skip_test("%s", etcd_missing_text);
    struct etcd *etcd = etcd_new();
    cr_assert_not_null(etcd);
    cr_assert_eq(etcd_start(etcd), 0);
    cr_assert_eq(etcd_wait_accepts(etcd, ACCEPT_LIMIT_MS), 0);
    return etcd;
}

static struct isa_unary put_unary(Etcdserverpb__PutRequest *request, const char *key,
                                  const char *value)
{
    etcdserverpb__put_request__init(request);
    request->key = (ProtobufCBinaryData){ strlen(key), (uint8_t *)key };
    request->value = (ProtobufCBinaryData){ strlen(value), (uint8_t *)value };
    struct isa_unary unary = ISA_UNARY_INIT;
    unary.method = "/etcdserverpb.KV/Put";
    unary.request = &request->base;
    unary.reply_type = &etcdserverpb__put_response__descriptor;
    return unary;
}

static void put(struct client *client, struct client_op *op, const char *key, const char *value)
{
    Etcdserverpb__PutRequest request;
    struct isa_unary unary = put_unary(&request, key, value);
    cr_assert_eq(client_start(client, op, &unary), 0, "%s", isa_error_name(op->error));
}

/* The first value of a reply to Range; op.user is a buffer of VALUE_BYTES. */
enum { VALUE_BYTES = 64 };

static void keep_value(struct client_op *op, const struct isa_reply *reply)
{
    const Etcdserverpb__RangeResponse *response =
        (const Etcdserverpb__RangeResponse *)reply->message;
    if (!response || response->n_kvs == 0)
        return;
    const ProtobufCBinaryData *value = &response->kvs[0]->value;
    snprintf(op->user, VALUE_BYTES, "%.*s", (int)value->len, (const char *)value->data);
}

static void get(struct client *client, struct client_op *op, const char *key)
{
    Etcdserverpb__RangeRequest request = ETCDSERVERPB__RANGE_REQUEST__INIT;
    request.key = (ProtobufCBinaryData){ strlen(key), (uint8_t *)key };
    struct isa_unary unary = ISA_UNARY_INIT;
    unary.method = "/etcdserverpb.KV/Range";
    unary.request = &request.base;
    unary.reply_type = &etcdserverpb__range_response__descriptor;
    cr_assert_eq(client_start(client, op, &unary), 0, "%s", isa_error_name(op->error));
}

/* etcd accepts connections some time before it answers. */
static void await_answers(struct client *client)
{
    struct isa_unary unary = client_unary("/etcdserverpb.KV/Range", "\n\001x");
    struct client_op op = { 0 };
    struct isa_call_options call_options = ISA_CALL_OPTIONS_INIT;
    unary.options = &call_options;
    call_options.wait_for_ready = true;
    cr_assert_eq(client_start(client, &op, &unary), 0);
    client_await_op(client, &op);
    cr_assert_eq(op.status.code, ISA_STATUS_OK, "%s", op.text);
    isa_call_unref(op.call);
    client->ops = op.next; /* it lives here only, and has completed once */
    cr_assert_eq(op.completions, 1);
}

Test(live_etcd, keeps_and_returns_what_was_put)
{
    struct etcd *etcd = start_etcd();
    struct client client;
    client_open(&client, etcd_target(etcd), NULL);
    char value[VALUE_BYTES] = "";
    struct client_op ops[2] = { { 0 }, { .look = keep_value, .user = value } };

    put(&client, &ops[0], "isa/key", "a value");
    client_await_op(&client, &ops[0]);
    get(&client, &ops[1], "isa/key");
    client_await_op(&client, &ops[1]);

    cr_assert_eq(ops[0].status.code, ISA_STATUS_OK, "%s", ops[0].text);
    cr_assert_eq(ops[1].status.code, ISA_STATUS_OK, "%s", ops[1].text);
    cr_assert_str_eq(value, "a value");
    client_end(&client);
    etcd_free(etcd);
}

/* Outages. The loop runs all the time; timers on it kill etcd, start it, watch for its port. */

struct lab {
    struct client client;
    struct etcd *etcd;
    ev_timer traffic;
    ev_timer start;
    ev_timer probe;
    double back_s;  /* when the port accepted again; 0: it has not */
    double ready_s; /* when READY was told after that; 0: it was not */
    unsigned ready_count;
    unsigned next; /* operation */
    struct client_op ops[OPS_MAX];
};

static struct lab lab;

static void on_traffic(struct ev_loop *loop, ev_timer *timer, int revents)
{
    (void)loop, (void)timer, (void)revents;
    char value[VALUE_BYTES];
    if (lab.next >= OPS_MAX)
        return;
    snprintf(value, sizeof value, "value %u", lab.next);
    put(&lab.client, &lab.ops[lab.next], "isa/traffic", value);
    lab.next++;
}

/* The probe may be late by its period, never early. */
static void on_probe(struct ev_loop *loop, ev_timer *timer, int revents)
{
    (void)revents;
    if (!etcd_accepts(lab.etcd))
        return;
    lab.back_s = ev_time();
    ev_timer_stop(loop, timer);
}

static void on_start(struct ev_loop *loop, ev_timer *timer, int revents)
{
    (void)timer, (void)revents;
    cr_assert_eq(etcd_start(lab.etcd), 0);
    ev_timer_start(loop, &lab.probe);
}

static void on_change(struct client *client, const struct isa_change *change)
{
    (void)client;
    if (change->to != ISA_STATE_READY)
        return;
    lab.ready_s = ev_time();
    lab.ready_count++;
}

static bool is_back_and_ready(void *unused)
{
    (void)unused;
    return lab.back_s > 0 && lab.ready_s > 0;
}

static void set_up_lab(bool with_traffic)
{
    lab.etcd = start_etcd();
    client_open(&lab.client, etcd_target(lab.etcd), NULL);
    lab.client.on_change = on_change;
    await_answers(&lab.client);
    ev_timer_init(&lab.traffic, on_traffic, 0., TRAFFIC_MS / 1000.);
    ev_timer_init(&lab.start, on_start, DOWN_MS / 1000., 0.);
    ev_timer_init(&lab.probe, on_probe, 0., PROBE_MS / 1000.);
    if (with_traffic)
        ev_timer_start(lab.client.loop, &lab.traffic);
}

/* Kill etcd, start it again a little later, and run until READY. @return port back to READY */
static double ride_out_one_kill(void)
{
    etcd_kill(lab.etcd);
    lab.back_s = lab.ready_s = 0;
    ev_now_update(lab.client.loop);
    ev_timer_set(&lab.start, DOWN_MS / 1000., 0.);
    ev_timer_start(lab.client.loop, &lab.start);
    client_await(&lab.client, is_back_and_ready, NULL);
    return lab.ready_s - lab.back_s;
}

static void expect_one_reconnection_per_kill(void)
{
    struct isa_conn_stats stats = client_stats(&lab.client);
    cr_assert_eq(stats.reconnects, ROUNDS);
    cr_assert_eq(stats.losses, ROUNDS);
    cr_assert_eq(stats.drains, 0);
    cr_assert_eq(lab.ready_count, ROUNDS + 1);
}

Test(live_etcd, killed_under_traffic_costs_no_operation_its_end)
{
    set_up_lab(true);
    double ready_after_s[ROUNDS];

    for (unsigned i = 0; i < ROUNDS; i++) {
        client_run_for(&lab.client, 100);
        ready_after_s[i] = ride_out_one_kill();
        await_answers(&lab.client);
    }
    client_run_for(&lab.client, 100);
    ev_timer_stop(lab.client.loop, &lab.traffic);
    client_await_all(&lab.client);

    unsigned ok = 0;
    for (unsigned i = 0; i < lab.next; i++) {
        const struct client_op *op = &lab.ops[i];
        cr_assert_eq(op->completions, 1, "operation %u completed %u times", i, op->completions);
        cr_assert(op->status.code == ISA_STATUS_OK || op->status.code == ISA_STATUS_UNAVAILABLE,
                  "%s: %s", isa_status_name((int)op->status.code), op->text);
        cr_assert_null(strstr(op->text, "hannel is closed"), "%s", op->text);
        cr_assert_null(strstr(op->text, "losed channel"), "%s", op->text);
        ok += op->status.code == ISA_STATUS_OK;
    }
    cr_assert_gt(ok, (ROUNDS + 1) * 100 / TRAFFIC_MS / 4, "%u of %u", ok, lab.next);
    for (unsigned i = 0; i < ROUNDS; i++)
        cr_assert_lt(ready_after_s[i], ready_limit_s, "round %u: %f s", i, ready_after_s[i]);
    expect_one_reconnection_per_kill();
    client_end(&lab.client);
    etcd_free(lab.etcd);
}

Test(live_etcd, killed_without_traffic_is_ready_soon_after_its_return)
{
    set_up_lab(false);
    double ready_after_s[ROUNDS];

    for (unsigned i = 0; i < ROUNDS; i++)
        ready_after_s[i] = ride_out_one_kill();

    for (unsigned i = 0; i < ROUNDS; i++)
        cr_assert_lt(ready_after_s[i], ready_limit_s, "round %u: %f s", i, ready_after_s[i]);
    expect_one_reconnection_per_kill();
    client_end(&lab.client);
    etcd_free(lab.etcd);
}

static bool is_back(void *unused)
{
    (void)unused;
    return lab.back_s > 0;
}

Test(live_etcd, is_used_at_once_by_an_operation_that_arrives_after_its_return)
{
    struct isa_conn_options options = ISA_CONN_OPTIONS_INIT;
    options.backoff_min_ms = options.backoff_max_ms = 60000;
    options.backoff_jitter = ISA_JITTER_NONE; /* only the operation dials */
    lab.etcd = start_etcd();
    client_open(&lab.client, etcd_target(lab.etcd), &options);
    lab.client.on_change = on_change;
    await_answers(&lab.client);
    ev_timer_init(&lab.start, on_start, DOWN_MS / 1000., 0.);
    ev_timer_init(&lab.probe, on_probe, 0., PROBE_MS / 1000.);
    etcd_kill(lab.etcd);
    client_await_state(&lab.client, ISA_STATE_TRANSIENT_FAILURE);
    ev_timer_start(lab.client.loop, &lab.start);
    client_await(&lab.client, is_back, NULL);
    lab.ready_s = 0;

    double start_s = ev_time();
    put(&lab.client, &lab.ops[0], "isa/first", "x");
    client_await_op(&lab.client, &lab.ops[0]);

    cr_assert_eq(lab.ops[0].status.code, ISA_STATUS_OK, "%s", lab.ops[0].text);
    cr_assert_lt(lab.ready_s - start_s, ready_limit_s, "READY after %f s", lab.ready_s - start_s);
    cr_assert_eq(client_stats(&lab.client).reconnects, 1);
    client_end(&lab.client);
    etcd_free(lab.etcd);
}
