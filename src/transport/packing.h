/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: between protobuf-c's messages, bytes, metadata and grpc-core's buffers.
 * Used by: call.c, unary.c, stream.c.
 * Must not know: calls and channels.
 */
#ifndef ISA_TR_PACKING_H
#define ISA_TR_PACKING_H

#include "transport.h"

#include <grpc/byte_buffer.h>
#include <grpc/grpc.h>

/** What <isa/metadata.h> calls metadata: what core gave. */
struct isa_metadata {
    grpc_metadata_array array;
};

/** Metadata to send. */
struct isa__tr_headers {
    grpc_metadata *entries;
    size_t count;
    bool is_authorized; /* the last entry is "authorization", set late */
};

/** A message, packed straight into a slice of core's. @return 0 or ISA_E* */
int isa__tr_pack(const struct ProtobufCMessage *message, struct isa_bytes bytes,
                 grpc_slice *ret_slice);
/**
 * The bytes of a buffer in one piece: core's own when they are, else a copy.
 *
 * @param ret_slice  Receives what they lie in; unref it when they are no longer needed.
 */
struct isa_bytes isa__tr_unpack(grpc_byte_buffer *buffer, grpc_slice *ret_slice);

/** Copies; `compression` and the program's headers in one list. @return 0 or ISA_E* */
int isa__tr_headers_make(const struct isa__tr_call_spec *spec, struct isa__tr_headers *ret_headers);
void isa__tr_headers_free(struct isa__tr_headers *headers);

#endif
