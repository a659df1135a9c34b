/* Made by protoc-gen-isa from nopackage.proto, do not edit. */
#include "nopackage.isa.h"

static void thread_local__on_reply(
    struct isa_call *call, const struct isa_reply *reply, void *user)
{
    thread_local__fn *on_done =
        (thread_local__fn *)isa_call_handler(call);

    on_done(call, (const Void *)reply->message, reply, user);
}

int thread_local_(
    struct isa_conn *conn, const Void *request, const struct isa_call_options *options,
    thread_local__fn *on_done, void *user, struct isa_call **ret_call)
{
    struct isa_unary unary = ISA_UNARY_INIT;

    if (request == NULL || on_done == NULL)
        return ISA_EINVAL;
    unary.method = "/thread/local";
    unary.request = (const struct ProtobufCMessage *)request;
    unary.reply_type = &void__descriptor;
    unary.on_reply = thread_local__on_reply;
    unary.user = user;
    unary.options = options;
    unary.handler = (isa_any_fn *)on_done;
    return isa_call_unary(conn, &unary, ret_call);
}
