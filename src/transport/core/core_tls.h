/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the seam to how grpc-core is given a certificate of ours from memory.
 * Must not know: why it is shown.
 */
#ifndef ISA_TR_CORE_TLS_H
#define ISA_TR_CORE_TLS_H

#include <grpc/grpc_security.h>

/** Show this certificate. core_tls_static.c: 1.51; core_tls_memory.c: later versions. */
void isa__core_tls_show(grpc_tls_credentials_options *options, const char *key_pem,
                        const char *chain_pem);

#endif
