/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: requests packed into core's slices, and a reply's bytes in one piece.
 * Must not know: calls and channels.
 */
#include "packing.h"

#include <grpc/byte_buffer_reader.h>
#include <protobuf-c/protobuf-c.h>
#include <string.h>

enum { MESSAGE_MAX = INT32_MAX }; /* gRPC's length prefix has 32 bits, core counts in int */

int isa__tr_pack(const struct ProtobufCMessage *message, struct isa_bytes bytes,
                 grpc_slice *ret_slice)
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
    *ret_slice = slice;
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
