/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: what NAME.isa.h looks like.
 * Called by: stubs.c.
 * Must not know: descriptors, beside the file's name.
 */
#include "stubs.h"

#include <string.h>

enum { COLUMNS = 100, INDENT = 4 };

static const char *const kind_names[] = { "Unary call", "Server streaming", "Client streaming",
                                          "Bidirectional stream" };

static void trim(const char **begin, const char **end)
{
    while (*begin < *end && strchr(" \t\n", (*end)[-1]) != NULL)
        (*end)--;
    for (const char *line; (line = memchr(*begin, '\n', (size_t)(*end - *begin))) != NULL;
         *begin = line + 1)
        if (strspn(*begin, " \t") < (size_t)(line - *begin))
            return;
}

void pgi_emit_comment(struct pgi_text *text, const char *comment)
{
    const char *begin = comment, *end = comment + strlen(comment);

    trim(&begin, &end);
    while (begin < end) {
        const char *line = memchr(begin, '\n', (size_t)(end - begin));

        if (line == NULL)
            line = end;
        begin += *begin == ' ' && begin < line;
        pgi_add(text, begin < line ? " * " : " *");
        pgi_add_bytes(text, begin, (size_t)(line - begin));
        pgi_add_bytes(text, "\n", 1);
        begin = line < end ? line + 1 : end;
    }
}

void pgi_emit_parameters(struct pgi_text *text, const char *head, const char *const *parameters)
{
    size_t total = strlen(head) + 3, column = INDENT;

    for (size_t i = 0; parameters[i] != NULL; i++)
        total += strlen(parameters[i]) + 2;
    pgi_add(text, total <= COLUMNS ? "%s(" : "%s(\n    ", head);
    for (size_t i = 0; parameters[i] != NULL; i++) {
        const size_t size = strlen(parameters[i]);

        if (total > COLUMNS && i > 0 && column + size + 2 > COLUMNS) {
            pgi_add(text, "\n    ");
            column = INDENT;
        } else if (i > 0) {
            pgi_add(text, " ");
            column++;
        }
        pgi_add(text, "%s%s", parameters[i], parameters[i + 1] == NULL ? ")" : ",");
        column += size + 1;
    }
}

const char *const *pgi_stub_parameters(struct pgi_arena *arena, const struct pgi_stub *stub)
{
    const char **parameters = pgi_alloc(arena, 7 * sizeof(*parameters));

    parameters[0] = "struct isa_conn *conn";
    parameters[1] = pgi_format(arena, "const %s *request", stub->request);
    parameters[2] = "const struct isa_call_options *options";
    parameters[3] = stub->kind == PGI_UNARY
                        ? pgi_format(arena, "%s_fn *on_done", stub->name)
                        : pgi_format(arena, "const struct %s_events *events", stub->name);
    parameters[4] = stub->kind == PGI_UNARY ? "void *user" : "struct isa_call **ret_call";
    parameters[5] = stub->kind == PGI_UNARY ? "struct isa_call **ret_call" : NULL;
    return parameters;
}

static void emit_callback_types(const struct pgi_stub *stub, struct pgi_text *text)
{
    const char *head, *last[] = { "struct isa_call *call", NULL, NULL, NULL, NULL };

    if (pgi_receives_many(stub)) {
        pgi_add(text, "/** A message of %s; valid during the callback. */\n", stub->path);
        head = pgi_format(text->arena, "typedef void %s_message_fn", stub->name);
        last[1] = pgi_format(text->arena, "const %s *message", stub->response);
        last[2] = "void *user";
    } else {
        pgi_add(
            text,
            "/**\n * The end of %s, exactly once.\n *\n"
            " * @param response  What came back, valid during the callback; NULL unless the call "
            "ended with OK.\n */\n",
            stub->path);
        head = pgi_format(text->arena, "typedef void %s_fn", stub->name);
        last[1] = pgi_format(text->arena, "const %s *response", stub->response);
        last[2] = "const struct isa_reply *reply";
        last[3] = "void *user";
    }
    pgi_emit_parameters(text, head, last);
    pgi_add(text, ";\n\n");
}

/* Zero means the default; no padding. */
static void emit_events(const struct pgi_stub *stub, struct pgi_text *text)
{
    const bool sends = pgi_sends_many(stub), receives = pgi_receives_many(stub);

    pgi_add(text, "/** What is told of %s.\n *  Start from %s_EVENTS_INIT. */\n", stub->path,
            stub->upper_name);
    pgi_add(text, "struct %s_events {\n    size_t size; /* Required. */\n", stub->name);
    if (receives)
        pgi_add(text, "    %s_message_fn *on_message; /* Optional. Each message. */\n", stub->name);
    else
        pgi_add(text, "    %s_fn *on_done; /* Required. The end, exactly once. */\n", stub->name);
    if (receives)
        pgi_add(text, "    isa_reply_fn *on_end; /* Required. The end, exactly once. */\n");
    pgi_add(text, "    isa_headers_fn *on_headers; /* Optional. The peer's initial metadata. */\n");
    if (sends)
        pgi_add(text, "    isa_writable_fn *on_writable; /* Optional. There is room again. */\n");
    pgi_add(text, "    /* Optional. It broke off; ..._resume() inside goes on. */\n"
                  "    isa_resume_fn *on_resume;\n");
    pgi_add(text, "    void *user; /* Optional. Handed to each of them. */\n");
    if (sends)
        pgi_add(text, "    uint32_t high_water_bytes; /* Optional. As in struct isa_stream. */\n"
                      "    uint32_t low_water_bytes;\n");
    if (receives)
        pgi_add(text,
                "    bool reads_on_demand; /* Optional. Messages come when isa_call_read() asks. "
                "*/\n    bool reserved[7]; /* zero */\n");
    pgi_add(text,
            "};\n\n#define %s_EVENTS_INIT \\\n    { sizeof(struct %s_events), \\\n      %s0, 0, 0, "
            "0%s%s }\n\n",
            stub->upper_name, stub->name, sends && receives ? "0, 0, " : "0, ",
            sends ? ", 0, 0" : "",
            receives ? ", false, { false, false, false, false, false, false, false }" : "");
}

