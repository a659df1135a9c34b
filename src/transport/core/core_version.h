/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: which grpc-core this process runs on, as far as its behaviour differs.
 * Must not know: channels and calls.
 */
#ifndef ISA_TR_CORE_VERSION_H
#define ISA_TR_CORE_VERSION_H

/** Versions whose texts were looked at. Core's own numbers: 29 is gRPC 1.51, 56 is gRPC 1.83. */
enum isa__core_version {
    ISA__CORE_UNKNOWN, /* its texts are not relied on: nothing is sent twice because of them */
    ISA__CORE_1_51,
    ISA__CORE_1_83,
};

/** Of grpc_version_string(), as in "29.0.0". */
enum isa__core_version isa__core_version_of(const char *string);
/** Of the core in this process. Any thread. */
enum isa__core_version isa__core_version(void);
/** Log one warning, once in a process, when it is unknown. */
void isa__core_version_warn(void);

#endif
