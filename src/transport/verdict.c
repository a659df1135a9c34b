/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: credentials that refuse every server, and say what is wrong with its certificate.
 * Used by: explain.c, after core has refused the server.
 * Must not know: why it is asked. No connection is ever accepted with these credentials, so a
 * mistake here can cost a good sentence, but let nobody in.
 */
#include "core_tls.h"
#include "explain.h"

#include "profile.h"

#include <grpc/grpc_security.h>
#include <grpc/support/alloc.h>
#include <grpc/support/string_util.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

enum {
    VERDICT_BYTES = 384,
    NAME_BYTES = 128,
    TIME_BYTES = 64,
    SHOWN_CHARS = 96,
    NUMBER_BYTES = 12
};

/* Core's: its memory does not go through the allocator hook, and it may outlive a shutdown. */
struct refuser {
    grpc_tls_certificate_verifier_external external;
    X509_STORE *store;
    atomic_bool is_whole; /* carries it to core's threads, for tools that cannot see into core */
};

static STACK_OF(X509) * read_chain(const char *pem)
{
    STACK_OF(X509) *chain = sk_X509_new_null();
    BIO *bio = BIO_new_mem_buf(pem, -1);
    X509 *one = NULL;
    while (chain && bio && (one = PEM_read_bio_X509_AUX(bio, NULL, NULL, NULL))) {
        if (!sk_X509_push(chain, one))
            X509_free(one);
    }
    BIO_free(bio);
    return chain;
}

/* The common name, or else the whole subject; a peer wrote it. */
static void add_name(struct isa__text *text, X509_NAME *name)
{
    char words[NAME_BYTES] = "";
    if (X509_NAME_get_text_by_NID(name, NID_commonName, words, sizeof words) <= 0)
        X509_NAME_oneline(name, words, sizeof words);
    isa__text_add(text, "'");
    isa__text_add_quoted(text, words, SHOWN_CHARS);
    isa__text_add(text, "'");
}

static void add_time(struct isa__text *text, const ASN1_TIME *time)
{
    char words[TIME_BYTES] = "?";
    BIO *bio = BIO_new(BIO_s_mem());
    if (bio && ASN1_TIME_print(bio, time) == 1) {
        int length = BIO_read(bio, words, sizeof words - 1);
        words[length > 0 ? length : 0] = '\0';
    }
    BIO_free(bio);
    isa__text_add_quoted(text, words, sizeof words);
}

static enum isa_reason write_refusal(struct isa__text *text, X509_STORE_CTX *context)
{
    int error = X509_STORE_CTX_get_error(context);
    X509 *certificate = X509_STORE_CTX_get_current_cert(context);
    bool is_leaf = X509_STORE_CTX_get_error_depth(context) == 0;
    if (!certificate)
        certificate = X509_STORE_CTX_get0_cert(context);
    isa__text_add(text, is_leaf ? "the server's certificate "
                                : "the certificate of the server's authority ");
    add_name(text, X509_get_subject_name(certificate));
    switch (error) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
        isa__text_add(text, " has expired; it was valid until ");
        add_time(text, X509_get0_notAfter(certificate));
        return ISA_REASON_CERT_EXPIRED;
    case X509_V_ERR_CERT_NOT_YET_VALID:
        isa__text_add(text, " is not valid yet; it will be from ");
        add_time(text, X509_get0_notBefore(certificate));
        isa__text_add(text, ": is the clock right?");
        return ISA_REASON_CERT_EXPIRED;
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        isa__text_add(text, " was issued by ");
        add_name(text, X509_get_issuer_name(certificate));
        isa__text_add(text, ", an unknown authority");
        return ISA_REASON_CERT_UNTRUSTED;
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        isa__text_add(text, " vouches for itself, and is an unknown authority");
        return ISA_REASON_CERT_UNTRUSTED;
    default:
        isa__text_add(text, " was refused: %s", X509_verify_cert_error_string(error));
        return ISA_REASON_TLS_REFUSED;
    }
}

