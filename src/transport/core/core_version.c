/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the numbers of the versions of grpc-core that are known.
 * Must not know: what differs between them.
 */
#include "core_version.h"

#include "base.h"

#include <grpc/grpc.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { NUMBER_1_51 = 29, NUMBER_1_83 = 56 };

enum isa__core_version isa__core_version_of(const char *string)
{
    long number = strtol(string, NULL, 10);
    return number == NUMBER_1_51   ? ISA__CORE_1_51
           : number == NUMBER_1_83 ? ISA__CORE_1_83
                                   : ISA__CORE_UNKNOWN;
}

enum isa__core_version isa__core_version(void)
{
    return isa__core_version_of(grpc_version_string());
}

void isa__core_version_warn(void)
{
    static atomic_bool has_warned;
    if (isa__core_version() != ISA__CORE_UNKNOWN || atomic_exchange(&has_warned, true))
        return;
    isa__log(
        ISA_LOG_WARNING,
        "grpc-core %s is not known to this library: reasons may be `other`, and no call is sent "
        "again because of what core says",
        grpc_version_string());
}
