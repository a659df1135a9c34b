/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: whether bytes are a message of a type at all, and if not, where and why.
 * Used by: generate.c, option.c.
 * Must not know: what a message is for.
 */
#ifndef PGI_WIRE_H
#define PGI_WIRE_H

#include "arena.h"

#include <stdbool.h>
#include <stdint.h>

struct pgi_reader {
    const uint8_t *at, *end;
};

/** @return false: there is no whole number; nothing was read */
bool pgi_read_varint(struct pgi_reader *reader, uint64_t *ret_value);
/** Read one field of any kind. Of a number, ret_value; of bytes, ret_bytes.
 *  @return false: there is no whole field */
bool pgi_read_field(struct pgi_reader *reader, uint32_t *ret_number, uint32_t *ret_wire_type,
                    uint64_t *ret_value, struct pgi_reader *ret_bytes);
/** protobuf-c says only that it cannot unpack, and takes any depth of nesting.
 *  @return NULL, or what is wrong */
const char *pgi_wire_fault(struct pgi_arena *arena, const ProtobufCMessageDescriptor *type,
                           const uint8_t *bytes, size_t size);

#endif
