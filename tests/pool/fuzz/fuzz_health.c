/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: a fuzzer of how an answer of the health service is read.
 * Used by: tools/check/fuzz.sh health.
 * Must not know: calls and channels.
 */
#include "health.h"

#include "health.pb-c.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool claim)
{
    if (!claim)
        abort();
}

/* What we read by hand is what protobuf-c reads, where both take it; a number that nobody has named is
 * UNKNOWN. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct isa_bytes bytes = { data, size };
    enum isa_health ours = ISA_HEALTH_UNKNOWN;
    bool is_read = isa__health_read(bytes, &ours);
    Grpc__Health__V1__HealthCheckResponse *theirs =
        grpc__health__v1__health_check_response__unpack(NULL, bytes.size_bytes, bytes.data);
    must(!is_read || ours <= ISA_HEALTH_SERVICE_UNKNOWN);
    if (is_read && theirs) {
        unsigned status = (unsigned)theirs->status;
        must((unsigned)ours == (status <= ISA_HEALTH_SERVICE_UNKNOWN ? status : 0));
    }
    must(is_read || ours == ISA_HEALTH_UNKNOWN);
    if (theirs)
        grpc__health__v1__health_check_response__free_unpacked(theirs, NULL);
    return 0;
}
