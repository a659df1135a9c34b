/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: packing and unpacking of messages.
 * Used by: call.c; the pool, for replies.
 * Must not know: calls and channels.
 */
#include "message.h"

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

int isa__tr_request_pack(const struct isa_unary *unary, grpc_byte_buffer **ret_request)
{
    size_t size_bytes = unary->request_bytes.size_bytes;
    if (unary->request) {
        if (!protobuf_c_message_check(unary->request))
            return ISA_EINVAL;
        size_bytes = protobuf_c_message_get_packed_size(unary->request);
    }
    if (size_bytes > MESSAGE_MAX)
        return ISA_ETOOBIG;
    grpc_slice slice = grpc_slice_malloc(size_bytes);
    if (unary->request)
        protobuf_c_message_pack(unary->request, GRPC_SLICE_START_PTR(slice));
    else if (size_bytes)
        memcpy(GRPC_SLICE_START_PTR(slice), unary->request_bytes.data, size_bytes);
    *ret_request = grpc_raw_byte_buffer_create(&slice, 1);
    grpc_slice_unref(slice);
    return 0;
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
