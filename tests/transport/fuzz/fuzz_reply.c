/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: a fuzzer of what our own code does with a message that came: bytes in pieces, and unpacking.
 * Used by: tools/check/fuzz.sh reply.
 * Must not know: calls and channels.
 *
 * The first byte says in how many pieces the message comes, the second of which type it is to be.
 */
#include "message.h"
#include "packing.h"

#include <protobuf-c/protobuf-c.h>

#include "etcd_kv.pb-c.h"
#include "etcd_watch.pb-c.h"

#include <stdlib.h>
#include <string.h>

enum { PIECES_MAX = 8 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool claim)
{
    if (!claim)
        abort();
}

static grpc_byte_buffer *in_pieces(const uint8_t *data, size_t size, unsigned count)
{
    grpc_slice slices[PIECES_MAX];
    for (unsigned i = 0; i < count; i++) {
        size_t begin = size * i / count;
        size_t end = size * (i + 1) / count;
        slices[i] = grpc_slice_from_copied_buffer((const char *)data + begin, end - begin);
    }
    grpc_byte_buffer *buffer = grpc_raw_byte_buffer_create(slices, count);
    for (unsigned i = 0; i < count; i++)
        grpc_slice_unref(slices[i]);
    return buffer;
}

static uint8_t *pack(const ProtobufCMessage *message, size_t *ret_length)
{
    uint8_t *bytes = malloc(protobuf_c_message_get_packed_size(message) + 1);
    must(bytes);
    *ret_length = protobuf_c_message_pack(message, bytes);
    return bytes;
}

/* What was taken is packed by protobuf-c, taken again, and packed to the same bytes. */
static void compare(const ProtobufCMessageDescriptor *type, struct isa_bytes bytes)
{
    ProtobufCMessage *ours = NULL;
    ProtobufCMessage *again = NULL;
    char why[256];
    struct isa__text text;
    isa__text_init(&text, why, sizeof why);
    int error = isa__message_unpack(type, bytes.data, bytes.size_bytes, &text, &ours);
    if (error) {
        must(error == ISA_EINVAL || error == ISA_ETOOBIG);
        must(strlen(why) > 0);
        return;
    }
    size_t length;
    size_t length_again;
    uint8_t *one = pack(ours, &length);
    must(isa__message_unpack(type, one, length, NULL, &again) == 0);
    uint8_t *other = pack(again, &length_again);
    must(length == length_again && memcmp(one, other, length) == 0);
    free(one);
    free(other);
    isa__message_free(ours);
    isa__message_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const ProtobufCMessageDescriptor *const types[] = {
        &etcdserverpb__range_response__descriptor, &etcdserverpb__watch_response__descriptor,
        &etcdserverpb__put_request__descriptor
    };
    if (size < 2)
        return 0;
    grpc_slice slice;
    grpc_byte_buffer *buffer = in_pieces(data + 2, size - 2, 1 + data[0] % PIECES_MAX);
    struct isa_bytes bytes = isa__tr_unpack(buffer, &slice);
    must(bytes.size_bytes == size - 2 &&
         (bytes.size_bytes == 0 || memcmp(bytes.data, data + 2, size - 2) == 0));
    compare(types[data[1] % (sizeof types / sizeof *types)], bytes);
    grpc_slice_unref(slice);
    grpc_byte_buffer_destroy(buffer);
    return 0;
}
