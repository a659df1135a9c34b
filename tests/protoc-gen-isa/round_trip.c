/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: messages of every type with every field set, to compare with protoc's own encoding of them.
 * Called by: round-trip.sh, with a list of the types that it has written: descriptors.pb-c.h.
 * Must not know: any type; it looks at descriptors only.
 *
 *   round_trip proto           a .proto of one message with all types in it, but for its imports
 *   round_trip write           that message: each type several times, with the N-th field of each oneof
 *                              chosen, then with the defaults of all types set
 *   round_trip read <MESSAGE   each message in it is read, and written to the same bytes
 */
#include "descriptors.pb-c.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TYPE_COUNT (sizeof(types) / sizeof(types[0]))

enum { DEEPEST = 3, VARIANTS = 24, ZERO = VARIANTS - 1 };

struct filling {
    int variant, depth;
    int choices; /* the most that a oneof has offered */
};

static void *need(size_t size)
{
    void *memory = calloc(1, size + 1);

    if (memory == NULL)
        abort();
    return memory;
}

static size_t size_of(const ProtobufCFieldDescriptor *field)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_MESSAGE:
        return sizeof(void *);
    case PROTOBUF_C_TYPE_BYTES:
        return sizeof(ProtobufCBinaryData);
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_DOUBLE:
        return 8;
    case PROTOBUF_C_TYPE_BOOL:
        return sizeof(protobuf_c_boolean);
    default:
        return 4;
    }
}

static bool is_map_entry(const ProtobufCMessageDescriptor *type)
{
    const size_t size = strlen(type->short_name);

    return size > 5 && strcmp(type->short_name + size - 5, "Entry") == 0 && type->n_fields == 2 &&
           strcmp(type->fields[0].name, "key") == 0 && strcmp(type->fields[1].name, "value") == 0;
}

static ProtobufCMessage *fill(const ProtobufCMessageDescriptor *type, struct filling *filling);

/* Not the default of its type, and another one for each element, in ascending order. */
static void fill_value(const ProtobufCFieldDescriptor *field, char *at, int element,
                       struct filling *filling)
{
    const bool is_zero = filling->variant == ZERO;
    const int value = is_zero ? 0 : (int)field->id % 50 + 1 + element;

    switch (field->type) {
    case PROTOBUF_C_TYPE_STRING:
        *(char **)at = need(100);
        if (!is_zero)
            (void)snprintf(*(char **)at, 100, "%.60s-%d", field->name, element);
        return;
    case PROTOBUF_C_TYPE_BYTES:
        ((ProtobufCBinaryData *)at)->data = need(4);
        ((ProtobufCBinaryData *)at)->len = is_zero ? 0 : 4;
        memcpy(((ProtobufCBinaryData *)at)->data, "\0\xff\"z", 4);
        return;
    case PROTOBUF_C_TYPE_MESSAGE:
        *(ProtobufCMessage **)at = fill(field->descriptor, filling);
        return;
    case PROTOBUF_C_TYPE_ENUM: {
        const ProtobufCEnumDescriptor *type = field->descriptor;

        *(int *)at = type->values[type->n_values - 1].value;
        if (is_zero) /* proto2 may have no such value */
            *(int *)at =
                protobuf_c_enum_descriptor_get_value(type, 0) == NULL ? type->values[0].value : 0;
        return;
    }
    case PROTOBUF_C_TYPE_DOUBLE:
        *(double *)at = value * 1.25;
        return;
    case PROTOBUF_C_TYPE_FLOAT:
        *(float *)at = (float)value * 0.5F;
        return;
    case PROTOBUF_C_TYPE_BOOL:
        *(protobuf_c_boolean *)at = !is_zero;
        return;
    default:
        if (size_of(field) == 8)
            *(int64_t *)at = value * (int64_t)0x100000001;
        else
            *(int32_t *)at = value * 1000;
    }
}

/* A map cannot have a key twice, and there is one key only that is not false. */
static int elements_of(const ProtobufCFieldDescriptor *field)
{
    const ProtobufCMessageDescriptor *type = field->descriptor;

    if (field->type == PROTOBUF_C_TYPE_MESSAGE && is_map_entry(type) &&
        type->fields[0].type == PROTOBUF_C_TYPE_BOOL)
        return 1;
    return 2;
}

static bool is_chosen(const ProtobufCMessageDescriptor *type, unsigned index,
                      struct filling *filling)
{
    const ProtobufCFieldDescriptor *field = &type->fields[index];
    int count = 0, place = 0;

    for (unsigned i = 0; i < type->n_fields; i++) {
        const ProtobufCFieldDescriptor *other = &type->fields[i];

        if (!(other->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) ||
            other->quantifier_offset != field->quantifier_offset)
            continue;
        place = i == index ? count : place;
        count++;
    }
    filling->choices = count > filling->choices ? count : filling->choices;
    return filling->variant % count == place;
}

