/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns: certificates and keys as they are now: reading the files, and seeing that all is whole and
 * fits together before grpc-core, which says nothing of what is wrong, gets it.
 * Used by: credentials.c and explain.c for each attempt; profile.c for what is in memory.
 * Must not know: channels. No word of a key goes into a text.
 */
#include "profile.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SHOWN_CHARS = 128 };

/* "tls.chain_file '/etc/x.pem'", or "tls.chain_pem". */
static void add_name(struct isa__text *why, const struct isa__tr_pem *pem)
{
    isa__text_add(why, "tls.%s_%s", pem->name, pem->file ? "file" : "pem");
    if (!pem->file)
        return;
    isa__text_add(why, " '");
    isa__text_add_quoted(why, pem->file, SHOWN_CHARS);
    isa__text_add(why, "'");
}

static int refuse(struct isa__text *why, const struct isa__tr_pem *pem, const char *what)
{
    add_name(why, pem);
    isa__text_add(why, ": %s", what);
    return ISA_EINVAL;
}

static void wipe(char *text)
{
    if (text)
        OPENSSL_cleanse(text, strlen(text));
    isa__free(text);
}

/* As many bytes as there are, at most size_bytes. @return how many, or -1 and errno */
static ssize_t read_all(int fd, char *to, size_t size_bytes)
{
    size_t length = 0;
    while (length < size_bytes) {
        ssize_t got = read(fd, to + length, size_bytes - length);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        length += (size_t)got;
    }
    return (ssize_t)length;
}

static int read_open_file(int fd, const struct isa__tr_pem *pem, char **ret_text,
                          struct isa__text *why)
{
    struct stat status;
    if (fstat(fd, &status) < 0)
        return refuse(why, pem, strerror(errno));
    if (!S_ISREG(status.st_mode))
        return refuse(why, pem, "not a regular file");
    if (status.st_size > ISA__TR_PEM_MAX_BYTES)
        return refuse(why, pem, "larger than 4 MiB");
    size_t size_bytes = (size_t)status.st_size;
    char *text = isa__alloc(size_bytes + 1);
    if (!text)
        return ISA_ENOMEM;
    ssize_t length = read_all(fd, text, size_bytes);
    int error = 0;
    if (length < 0)
        error = refuse(why, pem, strerror(errno));
    else if (memchr(text, '\0', (size_t)length))
        error = refuse(why, pem, "it has a zero byte: PEM is text");
    if (error) {
        OPENSSL_cleanse(text, size_bytes);
        isa__free(text);
        return error;
    }
    *ret_text = text;
    return 0;
}

