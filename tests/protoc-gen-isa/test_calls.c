/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: tests of the calls that protoc-gen-isa writes: what they ask of the library, and that what comes
 *       back reaches the typed function. The library's functions are played here.
 * Used by: ctest.
 * Must not know: the library.
 */
#include <isa/isa.h>

#include "kinds.isa.h"

#include <criterion/criterion.h>

#include <string.h>

static struct isa_unary unary;
static struct isa_stream stream;
static struct isa_call *const a_call = (struct isa_call *)(void *)&stream;
static struct isa_conn *const a_conn = (struct isa_conn *)(void *)&unary;
static isa_any_fn *handler;
static const struct ProtobufCMessage *written, *resumed;
static int told;

int isa_call_unary(struct isa_conn *conn, const struct isa_unary *asked, struct isa_call **ret_call)
{
    cr_assert_eq(conn, a_conn);
    unary = *asked;
    handler = asked->handler;
    if (ret_call != NULL)
        *ret_call = a_call;
    return 0;
}

int isa_call_stream(struct isa_conn *conn, const struct isa_stream *asked,
                    struct isa_call **ret_call)
{
    cr_assert_eq(conn, a_conn);
    stream = *asked;
    handler = asked->handler;
    if (ret_call != NULL)
        *ret_call = a_call;
    return 0;
}

isa_any_fn *isa_call_handler(const struct isa_call *call)
{
    cr_assert_eq(call, a_call);
    return handler;
}

int isa_call_write(struct isa_call *call, const struct ProtobufCMessage *message)
{
    cr_assert_eq(call, a_call);
    written = message;
    return 1;
}

int isa_call_resume(struct isa_call *call, const struct ProtobufCMessage *request)
{
    cr_assert_eq(call, a_call);
    resumed = request;
    return ISA_EFULL;
}

static My__HTTPPkgX2__V1beta__Request a_request = MY__HTTPPKG_X2__V1BETA__REQUEST__INIT;
static My__HTTPPkgX2__V1beta__Response a_response = MY__HTTPPKG_X2__V1BETA__RESPONSE__INIT;

static void on_range(struct isa_call *call, const My__HTTPPkgX2__V1beta__Response *response,
                     const struct isa_reply *reply, void *user)
{
    cr_assert_eq(call, a_call);
    cr_assert_eq(user, &told);
    cr_assert_eq((const void *)response, reply->message);
    told++;
}

static void on_watch(struct isa_call *call, const My__HTTPPkgX2__V1beta__Response *message,
                     void *user)
{
    cr_assert_eq(call, a_call);
    cr_assert_eq(user, &told);
    cr_assert_eq(message, &a_response);
    told++;
}

static void on_end(struct isa_call *call, const struct isa_reply *reply, void *user)
{
    (void)call, (void)reply, (void)user;
}

static void on_upload(struct isa_call *call, const My__HTTPPkgX2__V1beta__Response__Inner *response,
                      const struct isa_reply *reply, void *user)
{
    (void)call, (void)response, (void)reply, (void)user;
    told++;
}

Test(protoc_gen_isa_calls, unary_calls_the_path_and_tells_the_typed_function)
{
    const struct isa_call_options options = ISA_CALL_OPTIONS_INIT;
    struct isa_reply reply = { .message = &a_response.base };
    struct isa_call *call = NULL;

    int error =
        my_httppkg_x2_v1beta_kv_store_range(a_conn, &a_request, &options, on_range, &told, &call);
    unary.on_reply(call, &reply, unary.user);
    reply.message = NULL;
    unary.on_reply(call, &reply, unary.user);

    cr_assert_eq(error, 0);
    cr_expect_eq(unary.size, sizeof(unary));
    cr_expect_str_eq(unary.method, "/my.HTTPPkg_x2.v1beta.KV_Store/Range");
    cr_expect_eq(unary.request, &a_request.base);
    cr_expect_eq(unary.reply_type, &my__httppkg_x2__v1beta__response__descriptor);
    cr_expect_eq(unary.options, &options);
    cr_expect_eq(told, 2);
}

