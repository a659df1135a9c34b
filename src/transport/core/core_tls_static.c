/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: a certificate of ours for grpc-core 1.51.
 * Must not know: why it is shown.
 */
#include "core_tls.h"

void isa__core_tls_show(grpc_tls_credentials_options *options, const char *key_pem,
                        const char *chain_pem)
{
    grpc_tls_identity_pairs *pairs = grpc_tls_identity_pairs_create();
    grpc_tls_identity_pairs_add_pair(pairs, key_pem, chain_pem);
    grpc_tls_certificate_provider *provider =
        grpc_tls_certificate_provider_static_data_create(NULL, pairs); /* takes the pairs */
    grpc_tls_credentials_options_set_certificate_provider(options, provider);
    grpc_tls_credentials_options_watch_identity_key_cert_pairs(options);
    grpc_tls_certificate_provider_release(provider);
}
