/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: protobuf-c's own options in a .proto, which descriptor.proto does not know: they are unknown
 *       fields of the descriptors' options.
 * Called by: what has to name things as protobuf-c does.
 * Must not know: what C is written.
 */
#include "option.h"

#include "wire.h"

#include <string.h>

enum { PB_C = 1019 };                                   /* (pb_c_file), (pb_c_msg), (pb_c_field) */
enum { NO_GENERATE = 1, C_PACKAGE = 6 };                /* of ProtobufCFileOptions */
enum { STRING_AS_BYTES = 1 };                           /* of ProtobufCFieldOptions */
enum { BASE_FIELD_NAME = 3, BASE_FIELD_NAME_TAG = 26 }; /* of ProtobufCMessageOptions */

/* The last value wins, as in every message. */
static bool find_option(const ProtobufCMessage *options, uint32_t number, uint64_t *ret_value,
                        struct pgi_reader *ret_bytes)
{
    bool is_found = false;

    for (unsigned i = 0; i < options->n_unknown_fields; i++) {
        const ProtobufCMessageUnknownField *unknown = &options->unknown_fields[i];
        struct pgi_reader reader = { unknown->data, unknown->data + unknown->len };
        uint32_t found, wire_type = 0;
        struct pgi_reader bytes = { 0 };
        uint64_t value = 0;

        if (unknown->tag != PB_C || unknown->wire_type != PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED ||
            !pgi_read_varint(&reader, &value))
            continue;
        while (pgi_read_field(&reader, &found, &wire_type, &value, &bytes)) {
            if (found != number)
                continue;
            is_found = true;
            *ret_value = value;
            *ret_bytes = bytes;
        }
    }
    return is_found;
}

static const char *find_text(struct pgi_arena *arena, const ProtobufCMessage *options,
                             uint32_t number)
{
    struct pgi_reader bytes = { 0 };
    uint64_t value = 0;

    if (options == NULL || !find_option(options, number, &value, &bytes) || bytes.at == NULL)
        return NULL;
    return pgi_copy(arena, (const char *)bytes.at, (size_t)(bytes.end - bytes.at));
}

bool pgi_has_no_c(const pgi_file *file)
{
    struct pgi_reader bytes = { 0 };
    uint64_t value = 0;

    return file->options != NULL &&
           find_option(&file->options->base, NO_GENERATE, &value, &bytes) && value != 0;
}

const char *pgi_c_package(struct pgi_arena *arena, const pgi_file *file)
{
    return file->options == NULL ? NULL : find_text(arena, &file->options->base, C_PACKAGE);
}

bool pgi_is_string_as_bytes(const pgi_field *field)
{
    struct pgi_reader bytes = { 0 };
    uint64_t value = 0;

    return field->options != NULL &&
           find_option(&field->options->base, STRING_AS_BYTES, &value, &bytes) && value != 0;
}

const char *pgi_base_member(struct pgi_arena *arena, const pgi_message *message)
{
    const char *name = message->options == NULL
                           ? NULL
                           : find_text(arena, &message->options->base, BASE_FIELD_NAME);

    return name == NULL ? "base" : name;
}

void pgi_set_base_member(struct pgi_arena *arena, pgi_message *message, const char *name)
{
    const size_t size = strlen(name), count = 3 + size;
    ProtobufCMessageUnknownField *fields;
    ProtobufCMessage *options;
    /* The length of what follows, then the field; a name is shorter than 126 bytes. */
    char *data = pgi_format(arena, "%c%c%c%s", (int)size + 2, BASE_FIELD_NAME_TAG, (int)size, name);

    if (message->options == NULL) {
        message->options = pgi_alloc(arena, sizeof(*message->options));
        google__protobuf__message_options__init(message->options);
    }
    options = &message->options->base;
    fields = pgi_alloc(arena, (options->n_unknown_fields + 1) * sizeof(*fields));
    if (options->n_unknown_fields > 0)
        memcpy(fields, options->unknown_fields, options->n_unknown_fields * sizeof(*fields));
    fields[options->n_unknown_fields] =
        (ProtobufCMessageUnknownField){ PB_C, PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED, count,
                                        (uint8_t *)data };
    options->unknown_fields = fields;
    options->n_unknown_fields++;
}
