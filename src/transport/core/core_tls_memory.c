/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: a certificate of ours for grpc-core after 1.51.
 * Must not know: why it is shown.
 */
#include "core_tls.h"

void isa__core_tls_show(grpc_tls_credentials_options *options, const char *key_pem,
                        const char *chain_pem)
{
    grpc_tls_identity_pairs *pairs = grpc_tls_identity_pairs_create();
    grpc_tls_identity_pairs_add_pair(pairs, key_pem, chain_pem);
    grpc_tls_certificate_provider *provider = grpc_tls_certificate_provider_in_memory_create();
    grpc_tls_certificate_provider_in_memory_set_identity_certificate(provider, pairs);
    grpc_tls_credentials_options_set_identity_certificate_provider(options, provider);
    grpc_tls_certificate_provider_release(provider);
}