Test(protoc_gen_isa_calls, what_is_missing_is_refused)
{
    struct my_httppkg_x2_v1beta_kv_store_watch_events events =
        MY_HTTPPKG_X2_V1BETA_KV_STORE_WATCH_EVENTS_INIT;
    struct my_httppkg_x2_v1beta_kv_store_list_all_events list =
        MY_HTTPPKG_X2_V1BETA_KV_STORE_LIST_ALL_EVENTS_INIT;

    list.on_end = on_end;

    cr_expect_eq(my_httppkg_x2_v1beta_kv_store_range(a_conn, NULL, NULL, on_range, NULL, NULL),
                 ISA_EINVAL);
    cr_expect_eq(my_httppkg_x2_v1beta_kv_store_range(a_conn, &a_request, NULL, NULL, NULL, NULL),
                 ISA_EINVAL);
    cr_expect_eq(my_httppkg_x2_v1beta_kv_store_watch(a_conn, NULL, NULL, NULL, NULL), ISA_EINVAL);
    cr_expect_eq(my_httppkg_x2_v1beta_kv_store_watch(a_conn, NULL, NULL, &events, NULL),
                 ISA_EINVAL);
    cr_expect_eq(my_httppkg_x2_v1beta_kv_store_list_all(a_conn, NULL, NULL, &list, NULL),
                 ISA_EINVAL);
    events.on_end = on_end;
    events.size = 8;
    cr_expect_eq(my_httppkg_x2_v1beta_kv_store_watch(a_conn, NULL, NULL, &events, NULL),
                 ISA_EINVAL);
}

Test(protoc_gen_isa_calls, both_ways_may_begin_without_a_message)
{
    struct my_httppkg_x2_v1beta_kv_store_watch_events events =
        MY_HTTPPKG_X2_V1BETA_KV_STORE_WATCH_EVENTS_INIT;
    const struct isa_message message = { &a_response.base, { NULL, 0 } };
    struct isa_call *call = NULL;

    events.on_message = on_watch;
    events.on_end = on_end;
    events.user = &told;
    events.high_water_bytes = 1000;
    events.low_water_bytes = 100;
    events.reads_on_demand = true;
    int error = my_httppkg_x2_v1beta_kv_store_watch(a_conn, NULL, NULL, &events, &call);
    stream.on_message(call, &message, stream.user);

    cr_assert_eq(error, 0);
    cr_expect_str_eq(stream.method, "/my.HTTPPkg_x2.v1beta.KV_Store/Watch");
    cr_expect_null(stream.request);
    cr_expect_not(stream.half_close);
    cr_expect(stream.reads_on_demand);
    cr_expect_eq(stream.on_end, on_end);
    cr_expect_eq(stream.high_water_bytes, 1000);
    cr_expect_eq(stream.low_water_bytes, 100);
    cr_expect_eq(told, 1);
    cr_expect_eq(my_httppkg_x2_v1beta_kv_store_watch_write(call, &a_request), 1);
    cr_expect_eq(written, &a_request.base);
    cr_expect_eq(my_httppkg_x2_v1beta_kv_store_watch_resume(call, &a_request), ISA_EFULL);
    cr_expect_eq(resumed, &a_request.base);
}

Test(protoc_gen_isa_calls, server_streaming_sends_one_message_and_needs_nobody_for_the_others)
{
    struct my_httppkg_x2_v1beta_kv_store_list_all_events events =
        MY_HTTPPKG_X2_V1BETA_KV_STORE_LIST_ALL_EVENTS_INIT;
    const struct isa_message message = { &a_response.base, { NULL, 0 } };
    struct isa_call *call = NULL;

    events.on_end = on_end;
    int error = my_httppkg_x2_v1beta_kv_store_list_all(a_conn, &a_request, NULL, &events, &call);
    stream.on_message(call, &message, stream.user);

    cr_assert_eq(error, 0);
    cr_expect(stream.half_close);
    cr_expect_eq(stream.request, &a_request.base);
    cr_expect_eq(stream.reply_type, &google__protobuf__timestamp__descriptor);
}

Test(protoc_gen_isa_calls, client_streaming_has_one_typed_reply)
{
    struct my_httppkg_x2_v1beta_kv_store_httpupload2_events events =
        MY_HTTPPKG_X2_V1BETA_KV_STORE_HTTPUPLOAD2_EVENTS_INIT;
    const struct isa_reply reply = { .duration_us = 1 };
    struct isa_call *call = NULL;

    events.on_done = on_upload;
    int error = my_httppkg_x2_v1beta_kv_store_httpupload2(a_conn, NULL, NULL, &events, &call);
    stream.on_end(call, &reply, stream.user);

    cr_assert_eq(error, 0);
    cr_expect_null(stream.on_message);
    cr_expect_not(stream.half_close);
    cr_expect_eq(stream.reply_type, &my__httppkg_x2__v1beta__response__inner__descriptor);
    cr_expect_eq(told, 1);
}
