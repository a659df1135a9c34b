/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: whether bytes are a message of a type at all, and if not, where and why.
 * Called by: generate.c, option.c.
 * Must not know: what a message is for.
 */
#include "wire.h"

enum { WIRE_VARINT, WIRE_64, WIRE_BYTES, WIRE_GROUP, WIRE_GROUP_END, WIRE_32 };
enum { DEEPEST = 100 }; /* as protobuf itself */

struct walk {
    struct pgi_arena *arena;
    const uint8_t *start;
    int depth;
};

static bool skip(struct pgi_reader *reader, uint64_t size)
{
    if (size > (uint64_t)(reader->end - reader->at))
        return false;
    reader->at += size;
    return true;
}

static bool read_value(struct pgi_reader *reader, uint32_t wire_type, uint64_t *ret_value,
                       struct pgi_reader *ret_bytes)
{
    uint64_t size;

    switch (wire_type) {
    case WIRE_VARINT:
        return pgi_read_varint(reader, ret_value);
    case WIRE_64:
        return skip(reader, 8);
    case WIRE_32:
        return skip(reader, 4);
    case WIRE_BYTES:
        if (!pgi_read_varint(reader, &size))
            return false;
        ret_bytes->at = reader->at;
        if (!skip(reader, size))
            return false;
        ret_bytes->end = reader->at;
        return true;
    default:
        return false;
    }
}

static bool fits(const ProtobufCFieldDescriptor *field, uint32_t wire_type)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_BYTES:
    case PROTOBUF_C_TYPE_MESSAGE:
        return wire_type == WIRE_BYTES;
    case PROTOBUF_C_TYPE_DOUBLE:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_SFIXED64:
        return wire_type == WIRE_64;
    case PROTOBUF_C_TYPE_FLOAT:
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_SFIXED32:
        return wire_type == WIRE_32;
    default:
        return wire_type == WIRE_VARINT ||
               (wire_type == WIRE_BYTES && field->label == PROTOBUF_C_LABEL_REPEATED);
    }
}

static const char *find_fault(struct walk *walk, const ProtobufCMessageDescriptor *type,
                              struct pgi_reader reader)
{
    const char *fault = NULL;

    if (++walk->depth > DEEPEST)
        return pgi_format(walk->arena, "messages are nested more than %d deep", DEEPEST);
    while (fault == NULL && reader.at < reader.end) {
        const long offset = (long)(reader.at - walk->start);
        const ProtobufCFieldDescriptor *field;
        struct pgi_reader bytes = { 0 };
        uint32_t number, wire_type = 0;
        uint64_t value;

        if (!pgi_read_field(&reader, &number, &wire_type, &value, &bytes))
            return pgi_format(walk->arena, "at byte %ld, in %s: no whole field", offset,
                              type->name);
        field = protobuf_c_message_descriptor_get_field(type, number);
        if (field == NULL)
            continue;
        if (!fits(field, wire_type))
            return pgi_format(walk->arena, "at byte %ld: field %s of %s is of another kind", offset,
                              field->name, type->name);
        if (field->type == PROTOBUF_C_TYPE_MESSAGE)
            fault = find_fault(walk, field->descriptor, bytes);
    }
    walk->depth--;
    return fault;
}

bool pgi_read_varint(struct pgi_reader *reader, uint64_t *ret_value)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < 10 && i < (size_t)(reader->end - reader->at); i++) {
        value |= (uint64_t)(reader->at[i] & 0x7f) << (7 * i);
        if (reader->at[i] < 0x80) {
            *ret_value = value;
            reader->at += i + 1;
            return true;
        }
    }
    return false;
}

bool pgi_read_field(struct pgi_reader *reader, uint32_t *ret_number, uint32_t *ret_wire_type,
                    uint64_t *ret_value, struct pgi_reader *ret_bytes)
{
    uint64_t tag;

    if (!pgi_read_varint(reader, &tag) || tag >> 3 == 0 || tag > UINT32_MAX)
        return false;
    *ret_number = (uint32_t)(tag >> 3);
    *ret_wire_type = (uint32_t)(tag & 7);
    return read_value(reader, *ret_wire_type, ret_value, ret_bytes);
}

const char *pgi_wire_fault(struct pgi_arena *arena, const ProtobufCMessageDescriptor *type,
                           const uint8_t *bytes, size_t size)
{
    struct walk walk = { arena, bytes, 0 };

    if (size == 0) /* protoc always has something to say */
        return "it is empty";
    return find_fault(&walk, type, (struct pgi_reader){ bytes, bytes + size });
}
