/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: grpc-core's monotonic clock beside ours, from which it can differ by seconds (1.83: 5 s).
 * Must not know: what the times are for.
 */
#ifndef ISA_TR_CORE_CLOCK_H
#define ISA_TR_CORE_CLOCK_H

#include <grpc/support/time.h>
#include <stdint.h>

/** Compare the clocks. Core is initialised; before any deadline is asked for. */
void isa__core_clock_start(void);
/** A time of isa__now_us() as core counts it; UINT64_MAX: never. Any thread. */
gpr_timespec isa__core_deadline(uint64_t deadline_us);

#endif