static void emit_call_comment(const struct pgi_stub *stub, struct pgi_text *text)
{
    const bool sends = pgi_sends_many(stub);

    pgi_add(text, "/**\n");
    pgi_emit_comment(text, stub->comment);
    if (strspn(stub->comment, " \t\n") < strlen(stub->comment))
        pgi_add(text, " *\n");
    pgi_add(text, " * %s: %s\n", kind_names[stub->kind], stub->path);
    if (stub->is_deprecated)
        pgi_add(text, " *\n * Deprecated by its interface.\n");
    pgi_add(text, " *\n * @param conn      Handle. Borrowed; the call keeps it alive.\n");
    pgi_add(text, " * @param request   %s Packed before this returns.\n",
            sends ? "The first message, or NULL: none yet." : "What is sent.");
    pgi_add(text, " * @param options   How the call is made. Copied. NULL: the defaults.\n");
    if (stub->kind == PGI_UNARY)
        pgi_add(text, " * @param on_done   Hears the end, exactly once, on the handle's loop.\n"
                      " * @param user      Handed to on_done.\n");
    else
        pgi_add(text, " * @param events    What is told, on the handle's loop. Copied.\n");
    pgi_add(text, " * @param ret_call  Receives a reference. May be NULL.\n");
    pgi_add(text, " * @return 0, or what %s refuses\n * @thread any\n */\n",
            stub->kind == PGI_UNARY ? "isa_call_unary()" : "isa_call_stream()");
}

static void emit_inline(const struct pgi_stub *stub, struct pgi_text *text, const char *verb,
                        const char *what, const char *parameter)
{
    const char *head = pgi_format(text->arena, "static inline int %s_%s", stub->name, verb);
    const char *parameters[] = { "struct isa_call *call",
                                 pgi_format(text->arena, "const %s *%s", stub->request, parameter),
                                 NULL };

    pgi_add(text, "/** %s */\n", what);
    pgi_emit_parameters(text, head, parameters);
    pgi_add(text, "\n{\n    return isa_call_%s(call, (const struct ProtobufCMessage *)%s);\n}\n\n",
            verb, parameter);
}

static void emit_stub(const struct pgi_stub *stub, struct pgi_text *text)
{
    emit_callback_types(stub, text);
    if (stub->kind != PGI_UNARY)
        emit_events(stub, text);
    emit_call_comment(stub, text);
    pgi_emit_parameters(text, pgi_format(text->arena, "int %s", stub->name),
                        pgi_stub_parameters(text->arena, stub));
    pgi_add(text, "%s;\n\n", stub->is_deprecated ? "\n    PROTOBUF_C__DEPRECATED" : "");
    if (pgi_sends_many(stub))
        emit_inline(stub, text, "write", "One more message. See isa_call_write(). [loop]",
                    "message");
    if (stub->kind != PGI_UNARY)
        emit_inline(stub, text, "resume", "In on_resume only. See isa_call_resume(). [loop]",
                    "request");
}

void pgi_emit_header(const struct pgi_job *job, const struct pgi_stubs *stubs,
                     struct pgi_text *text)
{
    pgi_add(text,
            "/* Made by protoc-gen-isa from %s, do not edit. */\n"
            "#ifndef ISA_STUBS_%s\n"
            "#define ISA_STUBS_%s\n\n"
            "#include <isa/isa.h>\n\n"
            "#include \"%s.pb-c.h\"\n\n"
            "#include <stdbool.h>\n"
            "#include <stddef.h>\n"
            "#include <stdint.h>\n\n"
            "#ifdef __cplusplus\n"
            "extern \"C\" {\n"
            "#endif\n\n",
            stubs->file->name, stubs->guard, stubs->guard, stubs->stem);
    pgi_emit_presence(job, stubs->file, text);
    for (size_t i = 0; i < stubs->count; i++) {
        const struct pgi_service_stubs *service = &stubs->services[i];

        pgi_add(text, "/* ---- service %s ----\n", service->full_name);
        pgi_emit_comment(text, service->comment);
        pgi_add(text, " */\n\n");
        for (size_t j = 0; j < service->count; j++)
            emit_stub(&service->stubs[j], text);
    }
    pgi_add(text, "#ifdef __cplusplus\n}\n#endif\n\n#endif\n");
}
