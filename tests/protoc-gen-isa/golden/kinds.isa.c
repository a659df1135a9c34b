/* Made by protoc-gen-isa from kinds.proto, do not edit. */
#include "kinds.isa.h"

static void my_httppkg_x2_v1beta_kv_store_range_on_reply(
    struct isa_call *call, const struct isa_reply *reply, void *user)
{
    my_httppkg_x2_v1beta_kv_store_range_fn *on_done =
        (my_httppkg_x2_v1beta_kv_store_range_fn *)isa_call_handler(call);

    on_done(call, (const My__HTTPPkgX2__V1beta__Response *)reply->message, reply, user);
}

int my_httppkg_x2_v1beta_kv_store_range(
    struct isa_conn *conn, const My__HTTPPkgX2__V1beta__Request *request,
    const struct isa_call_options *options, my_httppkg_x2_v1beta_kv_store_range_fn *on_done,
    void *user, struct isa_call **ret_call)
{
    struct isa_unary unary = ISA_UNARY_INIT;

    if (request == NULL || on_done == NULL)
        return ISA_EINVAL;
    unary.method = "/my.HTTPPkg_x2.v1beta.KV_Store/Range";
    unary.request = (const struct ProtobufCMessage *)request;
    unary.reply_type = &my__httppkg_x2__v1beta__response__descriptor;
    unary.on_reply = my_httppkg_x2_v1beta_kv_store_range_on_reply;
    unary.user = user;
    unary.options = options;
    unary.handler = (isa_any_fn *)on_done;
    return isa_call_unary(conn, &unary, ret_call);
}

static void my_httppkg_x2_v1beta_kv_store_delete_on_reply(
    struct isa_call *call, const struct isa_reply *reply, void *user)
{
    my_httppkg_x2_v1beta_kv_store_delete_fn *on_done =
        (my_httppkg_x2_v1beta_kv_store_delete_fn *)isa_call_handler(call);

    on_done(call, (const My__HTTPPkgX2__V1beta__Response *)reply->message, reply, user);
}

int my_httppkg_x2_v1beta_kv_store_delete(
    struct isa_conn *conn, const My__HTTPPkgX2__V1beta__Request *request,
    const struct isa_call_options *options, my_httppkg_x2_v1beta_kv_store_delete_fn *on_done,
    void *user, struct isa_call **ret_call)
{
    struct isa_unary unary = ISA_UNARY_INIT;

    if (request == NULL || on_done == NULL)
        return ISA_EINVAL;
    unary.method = "/my.HTTPPkg_x2.v1beta.KV_Store/Delete";
    unary.request = (const struct ProtobufCMessage *)request;
    unary.reply_type = &my__httppkg_x2__v1beta__response__descriptor;
    unary.on_reply = my_httppkg_x2_v1beta_kv_store_delete_on_reply;
    unary.user = user;
    unary.options = options;
    unary.handler = (isa_any_fn *)on_done;
    return isa_call_unary(conn, &unary, ret_call);
}

static void my_httppkg_x2_v1beta_kv_store_watch_on_message(
    struct isa_call *call, const struct isa_message *message, void *user)
{
    my_httppkg_x2_v1beta_kv_store_watch_message_fn *on_message =
        (my_httppkg_x2_v1beta_kv_store_watch_message_fn *)isa_call_handler(call);

    if (on_message != NULL)
        on_message(call, (const My__HTTPPkgX2__V1beta__Response *)message->message, user);
}

int my_httppkg_x2_v1beta_kv_store_watch(
    struct isa_conn *conn, const My__HTTPPkgX2__V1beta__Request *request,
    const struct isa_call_options *options,
    const struct my_httppkg_x2_v1beta_kv_store_watch_events *events, struct isa_call **ret_call)
{
    struct isa_stream stream = ISA_STREAM_INIT;

    if (events == NULL || events->size < sizeof(*events) || events->on_end == NULL)
        return ISA_EINVAL;
    stream.method = "/my.HTTPPkg_x2.v1beta.KV_Store/Watch";
    stream.request = (const struct ProtobufCMessage *)request;
    stream.reply_type = &my__httppkg_x2__v1beta__response__descriptor;
    stream.reads_on_demand = events->reads_on_demand;
    stream.on_message = my_httppkg_x2_v1beta_kv_store_watch_on_message;
    stream.on_end = events->on_end;
    stream.handler = (isa_any_fn *)events->on_message;
    stream.on_headers = events->on_headers;
    stream.on_writable = events->on_writable;
    stream.high_water_bytes = events->high_water_bytes;
    stream.low_water_bytes = events->low_water_bytes;
    stream.on_resume = events->on_resume;
    stream.user = events->user;
    stream.options = options;
    return isa_call_stream(conn, &stream, ret_call);
}

static void my_httppkg_x2_v1beta_kv_store_list_all_on_message(
    struct isa_call *call, const struct isa_message *message, void *user)
{
    my_httppkg_x2_v1beta_kv_store_list_all_message_fn *on_message =
        (my_httppkg_x2_v1beta_kv_store_list_all_message_fn *)isa_call_handler(call);

    if (on_message != NULL)
        on_message(call, (const Google__Protobuf__Timestamp *)message->message, user);
}