static int read_pem(const struct isa__tr_pem *pem, char **ret_text, struct isa__text *why)
{
    *ret_text = NULL;
    if (pem->text) {
        *ret_text = isa__strdup(pem->text);
        return *ret_text ? 0 : ISA_ENOMEM;
    }
    if (!pem->file)
        return 0;
    int fd = open(pem->file, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe must not hold us up */
    if (fd < 0)
        return refuse(why, pem, strerror(errno));
    int error = read_open_file(fd, pem, ret_text, why);
    close(fd);
    return error;
}

static unsigned count_of(const char *text, const char *words)
{
    unsigned count = 0;
    for (const char *at = strstr(text, words); at; at = strstr(at + 1, words))
        count++;
    return count;
}

/* Never asks at a terminal. */
static int on_passphrase(char *to, int size_bytes, int is_writing, void *user)
{
    (void)to, (void)size_bytes, (void)is_writing;
    *(bool *)user = true;
    return -1;
}

/* The first certificate of a text, when every one in it is whole. */
static int check_certificates(const struct isa__tr_pem *pem, const char *text, X509 **ret_first,
                              struct isa__text *why)
{
    unsigned begun = count_of(text, "-----BEGIN CERTIFICATE-----") +
                     count_of(text, "-----BEGIN TRUSTED CERTIFICATE-----") +
                     count_of(text, "-----BEGIN X509 CERTIFICATE-----");
    BIO *bio = BIO_new_mem_buf(text, -1);
    if (!bio)
        return ISA_ENOMEM;
    X509 *first = NULL;
    unsigned whole = 0;
    bool has_passphrase = false;
    for (;;) {
        X509 *one = PEM_read_bio_X509_AUX(bio, NULL, on_passphrase, &has_passphrase);
        if (!one)
            break;
        whole++;
        if (first)
            X509_free(one);
        else
            first = one;
    }
    BIO_free(bio);
    *ret_first = first;
    if (begun == 0)
        return refuse(why, pem, "there is no PEM certificate in it");
    if (has_passphrase)
        return refuse(why, pem, "a certificate is encrypted with a passphrase: store it without");
    if (whole == begun)
        return 0;
    add_name(why, pem);
    isa__text_add(why, ": certificate %u of %u is cut short or damaged; was it half-written?",
                  whole + 1, begun);
    return ISA_EINVAL;
}

/* Core would pass over a revocation list in silence, and let the revoked in. */
static int check_revocations(const struct isa__tr_pem *pem, const char *text, struct isa__text *why)
{
    if (count_of(text, "-----BEGIN X509 CRL-----") == 0)
        return 0;
    return refuse(
        why, pem,
        "it has a certificate revocation list, which would not be looked at: take it out");
}

static int check_key(const struct isa__tr_profile *profile, const char *text, X509 *certificate,
                     struct isa__text *why)
{
    bool has_passphrase = false;
    BIO *bio = BIO_new_mem_buf(text, -1);
    if (!bio)
        return ISA_ENOMEM;
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, on_passphrase, &has_passphrase);
    BIO_free(bio);
    if (!key && has_passphrase)
        return refuse(why, &profile->key, "the private key has a passphrase: store it without");
    if (!key)
        return refuse(why, &profile->key,
                      count_of(text, "PRIVATE KEY-----") ? "the private key is cut short or damaged"
                                                         : "there is no PEM private key in it");
    bool is_pair = X509_check_private_key(certificate, key) == 1;
    EVP_PKEY_free(key);
    if (is_pair)
        return 0;
    add_name(why, &profile->key);
    isa__text_add(why, ": not the key of the first certificate in ");
    add_name(why, &profile->chain);
    isa__text_add(why, "; was only one of the two replaced?");
    return ISA_EINVAL;
}

static int check_all(const struct isa__tr_profile *profile, const struct isa__tr_material *material,
                     struct isa__text *why)
{
    X509 *certificate = NULL;
    int error = 0;
    if (material->roots)
        error = check_revocations(&profile->roots, material->roots, why);
    if (!error && material->roots)
        error = check_certificates(&profile->roots, material->roots, &certificate, why);
    X509_free(certificate);
    certificate = NULL;
    if (!error && material->chain)
        error = check_certificates(&profile->chain, material->chain, &certificate, why);
    if (!error && material->key)
        error = check_key(profile, material->key, certificate, why);
    X509_free(certificate);
    ERR_clear_error(); /* core reads this thread's queue after each step of a handshake */
    return error;
}

int isa__tr_material_load(const struct isa__tr_profile *profile,
                          struct isa__tr_material *ret_material, struct isa__text *why)
{
    struct isa__tr_material material = { 0 };
    int error = read_pem(&profile->roots, &material.roots, why);
    if (!error)
        error = read_pem(&profile->chain, &material.chain, why);
    if (!error)
        error = read_pem(&profile->key, &material.key, why);
    if (!error)
        error = check_all(profile, &material, why);
    if (error == ISA_ENOMEM)
        isa__text_add(why, "out of memory");
    if (error)
        isa__tr_material_free(&material);
    else
        *ret_material = material;
    return error;
}

void isa__tr_material_free(struct isa__tr_material *material)
{
    wipe(material->roots);
    wipe(material->chain);
    wipe(material->key);
    *material = (struct isa__tr_material){ 0 };
}
