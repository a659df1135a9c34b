/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: what NAME.isa.c looks like.
 * Called by: stubs.c.
 * Must not know: descriptors, beside the file's name.
 */
#include "stubs.h"

/* The typed function travels with the call, and is told what came in its own type. */
static void emit_trampoline(const struct pgi_stub *stub, struct pgi_text *text)
{
    if (pgi_receives_many(stub)) {
        pgi_add(text,
                "static void %s_on_message(\n"
                "    struct isa_call *call, const struct isa_message *message, void *user)\n"
                "{\n"
                "    %s_message_fn *on_message =\n"
                "        (%s_message_fn *)isa_call_handler(call);\n\n"
                "    if (on_message != NULL)\n"
                "        on_message(call, (const %s *)message->message, user);\n"
                "}\n\n",
                stub->name, stub->name, stub->name, stub->response);
        return;
    }
    pgi_add(text,
            "static void %s_on_reply(\n"
            "    struct isa_call *call, const struct isa_reply *reply, void *user)\n"
            "{\n"
            "    %s_fn *on_done =\n"
            "        (%s_fn *)isa_call_handler(call);\n\n"
            "    on_done(call, (const %s *)reply->message, reply, user);\n"
            "}\n\n",
            stub->name, stub->name, stub->name, stub->response);
}

static void emit_unary(const struct pgi_stub *stub, struct pgi_text *text)
{
    pgi_add(text,
            "\n{\n"
            "    struct isa_unary unary = ISA_UNARY_INIT;\n\n"
            "    if (request == NULL || on_done == NULL)\n"
            "        return ISA_EINVAL;\n"
            "    unary.method = \"%s\";\n"
            "    unary.request = (const struct ProtobufCMessage *)request;\n"
            "    unary.reply_type = &%s;\n"
            "    unary.on_reply = %s_on_reply;\n"
            "    unary.user = user;\n"
            "    unary.options = options;\n"
            "    unary.handler = (isa_any_fn *)on_done;\n"
            "    return isa_call_unary(conn, &unary, ret_call);\n"
            "}\n",
            stub->path, stub->descriptor, stub->name);
}

static void emit_stream(const struct pgi_stub *stub, struct pgi_text *text)
{
    const bool sends = pgi_sends_many(stub), receives = pgi_receives_many(stub);

    pgi_add(text,
            "\n{\n"
            "    struct isa_stream stream = ISA_STREAM_INIT;\n\n"
            "    if (%sevents == NULL || events->size < sizeof(*events) || events->%s == NULL)\n"
            "        return ISA_EINVAL;\n"
            "    stream.method = \"%s\";\n"
            "    stream.request = (const struct ProtobufCMessage *)request;\n",
            sends ? "" : "request == NULL || ", receives ? "on_end" : "on_done", stub->path);
    if (!sends)
        pgi_add(text, "    stream.half_close = true;\n");
    pgi_add(text, "    stream.reply_type = &%s;\n", stub->descriptor);
    if (receives)
        pgi_add(text,
                "    stream.reads_on_demand = events->reads_on_demand;\n"
                "    stream.on_message = %s_on_message;\n"
                "    stream.on_end = events->on_end;\n"
                "    stream.handler = (isa_any_fn *)events->on_message;\n",
                stub->name);
    else
        pgi_add(text,
                "    stream.on_end = %s_on_reply;\n"
                "    stream.handler = (isa_any_fn *)events->on_done;\n",
                stub->name);
    pgi_add(text, "    stream.on_headers = events->on_headers;\n");
    if (sends)
        pgi_add(text, "    stream.on_writable = events->on_writable;\n"
                      "    stream.high_water_bytes = events->high_water_bytes;\n"
                      "    stream.low_water_bytes = events->low_water_bytes;\n");
    pgi_add(text, "    stream.on_resume = events->on_resume;\n"
                  "    stream.user = events->user;\n"
                  "    stream.options = options;\n"
                  "    return isa_call_stream(conn, &stream, ret_call);\n"
                  "}\n");
}

void pgi_emit_source(const struct pgi_stubs *stubs, struct pgi_text *text)
{
    pgi_add(text,
            "/* Made by protoc-gen-isa from %s, do not edit. */\n"
            "#include \"%s.isa.h\"\n",
            stubs->file->name, stubs->stem);
    for (size_t i = 0; i < stubs->count; i++) {
        for (size_t j = 0; j < stubs->services[i].count; j++) {
            const struct pgi_stub *stub = &stubs->services[i].stubs[j];

            pgi_add(text, "\n");
            emit_trampoline(stub, text);
            pgi_emit_parameters(text, pgi_format(text->arena, "int %s", stub->name),
                                pgi_stub_parameters(text->arena, stub));
            if (stub->kind == PGI_UNARY)
                emit_unary(stub, text);
            else
                emit_stream(stub, text);
        }
    }
}
