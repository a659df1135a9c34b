/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the few bytes of grpc.health.v1's messages.
 * Used by: health.c and its test.
 * Must not know: calls.
 */
#ifndef ISA_POOL_HEALTH_H
#define ISA_POOL_HEALTH_H

#include <isa/health.h>

#include <stdint.h>

enum {
    ISA__HEALTH_SERVICE_MAX = 1024,
    ISA__HEALTH_REQUEST_MAX = ISA__HEALTH_SERVICE_MAX + 3, /* a tag, and a length of two bytes */
};

/** Pack a HealthCheckRequest. @return its bytes */
size_t isa__health_pack(const char *service, uint8_t ret_bytes[ISA__HEALTH_REQUEST_MAX]);
/** Read a HealthCheckResponse. @return false: malformed, ret_health is untouched */
bool isa__health_read(struct isa_bytes bytes, enum isa_health *ret_health);

#endif
