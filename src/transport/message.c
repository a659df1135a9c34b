/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: packing and unpacking of messages.
 * Used by: call.c, unary.c, stream.c; the pool, for replies.
 * Must not know: calls and channels.
 */
#include "message.h"

#include <grpc/byte_buffer_reader.h>
#include <protobuf-c/protobuf-c.h>
#include <string.h>

enum { MESSAGE_MAX = INT32_MAX }; /* gRPC's length prefix has 32 bits, core counts in int */

static void *pb_alloc(void *unused, size_t size_bytes)
{
    (void)unused;
    return isa__alloc(size_bytes);
}

static void pb_free(void *unused, void *memory)
{
    (void)unused;
    isa__free(memory);
}

static ProtobufCAllocator allocator = { pb_alloc, pb_free, NULL };

int isa__tr_pack(const struct ProtobufCMessage *message, struct isa_bytes bytes,
                 grpc_byte_buffer **ret_buffer)
{
    size_t size_bytes = bytes.size_bytes;
    if (message) {
        if (!protobuf_c_message_check(message))
            return ISA_EINVAL;
        size_bytes = protobuf_c_message_get_packed_size(message);
    }
    if (size_bytes > MESSAGE_MAX)
        return ISA_ETOOBIG;
    grpc_slice slice = grpc_slice_malloc(size_bytes);
    if (message)
        protobuf_c_message_pack(message, GRPC_SLICE_START_PTR(slice));
    else if (size_bytes)
        memcpy(GRPC_SLICE_START_PTR(slice), bytes.data, size_bytes);
    *ret_buffer = grpc_raw_byte_buffer_create(&slice, 1);
    grpc_slice_unref(slice);
    return 0;
}

struct isa_bytes isa__tr_unpack(grpc_byte_buffer *buffer, grpc_slice *ret_slice)
{
    grpc_byte_buffer_reader reader;
    grpc_slice *first = NULL;
    *ret_slice = grpc_empty_slice();
    if (!buffer || !grpc_byte_buffer_reader_init(&reader, buffer))
        return (struct isa_bytes){ 0 };
    size_t length = grpc_byte_buffer_length(buffer);
    if (grpc_byte_buffer_reader_peek(&reader, &first) && GRPC_SLICE_LENGTH(*first) == length) {
        *ret_slice = grpc_slice_ref(*first);
    } else if (length) {
        grpc_byte_buffer_reader_destroy(&reader);
        grpc_byte_buffer_reader_init(&reader, buffer);
        *ret_slice = grpc_byte_buffer_reader_readall(&reader);
    }
    grpc_byte_buffer_reader_destroy(&reader);
    return (struct isa_bytes){ GRPC_SLICE_START_PTR(*ret_slice), GRPC_SLICE_LENGTH(*ret_slice) };
}

struct ProtobufCMessage *isa__tr_message_unpack(const struct ProtobufCMessageDescriptor *type,
                                                struct isa_bytes bytes)
{
    return protobuf_c_message_unpack(type, &allocator, bytes.size_bytes, bytes.data);
}

void isa__tr_message_free(struct ProtobufCMessage *message)
{
    if (message)
        protobuf_c_message_free_unpacked(message, &allocator);
}
