/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the door of the message room: from bytes of a peer to protobuf-c's structs.
 * Must not know: calls, grpc-core. Pure: no I/O, no clock.
 */
#ifndef ISA_MESSAGE_ROOM_H
#define ISA_MESSAGE_ROOM_H

#include "base.h"

struct ProtobufCMessage;
struct ProtobufCMessageDescriptor;

enum {
    ISA__MESSAGE_DEPTH = 100, /* messages inside messages; protobuf's own default */
    ISA__MESSAGE_GROWTH = 16, /* memory for a message, as a multiple of its bytes, but at least */
    ISA__MESSAGE_FLOOR =
        1 << 26 /* this much, bytes: structs are larger than what they are made from */
};

/**
 * Make a message from bytes, by the rules of the protobuf specification: the last value wins, a message that
 * comes again is merged, also in a oneof; packed and unpacked are the same; what is not known, or of another
 * wire type, is kept among the unknown fields, groups too.
 *
 * A string must be UTF-8 in a message of proto3, and must not hold a NUL, which a C string cannot. An enum of
 * proto2 keeps values that it does not name among the unknown fields. protobuf-c's descriptors do not say which of
 * both a message is: one with a plain field is of proto3, one with an optional or required field of proto2, any
 * other is taken for proto3 without its check of strings.
 *
 * Time is linear in the bytes. The stack is bounded by ISA__MESSAGE_DEPTH, the heap as said there.
 *
 * @param why          Receives one sentence when it fails: the message, the field, the offset. May be NULL.
 * @param ret_message  Free with isa__message_free().
 * @return 0, or  ISA_EINVAL   the bytes are not such a message
 *                ISA_ETOOBIG  it is nested too deep, or takes too much memory
 *                ISA_ENOMEM   out of memory
 */
int isa__message_unpack(const struct ProtobufCMessageDescriptor *type, const void *data,
                        size_t size_bytes, struct isa__text *why,
                        struct ProtobufCMessage **ret_message);
/** All of it. NULL is fine. */
void isa__message_free(struct ProtobufCMessage *message);

#endif