static void fill_field(ProtobufCMessage *message, unsigned index, struct filling *filling)
{
    const ProtobufCMessageDescriptor *type = message->descriptor;
    const ProtobufCFieldDescriptor *field = &type->fields[index];
    char *at = (char *)message + field->offset,
         *quantifier = (char *)message + field->quantifier_offset;
    const bool is_message = field->type == PROTOBUF_C_TYPE_MESSAGE;

    if (is_message && filling->depth > DEEPEST && !is_map_entry(type))
        return;
    if (field->label == PROTOBUF_C_LABEL_REPEATED) {
        const int count = elements_of(field);

        if (filling->variant == ZERO)
            return;
        *(char **)at = need((size_t)count * size_of(field));
        *(size_t *)quantifier = (size_t)count;
        for (int i = 0; i < count; i++) {
            char *element = *(char **)at + (size_t)i * size_of(field);

            fill_value(field, element, i, filling);
            if (is_message && is_map_entry(field->descriptor)) {
                /* The key is the first field. */
                ProtobufCMessage *entry = *(ProtobufCMessage **)element;

                fill_value(&entry->descriptor->fields[0],
                           (char *)entry + entry->descriptor->fields[0].offset, i, filling);
            }
        }
        return;
    }
    if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) {
        if (!is_chosen(type, index, filling))
            return;
        *(uint32_t *)quantifier = field->id;
    } else if (field->label == PROTOBUF_C_LABEL_OPTIONAL && field->quantifier_offset != 0) {
        *(protobuf_c_boolean *)quantifier = 1;
    }
    fill_value(field, at, 0, filling);
}

static ProtobufCMessage *fill(const ProtobufCMessageDescriptor *type, struct filling *filling)
{
    ProtobufCMessage *message = need(type->sizeof_message);

    protobuf_c_message_init(type, message);
    filling->depth += !is_map_entry(type);
    for (unsigned i = 0; i < type->n_fields; i++)
        fill_field(message, i, filling);
    filling->depth -= !is_map_entry(type);
    return message;
}

static void write_varint(uint64_t value)
{
    for (; value > 127; value >>= 7)
        (void)putchar((int)(value & 127) | 128);
    (void)putchar((int)value);
}

static void write_type(uint32_t number, const ProtobufCMessageDescriptor *type)
{
    struct filling filling = { 0 };

    for (int variant = 0; variant < VARIANTS; variant++) {
        ProtobufCMessage *message;
        uint8_t *bytes;
        size_t size;

        /* As many as there are choices, and one with every value that is its type's default. */
        if (variant != 0 && variant != ZERO && variant >= filling.choices)
            continue;
        filling.variant = variant;
        message = fill(type, &filling);
        size = protobuf_c_message_get_packed_size(message);
        bytes = need(size);
        if (protobuf_c_message_pack(message, bytes) != size)
            abort();
        write_varint(number << 3 | 2);
        write_varint(size);
        (void)fwrite(bytes, 1, size, stdout);
        free(bytes);
    }
}

/* 1: the bytes are not what they were. */
static int compare(const ProtobufCMessageDescriptor *type, size_t size, const uint8_t *bytes)
{
    ProtobufCMessage *message = protobuf_c_message_unpack(type, NULL, size, bytes);
    uint8_t *again;
    size_t new_size;
    int result;

    if (message == NULL) {
        (void)printf("%s cannot be read\n", type->name);
        return 1;
    }
    new_size = protobuf_c_message_get_packed_size(message);
    again = need(new_size);
    (void)protobuf_c_message_pack(message, again);
    result = new_size != size || memcmp(bytes, again, size) != 0 || message->n_unknown_fields != 0;
    if (result)
        (void)printf("%s is not what it was\n", type->name);
    free(again);
    protobuf_c_message_free_unpacked(message, NULL);
    return result;
}

static bool read_varint(uint64_t *ret_value)
{
    int c, shift = 0;

    *ret_value = 0;
    do {
        c = getchar();
        if (c == EOF)
            return false;
        *ret_value |= (uint64_t)(c & 127) << shift;
        shift += 7;
    } while (c & 128);
    return true;
}

static int read_all(void)
{
    uint64_t tag, size;
    int failures = 0, count = 0;

    while (read_varint(&tag) && read_varint(&size)) {
        uint8_t *bytes = need(size);

        if (tag >> 3 > TYPE_COUNT || fread(bytes, 1, size, stdin) != size)
            abort();
        failures += compare(types[(tag >> 3) - 1], size, bytes);
        free(bytes);
        count++;
    }
    (void)printf("%d messages of %zu types read\n", count, TYPE_COUNT);
    return failures != 0 || (size_t)count < 2 * TYPE_COUNT;
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    if (strcmp(argv[1], "read") == 0)
        return read_all();
    if (strcmp(argv[1], "proto") == 0)
        (void)puts("message All {");
    for (uint32_t i = 0; i < TYPE_COUNT; i++) {
        if (strcmp(argv[1], "write") == 0)
            write_type(i + 1, types[i]);
        else
            (void)printf("  repeated .%s m%u = %u;\n", types[i]->name, i + 1, i + 1);
    }
    if (strcmp(argv[1], "proto") == 0)
        (void)puts("}");
    return ferror(stdout) != 0;
}
