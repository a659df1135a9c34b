/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the functions for fields of proto3 that say whether they are there: has, set and clear.
 * Called by: emit_header.c.
 * Must not know: calls.
 */
#include "names.h"
#include "option.h"
#include "stubs.h"

static const char *value_type(const struct pgi_job *job, const pgi_field *field)
{
    switch (field->type) {
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_DOUBLE:
        return "double ";
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_FLOAT:
        return "float ";
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_INT64:
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_SINT64:
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_SFIXED64:
        return "int64_t ";
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_UINT64:
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_FIXED64:
        return "uint64_t ";
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_UINT32:
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_FIXED32:
        return "uint32_t ";
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_BOOL:
        return "protobuf_c_boolean ";
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_STRING:
        return pgi_is_string_as_bytes(field) ? "ProtobufCBinaryData " : "char *";
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_BYTES:
        return "ProtobufCBinaryData ";
    case GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_ENUM:
        return pgi_format(
            job->arena, "%s ",
            pgi_type_name(job->arena, pgi_find_type(job, field->type_name)->c_full_name));
    default:
        return "int32_t ";
    }
}

static void emit_head(struct pgi_text *text, const char *result, const char *prefix,
                      const char *verb, const char *member, const char *first, const char *second)
{
    const char *const parameters[] = { first, second, NULL };

    pgi_emit_parameters(
        text, pgi_format(text->arena, "static inline %s %s__%s_%s", result, prefix, verb, member),
        parameters);
    pgi_add(text, "\n");
}

static void emit_one(const struct pgi_job *job, const struct pgi_presence *presence,
                     struct pgi_text *text)
{
    struct pgi_arena *arena = job->arena;
    const char *type = pgi_type_name(arena, presence->message->c_full_name);
    const char *prefix = pgi_lower_name(arena, presence->message->c_full_name);
    const char *member = pgi_member_name(arena, presence->field->name);
    const char *which = pgi_lower_name(arena, presence->oneof->name);
    const char *enumerators =
        pgi_format(arena, "%s__%s", pgi_upper_name(arena, presence->message->c_full_name),
                   pgi_upper_name(arena, presence->oneof->name));
    const char *here =
        pgi_format(arena, "%s_%s", enumerators, pgi_upper_name(arena, presence->field->name));

    emit_head(text, "bool", prefix, "has", member, pgi_format(arena, "const %s *message", type),
              NULL);
    pgi_add(text, "{\n    return message->%s_case == %s;\n}\n", which, here);
    emit_head(text, "void", prefix, "set", member, pgi_format(arena, "%s *message", type),
              pgi_format(arena, "%svalue", value_type(job, presence->field)));
    pgi_add(text, "{\n    message->%s = value;\n    message->%s_case = %s;\n}\n", member, which,
            here);
    emit_head(text, "void", prefix, "clear", member, pgi_format(arena, "%s *message", type), NULL);
    pgi_add(text, "{\n    message->%s_case = %s__NOT_SET;\n}\n\n", which, enumerators);
}

void pgi_emit_presence(const struct pgi_job *job, const pgi_file *file, struct pgi_text *text)
{
    bool is_first = true;

    for (const struct pgi_presence *presence = job->presences; presence != NULL;
         presence = presence->next) {
        if (presence->file != file)
            continue;
        if (is_first)
            pgi_add(text,
                    "/* ---- optional fields "
                    "-------------------------------------------------------------------- */\n"
                    "/* Whether one is there, and with which value; the value is not copied. "
                    "*/\n\n");
        is_first = false;
        emit_one(job, presence, text);
    }
}
