/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: grpc.health.v1's two messages on the wire, and the names of what they say.
 * Used by: health.c, applications for the names.
 * Must not know: calls. What it reads comes from a peer that may lie.
 */
#include "health.h"

#include <string.h>

enum { WIRE_VARINT = 0, WIRE_64 = 1, WIRE_BYTES = 2, WIRE_32 = 5, VARINT_BYTES_MAX = 10 };

enum { FIELD_STATUS = 1, FIELD_MAX = 0x1fffffff };

struct reader {
    const uint8_t *at;
    const uint8_t *end;
};

const char *isa_health_name(enum isa_health health)
{
    switch (health) {
    case ISA_HEALTH_UNKNOWN:
        return "UNKNOWN";
    case ISA_HEALTH_SERVING:
        return "SERVING";
    case ISA_HEALTH_NOT_SERVING:
        return "NOT_SERVING";
    case ISA_HEALTH_SERVICE_UNKNOWN:
        return "SERVICE_UNKNOWN";
    case ISA_HEALTH_UNIMPLEMENTED:
        return "UNIMPLEMENTED";
    }
    return "?";
}

bool isa_health_is_good(enum isa_health health)
{
    return health == ISA_HEALTH_SERVING || health == ISA_HEALTH_UNIMPLEMENTED;
}

size_t isa__health_pack(const char *service, uint8_t ret_bytes[ISA__HEALTH_REQUEST_MAX])
{
    size_t length = strlen(service);
    size_t at = 0;
    if (length == 0)
        return 0;
    ret_bytes[at++] = FIELD_STATUS << 3 | WIRE_BYTES; /* the service's name has the same number */
    if (length >= 0x80)
        ret_bytes[at++] = (uint8_t)(length | 0x80);
    ret_bytes[at++] = (uint8_t)(length >= 0x80 ? length >> 7 : length);
    memcpy(ret_bytes + at, service, length); /* NOLINT(bugprone-not-null-terminated-result) */
    return at + length;
}

static bool read_varint(struct reader *reader, uint64_t *ret_value)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < VARINT_BYTES_MAX && reader->at < reader->end; i++) {
        uint8_t byte = *reader->at++;
        value |= (uint64_t)(byte & 0x7f) << (7 * i);
        if (byte < 0x80) {
            *ret_value = value;
            return i < VARINT_BYTES_MAX - 1 || byte < 2; /* more does not fit 64 bits */
        }
    }
    return false;
}

static bool skip(struct reader *reader, uint64_t size_bytes)
{
    if (size_bytes > (uint64_t)(reader->end - reader->at))
        return false;
    reader->at += size_bytes;
    return true;
}

static bool skip_field(struct reader *reader, uint64_t wire)
{
    uint64_t value = 0;
    switch (wire) {
    case WIRE_VARINT:
        return read_varint(reader, &value);
    case WIRE_64:
        return skip(reader, 8);
    case WIRE_BYTES:
        return read_varint(reader, &value) && skip(reader, value);
    case WIRE_32:
        return skip(reader, 4);
    default: /* groups are of another time, and the rest never was */
        return false;
    }
}

bool isa__health_read(struct isa_bytes bytes, enum isa_health *ret_health)
{
    struct reader reader = { bytes.data, NULL };
    uint64_t status = 0, tag = 0;
    if (bytes.size_bytes)
        reader.end = reader.at + bytes.size_bytes;
    while (reader.at && reader.at < reader.end) {
        if (!read_varint(&reader, &tag) || tag >> 3 == 0 || tag >> 3 > FIELD_MAX)
            return false;
        bool is_status = tag == (FIELD_STATUS << 3 | WIRE_VARINT);
        if (is_status ? !read_varint(&reader, &status) : !skip_field(&reader, tag & 7))
            return false;
    }
    /* A number of a later version says nothing that we know. */
    *ret_health =
        status <= ISA_HEALTH_SERVICE_UNKNOWN ? (enum isa_health)status : ISA_HEALTH_UNKNOWN;
    return true;
}
