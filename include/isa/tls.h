/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: the settings of TLS: whom we trust, who we are, whom we expect.
 * Used by: options.h, in whose struct they are given.
 * Must not know: handles, grpc-core, libssl.
 */
#ifndef ISA_TLS_H
#define ISA_TLS_H

#include <isa/export.h>

#include <stddef.h>

ISA_BEGIN_DECLS

/**
 * TLS for a connection, and what docs/SECURITY.md says of it. Start from ISA_TLS_OPTIONS_INIT; all
 * zero is TLS with the system's authorities and no certificate of our own.
 *
 * Everything is copied; private keys are wiped when the last handle with them has gone, and are
 * never logged. What comes from files is read anew for each attempt to connect, so a file that was
 * replaced counts from then on; isa_conn_renew() makes that now. A file that is missing, half-written
 * or does not fit the others fails the attempt with the reason `credentials` and a text that names it.
 */
struct isa_tls_options {
    size_t size; /* Required. sizeof(struct isa_tls_options) */
    /* Optional. Authorities that may vouch for the server: PEM certificates, from a file or from
     * memory, not both, at most 4 MiB. Default: the file that the environment names in
     * GRPC_DEFAULT_SSL_ROOTS_FILE_PATH, else the system's (Debian's
     * /etc/ssl/certs/ca-certificates.crt); grpc-core reads these once per process. */
    const char *roots_file;
    const char *roots_pem;
    /* Optional. Our certificate, then those between it and its authority: PEM, from a file or from
     * memory. Needs a key. Default: none, the server cannot tell who we are. */
    const char *chain_file;
    const char *chain_pem;
    /* Optional. The private key of the certificate: PEM without a passphrase. */
    const char *key_file;
    const char *key_pem;
    /* Optional. The name that the server's certificate must bear, and that it is asked for (SNI),
     * when that is not the host of the target; needed with several addresses in a target.
     * At most 253 characters. */
    const char *server_name;
};

#define ISA_TLS_OPTIONS_INIT                                                                       \
    {                                                                                              \
        sizeof(struct isa_tls_options), 0, 0, 0, 0, 0, 0, 0                                        \
    }

ISA_END_DECLS

#endif
