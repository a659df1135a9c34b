/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: bytes, and the metadata of a call: what is sent with it, what the peer sent.
 * Used by: call.h, stream.h; applications.
 * Must not know: calls, grpc-core.
 */
#ifndef ISA_METADATA_H
#define ISA_METADATA_H

#include <isa/export.h>

#include <stdbool.h>
#include <stddef.h>

ISA_BEGIN_DECLS

/** Bytes that somebody else owns. */
struct isa_bytes {
    const void *data;
    size_t size_bytes;
};

/**
 * One entry of metadata to send. The name is lower case: a to z, 0 to 9, '_', '-' and '.'; names
 * that begin with "grpc-" or ':' are gRPC's own. The value of a name that ends in "-bin" may be any
 * bytes; any other is printable ASCII, spaces included.
 */
struct isa_header {
    const char *name;
    struct isa_bytes value;
};

struct isa_metadata; /* what a peer sent; opaque, valid during the callback that shows it */

/**
 * How many entries there are.
 *
 * @param metadata  Metadata, or NULL. Borrowed.
 * @return the number; 0 for NULL
 * @thread loop
 * @since  0.1
 */
ISA_API size_t isa_metadata_count(const struct isa_metadata *metadata);

/**
 * One entry, in the order in which the peer sent them. Values of "-bin" entries are decoded.
 *
 * @param metadata   Metadata, or NULL. Borrowed.
 * @param index      0 to isa_metadata_count() - 1.
 * @param ret_name   Receives the name, lower case, not terminated. May be NULL.
 * @param ret_value  Receives the value. May be NULL.
 * @return false: there is no such entry
 * @thread loop
 * @since  0.1
 */
ISA_API bool isa_metadata_at(const struct isa_metadata *metadata, size_t index,
                             struct isa_bytes *ret_name, struct isa_bytes *ret_value);

/**
 * The first value of a name.
 *
 * @param metadata   Metadata, or NULL. Borrowed.
 * @param name       Lower case.
 * @param ret_value  Receives the value, decoded. May be NULL.
 * @return false: there is no such entry
 * @thread loop
 * @since  0.1
 */
ISA_API bool isa_metadata_get(const struct isa_metadata *metadata, const char *name,
                              struct isa_bytes *ret_value);

ISA_END_DECLS

#endif
