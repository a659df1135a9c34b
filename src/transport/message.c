/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: packing and unpacking of messages.
 * Used by: call.c, unary.c, stream.c; the pool, for replies.
 * Must not know: calls and channels.
 */
#include "message.h"

#include <grpc/byte_buffer_reader.h>
#include <protobuf-c/protobuf-c.h>
#include <stddef.h>
#include <string.h>

enum { MESSAGE_MAX = INT32_MAX }; /* gRPC's length prefix has 32 bits, core counts in int */

/* An unpacked message lies in one block, or a few: it is given back as a whole. */
struct block {
    struct block *next;
    size_t size_bytes;
    size_t used_bytes;
    max_align_t memory[];
};

/* What to begin with: a message in C is larger than on the wire, by pointers and padding. What is
 * large gets a block of its own, just as large. */
enum { SLACK_BYTES = 256, GROWTH = 3, FIRST_MAX_BYTES = 4096 };

static struct block *make_block(size_t size_bytes)
{
    struct block *block = isa__alloc(sizeof *block + size_bytes);
    if (block)
        block->size_bytes = size_bytes;
    return block;
}

static void free_blocks(struct block *block)
{
    while (block) {
        struct block *next = block->next;
        isa__free(block);
        block = next;
    }
}

static void *pb_alloc(void *arena, size_t size_bytes)
{
    struct block *first = arena;
    struct block *block = first->next ? first->next : first; /* the newest is second */
    if (size_bytes > SIZE_MAX - sizeof(max_align_t))
        return NULL;
    size_bytes = (size_bytes + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);
    if (size_bytes > block->size_bytes - block->used_bytes) {
        size_t wanted = block->size_bytes * 2;
        block = make_block(size_bytes > wanted ? size_bytes : wanted);
        if (!block)
            return NULL;
        block->next = first->next;
        first->next = block;
    }
    void *memory = (char *)block->memory + block->used_bytes;
    block->used_bytes += size_bytes;
    return memory;
}

static void pb_free(void *arena, void *memory)
{
    (void)arena, (void)memory; /* with all the rest */
}

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

struct ProtobufCMessage *isa__tr_message_unpack(const struct ProtobufCMessageDescriptor *type,
                                                struct isa_bytes bytes)
{
    size_t guess =
        bytes.size_bytes < FIRST_MAX_BYTES / GROWTH ? bytes.size_bytes * GROWTH : FIRST_MAX_BYTES;
    struct block *first = make_block(type->sizeof_message + guess + SLACK_BYTES);
    if (!first)
        return NULL;
    ProtobufCAllocator arena = { pb_alloc, pb_free, first };
    struct ProtobufCMessage *message =
        protobuf_c_message_unpack(type, &arena, bytes.size_bytes, bytes.data);
    /* protobuf-c makes the message before its parts, so it is found where the block begins. */
    if (message && (void *)message == (void *)first->memory)
        return message;
    free_blocks(first);
    return NULL;
}

void isa__tr_message_free(struct ProtobufCMessage *message)
{
    if (message)
        free_blocks(isa__container(message, struct block, memory));
}
