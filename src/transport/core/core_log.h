/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the seam to grpc-core's log, which not every version lets us have.
 * Must not know: what is logged.
 */
#ifndef ISA_TR_CORE_LOG_H
#define ISA_TR_CORE_LOG_H

/** Send core's log to the log hook, quoted. core_log_gpr.c: to 1.51; core_log_absl.c: later versions, whose log is
 *  of C++ alone: core writes its errors to stderr there, unless GRPC_VERBOSITY says otherwise. */
void isa__core_log_start(void);
void isa__core_log_stop(void);

#endif
