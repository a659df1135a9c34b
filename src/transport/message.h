/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: between protobuf-c's messages and grpc-core's buffers.
 * Used by: call.c.
 * Must not know: calls and channels.
 */
#ifndef ISA_TR_MESSAGE_H
#define ISA_TR_MESSAGE_H

#include "transport.h"

#include <grpc/byte_buffer.h>

/** The request of a call, packed straight into a buffer of core's. @return 0 or ISA_E* */
int isa__tr_request_pack(const struct isa_unary *unary, grpc_byte_buffer **ret_request);

#endif