int my_httppkg_x2_v1beta_kv_store_list_all(
    struct isa_conn *conn, const My__HTTPPkgX2__V1beta__Request *request,
    const struct isa_call_options *options,
    const struct my_httppkg_x2_v1beta_kv_store_list_all_events *events, struct isa_call **ret_call)
{
    struct isa_stream stream = ISA_STREAM_INIT;

    if (request == NULL || events == NULL || events->size < sizeof(*events) || events->on_end == NULL)
        return ISA_EINVAL;
    stream.method = "/my.HTTPPkg_x2.v1beta.KV_Store/ListAll";
    stream.request = (const struct ProtobufCMessage *)request;
    stream.half_close = true;
    stream.reply_type = &google__protobuf__timestamp__descriptor;
    stream.reads_on_demand = events->reads_on_demand;
    stream.on_message = my_httppkg_x2_v1beta_kv_store_list_all_on_message;
    stream.on_end = events->on_end;
    stream.handler = (isa_any_fn *)events->on_message;
    stream.on_headers = events->on_headers;
    stream.on_resume = events->on_resume;
    stream.user = events->user;
    stream.options = options;
    return isa_call_stream(conn, &stream, ret_call);
}

static void my_httppkg_x2_v1beta_kv_store_httpupload2_on_reply(
    struct isa_call *call, const struct isa_reply *reply, void *user)
{
    my_httppkg_x2_v1beta_kv_store_httpupload2_fn *on_done =
        (my_httppkg_x2_v1beta_kv_store_httpupload2_fn *)isa_call_handler(call);

    on_done(call, (const My__HTTPPkgX2__V1beta__Response__Inner *)reply->message, reply, user);
}

int my_httppkg_x2_v1beta_kv_store_httpupload2(
    struct isa_conn *conn, const My__Parts__Part *request, const struct isa_call_options *options,
    const struct my_httppkg_x2_v1beta_kv_store_httpupload2_events *events,
    struct isa_call **ret_call)
{
    struct isa_stream stream = ISA_STREAM_INIT;

    if (events == NULL || events->size < sizeof(*events) || events->on_done == NULL)
        return ISA_EINVAL;
    stream.method = "/my.HTTPPkg_x2.v1beta.KV_Store/HTTPUpload2";
    stream.request = (const struct ProtobufCMessage *)request;
    stream.reply_type = &my__httppkg_x2__v1beta__response__inner__descriptor;
    stream.on_end = my_httppkg_x2_v1beta_kv_store_httpupload2_on_reply;
    stream.handler = (isa_any_fn *)events->on_done;
    stream.on_headers = events->on_headers;
    stream.on_writable = events->on_writable;
    stream.high_water_bytes = events->high_water_bytes;
    stream.low_water_bytes = events->low_water_bytes;
    stream.on_resume = events->on_resume;
    stream.user = events->user;
    stream.options = options;
    return isa_call_stream(conn, &stream, ret_call);
}

static void my_httppkg_x2_v1beta_kv_store_httpupload2_write__on_reply(
    struct isa_call *call, const struct isa_reply *reply, void *user)
{
    my_httppkg_x2_v1beta_kv_store_httpupload2_write__fn *on_done =
        (my_httppkg_x2_v1beta_kv_store_httpupload2_write__fn *)isa_call_handler(call);

    on_done(call, (const My__Parts__Empty *)reply->message, reply, user);
}

int my_httppkg_x2_v1beta_kv_store_httpupload2_write_(
    struct isa_conn *conn, const My__Parts__Part__Piece *request,
    const struct isa_call_options *options,
    my_httppkg_x2_v1beta_kv_store_httpupload2_write__fn *on_done, void *user,
    struct isa_call **ret_call)
{
    struct isa_unary unary = ISA_UNARY_INIT;

    if (request == NULL || on_done == NULL)
        return ISA_EINVAL;
    unary.method = "/my.HTTPPkg_x2.v1beta.KV_Store/HTTPUpload2_write";
    unary.request = (const struct ProtobufCMessage *)request;
    unary.reply_type = &my__parts__empty__descriptor;
    unary.on_reply = my_httppkg_x2_v1beta_kv_store_httpupload2_write__on_reply;
    unary.user = user;
    unary.options = options;
    unary.handler = (isa_any_fn *)on_done;
    return isa_call_unary(conn, &unary, ret_call);
}

static void my_httppkg_x2_v1beta_static_assert_on_reply(
    struct isa_call *call, const struct isa_reply *reply, void *user)
{
    my_httppkg_x2_v1beta_static_assert_fn *on_done =
        (my_httppkg_x2_v1beta_static_assert_fn *)isa_call_handler(call);

    on_done(call, (const My__HTTPPkgX2__V1beta__Response *)reply->message, reply, user);
}

int my_httppkg_x2_v1beta_static_assert(
    struct isa_conn *conn, const My__HTTPPkgX2__V1beta__Request *request,
    const struct isa_call_options *options, my_httppkg_x2_v1beta_static_assert_fn *on_done,
    void *user, struct isa_call **ret_call)
{
    struct isa_unary unary = ISA_UNARY_INIT;

    if (request == NULL || on_done == NULL)
        return ISA_EINVAL;
    unary.method = "/my.HTTPPkg_x2.v1beta.static/assert";
    unary.request = (const struct ProtobufCMessage *)request;
    unary.reply_type = &my__httppkg_x2__v1beta__response__descriptor;
    unary.on_reply = my_httppkg_x2_v1beta_static_assert_on_reply;
    unary.user = user;
    unary.options = options;
    unary.handler = (isa_any_fn *)on_done;
    return isa_call_unary(conn, &unary, ret_call);
}
