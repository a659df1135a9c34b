/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: how a put and a get are made with protobuf-c messages, and whether the answer is right.
 * Used by: main.c, through traffic.h.
 * Must not know: when etcd is killed; it is told whether etcd is up.
 */
#include "traffic.h"

#include "etcd_kv.pb-c.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define EVERY_S 0.020

enum { DEADLINE_MS = 5000, TEXT_SIZE = 48 };

static ProtobufCBinaryData print_into(char text[TEXT_SIZE], const char *prefix, uint64_t number)
{
    int length = snprintf(text, TEXT_SIZE, "%s %" PRIu64, prefix, number);
    return (ProtobufCBinaryData){ (size_t)length, (uint8_t *)text };
}

static ProtobufCBinaryData key_of(char text[TEXT_SIZE], uint64_t key)
{
    return print_into(text, "isa-demo/key", key);
}

static ProtobufCBinaryData value_of(char text[TEXT_SIZE], uint64_t key)
{
    return print_into(text, "stored by operation", key);
}

static bool is_equal(ProtobufCBinaryData a, ProtobufCBinaryData b)
{
    return a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
}

static bool is_what_was_put(const Etcdserverpb__RangeResponse *response, uint64_t key)
{
    char key_text[TEXT_SIZE], value_text[TEXT_SIZE];
    return response != NULL && response->n_kvs == 1 &&
           is_equal(response->kvs[0]->key, key_of(key_text, key)) &&
           is_equal(response->kvs[0]->value, value_of(value_text, key));
}

static void on_reply(struct isa_call *call, const struct isa_reply *reply, void *user)
{
    (void)call;
    struct operation *operation = user;
    struct traffic *traffic = (struct traffic *)operation->book; /* its first member */
    bool is_answered = reply->status.code == ISA_STATUS_OK;
    bool is_right = true;

    if (is_answered && operation->is_get)
        is_right = is_what_was_put((const void *)reply->message, operation->key);
    if (is_answered && !operation->is_get)
        traffic->last_stored = operation->key;
    book_end(operation, &reply->status, is_right);
}

static int start(struct traffic *traffic, struct operation *operation, const char *method,
                 const ProtobufCMessage *request, const ProtobufCMessageDescriptor *reply_type)
{
    struct isa_unary unary = ISA_UNARY_INIT;
    unary.method = method;
    unary.request = request;
    unary.reply_type = reply_type;
    unary.on_reply = on_reply;
    unary.user = operation;
    struct isa_call_options call_options = ISA_CALL_OPTIONS_INIT;
    unary.options = &call_options;
    call_options.deadline_ms = DEADLINE_MS;
    return isa_call_unary(traffic->conn, &unary, NULL);
}

static int start_put(struct traffic *traffic, struct operation *operation)
{
    char key[TEXT_SIZE], value[TEXT_SIZE];
    Etcdserverpb__PutRequest request = ETCDSERVERPB__PUT_REQUEST__INIT;
    request.key = key_of(key, operation->key);
    request.value = value_of(value, operation->key);
    return start(traffic, operation, "/etcdserverpb.KV/Put", &request.base,
                 &etcdserverpb__put_response__descriptor);
}

static int start_get(struct traffic *traffic, struct operation *operation)
{
    char key[TEXT_SIZE];
    Etcdserverpb__RangeRequest request = ETCDSERVERPB__RANGE_REQUEST__INIT;
    request.key = key_of(key, operation->key);
    return start(traffic, operation, "/etcdserverpb.KV/Range", &request.base,
                 &etcdserverpb__range_response__descriptor);
}

/* Put and get in turn; a get asks for the key whose put was confirmed last. */
static void on_tick(struct ev_loop *loop, ev_timer *timer, int events)
{
    (void)loop;
    (void)events;
    struct traffic *traffic = timer->data;
    bool is_get = traffic->book.started % 2 == 1 && traffic->last_stored != 0;
    struct operation *operation = book_start(&traffic->book, is_get, traffic->is_etcd_up);
    if (operation == NULL)
        return;
    operation->key = is_get ? traffic->last_stored : operation->number;
    int error = is_get ? start_get(traffic, operation) : start_put(traffic, operation);
    if (error == 0)
        return;
    fprintf(stderr, "operation not accepted: %s: %s\n", isa_error_name(error),
            isa_error_text(error));
    book_refuse(&traffic->book);
}

void traffic_init(struct traffic *traffic, struct isa_conn *conn)
{
    memset(traffic, 0, sizeof *traffic);
    traffic->conn = conn;
    ev_timer_init(&traffic->tick, on_tick, EVERY_S, EVERY_S);
    traffic->tick.data = traffic;
}

void traffic_start(struct traffic *traffic, struct ev_loop *loop)
{
    if (!ev_is_active(&traffic->tick))
        ev_timer_start(loop, &traffic->tick);
}

void traffic_stop(struct traffic *traffic, struct ev_loop *loop)
{
    ev_timer_stop(loop, &traffic->tick);
}