static enum isa_reason judge(X509_STORE *store, const char *pem, struct isa__text *text)
{
    enum isa_reason reason = ISA_REASON_TLS_REFUSED;
    STACK_OF(X509) *chain = read_chain(pem);
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    if (!chain || sk_X509_num(chain) == 0 || !context ||
        X509_STORE_CTX_init(context, store, sk_X509_value(chain, 0), chain) != 1) {
        isa__text_add(text, "the server's certificate could not be read");
    } else {
        X509_STORE_CTX_set_default(context, "ssl_server");
        if (X509_verify_cert(context) == 1)
            isa__text_add(text, ISA__TR_VERDICT_GOOD);
        else
            reason = write_refusal(text, context);
    }
    X509_STORE_CTX_free(context);
    sk_X509_pop_free(chain, X509_free);
    ERR_clear_error();
    return reason;
}

static struct refuser *whole(void *user)
{
    struct refuser *refuser = user;
    (void)atomic_load_explicit(&refuser->is_whole, memory_order_acquire);
    return refuser;
}

/* On one of core's threads, when the handshake has come to its end. */
static int refuse(void *user, grpc_tls_custom_verification_check_request *request,
                  grpc_tls_on_custom_verification_check_done_cb callback, void *callback_arg,
                  grpc_status_code *ret_status, char **ret_words)
{
    struct refuser *refuser = whole(user);
    char buffer[VERDICT_BYTES];
    char words[VERDICT_BYTES + sizeof ISA__TR_VERDICT_MARK + NUMBER_BYTES];
    struct isa__text text;
    (void)callback, (void)callback_arg;
    isa__text_init(&text, buffer, sizeof buffer);
    const char *chain = request->peer_info.peer_cert_full_chain;
    enum isa_reason reason =
        judge(refuser->store, chain ? chain : request->peer_info.peer_cert, &text);
    isa__text_init(&text, words, sizeof words);
    isa__text_add(&text, ISA__TR_VERDICT_MARK "%u %s", (unsigned)reason, buffer);
    *ret_status = GRPC_STATUS_UNAUTHENTICATED;
    *ret_words = gpr_strdup(words);
    return 1;
}

static void cancel(void *user, grpc_tls_custom_verification_check_request *request)
{
    (void)user, (void)request; /* it never waits */
}

static void destruct(void *user)
{
    struct refuser *refuser = whole(user);
    X509_STORE_free(refuser->store);
    gpr_free(refuser);
}

/* As core does it: trust what is given, or else the system's authorities. */
static X509_STORE *make_store(const char *roots)
{
    X509_STORE *store = X509_STORE_new();
    if (!store)
        return NULL;
    X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_TRUSTED_FIRST);
    if (!roots) {
        const char *file = getenv(GRPC_DEFAULT_SSL_ROOTS_FILE_PATH_ENV_VAR);
        if (!file || X509_STORE_load_file(store, file) != 1)
            X509_STORE_load_file(store, "/etc/ssl/certs/ca-certificates.crt");
        return store;
    }
    STACK_OF(X509) *chain = read_chain(roots);
    for (int i = 0; i < sk_X509_num(chain); i++)
        X509_STORE_add_cert(store, sk_X509_value(chain, i));
    sk_X509_pop_free(chain, X509_free);
    return store;
}

static grpc_tls_certificate_verifier *make_verifier(const char *roots)
{
    struct refuser *refuser = gpr_zalloc(sizeof *refuser);
    refuser->external =
        (grpc_tls_certificate_verifier_external){ refuser, refuse, cancel, destruct };
    refuser->store = make_store(roots);
    ERR_clear_error();
    atomic_store_explicit(&refuser->is_whole, true, memory_order_release);
    return grpc_tls_certificate_verifier_external_create(&refuser->external);
}

struct grpc_channel_credentials *isa__tr_refusing_credentials(const struct isa__tr_profile *profile)
{
    char unread[VERDICT_BYTES];
    struct isa__text why;
    struct isa__tr_material material;
    isa__text_init(&why, unread, sizeof unread);
    if (isa__tr_material_load(profile, &material, &why) < 0)
        return NULL;
    grpc_tls_credentials_options *options = grpc_tls_credentials_options_create();
    grpc_tls_certificate_verifier *verifier = make_verifier(material.roots);
    /* The verifier looks at the chain itself, to say what core does not; and then refuses it. */
    grpc_tls_credentials_options_set_verify_server_cert(options, 0);
    grpc_tls_credentials_options_set_check_call_host(options, 0);
    grpc_tls_credentials_options_set_certificate_verifier(options, verifier);
    grpc_tls_certificate_verifier_release(verifier);
    if (material.key)
        isa__core_tls_show(options, material.key, material.chain);
    isa__tr_material_free(&material);
    return grpc_tls_credentials_create(options); /* takes the options */
}
