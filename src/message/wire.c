/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the wire format's parts: numbers, tags, lengths, groups; and what UTF-8 is.
 * Must not know: fields, structs.
 */
#include "wire.h"

#include "message.h"

bool isa__wire_varint(struct span *s, uint64_t *ret)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 70 && s->at < s->end; shift += 7) {
        uint8_t byte = *s->at++;
        value |= shift < 64 ? (uint64_t)(byte & 0x7f) << shift : 0;
        if (byte < 0x80) {
            *ret = value;
            return true;
        }
    }
    return false;
}

/* A tag has 32 bits, in 5 bytes at most. */
bool isa__wire_tag(struct span *s, uint32_t *ret_id, enum wire *ret_wire)
{
    const uint8_t *begin = s->at;
    uint64_t tag;
    if (!isa__wire_varint(s, &tag) || tag > UINT32_MAX || s->at - begin > 5)
        return false;
    *ret_id = (uint32_t)tag >> 3;
    *ret_wire = (enum wire)(tag & 7);
    return *ret_id != 0 && *ret_wire <= WIRE_FIXED32;
}

bool isa__wire_bytes(struct span *s, size_t size_bytes, struct span *ret)
{
    if (size_bytes > (size_t)(s->end - s->at))
        return false;
    *ret = (struct span){ s->at, s->at + size_bytes };
    s->at += size_bytes;
    return true;
}

bool isa__wire_length(struct span *s, struct span *ret)
{
    uint64_t length;
    return isa__wire_varint(s, &length) && length <= SIZE_MAX &&
           isa__wire_bytes(s, (size_t)length, ret);
}

static bool skip_group(struct span *s, uint32_t id, unsigned depth);

bool isa__wire_skip(struct span *s, uint32_t id, enum wire wire, unsigned depth)
{
    struct span unused;
    uint64_t number;
    switch (wire) {
    case WIRE_VARINT:
        return isa__wire_varint(s, &number);
    case WIRE_FIXED64:
        return isa__wire_bytes(s, 8, &unused);
    case WIRE_FIXED32:
        return isa__wire_bytes(s, 4, &unused);
    case WIRE_LENGTH:
        return isa__wire_length(s, &unused);
    case WIRE_GROUP:
        return depth < ISA__MESSAGE_DEPTH && skip_group(s, id, depth + 1);
    case WIRE_END_GROUP:
        break;
    }
    return false;
}

static bool skip_group(struct span *s, uint32_t id, unsigned depth)
{
    uint32_t inner;
    enum wire wire;
    while (isa__wire_tag(s, &inner, &wire)) {
        if (wire == WIRE_END_GROUP)
            return inner == id;
        if (!isa__wire_skip(s, inner, wire, depth))
            return false;
    }
    return false;
}

/* RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF. */
bool isa__wire_is_utf8(const uint8_t *at, const uint8_t *end)
{
    while (at < end) {
        unsigned more = *at < 0x80   ? 0
                        : *at < 0xc2 ? 4
                        : *at < 0xe0 ? 1
                        : *at < 0xf0 ? 2
                        : *at < 0xf5 ? 3
                                     : 4;
        if (more == 4 || (size_t)(end - at) <= more)
            return false;
        if (more >= 2 && ((at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xed && at[1] > 0x9f) ||
                          (at[0] == 0xf0 && at[1] < 0x90) || (at[0] == 0xf4 && at[1] > 0x8f)))
            return false;
        for (unsigned i = 1; i <= more; i++) {
            if ((at[i] & 0xc0) != 0x80)
                return false;
        }
        at += more + 1;
    }
    return true;
}
