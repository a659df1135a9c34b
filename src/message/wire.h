/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: reading the parts of the wire format, https://protobuf.dev/programming-guides/encoding.
 * Must not know: fields, structs.
 */
#ifndef ISA_MESSAGE_WIRE_H
#define ISA_MESSAGE_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum wire {
    WIRE_VARINT,
    WIRE_FIXED64,
    WIRE_LENGTH,
    WIRE_GROUP,
    WIRE_END_GROUP,
    WIRE_FIXED32,
};

/** What is left of a message that is being read. */
struct span {
    const uint8_t *at;
    const uint8_t *end;
};

/* Each takes what it reads from the front of the span; false: it is not there whole, or is no such thing. */
bool isa__wire_varint(struct span *s, uint64_t *ret);
/** A field number that is not 0, and a wire type that exists. */
bool isa__wire_tag(struct span *s, uint32_t *ret_id, enum wire *ret_wire);
bool isa__wire_bytes(struct span *s, size_t size_bytes, struct span *ret);
/** A length, and that many bytes. */
bool isa__wire_length(struct span *s, struct span *ret);
/** A value of any wire type, behind its tag; depth: of messages and groups around it. */
bool isa__wire_skip(struct span *s, uint32_t id, enum wire wire, unsigned depth);

bool isa__wire_is_utf8(const uint8_t *at, const uint8_t *end);

#endif
